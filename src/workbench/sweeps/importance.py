"""How much each setting of a sweep matters. Called in a process beside the server, as it loads scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.sweeps.records import number_of, trials_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench

FEWEST = 10
"""Trials with a value that it takes to say anything."""

TARGET = "workbench.sweeps.importance:importances"


def importances(workbench: Workbench, sweep_id: str) -> dict[str, float]:
    """The share of the objective's spread that each setting explains, by path, largest first; empty while too few trials are over."""
    from workbench.sweeps.searching import Search, spread  # loads Optuna

    sweep = workbench.sweeps.get(sweep_id)
    search = Search(sweep.space, "random", "none", sweep.seed, sweep.direction)
    told = [
        run for run in trials_of(workbench.state(), sweep_id) if run.trial and run.trial.told == "completed" and run.trial.value is not None
    ]
    values = [run.trial.values for run in told if run.trial]
    if len(told) < FEWEST or not spread(sweep.space, values) or len({run.trial.value for run in told if run.trial}) < 2:
        return {}
    for run in told:
        assert run.trial is not None
        search.add(number_of(run), run.trial.values)
        search.tell(number_of(run), "completed", run.trial.value)
    return search.importances()
