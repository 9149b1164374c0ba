"""Negative log-likelihood of black and white MNIST under a VampPrior and a standard prior with the same networks.

`python -m bench.density [EPOCHS] [IMAGES]`: epochs of training and test images to estimate on; 100 and all 10,000 if not given. On two
processor cores the whole takes most of an hour.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.harness import Bound, Row, section
from rcmvae.api import RCMVAE
from rcmvae.data import mnist
from rcmvae.data.binarisation import binarised
from rcmvae.data.loaded import LoadedDataset
from rcmvae.training.density import SAMPLES
from rcmvae.training.script import make_job
from rcmvae.training.trainer import train
from workbench.runs.scripted import QuietReporter
from workbench.settings import Settings

EPOCHS = 100
IMAGES = 10_000
NETWORKS = {
    "encoder_type": "dense", "decoder_type": "dense", "hidden_dims": (300, 300), "latent_dim": 40, "reconstruction_loss": "bce",
    "dropout_rate": 0.0, "batch_size": 250, "kl_z_anneal_epochs": 10, "patience": 50,
}  # fmt: skip
PRIORS: Mapping[str, Mapping[str, Any]] = {
    "standard": {"prior_type": "standard"},
    "vamp": {
        "prior_type": "vamp", "num_components": 500, "vamp_pseudo_init_method": "random", "learnable_pi": False,
        "component_diversity_weight": 0.0, "vamp_pseudo_lr_scale": 1.0,
    },
}  # fmt: skip
ABOUT = (
    "MNIST, each pixel drawn black or white once; 50,000 training and 10,000 validation images, no labels; two hidden layers of 300, 40 latent "
    "numbers, up to {epochs} epochs, the best epoch by validation. Estimated with 5,000 importance samples on {images:,} test images; "
    "a difference is between estimates on the same images. Published with gated layers and another draw of the pixels: standard 88.56, "
    "VampPrior with 500 pseudo-images 85.57 (Tomczak and Welling 2018)."
)


def main(arguments: list[str] | None = None) -> None:
    """Measure."""
    given = sys.argv[1:] if arguments is None else arguments
    epochs = int(given[0]) if given else EPOCHS
    images = int(given[1]) if len(given) > 1 else IMAGES
    dataset = black_and_white(mnist.load(Settings.load()))
    test = np.asarray(dataset.images)[dataset.test[:images]]
    about = ABOUT.format(epochs=epochs, images=len(test))
    with (
        section("density", "Density of black and white MNIST", about, packages=("jax", "flax")) as page,
        tempfile.TemporaryDirectory() as folder,
    ):
        found: dict[str, np.ndarray] = {}
        for name, values in PRIORS.items():
            started = time.perf_counter()
            model = trained(dataset, {**NETWORKS, **values, "max_epochs": epochs}, Path(folder) / name)
            seconds = time.perf_counter() - started
            print(f"  {name}: {seconds:.0f} s of training", flush=True)
            found[name] = -model.log_likelihood(test, SAMPLES).astype(np.float64)
            published = {"standard": 88.56, "vamp": 85.57}[name]
            goal = Bound(85.57, "most") if name == "vamp" else None
            page.add(
                Row(
                    f"NLL, {name} prior", float(found[name].mean()), "nats", published, "published", goal=goal, better="less",
                    spread=f"standard error {error_of(found[name]):.2f}", note=f"trained in {seconds:.0f} s",
                )
            )  # fmt: skip
        difference = found["standard"] - found["vamp"]
        page.add(
            Row(
                "What the VampPrior gains", float(difference.mean()), "nats", must=Bound(0.0, "least"),
                spread=f"standard error {error_of(difference):.2f}",
            )
        )  # fmt: skip


def black_and_white(dataset: LoadedDataset) -> LoadedDataset:
    """The same data with every pixel drawn black or white once."""
    return dataclasses.replace(dataset, images=binarised(np.asarray(dataset.images)))


def trained(dataset: LoadedDataset, values: Mapping[str, Any], folder: Path) -> RCMVAE:
    """A model trained without labels on 50,000 images, with the weights of its best epoch on 10,000 others."""
    sample = {"num_samples": "auto", "num_labeled": 0, "val_split": 1 / 6}
    summary = train(make_job(dataset, folder=folder, values=values, sample=sample), QuietReporter())
    (checkpoint,) = list(folder.rglob("best-*.msgpack"))
    print(f"  {summary.headline}", flush=True)
    return RCMVAE.load(checkpoint)


def error_of(values: np.ndarray) -> float:
    """Standard error of the mean."""
    return float(values.std(ddof=1) / math.sqrt(len(values)))


if __name__ == "__main__":
    main()
