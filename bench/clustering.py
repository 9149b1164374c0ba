"""Unsupervised clustering of MNIST by the shipped preset: ten components, no labels, the best of several starts chosen by its evidence
bound alone.

`python -m bench.clustering [RESTARTS] [EPOCHS]`; three starts and the preset's epochs if not given.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness import Bound, Row, section
from bench.quality import spread_of, value_of
from rcmvae.data import mnist
from rcmvae.data.loaded import LoadedDataset
from rcmvae.training.script import make_job
from rcmvae.training.trainer import train
from workbench.runs.scripted import QuietReporter
from workbench.settings import Settings

PRESET = "clustering_mnist"
RESTARTS = 3
ABOUT = (
    "60,000 training images (6,000 of them for validation), no labels, the preset for clustering: a VampPrior of ten pseudo-images whose "
    "responsibilities must agree on an image and on a distorted view of it, {epochs} epochs. Clusters are the most probable components; "
    "accuracy and normalised mutual information are on the 10,000 test images after the best assignment of clusters to digits. Of "
    "{restarts} starts on the same images the one with the highest evidence bound on validation images is chosen."
)


@dataclass(frozen=True)
class Clustered:
    """One start: evidence bound in nats an image, clustering accuracy and normalised mutual information on test images, seconds."""

    elbo: float
    accuracy: float
    information: float
    seconds: float


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    given = [int(text) for text in (sys.argv[1:] if arguments is None else arguments)]
    restarts = given[0] if given else RESTARTS
    values = {"max_epochs": given[1]} if len(given) > 1 else {}
    dataset = mnist.load(Settings.load())
    about = ABOUT.format(epochs=values.get("max_epochs", "the preset's"), restarts=restarts)
    with (
        section("clustering", "MNIST without labels", about, packages=("jax", "flax")) as page,
        tempfile.TemporaryDirectory() as folder,
    ):
        found = []
        for seed in range(restarts):
            found.append(clustered(dataset, seed, Path(folder) / str(seed), values))
            print(f"  start {seed}: {found[-1]}", flush=True)
        best = max(found, key=lambda start: start.elbo)
        accuracies = [100 * start.accuracy for start in found]
        page.add(
            Row("Clustering accuracy of the chosen start", 100 * best.accuracy, "%", 94.46, "VaDE, published", Bound(75, "least"), Bound(95, "least")),
            Row("Clustering accuracy, mean of all starts", statistics.fmean(accuracies), "%", spread=spread_of(accuracies)),
            Row("Normalised mutual information of the chosen start", best.information, ""),
            Row("Seconds a start, the slowest", max(start.seconds for start in found), "s", better="less"),
        )  # fmt: skip


def clustered(dataset: LoadedDataset, seed: int, folder: Path, values: Mapping[str, Any]) -> Clustered:
    """Train one start from `seed`."""
    job = make_job(dataset, folder=folder, preset=PRESET, values={**values, "init_seed": seed, "random_seed": seed})
    reporter = QuietReporter()
    started = time.perf_counter()
    metrics = train(job, reporter).metrics
    seconds = time.perf_counter() - started
    bounds = [epoch["validation/elbo"] for epoch in reporter.epochs]
    return Clustered(
        float(max(bound for bound in bounds if bound is not None)),
        float(value_of(metrics, "clustering", "accuracy")),
        float(value_of(metrics, "clustering", "nmi")),
        seconds,
    )


if __name__ == "__main__":
    main()
