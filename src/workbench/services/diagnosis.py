"""The diagnostics that runs kept, read once and looked at as things stand now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.diagnosis import Presented
from workbench.families import family
from workbench.kept import Recent
from workbench.runs import diagnosing
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

KEPT = 2
"""Runs whose diagnostics stay in memory (up to some 200 MB each), the last ones asked for."""


def bundle_path(workbench: Workbench, run: RunRecord) -> Path | None:
    """Where a run's diagnostics lie; None if it has written none, or they are no longer what it wrote.

    What is gone or damaged counts as never written, because `computed` gets it back from the checkpoint.
    """
    # imported here, because pages import this module, and the first is served before anything of SQL is loaded
    from workbench.runs.folder import BUNDLE

    try:
        path = workbench.runs.artefact_path(run.id, BUNDLE)
    except (CommandError, ArtefactError):
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


def presented(workbench: Workbench, run: RunRecord, dials: Mapping[str, float] | None = None) -> Presented:
    """A run's diagnostics as they are to be looked at now.

    Args:
        dials: where the family's dials stand, by name; the others stand at their defaults.

    Raises CommandError if the run has none, ValueError for a dial that cannot stand there, and what the family raises for a damaged file.
    """
    path = bundle_path(workbench, run)
    if path is None:
        raise CommandError(f"Run #{run.number} has no diagnostics to draw from.", code="not_found")
    seen = path.stat()
    file = (path, seen.st_mtime_ns, seen.st_size)
    declared = family(run.family)
    bundles = workbench.kept.of(_Bundles)

    def bundle() -> Any:
        return bundles.get(file, lambda: declared.load_bundle.load()(path))

    if declared.looking is None:
        return Presented(bundle())
    since = declared.looking.since.load()(workbench.state(), run, workbench.models.resolved(run))
    stand = declared.looking.stand(dials or {})

    present = declared.looking.present

    def make() -> Presented:
        return present.load()(bundle(), since.facts(), stand)

    return workbench.kept.of(_Views).get((file, since.mark, tuple(stand.items())), make)


class _Bundles(Recent):
    """Bundles by their file."""

    def __init__(self) -> None:
        super().__init__(KEPT)


class _Views(Recent):
    """What was made of bundles as things stand now."""

    def __init__(self) -> None:
        super().__init__(KEPT)
