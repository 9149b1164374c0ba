"""What it costs that a run can be followed: training with and without snapshots of where images stand."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

from bench.harness import Bound, Row, Section, section


def snapshots(result: Section, rounds: int = 3) -> None:
    """Whole trainings in this process, in turn with snapshots and without."""
    from rcmvae.data import digits
    from rcmvae.training import snapshots as taken
    from rcmvae.training.script import make_job
    from rcmvae.training.trainer import train
    from workbench.runs.scripted import QuietReporter

    class Timed(QuietReporter):
        """Knows when the first and the newest epoch were told."""

        def __init__(self) -> None:
            super().__init__()
            self.told: list[float] = []

        def epoch(self, *arguments: Any, **named: Any) -> None:
            super().epoch(*arguments, **named)
            self.told.append(time.perf_counter())

    begin = taken.BEGIN_SECONDS
    speeds: dict[bool, list[float]] = {True: [], False: []}
    values: dict[str, Any] = {"latent_dim": 2, "max_epochs": 60, "patience": 0}
    sample: dict[str, Any] = {"num_samples": "auto"}
    for _ in range(rounds + 1):
        for shown in (True, False):
            taken.BEGIN_SECONDS = 0.0 if shown else float("inf")
            with tempfile.TemporaryDirectory() as folder:
                reporter = Timed()
                train(make_job(digits.load(), folder=Path(folder), values=values, sample=sample), reporter)
                speeds[shown].append((len(reporter.told) - 1) / (reporter.told[-1] - reporter.told[0]))
    taken.BEGIN_SECONDS = begin
    must = Bound(0.97, "least", "ratio")
    name = "epochs a second, with snapshots"
    # the first round compiles
    result.add(Row(name, mean(speeds[True][1:]), "1/s", mean(speeds[False][1:]), "without", must, better="more"))


def main() -> None:
    """Measure it."""
    about = "A model of the handwritten digits, trained whole in turn with and without; from the second epoch to the last, all between them counted."
    with section("epochs", "Following a run", about, packages=("jax",)) as result:
        snapshots(result)


if __name__ == "__main__":
    main()
