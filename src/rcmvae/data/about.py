"""What a manifest says of a dataset of images, and the manifest of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from workbench.state import DatasetFile, DatasetManifest

if TYPE_CHECKING:
    import numpy as np

UNKNOWN = -1
"""The true label of an image whose class nobody knows."""


class ImageAbout(BaseModel):
    """What a dataset of images is, as its manifest keeps it.

    Attributes:
        n: images. shape: (H, W, C) of one. dtype: of the pixels. class_names: what labels count.
        n_test: images kept for testing. n_known: images outside the test set whose class is known. Both None in manifests
            of built-in datasets that an earlier version wrote.
        variance: of a pixel over images, mean over pixels, values in [0, 1]; None in manifests of earlier versions.
        original: name of the file or folder that an imported dataset was read from.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: int
    shape: tuple[int, ...]
    dtype: str
    class_names: tuple[str, ...]
    n_test: int | None = None
    n_known: int | None = None
    variance: float | None = None
    original: str | None = None


def about_of(manifest: DatasetManifest | Mapping[str, Any]) -> ImageAbout:
    """What a manifest, or its `about`, says of its images."""
    return ImageAbout.model_validate(manifest.about if isinstance(manifest, DatasetManifest) else manifest)


def manifest_of(
    images: np.ndarray,
    true_labels: np.ndarray,
    test: np.ndarray,
    class_names: tuple[str, ...],
    *,
    source: str,
    loader_version: int,
    files: tuple[DatasetFile, ...] = (),
) -> DatasetManifest:
    """The manifest of images in memory.

    Args:
        images: (N, H, W, C). true_labels: int (N,), -1 unknown. test: int rows of the test set.
    """
    # The family's declaration comes with this module, and no page needs arrays for it.
    import numpy as np

    from rcmvae.data.hashing import content_sha256
    from rcmvae.data.spread import variance_of

    known = int((np.delete(true_labels, test) != UNKNOWN).sum())
    about = ImageAbout(
        n=len(images), shape=images.shape[1:], dtype=images.dtype.name, class_names=class_names, n_test=len(test), n_known=known,
        variance=variance_of(images),
    )  # fmt: skip
    return DatasetManifest(
        source=source,
        loader_version=loader_version,
        files=files,
        content_sha256=content_sha256(images, true_labels, test, class_names),
        about=about.model_dump(mode="json", exclude_none=True),
    )
