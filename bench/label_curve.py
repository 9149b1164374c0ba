"""How many labels asking saves on the digits: strategies against random labels, an oracle in place of a person.

`python -m bench.label_curve [SEEDS] [EPOCHS]`; five seeds and 40 epochs a round if not given.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from bench.harness import Bound, Row, section
from rcmvae.active.curve import run
from rcmvae.data import digits
from workbench.label_curve import CurveSettings

PRESET = "semi_supervised_digits"
STRATEGIES = ("random", "margin", "k_center")
START, STEP, BUDGET = 20, 30, 200
ABOUT = (
    "1,797 real images of 8x8 pixels, 360 held out; {start} labels to start with, {step} more a round up to {budget}, {epochs} epochs a round on from "
    "the weights before, {seeds} seeds. All strategies of a seed share data, first labels and first round. Labels needed are interpolated "
    "between rounds, on the mean over seeds."
)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    given = [int(text) for text in (sys.argv[1:] if arguments is None else arguments)]
    seeds, epochs = (given + [5, 40][len(given) :])[:2]
    settings = CurveSettings("digits", PRESET, STRATEGIES, START, STEP, BUDGET, seeds, epochs)
    about = ABOUT.format(start=START, step=STEP, budget=BUDGET, epochs=epochs, seeds=seeds)
    with (
        section("label_curve", "Labels that asking saves", about, packages=("jax", "flax")) as page,
        tempfile.TemporaryDirectory() as folder,
    ):
        result = run(
            settings, digits.load(), Path(folder) / "curve", lambda step: print(f"  {step.done}/{step.total} {step.words}", flush=True)
        )
        ends = {name: [100 * row.accuracy for row in result.rows if row.strategy == name and row.labels == BUDGET] for name in STRATEGIES}
        for found in result.reached:
            name = f"{found.strategy}: labels for what {BUDGET} random ones reach"
            half = Bound(BUDGET / 2, "most") if found.strategy != "random" else None
            page.add(Row(name, found.labels, "labels", goal=half, note=found.sentence, better="less"))
        for name, accuracies in ends.items():
            deviation = f"standard deviation {statistics.stdev(accuracies):.1f}" if len(accuracies) > 1 else ""
            page.add(Row(f"{name}: held-out accuracy with {BUDGET} labels", statistics.fmean(accuracies), "%", spread=deviation))


if __name__ == "__main__":
    main()
