"""UMAP of the latent means, where there are more than two dimensions: computed once for a model's weights, and kept.

UMAP (McInnes, Healy and Melville 2018) keeps neighbours together; distances between groups mean little. Trustworthiness
(Venna and Kaski 2001) says how far points that it puts close together are neighbours in the latent space, too: 1 is best.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.active.asking import kept_of
from rcmvae.active.stored import read
from rcmvae.diagnostics.bundle import TEST
from rcmvae.explore.places import Places
from workbench.artefacts import pack_arrays, unpack_arrays, write_atomic
from workbench.commands.base import CommandError
from workbench.datasets import ImportProgress

if TYPE_CHECKING:
    from workbench.workbench import Workbench

NEIGHBOURS = 15
MIN_DISTANCE = 0.1
SEED = 0
JUDGED = 2_000
"""Images at most that trustworthiness is computed on, and their neighbours among them."""
JUDGED_NEIGHBOURS = 10
FEWEST = 10
KEPT = 40
"""Projections that stay on disk, the newest ones."""


@dataclass(frozen=True)
class Projection:
    """N images in the plane: `x`, `y` float32 (N,); trustworthiness in [0, 1] on `judged` of them, with `neighbours` a neighbourhood."""

    x: np.ndarray
    y: np.ndarray
    trustworthiness: float
    judged: int
    neighbours: int


def project(mu: np.ndarray, progress: ImportProgress = lambda done, total: None) -> Projection:
    """UMAP of latent means (N, D); the same means give the same places again.

    Args:
        progress: told (epochs laid out, all epochs); (0, 0) while neighbours are sought.
    """
    # imported here: both are heavy, and numba compiles as UMAP is imported
    from sklearn.manifold import trustworthiness
    from umap import UMAP

    progress(0, 0)
    neighbours = min(NEIGHBOURS, len(mu) - 1)
    mapper = UMAP(
        n_neighbors=neighbours, min_dist=MIN_DISTANCE, random_state=SEED, n_jobs=1, verbose=True,
        tqdm_kwds={"file": _Told(progress), "bar_format": "{n_fmt}/{total_fmt} ", "mininterval": 0.5},
    )  # fmt: skip
    plane: Any = mapper.fit_transform(np.ascontiguousarray(mu, np.float32))
    some = np.random.default_rng(SEED).permutation(len(mu))[:JUDGED]
    around = min(JUDGED_NEIGHBOURS, (len(some) - 1) // 2)
    trust = float(trustworthiness(mu[some], plane[some], n_neighbors=around))
    return Projection(plane[:, 0].astype(np.float32), plane[:, 1].astype(np.float32), trust, len(some), neighbours)


class _Told:
    """A file for UMAP's progress bar, which tells of it instead of keeping it."""

    def __init__(self, progress: ImportProgress) -> None:
        self._progress = progress

    def write(self, text: str) -> None:
        found = re.search(r"(\d+)/(\d+)", text)
        if found:
            self._progress(int(found[1]), int(found[2]))

    def flush(self) -> None:
        """Nothing is held back."""


def file_of(workbench: Workbench, model_id: str) -> Path:
    """Where the projection of a model's present weights lies, once it is computed. Raises CommandError for a model without weights."""
    model = kept_of(workbench, model_id)[0]
    assert model.weights is not None
    name = f"{model.weights.sha256[:40]}-{NEIGHBOURS}-{MIN_DISTANCE:g}-{SEED}.umap"
    return workbench.settings.cache / "projections" / name


def compute(workbench: Workbench, model_id: str, progress: ImportProgress = lambda done, total: None) -> None:
    """Compute the projection of a model's present weights and keep it. Raises CommandError for what cannot be projected."""
    path = file_of(workbench, model_id)
    mu = _means(workbench, model_id)
    found = project(mu, progress)
    path.parent.mkdir(parents=True, exist_ok=True)
    said = np.array([found.trustworthiness, found.judged, found.neighbours], np.float64)
    write_atomic(path, pack_arrays({"x": found.x, "y": found.y, "said": said}))
    older = sorted(path.parent.glob("*.umap"), key=lambda file: -file.stat().st_mtime)[KEPT:]
    for file in older:
        file.unlink(missing_ok=True)


def projected(workbench: Workbench, model_id: str) -> Places:
    """The points of a model where UMAP places them. Raises CommandError if that is not computed yet, ArtefactError for a damaged file."""
    path = file_of(workbench, model_id)
    if not path.is_file():
        raise CommandError(
            "UMAP has not been computed for the present weights.", "method", "Start it on the Explore page.", code="conflict"
        )
    arrays = unpack_arrays(path.read_bytes(), str(path))
    trust, judged, neighbours = (float(value) for value in arrays["said"])
    facts = {"trustworthiness": trust, "judged": int(judged), "neighbours": int(neighbours), "min_distance": MIN_DISTANCE, "seed": SEED}
    words = (
        f"UMAP ({int(neighbours)} neighbours, least distance {MIN_DISTANCE:g}, seed {SEED}): distances between groups mean little. "
        f"Trustworthiness {trust:.2f} on {int(judged):,} images."
    )
    dimensions = read(kept_of(workbench, model_id)[2]).mu.shape[1]
    return Places(arrays["x"], arrays["y"], "UMAP 1", "UMAP 2", True, "umap", words, dimensions, facts=facts)


def check_projectable(workbench: Workbench, model_id: str) -> None:
    """Raise CommandError for a model whose latent space UMAP has no place for."""
    _means(workbench, model_id)


def _means(workbench: Workbench, model_id: str) -> np.ndarray:
    """Latent means (N, D) of the points of a model."""
    kept = read(kept_of(workbench, model_id)[2])
    mu = kept.mu[kept.split != TEST]
    if kept.facts.latent_layout == "decentralized" and kept.responsibilities.shape[1]:
        raise CommandError("Every component of this model has a latent space of its own, so there is no one space to project.", "model")
    if mu.shape[1] < 3:
        raise CommandError("This latent space needs no projection: it has at most two dimensions.", "model")
    if len(mu) < FEWEST:
        raise CommandError(f"UMAP needs at least {FEWEST} images (the model has {len(mu)}).", "model")
    return mu
