"""How columns depend on each other: what gives an answer away, and what is no property of an item.

Columns come as codes (int64 of shape (n,), equal numbers for equal values) or as numbers (float64, NaN where
missing).
"""

from __future__ import annotations

import numpy as np

ALMOST = 0.99
"""Share of rows, or correlation, above which one column stands for another."""


def correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Pearson's correlation over the rows where both are finite; None where either is constant there."""
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    # Scaled first: a column of huge numbers has no variance in float64 otherwise.
    x, y = (v / np.abs(v).max() for v in (x, y))
    x, y = x - x.mean(), y - y.mean()
    scale = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / scale) if scale > 0 else None


def determination(given: np.ndarray, other: np.ndarray) -> float:
    """The share of rows in which `other` is the most frequent value beside that of `given`: 1 if `given` says it."""
    if not len(given):
        return 0.0
    _, a = np.unique(given, return_inverse=True)
    values, b = np.unique(other, return_inverse=True)
    pairs, counts = np.unique(a * len(values) + b, return_counts=True)
    most = np.zeros(int(a.max()) + 1, np.int64)
    np.maximum.at(most, pairs // len(values), counts)
    return float(most.sum() / len(given))


def gives_away(
    *,
    codes: np.ndarray | None = None,
    numbers: np.ndarray | None = None,
    items: np.ndarray | None = None,
    target: np.ndarray | None = None,
) -> str | None:
    """Why a column says too much, in words that go on after its name; None if it does not.

    Args:
        codes, numbers: the column, in the forms that it has.
        items: codes of the item ids, for a column of the buyer tower; a property of the item may well stand for it.
        target: numbers that the model learns, if it learns any.
    """
    if target is not None and numbers is not None:
        found = correlation(numbers, target)
        if found is not None and abs(found) > ALMOST:
            return f"follows the target (correlation {found:.3f})"
    if target is not None and codes is not None:
        known = np.isfinite(target)
        if _stand_for_each_other(codes[known], target[known]):
            return "stands for the target's values, one for one"
    if items is not None and codes is not None and _stand_for_each_other(codes, items):
        return "stands for the product, one for one"
    return None


def _stand_for_each_other(a: np.ndarray, b: np.ndarray) -> bool:
    distinct = len(np.unique(b))
    # Values that seldom repeat stand beside each other one for one by themselves.
    if distinct < 2 or distinct > len(b) / 2:
        return False
    return determination(a, b) > ALMOST and determination(b, a) > ALMOST


def varying_items(items: np.ndarray, codes: np.ndarray) -> int:
    """How many items have more than one value of a column."""
    if not len(items):
        return 0
    _, a = np.unique(items, return_inverse=True)
    values, b = np.unique(codes, return_inverse=True)
    pairs = np.unique(a * len(values) + b) // len(values)
    return int((np.bincount(pairs) > 1).sum())


def cold_share(
    train_users: np.ndarray, train_items: np.ndarray, test_users: np.ndarray, test_items: np.ndarray
) -> float | None:
    """The share of test rows whose user or item is in no train row; None without test rows."""
    if not len(test_users):
        return None
    known = np.isin(test_users, train_users) & np.isin(test_items, train_items)
    return float(1 - known.mean())
