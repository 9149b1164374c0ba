"""The 1,797 handwritten digits that come with scikit-learn, read without importing it."""

from __future__ import annotations

import functools
import gzip
import hashlib
import importlib.util
import io
from pathlib import Path

import numpy as np

from rcmvae.data.about import manifest_of
from rcmvae.data.catalogue import DIGIT_NAMES, DIGITS_FACTS
from rcmvae.data.loaded import LoadedDataset
from rcmvae.data.stratify import pick, proportional
from workbench.datasets import DatasetError
from workbench.state import DatasetFile

LOADER_VERSION = 1
SOURCE_FILE = "datasets/data/digits.csv.gz"
SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
"""sha256 of the decompressed table."""
MAX_BYTES = 1_000_000
LARGEST_VALUE = 16
"""Pixels are counts from 0 to 16."""
TEST_SEED = 1797
"""Chooses the test set; the same in every installation."""


def load(settings: object = None) -> LoadedDataset:
    """The digits: float32 images (1797, 8, 8, 1) in [0, 1], a stratified test set of 360.

    `settings` is not needed; every loader takes it.

    Raises:
        DatasetError: if scikit-learn's file is missing or not the published one.
    """
    del settings
    path = _packaged_file()
    try:
        stat = path.stat()
    except OSError as error:
        raise DatasetError(f"The digits file {path} is missing or unreadable ({error.strerror}). Reinstall scikit-learn.") from error
    return _read(path, stat.st_size, stat.st_mtime_ns)


def files(settings: object = None) -> tuple[Path, ...]:
    """Where the digits are. Raises DatasetError if they are not installed."""
    del settings
    return (_packaged_file(),)


def _packaged_file() -> Path:
    found = importlib.util.find_spec("sklearn")
    if found is None or not found.submodule_search_locations:
        raise DatasetError("scikit-learn, which carries the digits, is not installed. Run `make setup` or install scikit-learn.")
    return Path(next(iter(found.submodule_search_locations))) / SOURCE_FILE


@functools.lru_cache(maxsize=1)
def _read(path: Path, size: int, changed_ns: int) -> LoadedDataset:
    """The parsed file; cached until it changes."""
    del changed_ns
    try:
        with gzip.open(path) as file:
            table = file.read(MAX_BYTES + 1)
    except (OSError, EOFError) as error:
        raise DatasetError(f"The digits file {path} cannot be unpacked: {error}. Reinstall scikit-learn.") from error
    digest = hashlib.sha256(table).hexdigest()
    if digest != SHA256:
        raise DatasetError(
            f"The digits file {path} is not the published one: its checksum is {digest[:12]}, expected {SHA256[:12]}. Reinstall scikit-learn."
        )
    rows = np.loadtxt(io.BytesIO(table), delimiter=",", dtype=np.uint8)
    images = (rows[:, :-1].astype(np.float32) / LARGEST_VALUE).reshape(-1, *DIGITS_FACTS.shape)
    labels = rows[:, -1].astype(np.int32)
    strata, counts = np.unique(labels, return_counts=True)
    test = pick(labels, strata, proportional(counts, DIGITS_FACTS.n_test), (TEST_SEED,)).astype(np.int32)
    for array in (images, labels, test):
        array.setflags(write=False)
    files = (DatasetFile(path=f"sklearn/{SOURCE_FILE}", size=len(table), sha256=digest),)
    manifest = manifest_of(images, labels, test, DIGIT_NAMES, source="digits", loader_version=LOADER_VERSION, files=files)
    return LoadedDataset(images=images, true_labels=labels, test=test, manifest=manifest)
