"""Sets made from grey images by fixed public procedures: seeded, so that everybody makes the same ones.

Each takes uint8 images (N, H, W, 1) and gives uint8 images (N, H', W', C) in the same order; none looks at a class. The last two make labels
wrong and classes uneven.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

PATCHES, PATCH = 4, 8
"""Pieces of other images on a cluttered one, and their height and width in pixels."""
LEAST_CONTRAST = 0.5
"""Euclidean distance of foreground and background in RGB, each in [0, 1], below which both are drawn anew."""


def rotated(images: np.ndarray, seed: int, *, degrees: float = 45.0) -> np.ndarray:
    """Each image turned about its middle by an angle uniform in +-`degrees`, bilinear, black beyond its edge.

    After mnist-rot (Larochelle et al. 2007), which takes all angles; here few enough that 6 and 9 stay apart.
    """
    angles = np.deg2rad(np.random.default_rng([seed, 1]).uniform(-degrees, degrees, len(images)))
    height, width = images.shape[1:3]
    y, x = np.meshgrid(np.arange(height) - (height - 1) / 2, np.arange(width) - (width - 1) / 2, indexing="ij")
    out = np.empty_like(images)
    for n, angle in enumerate(angles):
        rows = np.cos(angle) * y - np.sin(angle) * x + (height - 1) / 2
        columns = np.sin(angle) * y + np.cos(angle) * x + (width - 1) / 2
        out[n, :, :, 0] = np.rint(_bilinear(images[n, :, :, 0].astype(float), rows, columns))
    return out


def inverted(images: np.ndarray) -> np.ndarray:
    """Dark on light: 255 minus each value."""
    return 255 - images


def cluttered(images: np.ndarray, seed: int) -> np.ndarray:
    """Each image with four pieces of 8x8 pixels of other images at random places; the brighter value of each pixel stays.

    After cluttered MNIST (Mnih et al. 2014, Recurrent models of visual attention), without its larger canvas: the digit stays where it is.
    """
    rng = np.random.default_rng([seed, 2])
    n, height, width = images.shape[:3]
    others = (np.arange(n)[:, None] + rng.integers(1, max(n, 2), (n, PATCHES))) % n
    tops = rng.integers(0, height - PATCH + 1, (2, n, PATCHES))
    lefts = rng.integers(0, width - PATCH + 1, (2, n, PATCHES))
    out = images.copy()
    for image, patch in np.ndindex(n, PATCHES):
        top, left = tops[0, image, patch], lefts[0, image, patch]
        piece = images[others[image, patch], top : top + PATCH, left : left + PATCH]
        top, left = tops[1, image, patch], lefts[1, image, patch]
        place = out[image, top : top + PATCH, left : left + PATCH]
        np.maximum(place, piece, out=place)
    return out


def coloured(images: np.ndarray, seed: int) -> np.ndarray:
    """Each image between a background and a foreground colour of its own, uniform in RGB and apart by `LEAST_CONTRAST`: (N, H, W, 3).

    Colour says nothing of the class, as in the test part of coloured MNIST (Arjovsky et al. 2019, Invariant risk minimization).
    """
    rng = np.random.default_rng([seed, 3])
    colours = rng.random((len(images), 2, 3))
    while (close := np.linalg.norm(colours[:, 0] - colours[:, 1], axis=1) < LEAST_CONTRAST).any():
        colours[close] = rng.random((int(close.sum()), 2, 3))
    share = images.astype(np.float32) / 255
    back, front = (colours[:, which, None, None, :].astype(np.float32) for which in (0, 1))
    return np.rint(255 * (back + share * (front - back))).astype(np.uint8)


def resized(images: np.ndarray, size: int) -> np.ndarray:
    """Each image at `size` x `size` pixels by area: a new pixel is the mean of what it covers of the old ones. Any number of channels."""
    rows, columns = (_cover(extent, size) for extent in images.shape[1:3])
    return np.rint(np.einsum("ij,njkc,lk->nilc", rows, images.astype(np.float64), columns, optimize=True)).astype(np.uint8)


def with_wrong_labels(labels: Mapping[int, int], classes: int, seed: int, *, share: float) -> dict[int, int]:
    """Labels by row of which a `share` (rounded), chosen at random, names another class, each of the others equally likely.

    Symmetric label noise (Angluin and Laird 1988).
    """
    rng = np.random.default_rng([seed, 4])
    rows = sorted(labels)
    chosen = rng.permutation(len(rows))[: round(share * len(rows))]
    found = dict(labels)
    for position in chosen:
        found[rows[position]] = int((labels[rows[position]] + rng.integers(1, classes)) % classes)
    return found


def uneven_rows(labels: np.ndarray, total: int, seed: int, *, ratio: float) -> np.ndarray:
    """Positions, ascending, of `total` images, the first class `ratio` times as many as the last, geometric in between.

    Long-tailed sets after Cui et al. 2019 (Class-balanced loss). Raises ValueError where a class has too few images.
    """
    classes = int(labels.max()) + 1
    shares = ratio ** (-np.arange(classes) / max(classes - 1, 1))
    counts = np.rint(total * shares / shares.sum()).astype(int)
    counts[0] += total - counts.sum()
    rng = np.random.default_rng([seed, 5])
    chosen = []
    for label, count in enumerate(counts):
        members = np.flatnonzero(labels == label)
        if len(members) < count:
            raise ValueError(f"class {label} has {len(members)} images, {count} are needed")
        chosen.append(rng.permutation(members)[:count])
    return np.sort(np.concatenate(chosen))


def _bilinear(image: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Values of `image` (H, W) at fractional places; 0 beyond its edge."""
    padded = np.pad(image, 1)
    top, left = np.floor(rows).astype(int), np.floor(columns).astype(int)
    down, right = rows - top, columns - left

    def at(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        return padded[np.clip(row + 1, 0, padded.shape[0] - 1), np.clip(column + 1, 0, padded.shape[1] - 1)]

    above = (1 - right) * at(top, left) + right * at(top, left + 1)
    below = (1 - right) * at(top + 1, left) + right * at(top + 1, left + 1)
    return (1 - down) * above + down * below


def _cover(old: int, new: int) -> np.ndarray:
    """float (new, old): the share of each new pixel that each old one takes along one axis; rows sum to 1."""
    edges = np.linspace(0, old, new + 1)
    starts = np.arange(old)
    overlap = np.minimum(edges[1:, None], starts + 1) - np.maximum(edges[:-1, None], starts)
    return np.clip(overlap, 0, None) * new / old
