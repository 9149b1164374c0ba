"""Where the images of the Explore page stand in the plane, in the order of its points."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.active.asking import kept_of
from rcmvae.active.stored import Kept, read
from rcmvae.diagnostics.bundle import TEST, load_arrays
from rcmvae.explore.pictures import images_of
from rcmvae.figures.cloud import Cell, in_cells, plane

if TYPE_CHECKING:
    from workbench.workbench import Workbench

MOST_PIXELS = 2_000
"""Images that the principal components of pixels are computed from at most; the others are placed by them."""


@dataclass(frozen=True)
class Places:
    """N images in the plane.

    Attributes:
        x, y: float32 (N,), NaN for an image without a place. x_title, y_title: what the axes are. scaled: whether both have one unit.
        method: what placed them: `latent`, `pca`, `components` (each in a cell of its own), `umap` or `pixels`. words: what to know of it.
        dimensions: D of the latent space, 0 for pixels. cells: one a component, if each has latents of its own.
        facts: more about a projection, as JSON values.
    """

    x: np.ndarray
    y: np.ndarray
    x_title: str
    y_title: str
    scaled: bool
    method: str
    words: str = ""
    dimensions: int = 0
    cells: tuple[Cell, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def meta(self) -> dict[str, Any]:
        """All but the coordinates, as JSON values."""
        names = ("x_title", "y_title", "scaled", "method", "words", "dimensions", "facts")
        return {name: getattr(self, name) for name in names} | {"cells": [asdict(cell) for cell in self.cells]}


def places_of(workbench: Workbench, model_id: str) -> Places:
    """The points of a model where its present weights place them, at once: no projection that has to be fitted.

    Raises CommandError for a model without weights or diagnostics, BundleError for damaged ones.
    """
    _, _, bundle = kept_of(workbench, model_id)
    kept = read(bundle)
    inside = np.flatnonzero(kept.split != TEST)
    if kept.facts.latent_layout == "decentralized" and kept.responsibilities.shape[1]:
        return _apart(bundle, kept, inside)
    mu = kept.mu[inside]
    x, y, titles = plane(mu, np.random.default_rng(0))
    dimensions = mu.shape[1]
    if dimensions == 1:
        return Places(x, y, *titles, False, "latent", "One latent dimension; up and down means nothing.", 1)
    return Places(x, y, *titles, True, "pca" if dimensions > 2 else "latent", dimensions=dimensions)


def _apart(bundle: Path, kept: Kept, inside: np.ndarray) -> Places:
    """Each image that was looked at in detail in the cell of its selected component."""
    selected = kept.responsibilities.argmax(axis=1)
    _, more = load_arrays(bundle, ("detail", "component_mu"))
    detail, means = more["detail"], more["component_mu"]
    own = selected[detail]
    found = in_cells(own, means[np.arange(len(detail)), own], kept.responsibilities.shape[1], np.random.default_rng(0))
    everywhere = np.full((2, len(selected)), np.nan, np.float32)
    everywhere[:, detail] = found.x, found.y
    x, y = everywhere[:, inside]
    shown = int(np.isfinite(x).sum())
    words = "Every component has a space of its own: an image stands in the cell of its component."
    if shown < len(inside):
        words += f" {shown:,} of {len(inside):,} images have a place."
    return Places(x, y, *found.titles, True, "components", words, int(means.shape[2]), found.cells)


def pixel_places(workbench: Workbench, model_id: str) -> tuple[np.ndarray, Places]:
    """Rows (int32) of a model's training and validation images, and where principal components of their pixels place them.

    It needs no trained model. Raises CommandError, DatasetError.
    """
    read = workbench.models.read(workbench.models.get(model_id))
    rows = np.sort(np.concatenate([read.train, read.validation]))
    images = images_of(workbench, model_id)
    chosen = np.random.default_rng(0).permutation(rows)[:MOST_PIXELS]
    basis = images[np.sort(chosen)].reshape(len(chosen), -1).astype(np.float64)
    middle = basis.mean(axis=0)
    _, lengths, axes = np.linalg.svd(basis - middle, full_matrices=False)
    two = np.zeros((2, basis.shape[1]))
    two[: len(axes[:2])] = axes[:2]
    largest = np.abs(two).argmax(axis=1)
    two *= np.where(two[np.arange(2), largest] < 0, -1, 1)[:, None]
    x, y = np.concatenate(
        [(images[part].reshape(len(part), -1) - middle) @ two.T for part in np.array_split(rows, len(rows) // 5_000 + 1)]
    ).T
    share = np.append(lengths**2, [0, 0])[:2] / max(float((lengths**2).sum()), 1e-12)
    titles = [f"component {i + 1} of the pixels ({part:.0%} of the variance)" for i, part in enumerate(share)]
    words = "Until a run of this model has ended, its images stand by their pixels alone: near means alike in shade, not in kind."
    return rows.astype(np.int32), Places(x.astype(np.float32), y.astype(np.float32), titles[0], titles[1], True, "pixels", words)
