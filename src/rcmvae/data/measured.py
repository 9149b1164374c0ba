"""What is measured of a dataset's images to find what is wrong with them: once for its content, and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rcmvae.data.own.repeats import groups_of

if TYPE_CHECKING:
    from workbench.artefacts import ArtefactRoot
    from workbench.workbench import Workbench

NEAR = 0.02
"""Root mean square difference of the pixels, of full brightness, up to which two images count as nearly identical."""
MOST_PAIRS = 2_000_000_000
"""Pairs of a test image and another one past which nearly identical ones are not looked for."""

_GRID = 16
_BLOCK = 256
_LOOKED_AT = 20
"""How many of the nearest small images of a test image are compared in full."""
_VERSION = 1

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Measured:
    """N images, measured.

    Attributes:
        group: int64 (N,), equal for identical images. mean: brightness of each, float32 (N,), in [0, 1]; NaN for a broken one.
        constant, broken: bool (N,): every pixel has the same value; a value is not finite.
        near: int64 (N,), for a test image the row of one outside the test set that is nearly identical, else -1.
        near_known: whether nearly identical ones were looked for.
    """

    group: np.ndarray
    mean: np.ndarray
    constant: np.ndarray
    broken: np.ndarray
    near: np.ndarray
    near_known: bool


def measure(images: np.ndarray, test: np.ndarray, progress: Progress = lambda done, total: None) -> Measured:
    """Measure images.

    Args:
        images: (N, H, W, C), uint8 or float in [0, 1]. test: int rows of the test set. progress: told steps done and of how many.
    """
    n, steps = len(images), max(1, -(-len(test) // _BLOCK)) + 1
    progress(0, steps)
    flat = images.reshape(n, -1)
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    broken = (
        np.concatenate([~np.isfinite(part).all(axis=1) for part in _parts(flat)]) if images.dtype.kind == "f" else np.zeros(n, np.bool_)
    )
    mean = np.concatenate([part.mean(axis=1, dtype=np.float64) / scale for part in _parts(flat)]).astype(np.float32)
    constant = np.concatenate([part.max(axis=1) == part.min(axis=1) for part in _parts(flat)]) & ~broken
    mean[broken] = np.nan
    near, sought = np.full(n, -1, np.int64), len(test) * (n - len(test)) <= MOST_PAIRS
    progress(1, steps)
    if sought and len(test) < n:
        _find_near(images, test, ~broken, near, lambda done: progress(1 + done, steps))
    progress(steps, steps)
    return Measured(groups_of(images), mean, constant, broken, near, sought)


def _parts(flat: np.ndarray) -> list[np.ndarray]:
    return [flat[start : start + 4096] for start in range(0, len(flat), 4096)] or [flat]


def _find_near(images: np.ndarray, test: np.ndarray, whole: np.ndarray, near: np.ndarray, progress: Callable[[int], None]) -> None:
    """Write into `near` (N,) the nearest row outside the test set of every row in `test` that has one within `NEAR`.

    Images averaged over blocks of pixels are never further apart than the images themselves, so they sort out all that are too far.
    """
    tested = np.zeros(len(images), np.bool_)
    tested[test] = True
    rest, asked = np.flatnonzero(~tested & whole), np.asarray(test)[whole[test]]
    if not len(rest):
        return
    small = np.concatenate([_averaged(part) for part in _parts(images)])
    squares = (small**2).sum(axis=1)
    for number, start in enumerate(range(0, len(asked), _BLOCK)):
        rows = asked[start : start + _BLOCK]
        apart = squares[rows, None] + squares[rest] - 2 * small[rows] @ small[rest].T
        for at in np.flatnonzero(apart.min(axis=1) <= NEAR**2 + 1e-5):
            likely = np.argpartition(apart[at], min(_LOOKED_AT, len(rest) - 1))[:_LOOKED_AT]
            full = _difference(images[rest[likely]], images[rows[at]])
            if full.min() <= NEAR:
                near[rows[at]] = rest[likely[int(full.argmin())]]
        progress(number + 1)


def _averaged(images: np.ndarray) -> np.ndarray:
    """Images (n, H, W, C) averaged over at most 16x16 blocks and flattened, so scaled that squared distances are mean squares: float32 (n, d)."""
    height, width = images.shape[1:3]
    rows, columns = (np.linspace(0, size, min(size, _GRID) + 1).astype(int)[:-1] for size in (height, width))
    values = images.astype(np.float32) / (255.0 if images.dtype == np.uint8 else 1.0)
    sums = np.add.reduceat(np.add.reduceat(values, rows, axis=1), columns, axis=2)
    pixels = np.diff([*rows, height])[:, None] * np.diff([*columns, width])
    # the mean of a block, times the root of its share of all values
    weighted = sums / np.sqrt(pixels * height * width * images.shape[3])[None, :, :, None]
    return weighted.reshape(len(images), -1).astype(np.float32)


def _difference(images: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Root mean square difference of each of the images (n, H, W, C) from another one: (n,)."""
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    apart = (images.astype(np.float32) - other.astype(np.float32)) / scale
    return np.sqrt((apart**2).reshape(len(images), -1).mean(axis=1))


def kept_name(content_sha256: str) -> str:
    """Where the measurements of a dataset's content are kept."""
    return f"datasets/measured/{content_sha256}-{_VERSION}.npz"


def kept(artefacts: ArtefactRoot, content_sha256: str) -> Measured | None:
    """What was measured of a dataset's content; None if nothing was yet, or what was kept is damaged."""
    from workbench.artefacts import ArtefactError

    try:
        arrays = artefacts.read_arrays(kept_name(content_sha256))
        return Measured(**{**arrays, "near_known": bool(arrays["near_known"])})
    except (ArtefactError, TypeError, KeyError):
        return None


def measure_dataset(workbench: Workbench, dataset_id: str, progress: Progress = lambda done, total: None) -> str:
    """Measure a dataset, unless its content was measured before; returns the hash of its content.

    Raises DatasetError, ArtefactError, CommandError.
    """
    loaded = workbench.datasets.load(dataset_id)
    content = loaded.manifest.content_sha256
    if kept(workbench.artefacts, content) is None:
        found = measure(loaded.images, loaded.test, progress)
        workbench.artefacts.write_arrays(kept_name(content), vars(found))
    return content
