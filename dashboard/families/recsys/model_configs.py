"""REST for model configurations: presets and catalogues, checks, and every change with its versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi import Body as InBody
from pydantic import Field

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, KeyInPath, acting_as
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.schemas import SchemaOf
from dashboard.families.recsys import model_views as views
from dashboard.families.recsys.configs import CloneConfig, QuickTestsOf, RestoreVersion, matches_text, tests_view
from dashboard.families.recsys.requests import (
    NO_QUERY,
    Available,
    IfSeen,
    NameQuery,
    NumberInPath,
    QueryKey,
    Service,
    issue_view,
    set_seen,
)
from dashboard.families.recsys.requests import Query as StrictQuery
from dashboard.families.recsys.versions import versions_view
from recsys.model.config import document_of
from recsys.model.presets import HEADS, PRESETS
from recsys.model.recipes import RECIPES
from recsys.model.summaries import head_summary
from recsys.model.training import Training
from recsys.records import FeatureConfigRecord, ModelConfigRecord
from recsys.service import RecommenderService
from workbench.commands.base import CommandError
from workbench.fields import closest, spec_of

router = APIRouter(prefix="/model-configs", tags=["model configs"], responses=ERRORS, route_class=IdempotentRoute)


class ModelConfigQuery(PageQuery):
    """Filters of the list of model configurations."""

    model_type: str | None = Field(None, max_length=20)
    optimizer: str | None = Field(None, max_length=20)
    q: str | None = Field(None, max_length=200, description="Text within the name, case ignored, or a number as in #3.")


class FeaturesQuery(StrictQuery):
    """Which features something is told for."""

    feature_config_id: QueryKey = Field(None, description="Left out: widths of 100 and 50, and the rows of the built-in shop.")


def _show(service: RecommenderService, record: ModelConfigRecord, response: Response) -> views.ModelConfigView:
    set_seen(response, record.version, service.models.revision(record.id))
    return views.model_config_view(record)


def _features(service: RecommenderService, key: str | None) -> FeatureConfigRecord | None:
    return None if key is None else service.features.get(key)


@router.get("")
def list_model_configs(service: Service, query: Annotated[ModelConfigQuery, Query()]) -> Page[views.ModelConfigView]:
    """All model configurations, the latest change first unless sorted otherwise."""
    chosen = [r for r in service.models.list() if _matches(r, query)]
    names = ("number", "name", "created_at", "updated_at")
    keys = {name: (lambda record, name=name: getattr(record, name)) for name in names}
    return page_of(chosen, query, keys=keys, default_sort="-updated_at", identity=lambda r: r.id, show=views.model_config_view)


def _matches(record: ModelConfigRecord, query: ModelConfigQuery) -> bool:
    document = document_of(record.recommender)
    asked = {name: getattr(query, name) for name in ("model_type", "optimizer")}
    return all(value is None or document[name] == value for name, value in asked.items()) and matches_text(record, query.q)


@router.post("", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def create_model_config(service: Service, body: views.CreateModelConfig, response: Response) -> views.ModelConfigView:
    """Create a model configuration; it is refused with everything that is wrong with it."""
    record = service.models.create(
        actor=acting_as(), name=body.name, document=body.document, description=body.description, tags=body.tags, note=body.note
    )
    return _made(service, record, response)


def _made(service: RecommenderService, record: ModelConfigRecord, response: Response) -> views.ModelConfigView:
    response.headers["Location"] = f"/api/model-configs/{record.id}"
    return _show(service, record, response)


@router.get("/presets")
def list_presets(bench: Bench, service: Service, query: Annotated[FeaturesQuery, Query()]) -> dict[str, views.PresetBody]:
    """The towers to start from, by key, with what they cost."""
    features = _features(service, query.feature_config_id)
    return {key: views.preset_body(bench, preset, features) for key, preset in PRESETS.items()}


@router.get("/presets/{name}")
def read_preset(bench: Bench, service: Service, name: str, query: Annotated[FeaturesQuery, Query()]) -> views.PresetBody:
    """One of them."""
    if name not in PRESETS:
        guess = closest(name, PRESETS)
        hint = f"Did you mean {guess}?" if guess else f"There are {', '.join(PRESETS)}."
        raise CommandError(f"There is no preset {name[:80]!r}.", "name", hint, code="not_found")
    return views.preset_body(bench, PRESETS[name], _features(service, query.feature_config_id))


@router.get("/rating-head-presets", dependencies=[NO_QUERY])
def list_rating_heads() -> dict[str, views.HeadBody]:
    """The rating heads to start from, by key."""
    return {
        key: views.HeadBody(
            name=head.name, description=head.description, rating_head_layers=views.layers_as_json(head.rating_head_layers),
            rating_head_summary=head_summary(head.rating_head_layers),
        )
        for key, head in HEADS.items()
    }  # fmt: skip


@router.get("/recipes", dependencies=[NO_QUERY])
def list_recipes() -> dict[str, views.RecipeBody]:
    """Complete configurations with what to expect of them, by key."""
    return {
        key: views.RecipeBody(
            name=recipe.name, description=recipe.description, features=recipe.features, expectation=recipe.expectation,
            config=document_of(recipe.config),
        )
        for key, recipe in RECIPES.items()
    }  # fmt: skip


@router.get("/loss-functions", dependencies=[NO_QUERY])
def list_loss_functions() -> dict[str, views.ChoiceBody]:
    """What an error of a rating may cost, by key."""
    return {value: views.ChoiceBody(name=name, description=words) for value, name, words in spec_of(Training, "loss_function").choices}


@router.get("/optimizers", dependencies=[NO_QUERY])
def list_optimizers() -> dict[str, views.OptimizerBody]:
    """The optimisers, by key, with the learning rates that are recommended."""
    return views.optimizers()


@router.post("/validate", dependencies=[NO_QUERY])
@needs("read")
def validate_model_config(service: Service, body: Annotated[Any, InBody(), SchemaOf(views.CheckModelConfig)] = None) -> views.Checked:
    """Everything that is wrong with a document. Answers 200 for any JSON; `exclude_id` in it names the one that it is an edit of."""
    document = {k: v for k, v in body.items() if k != "exclude_id"} if isinstance(body, Mapping) else body
    exclude = body.get("exclude_id") if isinstance(body, Mapping) else None
    try:
        edited = None if exclude is None else service.models.get(exclude).id
    except CommandError:
        edited = None
    issues = service.models.validate(document, exclude=edited)
    return views.checked(document, issues, [issue_view(i) for i in issues])


@router.get("/check-name")
def check_model_config_name(service: Service, query: Annotated[NameQuery, Query()]) -> Available:
    """Whether a model configuration can have a name."""
    return Available(available=service.models.is_free(query.name, exclude=query.exclude_id))


@router.get("/{config_id}", dependencies=[NO_QUERY])
def read_model_config(service: Service, config_id: KeyInPath, response: Response) -> views.ModelConfigView:
    """One model configuration."""
    return _show(service, service.models.get(config_id), response)


@router.put("/{config_id}", dependencies=[NO_QUERY])
@needs("train")
def change_model_config(
    service: Service, config_id: KeyInPath, body: views.ChangeModelConfig, seen: IfSeen, response: Response
) -> views.ModelConfigView:
    """Change a model configuration; once a test has used it, its architecture stays."""
    record = service.models.update(
        actor=acting_as(), key=config_id, name=body.name, document=body.document or None, description=body.description,
        tags=body.tags, note=body.note, **seen.meant(body.version),
    )  # fmt: skip
    return _show(service, record, response)


@router.delete("/{config_id}", status_code=204, dependencies=[NO_QUERY])
@needs("train")
def delete_model_config(service: Service, config_id: KeyInPath, seen: IfSeen) -> None:
    """Delete a model configuration, unless a test that has not ended uses it."""
    service.models.delete(actor=acting_as(), key=config_id, **seen.meant())


@router.post("/{config_id}/restore", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def restore_model_config(service: Service, config_id: KeyInPath, response: Response) -> views.ModelConfigView:
    """Bring a deleted model configuration back, under a free name."""
    return _show(service, service.models.restore(actor=acting_as(), key=config_id), response)


@router.post("/{config_id}/clone", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def clone_model_config(
    service: Service, config_id: KeyInPath, response: Response, body: CloneConfig | None = None
) -> views.ModelConfigView:
    """A copy, whose architecture may change."""
    return _made(service, service.models.clone(actor=acting_as(), key=config_id, name=body.name if body else None), response)


@router.get("/{config_id}/versions", dependencies=[NO_QUERY])
def list_model_config_versions(service: Service, config_id: KeyInPath) -> views.ModelVersions:
    """Every version, the newest first."""
    return versions_view(views.ModelVersions, service.models.versions(config_id))


@router.post("/{config_id}/versions/{number}/restore", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def restore_model_config_version(
    service: Service, config_id: KeyInPath, number: NumberInPath, seen: IfSeen, response: Response, body: RestoreVersion | None = None
) -> views.ModelConfigView:
    """Make an earlier version the newest."""
    meant = seen.meant(body.version if body else None)
    return _show(service, service.models.restore_version(actor=acting_as(), key=config_id, version=number, **meant), response)


@router.get("/{config_id}/quick-tests", dependencies=[NO_QUERY])
def list_model_config_tests(bench: Bench, service: Service, config_id: KeyInPath) -> QuickTestsOf:
    """The tests that used it, newest first."""
    return tests_view(bench, service.models.tests(config_id))
