"""Runs as rows of the grid: plain values that sort and filter as they should."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.about import about_of
from dashboard.components import RUN_STATES, state_word
from workbench.families import Metric as Declared
from workbench.families import Metrics, family, is_registered
from workbench.services.lengths import length_of
from workbench.state import AppState, RunRecord

METRIC = "m:"
"""What marks a grid field as a metric; the rest of it is the metric's key with dots written out, since dots nest in grids."""


@dataclass(frozen=True)
class Metric:
    """A metric that some run has: its key, what its family declares, and whose it is if families mean different things by it."""

    key: str
    declared: Declared
    family: str = ""

    @property
    def field(self) -> str:
        """The grid's field."""
        return METRIC + (f"{self.family}:" if self.family else "") + self.key.replace(".", "·")

    @property
    def title(self) -> str:
        """The column's name."""
        unit = f" ({self.declared.unit})" if self.declared.unit else ""
        return f"{self.declared.label}{unit}{f' · {_family_title(self.family)}' if self.family else ''}"

    @property
    def share(self) -> bool:
        """Whether it is shown in percent."""
        return self.declared.format == "share"


def measures_of(name: str) -> Metrics:
    """A family's metrics; of a family that is not installed, none."""
    return family(name).measures if is_registered(name) else Metrics()


def metrics_of(runs: Iterable[RunRecord]) -> tuple[Metric, ...]:
    """Every headline metric of the runs, in order of appearance from the newest run on."""
    found: dict[str, dict[str, Declared]] = {}
    for run in runs:
        for key in run.headline:
            found.setdefault(key, {}).setdefault(run.family, measures_of(run.family).of(key))
    metrics: list[Metric] = []
    for key, by_family in found.items():
        if len(set(by_family.values())) == 1:
            metrics.append(Metric(key, next(iter(by_family.values()))))
        else:
            metrics += [Metric(key, declared, name) for name, declared in by_family.items()]
    return tuple(metrics)


def values_of(run: RunRecord) -> dict[str, float | None]:
    """A run's headline by grid field; as no run knows the others, by both fields that it may have."""
    return {
        Metric(key, measures_of(run.family).of(key), name).field: value for key, value in run.headline.items() for name in ("", run.family)
    }


def listed(state: AppState, model_id: str | None = None) -> list[RunRecord]:
    """The runs to list, newest first: all that are not deleted, or one model's."""
    runs = [r for r in state.runs.values() if r.deleted_at is None and (model_id is None or r.subject.id == model_id)]
    return sorted(runs, key=lambda run: run.number, reverse=True)


def row_of(state: AppState, run: RunRecord) -> dict[str, Any]:
    """One run as the grid's cells read it. Times stay UTC text, which sorts; durations are seconds."""
    look, about = RUN_STATES[run.state], about_of(state, run)
    total = length_of(run)
    row: dict[str, Any] = {
        "id": run.id,
        "number": run.number,
        "about": about.title,
        "about_href": about.href,
        "family": _family_title(run.family),
        "state": state_word(run),
        "tone": look.tone,
        "icon": look.icon,
        "why": run.error.message if run.error else run.reason,
        "active": run.state.active,
        "stopping": run.stop_requested_at is not None,
        "started": run.started_at or "",
        "created": run.created_at,
        "duration": run.duration_seconds,
        "epochs": run.epochs_done,
        "of": total,
        "tags": ", ".join(run.tags),
        "note": run.note,
    }
    return row | values_of(run)


def rows_of(state: AppState, runs: Sequence[RunRecord]) -> list[dict[str, Any]]:
    """The rows of `runs`."""
    return [row_of(state, run) for run in runs]


def transaction(state: AppState, known: Mapping[str, int], model_id: str | None) -> tuple[dict[str, Any] | None, dict[str, int]]:
    """What to change in a grid that shows runs at the versions `known` (run id -> version), and what it shows then.

    None if it is up to date.
    """
    runs = listed(state, model_id)
    now = {run.id: state.versions.get(run.id, 0) for run in runs}
    added = [run for run in runs if run.id not in known]
    updated = [run for run in runs if run.id in known and known[run.id] != now[run.id]]
    gone = [{"id": run_id} for run_id in known if run_id not in now]
    if not (added or updated or gone):
        return None, now
    return {"add": rows_of(state, added), "addIndex": 0, "update": rows_of(state, updated), "remove": gone}, now


def _family_title(name: str) -> str:
    return family(name).title if is_registered(name) else name
