"""How new an image is to a model: what it does not recognise, blended on request with what it cannot reconstruct.

One implementation for the Python API and for what is read from kept diagnostics. Only numpy is needed.
"""

from __future__ import annotations

import numpy as np

REFERENCE_IMAGES = 1000
"""Training images whose reconstruction losses are compared with where there is no validation image."""


def check_blend(blend: float) -> None:
    """Raise ValueError unless `blend` is a share."""
    if not 0.0 <= blend <= 1.0:
        raise ValueError(f"blend must be within 0 and 1 (got {blend})")


def reference_positions(validation: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Which images the reconstruction is compared with: all of `validation`, or without any a fixed part of `training`.

    Args:
        validation, training: positions, int (n,). The part of `training` is spread evenly over their order.
    """
    if len(validation):
        return validation
    return training[np.linspace(0, len(training) - 1, min(REFERENCE_IMAGES, len(training))).astype(np.int64)]


def percentile(losses: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The share of `reference` losses (R,), in any order, that each of `losses` (N,) reaches or exceeds: float64 (N,) in [0, 1]."""
    return np.searchsorted(np.sort(reference), losses, side="right") / max(1, len(reference))


def blended(certainty: np.ndarray, shares: np.ndarray, blend: float) -> np.ndarray:
    """The OOD score (1 - blend) (1 - certainty) + blend * percentile, float32 (N,); higher is newer.

    Args:
        certainty: (N,) in [0, 1]. shares: the reconstruction's percentiles (N,). blend: in [0, 1].
    """
    return ((1 - blend) * (1 - certainty) + blend * shares).astype(np.float32)
