"""Whether a model recommends what is popular anyway: train rows and recommendations by tenth of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

GROUPS = 10


@dataclass(frozen=True)
class Deciles:
    """Products by falling train count, cut into ten groups of equal size (fewer if there are fewer products).

    Attributes:
        products: how many are in each group. train: each group's share of the train rows.
        recommended: its share of the places in the lists. All have G values and both shares sum to 1.
    """

    products: tuple[int, ...]
    train: tuple[float, ...]
    recommended: tuple[float, ...]


def popularity_deciles(counts: np.ndarray, positions: np.ndarray) -> Deciles | None:
    """Shares by popularity; None without train rows or recommendations.

    Args:
        counts: train rows of each candidate, int64 (C,); of equal ones the earlier candidate comes first.
        positions: candidates in users' lists, int64 (U, K), -1 for an empty place.
    """
    shown = positions[positions >= 0]
    if not counts.sum() or not shown.size:
        return None
    order = np.argsort(-counts, kind="stable")
    given = np.bincount(shown, minlength=len(counts))
    groups = np.array_split(order, min(GROUPS, len(counts)))
    return Deciles(
        products=tuple(len(group) for group in groups),
        train=tuple(float(counts[group].sum() / counts.sum()) for group in groups),
        recommended=tuple(float(given[group].sum() / shown.size) for group in groups),
    )
