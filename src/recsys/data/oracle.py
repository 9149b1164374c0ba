"""The best that any recommender could do on simulated data: ranking, and rating, by the true chances.

Ranks follow the rule of the evaluation: 1, plus the other candidates that score higher, plus half of those
that score the same; a row whose product is no candidate is a miss, of rank infinity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from recsys.data.retail_truth import RetailTruth, TruthRows

BLOCK_BYTES = 64 * 2**20
"""Largest block of scores."""


@dataclass(frozen=True)
class SeenItems:
    """The different items that each of U users is known to have.

    Attributes:
        offsets: int64 (U + 1,). items: int64, user u's between offsets[u] and offsets[u + 1].
    """

    offsets: np.ndarray
    items: np.ndarray

    @classmethod
    def of(cls, users: int, items: int, user: np.ndarray, item: np.ndarray) -> SeenItems:
        """What the interactions (user, item), integers (R,) below `users` and `items`, have shown."""
        pairs = np.unique(user.astype(np.int64) * items + item)
        counts = np.bincount(pairs // items, minlength=users)
        return cls(np.concatenate([[0], np.cumsum(counts)]), pairs % items)


@dataclass(frozen=True)
class OracleRanks:
    """Ranks by the true chances, and the recall to expect of them.

    Attributes:
        all_items: float64 (R,), ranks among all candidates; infinite where the product is none.
        unseen: float64 (R,), the same with the customer's seen products removed, but for the row's own.
        top_mass: float64 (R, K), sums of the k + 1 largest chances: the chance of a hit at k + 1.
        candidates: how many there are.
    """

    all_items: np.ndarray
    unseen: np.ndarray
    top_mass: np.ndarray
    candidates: int

    def expected_recall(self, k: int) -> float | None:
        """The expected recall at `k` among all candidates; None if there are fewer.

        Raises:
            ValueError: if `k` is larger than the K that the ranks were made with.
        """
        chances = self._chances(k)
        return None if chances is None else float(chances.mean())

    def recall_standard_error(self, k: int) -> float | None:
        """The standard deviation of the recall at `k` around `expected_recall`; None as there."""
        chances = self._chances(k)
        return None if chances is None else float(np.sqrt((chances * (1 - chances)).sum()) / len(chances))

    def _chances(self, k: int) -> np.ndarray | None:
        if k > self.candidates:
            return None
        if not 1 <= k <= self.top_mass.shape[1]:
            raise ValueError(
                f"k is {k}. Choose from 1 to {self.top_mass.shape[1]}, or rank with a larger `most`."
            )
        return self.top_mass[:, k - 1]


@dataclass(frozen=True)
class RankMetrics:
    """Means over rows: recall by k (None with fewer candidates), nDCG at 10 and reciprocal rank."""

    recall: dict[int, float | None]
    ndcg_at_10: float
    mrr: float


def oracle_ranks(
    truth: RetailTruth,
    rows: TruthRows,
    *,
    seen: SeenItems | None = None,
    candidates: np.ndarray | None = None,
    most: int = 100,
    check: Callable[[], None] = lambda: None,
) -> OracleRanks:
    """Rank the product of every row by its true chance, given customer and month.

    Args:
        truth: the sidecar. rows: R rows in its numbers, at least one.
        seen: what customers are known to have bought; None for nothing.
        candidates: the different products that are ranked; None for all.
        most: largest k whose expected recall is wanted.
        check: called between blocks; raises to leave.
    """
    products = truth.choice.shape[2]
    listed = np.arange(products) if candidates is None else np.unique(candidates)
    column = np.full(products, -1)
    column[listed] = np.arange(len(listed))
    count = len(rows.product)
    all_items, unseen = np.empty(count), np.empty(count)
    top_mass = np.empty((count, min(most, len(listed))))
    for month, block in _blocks(rows.month, products):
        check()
        chances = truth.probabilities(rows.customer[block], month)[:, listed]
        target = column[rows.product[block]]
        removed = None if seen is None else _seen_columns(seen, rows.customer[block], column)
        all_items[block], unseen[block] = ranks_of_targets(chances, target, removed)
        top_mass[block] = _largest(chances, top_mass.shape[1]).cumsum(axis=1)
    return OracleRanks(all_items, unseen, top_mass, len(listed))


def ranks_of_targets(
    scores: np.ndarray, target: np.ndarray, removed: tuple[np.ndarray, np.ndarray] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The rank of each row's target among all columns, and with some columns removed.

    Args:
        scores: float (B, C). target: int64 (B,), a column, or -1 for a row whose target is no candidate.
        removed: rows and columns, int64, of the different scores to leave out; never a target's.

    Returns:
        float64 (B,) twice: 1 + higher + half of equal; infinity where the target is -1.
    """
    own = scores[np.arange(len(target)), target]
    higher = (scores > own[:, None]).sum(axis=1)
    equal = (scores == own[:, None]).sum(axis=1) - 1
    ranks = 1 + higher + 0.5 * equal
    without = ranks.copy()
    if removed is not None:
        row, column = removed
        score = scores[row, column]
        weight = (score > own[row]) + 0.5 * ((score == own[row]) & (column != target[row]))
        without -= np.bincount(row, weight, minlength=len(target))
    missing = target < 0
    ranks[missing] = without[missing] = np.inf
    return ranks, without


def rank_metrics(ranks: np.ndarray, candidates: int, ks: tuple[int, ...] = (5, 10, 50, 100)) -> RankMetrics:
    """What the ranks, float64 (R,), of the rows' own items among `candidates` amount to."""
    return RankMetrics(
        recall={k: float((ranks <= k).mean()) if k <= candidates else None for k in ks},
        ndcg_at_10=float(np.where(ranks <= 10, 1 / np.log2(1 + ranks), 0.0).mean()),
        mrr=float((1 / ranks).mean()),
    )


def oracle_rmse(truth: RetailTruth, customer: np.ndarray, product: np.ndarray, rating: np.ndarray) -> float:
    """Root mean squared error of the true expected rating.

    Args:
        truth: the sidecar. customer, product: integers (R,). rating: float64 (R,), NaN where there is none.

    Raises:
        ValueError: if no row has a rating.
    """
    rated = np.flatnonzero(~np.isnan(rating))
    if not rated.size:
        raise ValueError(
            "None of these rows has a rating, so there is no error to compute. Choose rows with ratings."
        )
    error = rating[rated] - truth.rating.expected(customer[rated], product[rated])
    return float(np.sqrt(np.mean(error**2)))


def _blocks(month: np.ndarray, products: int) -> Iterator[tuple[int, np.ndarray]]:
    """Rows of one month each, few enough for one block of scores."""
    size = max(1, BLOCK_BYTES // (8 * products))
    for value in np.unique(month):
        rows = np.flatnonzero(month == value)
        for start in range(0, len(rows), size):
            yield int(value), rows[start : start + size]


def _seen_columns(seen: SeenItems, customer: np.ndarray, column: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of what each row's customer has seen, without what is no candidate."""
    starts = seen.offsets[customer]
    counts = seen.offsets[customer + 1] - starts
    row = np.repeat(np.arange(len(customer)), counts)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    found = column[seen.items[starts[row] + within]]
    return row[found >= 0], found[found >= 0]


def _largest(chances: np.ndarray, k: int) -> np.ndarray:
    """The k largest of each row, float64 (B, k), largest first."""
    top = np.partition(chances, chances.shape[1] - k, axis=1)[:, chances.shape[1] - k :]
    top.sort(axis=1)
    return top[:, ::-1]
