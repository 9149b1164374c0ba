"""Diagnostics of a run that has ended without them: whether they can be computed now, and having them computed.

A run that was killed, interrupted, or cut short after its weights were safe has everything that its diagnostics need:
settings, data, labels and a checkpoint. The computing needs the family's framework, which the server may not import, so
it is done by a process of its own (`workbench.runs.diagnose`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.commands.rules import find_run
from workbench.families import family
from workbench.runs.starting import worker_environment
from workbench.state import AppState

if TYPE_CHECKING:
    from workbench.workbench import Workbench


LOOK_SECONDS = 0.2
"""How often whoever waits for the process looks whether that was cancelled."""


def why_not(state: AppState, run_id: str) -> str | None:
    """Why a run's diagnostics cannot be computed now, in a sentence; None if they can. Raises CommandError not_found."""
    run = find_run(state, run_id)
    if run.state.active:
        return f"Run #{run.number} is {run.state.value}; it computes its diagnostics when it ends."
    if family(run.family).diagnose is None:
        return f"Models of the family {run.family} have no diagnostics."
    if run.best_checkpoint is None and run.last_checkpoint is None:
        return f"Run #{run.number} ended before its first checkpoint, so there is nothing to diagnose."
    return None


def _has_them(workbench: Workbench, run_id: str) -> str | None:
    from workbench.runs.folder import BUNDLE, SUMMARY

    try:
        there = all(workbench.runs.artefact_path(run_id, name).is_file() for name in (BUNDLE, SUMMARY))
    except (CommandError, ArtefactError):
        return None
    return f"Run #{workbench.state().runs[run_id].number} has its diagnostics." if there else None


def _damaged(workbench: Workbench, run_id: str) -> str | None:
    # Pages import this module, and these load SQL.
    from workbench.runs.failures import RunFailure
    from workbench.runs.preparing import checkpoint_file

    run = workbench.state().runs[run_id]
    try:
        for checkpoint in filter(None, (run.best_checkpoint, run.last_checkpoint)):
            checkpoint_file(workbench.artefacts, checkpoint)
    except RunFailure as error:
        return str(error)
    return None


def in_process(workbench: Workbench, run_id: str, cancelled: Callable[[], bool] = lambda: False) -> bool:
    """Compute an ended run's diagnostics in a process of its own and wait for it.

    Args:
        cancelled: whether somebody has thought better of it; the process is ended then. What it writes is written whole at the end.

    Returns whether they are there; False if it was cancelled. Raises CommandError saying why they could not be computed.
    """
    reason = why_not(workbench.state(), run_id) or _has_them(workbench, run_id) or _damaged(workbench, run_id)
    if reason is not None:
        raise CommandError(reason, "run", code="conflict")
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.runs.diagnose", run_id],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=worker_environment(workbench.settings, os.environ),
    )
    said = _said_at_its_end(process, cancelled)
    if said is None:
        return False
    if process.returncode != 0:
        lines = said.strip().splitlines()
        why = lines[-1] if lines else f"its process ended with code {process.returncode}"
        raise CommandError(f"The diagnostics could not be computed: {why}", "run", code="conflict")
    return True


def _said_at_its_end(process: subprocess.Popen[str], cancelled: Callable[[], bool]) -> str | None:
    """What a process has written to its error output when it ends, or None, the process being killed, if it was cancelled."""
    try:
        while not cancelled():
            with suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=LOOK_SECONDS)[1]
        return None
    finally:
        if process.returncode is None:
            process.kill()
            process.communicate()
