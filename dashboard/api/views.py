"""Records as REST shows them. Lists show the short forms, which never load curves or arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.schemas import SchemaOf
from workbench.commands.base import CommandError
from workbench.families import model_type
from workbench.state import AppState, CheckpointRef, DatasetRecord, ModelRecord, RunRecord
from workbench.workbench import Workbench

Checkpoint = Annotated[dict[str, Any], SchemaOf(CheckpointRef)]


class ModelItem(BaseModel):
    """A model in a list."""

    id: str
    number: int
    name: str
    family: str
    model_type: str
    dataset_id: str | None
    tags: list[str]
    state: str | None = Field(description="State of the latest run; null before the first.")
    headline: dict[str, float | None] = Field(description="Main metrics of the latest run that has any.")
    n_labels: int
    version: int
    created_at: str
    updated_at: str


class ModelView(ModelItem):
    """A model, whole. Its config stands under the names of its sections, beside what its family keeps with it."""

    model_config = ConfigDict(extra="allow")

    architecture_summary: list[list[str]] = Field(description="Pairs of label and value, in words.")
    fingerprint: str
    weights: dict[str, Any] | None = Field(description="Run and epoch of the weights in use; null before the first run.")
    cloned_from: str | None
    note: str


class RunItem(BaseModel):
    """A run in a list."""

    id: str
    number: int
    model_id: str | None = Field(description="The model it is about, if it is about one.")
    subject: dict[str, str] = Field(description="Kind and id of the record it is about.")
    family: str
    state: str
    reason: str
    attempt: int
    epochs_done: int
    headline: dict[str, float | None]
    tags: list[str]
    version: int
    created_at: str
    started_at: str | None
    ended_at: str | None
    duration_seconds: float | None


class RunView(RunItem):
    """A run, whole. Its config stands under the names of its sections."""

    model_config = ConfigDict(extra="allow")

    fingerprint: str
    dataset_id: str | None
    seed: int
    journal_seq: int
    code_version: str
    stop_requested_at: str | None
    obstacle: str | None = Field(description="Why an active run may stand still, in a sentence: a full disk, a silent worker.")
    last_checkpoint: Checkpoint | None
    best_checkpoint: Checkpoint | None
    error: str | None = Field(description="Why it failed, in a sentence. The traceback stays on the run's page.")
    note: str


class DatasetView(BaseModel):
    """A dataset; what its family says of it (for images n, n_test, shape, class_names) stands beside these."""

    model_config = ConfigDict(extra="allow")

    id: str
    name: str
    family: str
    source: str
    params: dict[str, Any]
    description: str
    status: str = Field(description="available (not used yet), missing (its file is to be put in place), preparing, ready or failed.")
    content_sha256: str | None
    error: str | None
    notes: str
    version: int


def model_item(state: AppState, model: ModelRecord) -> ModelItem:
    """The short form of a model."""
    return ModelItem.model_validate(_model_facts(state, model))


def model_view(state: AppState, model: ModelRecord, summary: tuple[tuple[str, str], ...]) -> ModelView:
    """A model, whole; `summary` is its architecture in words."""
    weights = model.weights.model_dump(include={"run_id", "epoch", "fingerprint"}) if model.weights else None
    rest = {name: getattr(model, name) for name in ("fingerprint", "cloned_from", "note")}
    return ModelView.model_validate({
        **_payload(model), **model.config, **_model_facts(state, model), **rest, "architecture_summary": [list(pair) for pair in summary], "weights": weights,
    })  # fmt: skip


def _payload(model: ModelRecord) -> Mapping[str, Any]:
    holds = model_type(model.family, model.model_type).holds
    return holds.public(holds.payload.model_validate(model.payload))


def _model_facts(state: AppState, model: ModelRecord) -> dict[str, Any]:
    runs = state.runs_of(model.id)
    same = ("id", "number", "name", "family", "model_type", "created_at", "updated_at")
    return {name: getattr(model, name) for name in same} | {
        "dataset_id": state.dataset_of(model),
        "tags": list(model.tags),
        "state": runs[0].state.value if runs else None,
        "headline": next((run.headline for run in runs if run.headline), {}),
        "n_labels": len(state.labels.get(model.id, {})),
        "version": state.versions.get(model.id, 0),
    }


def run_item(state: AppState, run: RunRecord) -> RunItem:
    """The short form of a run."""
    return RunItem.model_validate(_run_facts(state, run, RunItem))


def run_view(state: AppState, run: RunRecord, obstacle: str | None) -> RunView:
    """A run, whole; `obstacle` is what may be in its way."""
    facts = _run_facts(state, run, RunView)
    for name in ("last_checkpoint", "best_checkpoint"):
        reference = getattr(run, name)
        facts[name] = reference.model_dump(exclude={"path"}) if reference else None
    facts["error"] = run.error.message if run.error else None
    facts["obstacle"] = obstacle
    return RunView.model_validate({**run.config, **facts, "dataset_id": state.dataset_of(run)})


def _run_facts(state: AppState, run: RunRecord, view: type[BaseModel]) -> dict[str, Any]:
    facts = {name: getattr(run, name) for name in view.model_fields if hasattr(run, name)}
    model = state.model_of(run)
    about = {"model_id": model.id if model else None, "subject": run.subject.model_dump()}
    return facts | about | {"state": run.state.value, "tags": list(run.tags), "version": state.versions.get(run.id, 0)}


def dataset_view(bench: Workbench, state: AppState, record: DatasetRecord) -> DatasetView:
    """A dataset; what is not loaded yet is told from the family's catalogue."""
    try:
        description = bench.datasets.source(record.id).description
    except CommandError:
        description = ""
    return DatasetView.model_validate({
        **bench.datasets.row(record),
        "id": record.id, "name": record.name, "family": record.family, "source": record.source, "params": record.params,
        "description": description,
        "status": bench.datasets.status(record),
        "content_sha256": record.manifest.content_sha256 if record.manifest else None,
        "error": record.error, "notes": record.notes, "version": state.versions.get(record.id, 0),
    })  # fmt: skip
