"""Shares of strata: how many of each class to take, and which.

Counts are int arrays, one entry per stratum. Everything is deterministic given the random generator.
"""

from __future__ import annotations

import numpy as np


def proportional(counts: np.ndarray, total: int, *, least: np.ndarray | None = None, most: np.ndarray | None = None) -> np.ndarray:
    """Quotas in proportion to `counts` that sum to `total`, by largest remainder within bounds.

    Args:
        counts: (S,) sizes of the strata. total: how many to take altogether.
        least, most: (S,) bounds of the quotas; 0 and `counts` if not given.

    Returns:
        (S,) quotas. They sum to `total` if the bounds allow it, else to the nearest sum that they allow.
    """
    low = np.zeros_like(counts) if least is None else np.minimum(least, counts)
    high = counts if most is None else np.clip(most, low, counts)
    ideal = counts * (total / max(1, counts.sum()))
    quotas = np.clip(np.floor(ideal).astype(counts.dtype), low, high)
    while (missing := total - int(quotas.sum())) != 0:
        open_strata = quotas < high if missing > 0 else quotas > low
        if not open_strata.any():
            break
        behind = np.where(open_strata, (ideal - quotas) * np.sign(missing), -np.inf)
        # one each to the strata furthest from their ideal; ties go by index
        chosen = np.argsort(-behind, kind="stable")[: min(abs(missing), int(open_strata.sum()))]
        quotas[chosen] += np.sign(missing)
    return quotas


def balanced(counts: np.ndarray, total: int, order: np.ndarray) -> np.ndarray:
    """Quotas as equal as `counts` allow that sum to `total` (or to all there are).

    What does not divide evenly goes to strata in `order`, so a larger total never lowers a quota.

    Args:
        counts: (S,) sizes of the strata. total: how many to take altogether. order: permutation of the strata.
    """
    total = min(total, int(counts.sum()))
    level = 0
    while int(np.minimum(counts, level + 1).sum()) <= total and level < counts.max(initial=0):
        level += 1
    quotas = np.minimum(counts, level)
    extra = [stratum for stratum in order if counts[stratum] > level][: total - int(quotas.sum())]
    quotas[extra] += 1
    return quotas


def pick(labels: np.ndarray, strata: np.ndarray, quotas: np.ndarray, seed: tuple[int, ...]) -> np.ndarray:
    """Positions in `labels` of `quotas` random members of each stratum, sorted.

    Each stratum has a random order of its own, drawn from `seed` and its label, so that a smaller quota takes a part of
    what a larger one takes.

    Args:
        labels: (N,) stratum label of every item. strata: (S,) the labels. quotas: (S,) how many of each.
    """
    chosen = []
    for label, quota in zip(strata, quotas, strict=True):
        members = np.flatnonzero(labels == label)
        generator = np.random.default_rng([*seed, int(label) + 1])
        chosen.append(generator.permutation(members)[:quota])
    return np.sort(np.concatenate(chosen)) if chosen else np.empty(0, np.int64)
