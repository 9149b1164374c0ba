"""A loaded dataset, the same for every family that trains on items with labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.state import DatasetManifest


class DatasetError(ValueError):
    """A dataset that cannot be read; the message names the file, what is wrong and what to do."""


@dataclass(frozen=True)
class LoadedDataset:
    """Data in memory.

    Attributes:
        images: array (N, H, W, C), uint8 or float32 in [0, 1] as stored by the source.
        true_labels: int32 (N,), -1 unknown. For evaluation and the oracle only, never for training.
        test: int32 rows of the test set.
        manifest: what it is made of.
    """

    images: Any
    true_labels: Any
    test: Any
    manifest: DatasetManifest
