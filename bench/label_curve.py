"""How many labels asking saves: strategies against random labels, an oracle in place of a person.

`python -m bench.label_curve [DATA] [SEEDS] [EPOCHS]`; both datasets, five seeds and the table's epochs a round if not given.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.harness import Bound, Row, section
from rcmvae.active.curve import run
from rcmvae.data import digits, mnist
from rcmvae.data.loaded import LoadedDataset
from rcmvae.label_curve import CurveSettings
from workbench.settings import Settings


@dataclass(frozen=True)
class Protocol:
    """What is compared on a dataset: model, strategies, labels a round, epochs a round, and images of a seed's sample (None: all)."""

    title: str
    images: str
    preset: str
    strategies: tuple[str, ...]
    step: int
    epochs: int
    samples: int | None = None


START, BUDGET = 20, 200
PROTOCOLS = {
    "digits": Protocol(
        "Labels that asking saves", "1,797 real images of 8x8 pixels, 360 held out", "semi_supervised_digits", ("random", "margin", "k_center"), 30, 40,
    ),
    "mnist": Protocol(
        "Labels that asking saves on MNIST", "3,000 of MNIST's training images and its 10,000 test images", "semi_supervised_mnist",
        ("random", "margin"), 60, 8, 3_000,
    ),
}  # fmt: skip
ABOUT = (
    "{images}; {start} labels to start with, {step} more a round up to {budget}, {epochs} epochs a round on from the weights before, {seeds} seeds. "
    "All strategies of a seed share data, first labels and first round. Labels needed are interpolated between rounds, on the mean over seeds."
)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    given = sys.argv[1:] if arguments is None else arguments
    names = [name for name in given if name in PROTOCOLS] or list(PROTOCOLS)
    numbers = [int(text) for text in given if text not in PROTOCOLS]
    for name in names:
        measure(name, numbers[0] if numbers else 5, numbers[1] if len(numbers) > 1 else PROTOCOLS[name].epochs)


def measure(data: str, seeds: int, epochs: int) -> None:
    """The section of one dataset."""
    protocol = PROTOCOLS[data]
    settings = CurveSettings(
        data, protocol.preset, protocol.strategies, START, protocol.step, BUDGET, seeds, epochs, samples=protocol.samples
    )  # fmt: skip
    about = ABOUT.format(images=protocol.images, start=START, step=protocol.step, budget=BUDGET, epochs=epochs, seeds=seeds)
    name = "label_curve" if data == "digits" else f"label_curve_{data}"
    with section(name, protocol.title, about, packages=("jax", "flax")) as page, tempfile.TemporaryDirectory() as folder:
        result = run(
            settings, loaded(data), Path(folder) / "curve", lambda step: print(f"  {step.done}/{step.total} {step.words}", flush=True)
        )
        for found in result.reached:
            label = f"{found.strategy}: labels for what {BUDGET} random ones reach"
            half = Bound(BUDGET / 2, "most") if found.strategy != "random" else None
            page.add(Row(label, found.labels, "labels", goal=half, note=found.sentence, better="less"))
        for strategy in protocol.strategies:
            ends = [100 * row.accuracy for row in result.rows if row.strategy == strategy and row.labels == BUDGET]
            deviation = f"standard deviation {statistics.stdev(ends):.1f}" if len(ends) > 1 else ""
            page.add(Row(f"{strategy}: held-out accuracy with {BUDGET} labels", statistics.fmean(ends), "%", spread=deviation))


def loaded(data: str) -> LoadedDataset:
    """A dataset by its name here."""
    return digits.load() if data == "digits" else mnist.load(Settings.load())


if __name__ == "__main__":
    main()
