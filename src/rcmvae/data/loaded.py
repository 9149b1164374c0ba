"""A loaded dataset of images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from rcmvae.data.about import UNKNOWN, ImageAbout, about_of
from workbench.datasets import DatasetError
from workbench.state import DatasetManifest


@dataclass(frozen=True)
class LoadedDataset:
    """Images in memory.

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
    def about(self) -> ImageAbout:
        """What its manifest says of it."""
        return about_of(self.manifest)

    @property
    def class_names(self) -> tuple[str, ...]:
        """What labels count."""
        return self.about.class_names

    def class_of(self, row: int) -> str:
        """The name of an image's true class, or "unlabelled"."""
        label = int(self.true_labels[row])
        return self.class_names[label] if label != UNKNOWN else "unlabelled"


def opened(arrays: Mapping[str, Any], manifest: DatasetManifest) -> LoadedDataset:
    """The dataset of an import's arrays: `images`, `labels` (int32, -1 unknown) and `test` (int32 rows). Raises DatasetError."""
    try:
        about_of(manifest)
    except ValidationError as error:
        raise DatasetError("What is known of its images is damaged. Import it again.") from error
    for array in arrays.values():
        array.setflags(write=False)
    return LoadedDataset(arrays["images"], arrays["labels"], arrays["test"], manifest)
