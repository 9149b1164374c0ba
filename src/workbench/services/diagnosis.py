"""The diagnostics that runs kept, read once and looked at with the labels of now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.commands.base import CommandError
from workbench.diagnosis import Presented, Today
from workbench.families import family
from workbench.kept import Recent
from workbench.runs import diagnosing
from workbench.runs.folder import BUNDLE
from workbench.state import AppState, RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

KEPT = 2
"""Runs whose diagnostics stay in memory (up to some 200 MB each), the last ones asked for."""


def bundle_path(workbench: Workbench, run: RunRecord) -> Path | None:
    """Where a run's diagnostics lie, if it has written them."""
    try:
        path = workbench.runs.artefact_path(run.id, BUNDLE)
    except CommandError:
        return None
    return path if path.is_file() else None


def computed(workbench: Workbench, run: RunRecord) -> Path:
    """Where an ended run's diagnostics lie, computed now (in a process of their own) if the run has none.

    Raises CommandError saying why they cannot be computed.
    """
    path = bundle_path(workbench, run)
    if path is None:
        diagnosing.in_process(workbench, run.id)
        path = bundle_path(workbench, run)
    if path is None:
        raise CommandError(f"Run #{run.number} has no diagnostics.", "run", code="conflict")
    return path


def today(workbench: Workbench, run: RunRecord, *, blend: float = 0.0) -> Today:
    """What may have changed for a run's model since it kept its diagnostics."""
    return _today(workbench, workbench.state(), run, blend)


def _today(workbench: Workbench, state: AppState, run: RunRecord, blend: float) -> Today:
    labels = {row: value.label for row, value in state.labels.get(run.subject.id, {}).items()}
    return Today(labels, _names(state, run), workbench.models.resolved(run), blend, f"run #{run.number}")


def _names(state: AppState, run: RunRecord) -> tuple[str, ...]:
    return tuple(state.models[run.subject.id].payload.get("class_names", ()))


def presented(workbench: Workbench, run: RunRecord, *, blend: float = 0.0) -> Presented:
    """A run's diagnostics under the labels and classes that its model has now.

    Raises CommandError if the run has none, ValueError for a blend that is no share, and what the family raises for a damaged file.
    """
    path = bundle_path(workbench, run)
    if path is None:
        raise CommandError(f"Run #{run.number} has no diagnostics to draw from.", code="not_found")
    seen = path.stat()
    file = (path, seen.st_mtime_ns, seen.st_size)
    declared = family(run.family)
    bundles = workbench.kept.of(_Bundles)
    present = declared.present
    if present is None:
        return Presented(bundles.get(file, lambda: declared.load_bundle.load()(path)))
    state = workbench.state()
    # labels are immutable: as long as it is the same mapping, nothing has changed
    labels = state.labels.get(run.subject.id)
    key = (file, id(labels), _names(state, run), blend)

    def make() -> tuple[Presented, Any]:
        bundle = bundles.get(file, lambda: declared.load_bundle.load()(path))
        return present.load()(bundle, _today(workbench, state, run, blend)), labels

    return workbench.kept.of(_Views).get(key, make)[0]


class _Bundles(Recent):
    """Bundles by their file."""

    def __init__(self) -> None:
        super().__init__(KEPT)


class _Views(Recent):
    """What was made of bundles for the labels and classes of now."""

    def __init__(self) -> None:
        super().__init__(KEPT)
