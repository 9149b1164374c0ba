"""How much images differ from each other."""

from __future__ import annotations

import numpy as np

LOOKED_AT = 5_000
"""Images that are looked at, spread evenly over all: more would not change what follows from it."""


def variance_of(images: np.ndarray) -> float | None:
    """Variance of a pixel over `images` (N, H, W, C), mean over pixels and channels, values in [0, 1]; None without images.

    uint8 stands for [0, 255]. Rounded to four digits, since that is more than it tells.
    """
    if not len(images):
        return None
    chosen = images[np.linspace(0, len(images) - 1, min(len(images), LOOKED_AT)).astype(np.int64)]
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    return float(f"{chosen.reshape(len(chosen), -1).var(axis=0, dtype=np.float64).mean() / scale**2:.4g}")
