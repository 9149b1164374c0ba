"""Suggestions for a page: as many as there are left, by any strategy, without the framework in this process."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rcmvae.active import asking
from rcmvae.active.stored import NOT_HERE
from rcmvae.active.strategies import STRATEGIES
from rcmvae.suggestions import Suggestions
from workbench.cli.in_process import prepare_framework
from workbench.families import family

if TYPE_CHECKING:
    from workbench.workbench import Workbench


def propose(workbench: Workbench, model_id: str, *, strategy: str, n: int, seed: int) -> Suggestions:
    """At most `n` samples of a model to label next. A strategy that runs the model is asked of a process beside this one.

    Raises CommandError and SuggestionError as `rcmvae.active.asking.suggest` does.
    """
    known = workbench.models.labels(model_id)
    left = sum(row not in known for row in workbench.models.read(workbench.models.get(model_id)).train.tolist())
    if left == 0:
        return Suggestions(strategy, (), 0, ())
    few = min(n, left)
    if strategy in STRATEGIES and STRATEGIES[strategy].runs_model:
        found: Suggestions = workbench.beside(f"{__name__}:by_running", model_id, strategy, few, seed)
    else:
        found = asking.suggest(workbench, model_id, strategy=strategy, n=few, seed=seed)
    # what this process does not do, a process beside it does
    return replace(found, strategies=tuple(replace(s, disabled=None) if s.disabled == NOT_HERE else s for s in found.strategies))


def by_running(workbench: Workbench, model_id: str, strategy: str, n: int, seed: int) -> Suggestions:
    """The same by a strategy that runs the model, in a process that may load its framework."""
    prepare_framework(family(workbench.models.get(model_id).family), workbench.settings)
    return asking.suggest(workbench, model_id, strategy=strategy, n=n, seed=seed, run_model=True)
