"""The density of a saved model on a part of its sample, as the command line asks for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rcmvae.api import RCMVAE
from rcmvae.data.binarisation import binarised
from rcmvae.data.loaded import LoadedDataset
from rcmvae.diagnostics.metrics.density import DensityResult


def density(
    checkpoint: Path,
    dataset: LoadedDataset,
    rows: np.ndarray,
    *,
    split: str,
    samples: int,
    binarise: bool,
    seed: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> DensityResult:
    """NLL of the images at `rows` (int (n,), n at least 1, the part of the sample called `split`) under the model of `checkpoint`.

    `binarise`: statically, by the fixed draw of `rcmvae.data.binarisation`. `on_progress` is told how many images are done.
    Raises CheckpointError for a file that cannot be read, ValueError for images that do not fit it.
    """
    model = RCMVAE.load(checkpoint)
    images = np.asarray(dataset.images)[rows]
    if binarise:
        images = binarised(images, rows)
    log_p = model.log_likelihood(images, samples, seed, on_progress=on_progress)
    return DensityResult.of(log_p, samples=samples, seed=seed, binarisation="static" if binarise else "none", split=split)
