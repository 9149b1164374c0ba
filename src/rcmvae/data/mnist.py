"""MNIST: 60,000 training and 10,000 test images of handwritten digits, 28x28 pixels (LeCun, Cortes and Burges)."""

from __future__ import annotations

from pathlib import Path

from rcmvae.data import published
from rcmvae.data.catalogue import DIGIT_NAMES
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.published import Places, Published, SourceFile
from workbench.download import Progress

MNIST = Published(
    id="mnist",
    title="MNIST",
    class_names=DIGIT_NAMES,
    mirrors=("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/"),
    files=(
        SourceFile("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", (60_000, 28, 28)),
        SourceFile("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", (60_000,)),
        SourceFile("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", (10_000, 28, 28)),
        SourceFile("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", (10_000,)),
    ),
)


def load(settings: Places, *, progress: Progress | None = None, mirrors: tuple[str, ...] | None = None) -> LoadedDataset:
    """MNIST: uint8 images (70000, 28, 28, 1); rows 0 to 59,999 are the training images, the rest the test set.

    See `published.load`. Raises DatasetError.
    """
    return published.load(MNIST, settings, progress=progress, mirrors=mirrors)


def files(settings: Places) -> tuple[Path, ...] | None:
    """Where the four files are; None if some would have to be downloaded. Raises DatasetError."""
    return published.files(MNIST, settings)
