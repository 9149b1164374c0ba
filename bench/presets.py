"""What the presets reach on the digits that have no benchmark of their own, and whether the defaults keep clear of collapse.

`python -m bench.presets`
"""

from __future__ import annotations

import math
import statistics
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, Section, section
from bench.quality import Outcome, run_draw, spread_of
from rcmvae.data import digits, mnist
from rcmvae.data.loaded import LoadedDataset
from workbench.settings import Settings

PRESETS = ("standard_baseline", "mixture_10", "vamp_prior", "geometric_diagnostic")
PRIORS = ("mixture", "vamp", "geometric_mog", "standard")
DRAWS = 3
LABELS = 128
IMAGES = 1024
ABOUT = (
    "Presets: the digits, all 1,437 training images (validation images among them), {labels} labels, {draws} label draws, each also another seed of "
    "the model. Defaults: nothing set but the prior, one draw, {images:,} images and {labels} labels as a new model has them."
)


def main() -> None:
    """Measure."""
    about = ABOUT.format(labels=LABELS, draws=DRAWS, images=IMAGES)
    with section("presets", "Presets and defaults", about, packages=("jax", "flax")) as page, tempfile.TemporaryDirectory() as folder:
        for preset in PRESETS:
            sample = {"num_samples": "auto", "num_labeled": LABELS}
            add(page, preset, [trained(digits.load(), preset, draw, folder, sample=sample) for draw in range(DRAWS)])
        sample = {"num_samples": IMAGES, "num_labeled": LABELS}
        for name, data in (("digits", digits.load()), ("MNIST", mnist.load(Settings.load()))):
            for prior in PRIORS if name == "digits" else PRIORS[:1]:
                add(page, f"defaults, {prior}, {name}", [trained(data, "custom", 0, folder, values={"prior_type": prior}, sample=sample)])


def trained(
    dataset: LoadedDataset, preset: str, draw: int, folder: str, *, values: Mapping[str, Any] = {}, sample: Mapping[str, Any]
) -> Outcome:
    """What one draw reaches."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        return run_draw(dataset, preset, draw, Path(own), values=values, sample=sample)[0]


def add(page: Section, name: str, outcomes: list[Outcome]) -> None:
    """The rows of one start."""
    accuracies = [100 * o.accuracy for o in outcomes]
    page.add(
        Row(f"{name}: held-out accuracy", statistics.fmean(accuracies), "%", spread=spread_of(accuracies)),
        Row(f"{name}: smallest KL_z", min(o.kl_z for o in outcomes), "nats", must=Bound(1, "least")),
    )
    used = min(o.used for o in outcomes)
    if not math.isnan(used):
        page.add(Row(f"{name}: smallest share of components in use", used, "", must=Bound(0.6, "least")))


if __name__ == "__main__":
    main()
