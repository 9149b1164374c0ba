"""Static binarisation: grey images turned black and white once and for all."""

from __future__ import annotations

import numpy as np

SEED = 20080630


def binarised(images: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
    """Images of the same shape, uint8 0 or 255: each pixel is white with its intensity as the probability, drawn once.

    This is the stochastic kind (Salakhutdinov and Murray 2008), not a threshold. An image's draw follows from a fixed seed and its
    dataset row, so that training and evaluation see the same pictures.

    Args:
        images: (N, H, W, C), uint8 or float in [0, 1]. rows: int (N,) dataset rows; 0, 1, 2, ... if not given.
    """
    places = np.arange(len(images)) if rows is None else np.asarray(rows)
    white = np.zeros(images.shape, np.uint8)
    scale = 255.0 if images.dtype == np.uint8 else 1.0
    for image, row, out in zip(images, places, white, strict=True):
        out[:] = np.where(np.random.default_rng((SEED, int(row))).random(image.shape) < image / scale, 255, 0)
    return white
