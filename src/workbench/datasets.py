"""A loaded dataset, the same for every family that trains on items with labels, and what an import of one needs."""

from __future__ import annotations

from collections.abc import Callable
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

    @property
    def class_names(self) -> tuple[str, ...]:
        """What labels count."""
        return tuple(self.manifest.about["class_names"])


@dataclass(frozen=True)
class ImportOptions:
    """How people's own data is to be read.

    Attributes:
        size: (height, width) that images are fitted to; None takes them as they are.
        skip_broken: leave out files that cannot be read, instead of refusing the import.
    """

    size: tuple[int, int] | None = None
    skip_broken: bool = False


@dataclass(frozen=True)
class ReadImport:
    """What an import has read.

    Attributes:
        dataset: the data; its manifest names no files yet. skipped: files left out, each with its reason.
    """

    dataset: LoadedDataset
    skipped: tuple[str, ...] = ()


ImportProgress = Callable[[int, int], None]
"""Told (files read, files altogether) as an import goes on."""


def parse_size(text: str) -> tuple[int, int]:
    """(height, width) from "28x28". Raises DatasetError for anything else."""
    height, _, width = text.lower().partition("x")
    sides = (height.strip(), width.strip())
    if not all(side.isascii() and side.isdigit() and 0 < len(side) < 6 for side in sides):
        raise DatasetError(f"{text[:40]!r} is not a size. Give height and width in pixels, such as 28x28.")
    return int(sides[0]), int(sides[1])
