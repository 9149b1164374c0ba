"""MNIST: 60,000 training and 10,000 test images of handwritten digits, 28x28 pixels (LeCun, Cortes and Burges).

The files are taken from the folder `mnist` in TRELLIS_DATA, packed or not, else from the home folder's downloads, else
from the mirrors. They are checked by what they unpack to, so it does not matter who packed them.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from rcmvae.data import idx
from rcmvae.data.catalogue import DIGIT_NAMES, MNIST_FACTS
from rcmvae.data.download import Progress, fetch
from rcmvae.data.hashing import content_sha256
from workbench.datasets import DatasetError, LoadedDataset
from workbench.state import DatasetFile, DatasetManifest

LOADER_VERSION = 1
FOLDER = "mnist"
MIRRORS = ("https://storage.googleapis.com/cvdf-datasets/mnist/", "https://ossci-datasets.s3.amazonaws.com/mnist/")
MAX_DOWNLOAD_BYTES = 32 * 1024**2


@dataclass(frozen=True)
class SourceFile:
    """One of the four files: its name when unpacked, the sha256 of its unpacked bytes, and its array's shape."""

    name: str
    sha256: str
    shape: tuple[int, ...]


FILES = (
    SourceFile("train-images-idx3-ubyte", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", (60_000, 28, 28)),
    SourceFile("train-labels-idx1-ubyte", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", (60_000,)),
    SourceFile("t10k-images-idx3-ubyte", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", (10_000, 28, 28)),
    SourceFile("t10k-labels-idx1-ubyte", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", (10_000,)),
)


class Places(Protocol):
    """What the loader reads of the settings: a read-only folder searched first, and where downloads go."""

    @property
    def data(self) -> Path | None: ...

    @property
    def downloads(self) -> Path: ...


def load(settings: Places, *, progress: Progress | None = None, mirrors: tuple[str, ...] = MIRRORS) -> LoadedDataset:
    """MNIST: uint8 images (70000, 28, 28, 1); rows 0 to 59,999 are the training images, the rest the test set.

    Args:
        settings: where to look and where downloads go. progress: told how far a download is. mirrors: base addresses.

    Raises:
        DatasetError: if a file is missing, damaged or not the published one, or cannot be downloaded.
    """
    paths = tuple(locate(file, settings, progress=progress, mirrors=mirrors) for file in FILES)
    return _read(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths))


def locate(file: SourceFile, settings: Places, *, progress: Progress | None = None, mirrors: tuple[str, ...] = MIRRORS) -> Path:
    """The place of one file, downloaded if it is nowhere. Raises DatasetError."""
    if settings.data is not None and (settings.data / FOLDER).is_dir():
        given = settings.data / FOLDER
        for path in (given / f"{file.name}.gz", given / file.name):
            if path.exists():
                return path
        raise DatasetError(
            f"The file {given / file.name}.gz is missing, though the folder {given} exists. "
            f"Put it there, or remove that folder to download MNIST."
        )
    target = settings.downloads / FOLDER / f"{file.name}.gz"
    addresses = [f"{mirror.rstrip('/')}/{file.name}.gz" for mirror in mirrors]

    def verify(path: Path) -> None:
        _verified(path, file)

    return fetch(addresses, target, verify, max_bytes=MAX_DOWNLOAD_BYTES, progress=progress)


def _verified(path: Path, file: SourceFile) -> bytes:
    """The unpacked bytes of `path`. Raises DatasetError if they are not the published ones."""
    data = idx.unpacked(path)
    digest = hashlib.sha256(data).hexdigest()
    if digest != file.sha256:
        idx.parse(data, str(path), shape=file.shape)  # says what is wrong with the format, if that is it
        raise DatasetError(
            f"The file {path} is not the published one: its checksum is {digest[:12]}, expected {file.sha256[:12]}. Fetch it again."
        )
    return data


@functools.lru_cache(maxsize=1)
def _read(files: tuple[tuple[Path, int, int], ...]) -> LoadedDataset:
    """The four files as one dataset; cached until one of them changes."""
    arrays, entries = [], []
    for (path, _, _), file in zip(files, FILES, strict=True):
        data = _verified(path, file)
        arrays.append(idx.parse(data, str(path), shape=file.shape))
        entries.append(DatasetFile(path=f"{FOLDER}/{file.name}", size=len(data), sha256=file.sha256))
    train_images, train_labels, test_images, test_labels = arrays
    images = np.concatenate([train_images, test_images])[..., None]
    labels = np.concatenate([train_labels, test_labels]).astype(np.int32)
    test = np.arange(len(train_labels), len(labels), dtype=np.int32)
    for array in (images, labels, test):
        array.setflags(write=False)
    manifest = DatasetManifest(
        source="mnist", loader_version=LOADER_VERSION, files=tuple(entries), n=len(images), shape=MNIST_FACTS.shape, dtype="uint8",
        class_names=DIGIT_NAMES, content_sha256=content_sha256(images, labels, test, DIGIT_NAMES),
    )  # fmt: skip
    return LoadedDataset(images=images, true_labels=labels, test=test, manifest=manifest)
