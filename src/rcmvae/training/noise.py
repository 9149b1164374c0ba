"""The fixed noise of evaluation: standard normal numbers that depend on an image's dataset row alone."""

from __future__ import annotations

import numpy as np

EVALUATION_SEED = 20

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


def row_noise(rows: np.ndarray, shape: tuple[int, ...], seed: int = EVALUATION_SEED) -> np.ndarray:
    """Standard normal float32 (N, *shape) for dataset `rows` (N,): the same row gets the same numbers in every call.

    Counters are hashed by SplitMix64 (Steele et al. 2014) and turned to normals by Box and Muller's transform.
    """
    size = int(np.prod(shape))
    with np.errstate(over="ignore"):
        start = _mixed(np.asarray(rows, np.uint64) * _STEP + np.uint64(seed))
        counters = start[:, None] + np.arange(1, 2 * size + 1, dtype=np.uint64)[None] * _STEP
        uniform = (_mixed(counters) >> np.uint64(11)).astype(np.float64) * _TO_UNIT
    radius = np.sqrt(-2.0 * np.log1p(-uniform[:, :size]))
    return (radius * np.cos(2.0 * np.pi * uniform[:, size:])).astype(np.float32).reshape(len(rows), *shape)


def _mixed(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return x ^ (x >> np.uint64(31))
