"""Sweeps of the fake family, whose trials this process carries out one round at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.workbench.runs import inline
from workbench.state import RunRecord, RunState
from workbench.sweeps.records import SweepRecord, trials_of

ME = "user:test"


class Sweeping:
    """Sweeps of one workbench."""

    def __init__(self, bench: Any, make_model: Callable[..., Any]) -> None:
        self.bench = bench
        self.model = make_model("Searched", max_epochs=4, seconds_per_epoch=0.0)
        bench.runs.executor = inline.NoWorkers()

    def begin(self, *space: str, **settings: Any) -> SweepRecord:
        asked = {"space": list(space) or ["learning_rate=0.01..1:log"], "trials": 4, "sampler": "random", "pruner": "none", **settings}
        return self.bench.sweeps.create(actor=ME, model_id=self.model.id, settings=asked)

    def round(self) -> None:
        """A look of the driver, and one run."""
        self.bench.sweeps.driver.look()
        if any(run.state is RunState.QUEUED for run in self.bench.state().active_runs):
            inline.work(self.bench)

    def to_the_end(self, sweep: SweepRecord, rounds: int = 60) -> SweepRecord:
        for _ in range(rounds):
            self.round()
            if self.bench.sweeps.get(sweep.id).state != "running":
                return self.bench.sweeps.get(sweep.id)
        raise AssertionError(f"it still runs: {self.bench.sweeps.get(sweep.id)}")

    def trials(self, sweep: SweepRecord) -> list[RunRecord]:
        return list(trials_of(self.bench.state(), sweep.id))

    def tried(self, sweep: SweepRecord) -> list[dict[str, Any]]:
        return [run.trial.values for run in self.trials(sweep) if run.trial is not None]


@pytest.fixture
def sweeping(bench: Any, make_model: Any) -> Sweeping:
    return Sweeping(bench, make_model)
