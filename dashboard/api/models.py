"""REST for models: create, read, change what may change, clone, delete, and their labels."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AfterValidator, AliasChoices, Field

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, IfMatch, ModelId, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.views import ModelItem, ModelView, model_item, model_view
from workbench.state import AppState, ModelRecord
from workbench.workbench import Workbench

router = APIRouter(prefix="/models", tags=["models"], responses=ERRORS, route_class=IdempotentRoute)


def _visible(name: str) -> str:
    if not name.strip():
        raise ValueError("must have a character that is not a blank")
    return name


Name = Annotated[
    str, Field(min_length=1, max_length=120, description="Unique among models that are not deleted."), AfterValidator(_visible)
]
Tags = Annotated[list[Annotated[str, Field(min_length=1, max_length=40)]], Field(max_length=20)]


class ModelQuery(PageQuery):
    """Filters of the list of models."""

    family: str | None = Field(None, max_length=50)
    state: str | None = Field(None, max_length=20, description="State of the latest run; `none` for models without a run.")
    tag: str | None = Field(None, max_length=40)
    search: str | None = Field(None, max_length=200, description="Text within the name, case ignored.")


class CreateModel(Body):
    """A new model. The complete config is accepted; what is left out takes the preset's value, else the default."""

    name: Name | None = Field(None, description="Left out: made up from the architecture.")
    family: str | None = Field(None, max_length=50, description="Left out: the dataset's.")
    model_type: str | None = Field(None, max_length=50, description="Left out: the one that has the preset, or the family's only one.")
    dataset: str | None = Field(
        None,
        max_length=100,
        validation_alias=AliasChoices("dataset", "dataset_id"),
        description="Id of a dataset; `dataset_id` will do, too. Left out: the one that the preset is for.",
    )
    preset: str | None = Field(None, max_length=100, description="Where to start from; see /api/families.")
    config: dict[str, Any] = Field(default_factory=dict, description="Field values, flat or as {architecture, training}.")
    sample: dict[str, Any] = Field(default_factory=dict, description="num_samples, num_labeled, sampling_seed, val_split.")
    tags: Tags = Field(default_factory=list)


class ChangeModel(Body):
    """Changes of a model; all of them are made, or none."""

    name: Name | None = None
    note: str | None = Field(None, max_length=10_000)
    tags: Tags | None = None
    config: dict[str, Any] | None = Field(
        None, validation_alias=AliasChoices("config", "training"), description="Modifiable fields by path; structural ones are refused."
    )


class CloneModel(Body):
    """A clone: the same data and labels, another architecture."""

    name: Name | None = None
    config: dict[str, Any] = Field(default_factory=dict, description="Field values that differ from the original's.")


class ConfigUpdate(ModelView):
    """A model after a change, with what else the change did."""

    changed: list[str] = Field(description="Fields whose value changed.")
    reset: list[str] = Field(description="Fields that no longer apply and were set back.")
    applies_from: Literal["now", "next run"] = "now"


def _show(bench: Workbench, model: ModelRecord, response: Response) -> ModelView:
    state = bench.state()
    set_version(response, state.versions.get(model.id, 0))
    return model_view(state, model, bench.models.summary(model))


@router.get("")
def list_models(bench: Bench, query: Annotated[ModelQuery, Query()]) -> Page[ModelItem]:
    """All models that are not deleted."""
    state = bench.state()
    items = [model_item(state, m) for m in state.models.values() if m.deleted_at is None and _matches(state, m, query)]
    keys = {
        name: (lambda item, name=name: getattr(item, name)) for name in ("number", "name", "family", "state", "created_at", "updated_at")
    }
    return page_of(items, query, keys=keys, default_sort="-number", identity=lambda i: i.id, show=lambda i: i)


def _matches(state: AppState, model: ModelRecord, query: ModelQuery) -> bool:
    runs = state.runs_of(model.id) if query.state else ()
    latest = runs[0].state.value if runs else "none"
    return (
        (query.family is None or model.family == query.family)
        and (query.tag is None or query.tag in model.tags)
        and (query.state is None or query.state == latest)
        and (query.search is None or query.search.casefold() in model.name.casefold())
    )


@router.post("", status_code=201, dependencies=[IDEMPOTENT])
@needs("train")
def create_model(bench: Bench, body: CreateModel, response: Response) -> ModelView:
    """Create a model; its architecture is locked from here on."""
    family, model_type, dataset = bench.models.meant(body.family, body.model_type, body.dataset, body.preset)
    model = bench.models.create(
        actor=acting_as(), family=family, model_type=model_type, dataset_id=dataset, preset=body.preset,
        values=body.config, sample=body.sample, name=body.name, tags=tuple(body.tags),
    )  # fmt: skip
    response.headers["Location"] = f"/api/models/{model.id}"
    return _show(bench, model, response)


@router.get("/{model_id}")
def read_model(bench: Bench, model_id: ModelId, response: Response) -> ModelView:
    """One model."""
    return _show(bench, bench.models.get(model_id), response)


@router.patch("/{model_id}")
@needs("train")
def change_model(bench: Bench, model_id: ModelId, body: ChangeModel, version: IfMatch, response: Response) -> ConfigUpdate:
    """Rename, tag, annotate or tune a model. Naming a structural field is refused: clone the model instead."""
    updated = bench.models.change(
        actor=acting_as(), model_id=model_id, name=body.name, note=body.note, expected_version=version, values=body.config,
        tags=tuple(body.tags) if body.tags is not None else None,
    )  # fmt: skip
    view = _show(bench, updated.record, response)
    return ConfigUpdate(
        **view.model_dump(), changed=list(updated.changed), reset=list(updated.reset), applies_from="next run" if updated.note else "now"
    )


@router.delete("/{model_id}", status_code=204)
@needs("train")
def delete_model(bench: Bench, model_id: ModelId, version: IfMatch) -> None:
    """Delete a model; POST to its `restore` brings it back."""
    bench.models.delete(actor=acting_as(), model_id=model_id, expected_version=version)


@router.post("/{model_id}/restore")
@needs("train")
def restore_model(bench: Bench, model_id: ModelId, response: Response) -> ModelView:
    """Bring a deleted model back; if its name is taken, " (2)" is added."""
    return _show(bench, bench.models.restore(actor=acting_as(), model_id=model_id), response)


@router.post("/{model_id}/clone", status_code=201, dependencies=[IDEMPOTENT])
@needs("train")
def clone_model(bench: Bench, model_id: ModelId, body: CloneModel, response: Response) -> ModelView:
    """A new model with the same sample and labels and another architecture."""
    model = bench.models.clone(actor=acting_as(), model_id=model_id, name=body.name, values=body.config)
    response.headers["Location"] = f"/api/models/{model.id}"
    return _show(bench, model, response)
