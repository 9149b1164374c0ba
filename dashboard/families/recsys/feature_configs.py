"""REST for feature configurations: widths, defaults, checks, code, and every change with its versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import ConfigDict, Field

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, KeyInPath, acting_as
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.families.recsys import feature_views as views
from dashboard.families.recsys.configs import CloneConfig, QuickTestsOf, RestoreVersion, matches_text, tests_view
from dashboard.families.recsys.requests import (
    NO_QUERY,
    Available,
    IfSeen,
    NameQuery,
    NumberInPath,
    Service,
    issue_view,
    set_seen,
)
from dashboard.families.recsys.versions import versions_view
from recsys.records import FeatureConfigRecord
from recsys.service import RecommenderService
from workbench.commands.base import CommandError

router = APIRouter(prefix="/feature-configs", tags=["feature configs"], responses=ERRORS, route_class=IdempotentRoute)


class FeatureConfigQuery(PageQuery):
    """Filters of the list of feature configurations."""

    dataset_id: str | None = Field(None, max_length=100)
    q: str | None = Field(None, max_length=200, description="Text within the name, case ignored, or a number as in #3.")


class FeatureNameQuery(NameQuery):
    """A name that somebody types for features of a dataset."""

    dataset_id: str = Field(max_length=100)


class OfDataset(Body):
    """Which dataset."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"dataset_id": "retail"}]})

    dataset_id: str = Field(max_length=100, description="A table of interactions.")


def _show(service: RecommenderService, record: FeatureConfigRecord, response: Response) -> views.FeatureConfigView:
    set_seen(response, record.version, service.features.revision(record.id))
    return views.feature_config_view(record)


def _made(service: RecommenderService, record: FeatureConfigRecord, response: Response) -> views.FeatureConfigView:
    response.headers["Location"] = f"/api/feature-configs/{record.id}"
    return _show(service, record, response)


@router.get("")
def list_feature_configs(service: Service, query: Annotated[FeatureConfigQuery, Query()]) -> Page[views.FeatureConfigView]:
    """All feature configurations, the latest change first unless sorted otherwise."""
    chosen = [r for r in service.features.list() if query.dataset_id in (None, r.dataset_id) and matches_text(r, query.q)]
    names = ("number", "name", "dataset_id", "created_at", "updated_at")
    keys = {name: (lambda record, name=name: getattr(record, name)) for name in names}
    return page_of(chosen, query, keys=keys, default_sort="-updated_at", identity=lambda r: r.id, show=views.feature_config_view)


@router.post("", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def create_feature_config(service: Service, body: views.CreateFeatureConfig, response: Response) -> views.FeatureConfigView:
    """Create a feature configuration: of a document, of what the columns suggest, or of another one. It is refused with all that is wrong."""
    return _made(service, _clone(service, body) if body.start_from == "clone" else _create(service, body), response)


def _create(service: RecommenderService, body: views.CreateFeatureConfig) -> FeatureConfigRecord:
    if body.dataset_id is None:
        raise CommandError("Say which dataset the features are of.", "dataset_id")
    if body.clone_of is not None:
        raise CommandError("Only a clone has a source.", "clone_of", 'Set start_from to "clone", or leave clone_of out.')
    document = body.document
    if body.start_from == "smart_defaults":
        document = service.features.smart_defaults(body.dataset_id).config.model_dump(mode="json") | document
    return service.features.create(
        actor=acting_as(), dataset_id=body.dataset_id, name=body.name or "", document=document, description=body.description, tags=body.tags,
        note=body.note,
    )  # fmt: skip


def _clone(service: RecommenderService, body: views.CreateFeatureConfig) -> FeatureConfigRecord:
    if body.clone_of is None:
        raise CommandError("Say which configuration to clone.", "clone_of")
    source = service.features.get(body.clone_of)
    if body.dataset_id not in (None, source.dataset_id):
        raise CommandError(f"A clone stays on its source's dataset, {source.dataset_id}.", "dataset_id")
    for name in ("description", "tags", "note"):
        if name in body.model_fields_set:
            raise CommandError(f"A clone begins with its source's {name}; change it afterwards.", name)
    return service.features.clone(actor=acting_as(), key=source.id, name=body.name, document=body.document or None)


@router.post("/calculate-dims", dependencies=[NO_QUERY])
@needs("read")
def calculate_dims(service: Service, body: views.MeasureFeatureConfig) -> views.Dims:
    """The widths of both towers' inputs, as far as a document can be read."""
    return views.Dims.model_validate(views.dims_of(service.features.dims(body.document)))


@router.post("/smart-defaults", dependencies=[NO_QUERY])
@needs("read")
def suggest_features(service: Service, body: OfDataset) -> views.Suggested:
    """Features to begin with, read off a dataset's columns."""
    found = service.features.smart_defaults(body.dataset_id)
    history = None if found.history is None else found.history.model_dump(mode="json")
    document = found.config.model_dump(mode="json")
    name = service.features.smart_name(body.dataset_id)
    return views.Suggested.model_validate({
        "config": {"dataset_id": body.dataset_id, "name": name, **document}, "history": history,
        **views.dims_of(service.features.dims(document)), "left_out": [asdict(column) for column in found.left_out],
    })  # fmt: skip


@router.post("/validate", dependencies=[NO_QUERY])
@needs("read")
def validate_feature_config(service: Service, body: views.CheckFeatureConfig) -> views.CheckedFeatures:
    """Everything that is wrong with a document for a dataset."""
    document = body.document
    issues = service.features.validate(document, dataset_id=body.dataset_id, name=body.name, exclude=body.exclude_id)
    return views.CheckedFeatures.model_validate({
        **views.dims_of(service.features.dims(document)),
        "is_valid": not any(i.severity == "error" for i in issues), "issues": [issue_view(i) for i in issues],
    })  # fmt: skip


@router.get("/check-name")
def check_feature_config_name(service: Service, query: Annotated[FeatureNameQuery, Query()]) -> Available:
    """Whether a feature configuration of a dataset can have a name."""
    return Available(available=service.features.is_free(query.name, dataset_id=query.dataset_id, exclude=query.exclude_id))


@router.get("/{config_id}", dependencies=[NO_QUERY])
def read_feature_config(service: Service, config_id: KeyInPath, response: Response) -> views.FeatureConfigView:
    """One feature configuration."""
    return _show(service, service.features.get(config_id), response)


@router.put("/{config_id}", dependencies=[NO_QUERY])
@needs("train")
def change_feature_config(
    service: Service, config_id: KeyInPath, body: views.ChangeFeatureConfig, seen: IfSeen, response: Response
) -> views.FeatureConfigView:
    """Change a feature configuration; tests keep what it said before."""
    record = service.features.update(
        actor=acting_as(), key=config_id, name=body.name, document=body.document or None, description=body.description,
        tags=body.tags, note=body.note, **seen.meant(body.version),
    )  # fmt: skip
    return _show(service, record, response)


@router.delete("/{config_id}", status_code=204, dependencies=[NO_QUERY])
@needs("train")
def delete_feature_config(service: Service, config_id: KeyInPath, seen: IfSeen) -> None:
    """Delete a feature configuration; tests keep their copies."""
    service.features.delete(actor=acting_as(), key=config_id, **seen.meant())


@router.post("/{config_id}/restore", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def restore_feature_config(service: Service, config_id: KeyInPath, response: Response) -> views.FeatureConfigView:
    """Bring a deleted feature configuration back, under a free name."""
    return _show(service, service.features.restore(actor=acting_as(), key=config_id), response)


@router.post("/{config_id}/clone", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def clone_feature_config(
    service: Service, config_id: KeyInPath, response: Response, body: CloneConfig | None = None
) -> views.FeatureConfigView:
    """A copy on the same dataset."""
    return _made(service, service.features.clone(actor=acting_as(), key=config_id, name=body.name if body else None), response)


@router.get("/{config_id}/versions", dependencies=[NO_QUERY])
def list_feature_config_versions(service: Service, config_id: KeyInPath) -> views.FeatureVersions:
    """Every version, the newest first."""
    return versions_view(views.FeatureVersions, service.features.versions(config_id))


@router.post("/{config_id}/versions/{number}/restore", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def restore_feature_config_version(
    service: Service, config_id: KeyInPath, number: NumberInPath, seen: IfSeen, response: Response, body: RestoreVersion | None = None
) -> views.FeatureConfigView:
    """Make an earlier version the newest."""
    meant = seen.meant(body.version if body else None)
    return _show(service, service.features.restore_version(actor=acting_as(), key=config_id, version=number, **meant), response)


@router.get("/{config_id}/generated-code", dependencies=[NO_QUERY])
def read_preprocessing(service: Service, config_id: KeyInPath) -> views.FeatureCode:
    """`preprocessing.py` of a feature configuration, checked."""
    made = service.code.preprocessing(config_id)
    problem = made.problem
    return views.FeatureCode(
        preprocessing_code=made.source, is_valid=problem is None, validation_error=None if problem is None else problem.message,
        error_line=None if problem is None else problem.line, code_hash=made.sha256,
    )  # fmt: skip


@router.get("/{config_id}/quick-tests", dependencies=[NO_QUERY])
def list_feature_config_tests(bench: Bench, service: Service, config_id: KeyInPath) -> QuickTestsOf:
    """The tests that used it, newest first."""
    return tests_view(bench, service.features.tests(config_id))
