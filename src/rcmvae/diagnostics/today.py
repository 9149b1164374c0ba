"""What may have changed since a run kept its diagnostics: its model's labels and classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.diagnosis import Since
from workbench.kept import Same
from workbench.state import AppState, RunRecord


@dataclass(frozen=True)
class Today:
    """What is known by now.

    Attributes:
        labels: dataset row -> class, as people have labelled by now; those of the run if not given.
        class_names: the vocabulary by now; that of the run if not given. merged: class -> the class that it was merged into. resolved: the run's values, autos replaced.
        run: the run in words, such as "run #3".
    """

    labels: Mapping[int, int] | None = None
    class_names: tuple[str, ...] | None = None
    resolved: Mapping[str, Any] = field(default_factory=dict)
    run: str = "the run"
    merged: Mapping[int, int] = field(default_factory=dict)


def today(state: AppState, run: RunRecord, resolved: Mapping[str, Any]) -> Today:
    """What is known by now of the model of a run with these resolved values."""
    labels = {row: value.label for row, value in state.labels.get(run.subject.id, {}).items()}
    return Today(labels, _class_names(state, run), resolved, f"run #{run.number}", _merged(state, run))


def since(state: AppState, run: RunRecord, resolved: Mapping[str, Any]) -> Since:
    """The same for figures, which are drawn anew when labels or classes changed."""
    mark = (Same(state.labels.get(run.subject.id)), _class_names(state, run), tuple(_merged(state, run).items()))
    return Since(mark, lambda: today(state, run, resolved))


def _class_names(state: AppState, run: RunRecord) -> tuple[str, ...]:
    return tuple(state.models[run.subject.id].payload.get("class_names", ()))


def _merged(state: AppState, run: RunRecord) -> Mapping[int, int]:
    return {int(number): into for number, into in state.models[run.subject.id].payload.get("merged", {}).items()}
