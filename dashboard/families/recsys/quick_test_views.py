"""Quick tests as REST shows them: what was tested, how far it is, and what came out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, Field

from dashboard.api.schemas import SchemaOf
from dashboard.below import at
from dashboard.families.recsys.estimates import CostView
from dashboard.families.recsys.model_views import ModelDocument, WarningView
from recsys.commands.promoting import promotions
from recsys.features.config import FeatureConfig
from recsys.findings import gravest_first
from recsys.model.config import document_of
from recsys.progress import Progress, ended_in, of_run
from recsys.quick_tests import StatusWord, hint_of, status_of
from recsys.records import FEATURES, MODELS, model_of
from recsys.services.estimates import cost_of
from recsys.snapshots import effective, snapshot_hash
from recsys.trial import Named, Overrides, TrialPayload, TrialSettings
from workbench.commands.base import CommandError
from workbench.families.step import StepStatus
from workbench.kept import Recent, Same
from workbench.state import AppState, ModelRecord, RunRecord
from workbench.workbench import Workbench

RESULTS = "results.json"

_KEPT = 32
"""Tests whose results are held: those of a few pages."""


_ITEMS_KEPT = 10_000
"""Tests whose short form is held: those of long lists."""

_USED = ((FEATURES, "features_of"), (MODELS, "model_of"))
"""Kind of configuration -> where a test names the one that it used."""


class QuickTestItem(BaseModel):
    """A quick test in a list."""

    id: str
    number: int
    name: str
    status: StatusWord
    resumable: bool = Field(description="Whether it ended early and has a checkpoint to go on from.")
    model_type: str
    feature_config_id: str | None = Field(description="Null once that is deleted; the test keeps its copy.")
    model_config_id: str | None
    feature_config_name: str = Field(description="As it was when the test began.")
    model_config_name: str
    dataset_id: str | None
    epochs_done: int
    epochs: int
    headline: dict[str, float | None]
    tags: list[str]
    note: str
    created_at: str
    started_at: str | None
    completed_at: str | None
    duration_seconds: float | None


class Effective(BaseModel):
    """What a test trains with, overrides applied."""

    epochs: int
    batch_size: int
    learning_rate: float


class TestedConfig(BaseModel):
    """What a test was made of; nothing that is done to the configurations later changes it."""

    features: Annotated[dict[str, Any], SchemaOf(FeatureConfig)]
    model: Annotated[dict[str, Any], SchemaOf(ModelDocument)]
    settings: Annotated[dict[str, Any], SchemaOf(TrialSettings)]
    overrides: Annotated[dict[str, Any], SchemaOf(Overrides)]
    effective: Annotated[dict[str, Any], SchemaOf(Effective)]
    feature_config: Annotated[dict[str, Any], SchemaOf(Named)] = Field(description="What `features` is a copy of.")
    model_config_copied: Annotated[dict[str, Any], SchemaOf(Named)] | None = Field(alias="model_config", description="The same of `model`.")


class Measured(BaseModel):
    """Whoever was measured on the same rows."""

    metrics: dict[str, float | None]
    reasons: dict[str, str] = Field(description="Why a figure is null.")
    about: str


class IntervalView(BaseModel):
    """Where the middle 95 % of the resamples lie."""

    low: float
    high: float


class LiftView(BaseModel):
    """A test against a baseline, or against another test, on the same rows."""

    model: float
    baseline: float
    absolute: float = Field(description="model - baseline.")
    absolute_interval: IntervalView
    relative: float | None = Field(description="The same in shares of the baseline; null where that is 0.")
    relative_interval: IntervalView | None = Field(description="Null where the baseline is 0 in any resample, too.")
    users: int
    resamples: int
    seed: int


class TestProtocol(BaseModel):
    """How figures were taken."""

    seen: str = Field(description="The rule for seen products that the headline follows: all or unseen.")
    counts: dict[str, int]
    by_metric: dict[str, str]


class TestError(BaseModel):
    """Why a test did not complete."""

    code: str
    message: str
    stage: str | None
    hint: str | None


class Timing(BaseModel):
    """Where its time went."""

    duration_seconds: float | None
    stages: dict[str, float]


class PromotedModel(BaseModel):
    """A model that a test was promoted to."""

    id: str
    number: int
    name: str


class StageView(BaseModel):
    """One stage of a test."""

    stage: str
    status: StepStatus
    seconds: float


class QuickTestView(QuickTestItem):
    """A quick test, whole; what only results can say is null or empty before there are any."""

    progress_percent: float | None = Field(description="Weighted by what stages take; 100 once it has completed. Null if no longer known.")
    current_stage: str | None = Field(description="That is going on, or that it ended in; null before the first and once it has completed.")
    stages: list[StageView] = Field(description="Those of the latest attempt that have begun.")
    config: TestedConfig
    snapshot_hash: str = Field(description="Equal for tests of the same configurations, settings and data.")
    metrics: dict[str, float | None]
    reasons: dict[str, str] = Field(description="Why a metric is null.")
    protocol: TestProtocol | None
    baselines: dict[str, Measured]
    lift: Annotated[dict[str, Any], SchemaOf(dict[str, dict[str, LiftView]])] = Field(
        description="Metric -> baseline -> differences with their intervals."
    )
    oracle: Measured | None = Field(description="The ceiling, on simulated data.")
    history_ref: str = Field(description="Where the curves are.")
    warnings: Annotated[list[dict[str, Any]], SchemaOf(list[WarningView])] = Field(description="Doubts, the most severe first.")
    promoted_to: list[PromotedModel] = Field(description="Models that were made of it and are not deleted.")
    timing: Timing
    cost: CostView = Field(description="Of the whole test, from the time that it took.")
    error: TestError | None


def quick_test_items(bench: Workbench, runs: Iterable[RunRecord]) -> list[QuickTestItem]:
    """The short forms of tests: each is made once for a record and what it refers to, so that a list of a thousand asks for little."""
    state, kept = bench.state(), bench.kept.of(_Items)
    found = []
    for run in runs:
        used = tuple(_live(state, kind, _named(run, of)) for kind, of in _USED)
        key = (Same(run), state.dataset_of(run), *used)
        found.append(kept.get(key, lambda run=run: QuickTestItem.model_validate(_facts(state, run))))
    return found


def _named(run: RunRecord, of: str) -> str:
    """The id of what a test was made of; "" for none."""
    return (run.payload[of] or {}).get("id", "")


class _Items(Recent):
    """Short forms of tests. A record that changes is another object, so each is of the test as it is."""

    def __init__(self) -> None:
        super().__init__(_ITEMS_KEPT)


def _facts(state: AppState, run: RunRecord) -> dict[str, Any]:
    payload, status = TrialPayload.model_validate(run.payload), status_of(run)
    model = model_of(run.config)
    names = ("id", "number", "epochs_done", "headline", "note", "created_at", "started_at", "duration_seconds")
    return {name: getattr(run, name) for name in names} | {
        "name": payload.name,
        "status": status.word,
        "resumable": status.resumable,
        "model_type": model.model_type,
        "feature_config_id": _live(state, FEATURES, _named(run, "features_of")),
        "model_config_id": _live(state, MODELS, _named(run, "model_of")),
        "feature_config_name": payload.features_of.name,
        "model_config_name": payload.model_of.name if payload.model_of else "",
        "dataset_id": state.dataset_of(run),
        "epochs": effective(payload, model)["epochs"],
        "tags": list(run.tags),
        "completed_at": run.ended_at,
    }


def _live(state: AppState, kind: str, id: str) -> str | None:
    record: Any = state.of(kind).get(id)
    return id if record is not None and record.deleted_at is None else None


def quick_test_view(bench: Workbench, run: RunRecord) -> QuickTestView:
    """A test, whole. Raises ArtefactError for results that are damaged."""
    payload, model = TrialPayload.model_validate(run.payload), model_of(run.config)
    told = results_of(bench, run) or {}
    others = {name: _measured(told, name) for name in told.get("about", {}) if name != "model"}
    own = _measured(told, "model")
    oracle = others.pop("oracle", None)
    if told.get("oracle_rmse") is not None:
        oracle = oracle or Measured(metrics={}, reasons={}, about="")
        oracle.metrics["rmse"] = told["oracle_rmse"]
    progress = of_run(bench.runs, run)
    config = {
        "features": payload.features, "model": document_of(model), "settings": payload.settings,
        "overrides": payload.overrides.model_dump(), "effective": effective(payload, model),
        "feature_config": payload.features_of.model_dump(),
        "model_config": payload.model_of.model_dump() if payload.model_of else None,
    }  # fmt: skip
    return QuickTestView.model_validate({
        **_facts(bench.state(), run),
        "progress_percent": progress.percent, "current_stage": progress.stage, "stages": [dict(row) for row in progress.stages],
        "config": config, "snapshot_hash": snapshot_hash(run), "metrics": own.metrics, "reasons": own.reasons,
        "protocol": _protocol(told), "baselines": others, "lift": told.get("lift", {}), "oracle": oracle,
        "history_ref": at(f"/api/quick-tests/{run.id}/history"), "warnings": gravest_first(told.get("warnings", [])),
        "promoted_to": [promoted_view(model) for model in promotions(bench.state(), run)],
        "timing": {"duration_seconds": run.duration_seconds, "stages": told.get("seconds", {})},
        "cost": asdict(cost_of(run.duration_seconds, bench.settings.hourly_price)), "error": _error(run, progress),
    })  # fmt: skip


def promoted_view(model: ModelRecord) -> PromotedModel:
    """A model that a test was promoted to, as REST names it."""
    return PromotedModel(id=model.id, number=model.number, name=model.name)


def results_of(bench: Workbench, run: RunRecord) -> dict[str, Any] | None:
    """What a test that has ended kept of its results; None without any. Raises ArtefactError for a damaged file."""
    if run.state.active:
        return None
    try:
        path = bench.runs.artefact_path(run.id, RESULTS)
    except CommandError:
        return None
    seen = path.stat()
    return bench.kept.of(_Results).get((path, seen.st_mtime_ns, seen.st_size), lambda: json.loads(path.read_bytes()))


class _Results(Recent):
    """What tests kept, by their file: read again only once somebody has written it anew."""

    def __init__(self) -> None:
        super().__init__(_KEPT)


def _measured(told: dict[str, Any], who: str) -> Measured:
    figures = told.get("metrics", {}).get(who, [])
    return Measured(
        metrics={f["name"]: f["value"] for f in figures},
        reasons={f["name"]: f["reason"] for f in figures if f["value"] is None and f["reason"]},
        about=told.get("about", {}).get(who, ""),
    )


def _protocol(told: dict[str, Any]) -> TestProtocol | None:
    if not told:
        return None
    by_metric = {f["name"]: f["protocol"] for f in told["metrics"].get("model", [])}
    return TestProtocol(seen=told["seen"], counts=told["counts"], by_metric=by_metric)


def _error(run: RunRecord, progress: Progress) -> TestError | None:
    code = status_of(run).error_code
    if code is None:
        return None
    found = run.error
    if found is None:
        return TestError(code=code, message=run.reason, stage=ended_in(run, progress), hint=hint_of(run))
    return TestError(code=code, message=found.message, stage=ended_in(run, progress), hint=hint_of(run))
