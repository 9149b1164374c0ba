"""The ways in which the Recommenders page starts runs: a quick test, an earlier one again, and a model made of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recsys.service import RecommenderService
from workbench.commands.base import CommandError
from workbench.state import RunRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

_START = {"feature_config", "model_config", "name", "settings", "overrides", "confirmed"}
_RERUN = {"key", "mode", "confirmed"}
_PROMOTE = {"key", "name", "epochs", "settings", "model_id", "confirmed"}


def start(workbench: Workbench, *, actor: str, run_id: str, asked: Mapping[str, Any]) -> RunRecord:
    """Queue a quick test; `asked` are the arguments of `QuickTests.start`. Raises CommandError."""
    return RecommenderService(workbench).tests.start(actor=actor, run_id=run_id, **_arguments(asked, _START))


def rerun(workbench: Workbench, *, actor: str, run_id: str, asked: Mapping[str, Any]) -> RunRecord:
    """Queue an earlier quick test again; `asked` are the arguments of `QuickTests.rerun`. Raises CommandError."""
    return RecommenderService(workbench).tests.rerun(actor=actor, run_id=run_id, **_arguments(asked, _RERUN))


def promote(workbench: Workbench, *, actor: str, run_id: str, asked: Mapping[str, Any]) -> RunRecord:
    """Make a model of a quick test and queue its run; `asked` are the arguments of `QuickTests.promote`. Raises CommandError."""
    return RecommenderService(workbench).tests.promote(
        actor=actor, run_id=run_id, **_arguments(asked, _PROMOTE)
    )


def _arguments(asked: Mapping[str, Any], known: set[str]) -> dict[str, Any]:
    """What is asked for, if every name is known. Raises CommandError."""
    unknown = sorted(set(asked) - known)
    if unknown:
        raise CommandError(f"Nothing is known of {', '.join(unknown)}.", unknown[0])
    return dict(asked)
