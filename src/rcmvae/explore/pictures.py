"""Images of a model's dataset by row, as a page draws them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.kept import Recent

if TYPE_CHECKING:
    from rcmvae.data.loaded import LoadedDataset
    from workbench.workbench import Workbench

MOST_AT_ONCE = 500
"""Images of one request at most."""


class _Datasets(Recent):
    """Datasets, by their id and the hash of their content."""

    def __init__(self) -> None:
        super().__init__(2)


def dataset_of(workbench: Workbench, model_id: str) -> LoadedDataset:
    """A model's dataset, kept in memory. Raises CommandError, DatasetError."""
    state = workbench.state()
    dataset_id = state.dataset_of(find_model(state, model_id)) or ""
    manifest = state.datasets[dataset_id].manifest
    key = (dataset_id, manifest.content_sha256 if manifest else "")
    return workbench.kept.of(_Datasets).get(key, lambda: workbench.datasets.load(dataset_id))


def images_of(workbench: Workbench, model_id: str) -> np.ndarray:
    """All images (N, H, W, C) of a model's dataset, as its source stores them. Raises CommandError, DatasetError."""
    return dataset_of(workbench, model_id).images


def pictures(workbench: Workbench, model_id: str, rows: Sequence[int]) -> np.ndarray:
    """Those images as uint8 (n, H, W, C). Raises CommandError for a row that is none or too many of them."""
    images = images_of(workbench, model_id)
    if len(rows) > MOST_AT_ONCE:
        raise CommandError(f"At most {MOST_AT_ONCE} images are given at once (got {len(rows)}).", "rows")
    outside = next((row for row in rows if not 0 <= row < len(images)), None)
    if outside is not None:
        raise CommandError(f"There is no image {outside}; rows go from 0 to {len(images) - 1}.", "rows", code="not_found")
    chosen = images[np.asarray(rows, np.int64)]
    return chosen if chosen.dtype == np.uint8 else np.clip(np.rint(chosen * 255.0), 0, 255).astype(np.uint8)
