"""What the model's pages show, read once from the workbench at the edge; everything after it is pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench import audit
from workbench.families import Family, ModelType, family
from workbench.state import AppState, ModelRecord, RunRecord
from workbench.values import stored_values

if TYPE_CHECKING:
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class ModelView:
    """One model, ready to be laid out.

    Attributes:
        summary: its architecture in words. resolved: every value, autos replaced. values: every value as given.
        runs: its runs, newest first. preflight: why Start is refused now. mismatches: why its weights don't fit its config.
        n_labels: items that carry a mark now. dataset: its id and what people call it, None without data. held: what its family keeps with it.
        waiting: what its newest run waits for while queued.
    """

    record: ModelRecord
    family: Family
    model_type: ModelType
    summary: tuple[tuple[str, str], ...]
    resolved: dict[str, Any]
    values: dict[str, Any]
    runs: tuple[RunRecord, ...]
    preflight: tuple[str, ...]
    mismatches: tuple[str, ...]
    n_labels: int
    dataset: tuple[str, str] | None
    held: Any
    waiting: str = ""

    @property
    def latest(self) -> RunRecord | None:
        """The newest run."""
        return self.runs[0] if self.runs else None

    @property
    def active(self) -> RunRecord | None:
        """The run that is queued, starting or running."""
        return self.latest if self.latest and self.latest.state.active else None


def model_in(state: AppState, model_id: str) -> ModelRecord:
    """The model of that id, if it is there and not deleted. Raises CommandError with code not_found."""
    # imported here, because the first page is served before commands are loaded
    from workbench.commands.rules import find_model

    return find_model(state, model_id)


def view_of(workbench: Workbench, model_id: str) -> ModelView:
    """Everything the model's pages show. Raises CommandError with code not_found."""
    state = workbench.state()
    record = model_in(state, model_id)
    declared = family(record.family)
    kind = declared.model(record.model_type)
    dataset_id = state.dataset_of(record)
    runs = state.runs_of(model_id)
    return ModelView(
        record=record,
        family=declared,
        model_type=kind,
        summary=workbench.models.summary(record),
        resolved=workbench.models.resolved(record),
        values=typed_values(kind, record),
        runs=runs,
        preflight=tuple(workbench.runs.preflight(model_id)),
        mismatches=mismatches_of(workbench, record),
        n_labels=len(state.labels.get(model_id, {})),
        dataset=(dataset_id, state.datasets[dataset_id].name) if dataset_id else None,
        held=kind.holds.payload.model_validate(record.payload),
        waiting=workbench.runs.waiting_words(runs[0]) if runs else "",
    )


def typed_values(kind: ModelType, record: ModelRecord) -> dict[str, Any]:
    """The config of a model as one mapping from path to typed value."""
    return stored_values(kind.fields, record.config)


def mismatches_of(workbench: Workbench, record: ModelRecord) -> tuple[str, ...]:
    """Why the model's config and weights don't fit together; empty if they do."""
    return audit.audit_model(workbench, record)
