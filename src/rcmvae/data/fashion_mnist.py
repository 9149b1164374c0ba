"""Fashion-MNIST: 60,000 training and 10,000 test images of articles of clothing, 28x28 pixels (Xiao, Rasul and Vollgraf, 2017).

The checksums are of the packed files, as TensorFlow Datasets publishes them (`url_checksums/fashion_mnist.txt`); none is published
of what they unpack to, so files that were unpacked cannot be checked and are not taken.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from rcmvae.data import published
from rcmvae.data.catalogue import FASHION_NAMES
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.published import Places, Published, SourceFile
from workbench.download import Progress

_packed = partial(SourceFile, checked="packed")

FASHION_MNIST = Published(
    id="fashion_mnist",
    title="Fashion-MNIST",
    class_names=FASHION_NAMES,
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ),
    files=(
        _packed("train-images-idx3-ubyte", "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", (60_000, 28, 28)),
        _packed("train-labels-idx1-ubyte", "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", (60_000,)),
        _packed("t10k-images-idx3-ubyte", "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", (10_000, 28, 28)),
        _packed("t10k-labels-idx1-ubyte", "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", (10_000,)),
    ),
)


def load(settings: Places, *, progress: Progress | None = None, mirrors: tuple[str, ...] | None = None) -> LoadedDataset:
    """Fashion-MNIST: uint8 images (70000, 28, 28, 1); rows 0 to 59,999 are the training images, the rest the test set.

    See `published.load`. Raises DatasetError.
    """
    return published.load(FASHION_MNIST, settings, progress=progress, mirrors=mirrors)


def files(settings: Places) -> tuple[Path, ...] | None:
    """Where the four files are; None if some would have to be downloaded. Raises DatasetError."""
    return published.files(FASHION_MNIST, settings)
