"""Metrics of ranks and of predicted ratings, each with how it was measured.

A mean is over rows: every test row weighs the same. A row is a hit at K if its rank is at most K.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.protocol import Frozen, Protocol, RankingProtocol
from recsys.evaluation.ranks import Ranks, SeenRule
from recsys.evaluation.top import TopK
from recsys.evaluation.user_items import pair_keys

KS = (5, 10, 50, 100)
SUFFIX: dict[SeenRule, str] = {"all": "", "unseen": "_unseen"}


class Metric(Frozen):
    """One figure.

    Attributes:
        name: `recall_at_10_unseen`. value: None where it cannot be said; then `reason` says why.
        protocol: how it was measured, in words.
    """

    name: str
    value: float | None
    reason: str | None = None
    protocol: str


class Metrics(Frozen):
    """Figures in the order they are shown; `metrics["mrr"]` is one of them."""

    figures: tuple[Metric, ...]

    def __getitem__(self, name: str) -> Metric:
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(f"there is no metric {name!r}; known: {', '.join(f.name for f in self.figures)}")

    def values(self) -> dict[str, float | None]:
        """Name -> figure."""
        return {figure.name: figure.value for figure in self.figures}


def hits(ranks: np.ndarray, k: int) -> np.ndarray:
    """1.0 where a rank (Q,) is at most k, else 0.0: the rows whose mean is Recall@k."""
    return (ranks <= k).astype(np.float64)


def gains(ranks: np.ndarray, k: int) -> np.ndarray:
    """1 / log2(1 + rank) where a rank (Q,) is at most k, else 0: nDCG@k (Järvelin, Kekäläinen 2002)."""
    return np.where(ranks <= k, 1 / np.log2(1 + ranks), 0.0)


def ranking_metrics(
    ranks: Ranks,
    users: np.ndarray,
    targets: np.ndarray,
    protocol: RankingProtocol,
    *,
    ks: Sequence[int] = KS,
    top: TopK | None = None,
    top_seen: SeenRule = "unseen",
) -> Metrics:
    """Recall, nDCG@10 and MRR for each rule for seen items; nDCG by user and coverage where known.

    Args:
        ranks: of Q test rows. users: (Q,) whole numbers. targets: (Q,) own items, -1 for no candidate.
        protocol: how the ranks were taken.
        ks: of the recalls; above the number of candidates a recall is None.
        top: the ten best items of each test user, for coverage. top_seen: the rule that they follow.

    Raises:
        EvaluationError: NO_TEST_ROWS without rows, BAD_INPUT if the lengths differ.
    """
    n = len(ranks.all_items)
    if n == 0:
        raise EvaluationError("NO_TEST_ROWS", "there are no test rows to measure on", "Choose another split")
    if not n == len(users) == len(targets):
        raise EvaluationError("BAD_INPUT", f"{n} ranks, {len(users)} users and {len(targets)} targets differ")
    figures = list(_by_row(ranks.all_items, "all", ranks.n_items, protocol, ks))
    if ranks.unseen is not None:
        figures += _by_row(ranks.unseen, "unseen", ranks.n_items, protocol, ks)
        figures.append(
            Metric(
                name="user_ndcg_at_10",
                value=float(user_gains(ranks.unseen, users, targets).mean()),
                protocol=f"{protocol.ranked('unseen')}; mean over users, all test items of a user relevant",
            )
        )
    if top is not None:
        words = f"{protocol.ranked(top_seen)}; {len(top.positions):,} users' lists"
        figures.append(Metric(name="coverage_at_10", value=coverage(top, 10), protocol=words))
    return Metrics(figures=tuple(figures))


def user_gains(ranks: np.ndarray, users: np.ndarray, targets: np.ndarray, k: int = 10) -> np.ndarray:
    """nDCG@k of each user with all its test items relevant, float64 (users,) in ascending order of user.

    DCG over the user's distinct items that rank within k among all others, relevant ones included, divided by
    the DCG of a list of nothing but relevant items. Items that are no candidates (-1) are never found.

    Args:
        ranks: (Q,) without seen items. users, targets: (Q,); a pair that comes twice counts once.
    """
    rows = np.unique(pair_keys(users, targets), return_index=True)[1]
    # items that are no candidates have no number of their own: each row is one
    rows = np.union1d(rows, np.flatnonzero(np.asarray(targets) < 0))
    user = np.unique(np.asarray(users)[rows], return_inverse=True)[1]
    relevant = np.minimum(np.bincount(user), k)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(1 + np.arange(1, k + 1)))])
    return np.bincount(user, gains(ranks[rows], k)) / ideal[relevant]


def coverage(top: TopK, k: int) -> float:
    """Distinct items in the first k places of the lists, as a share of all candidates."""
    shown = np.unique(top.positions[:, :k])
    return float((shown >= 0).sum() / top.n_items)


def rating_metrics(
    predicted: ArrayLike,
    actual: ArrayLike,
    protocol: Protocol,
    *,
    threshold: float | None = None,
) -> Metrics:
    """RMSE, MAE, R² and the area under the ROC curve of predicted ratings.

    Args:
        predicted, actual: (Q,) in the rating's units.
        threshold: from this rating on the AUC's class is positive; None takes a target of 0 and 1.

    Raises:
        EvaluationError: NO_TEST_ROWS without rows, NON_FINITE if a number is, BAD_INPUT if lengths differ.
    """
    guess, truth = np.asarray(predicted, np.float64), np.asarray(actual, np.float64)
    if guess.shape != truth.shape or guess.ndim != 1:
        raise EvaluationError("BAD_INPUT", f"predictions {guess.shape} and ratings {truth.shape} differ")
    if len(guess) == 0:
        raise EvaluationError("NO_TEST_ROWS", "there are no test rows to measure on", "Choose another split")
    for name, values in (("prediction", guess), ("rating", truth)):
        wrong = np.flatnonzero(~np.isfinite(values))
        if wrong.size:
            row = int(wrong[0])
            raise EvaluationError("NON_FINITE", f"the {name} of row {row} is {values[row]}")
    error, about = guess - truth, np.square(truth - truth.mean()).sum()
    r2 = None if about == 0 else float(1 - np.square(error).sum() / about)
    flat = "all ratings are equal" if r2 is None else None
    area, why = _auc(guess, truth, threshold)
    words = protocol.words()
    return Metrics(
        figures=(
            Metric(name="rmse", value=float(np.sqrt(np.square(error).mean())), protocol=words),
            Metric(name="mae", value=float(np.abs(error).mean()), protocol=words),
            Metric(name="r2", value=r2, reason=flat, protocol=words),
            Metric(name="auc", value=area, reason=why, protocol=words),
        )
    )


def _by_row(
    ranks: np.ndarray,
    seen: SeenRule,
    n_items: int,
    protocol: RankingProtocol,
    ks: Sequence[int],
) -> Iterator[Metric]:
    words, end = protocol.ranked(seen), SUFFIX[seen]
    for k in ks:
        within = k <= n_items
        why = None if within else f"there are only {n_items} candidates"
        value = float(hits(ranks, k).mean()) if within else None
        yield Metric(name=f"recall_at_{k}{end}", value=value, reason=why, protocol=words)
    yield Metric(name=f"ndcg_at_10{end}", value=float(gains(ranks, 10).mean()), protocol=words)
    yield Metric(name=f"mrr{end}", value=float((1 / ranks).mean()), protocol=words)


def _auc(
    predicted: np.ndarray,
    actual: np.ndarray,
    threshold: float | None,
) -> tuple[float | None, str | None]:
    """P(a positive scores higher) + ½ P(equal) (Mann, Whitney 1947), or why there is none."""
    if threshold is None and not np.isin(actual, (0, 1)).all():
        return None, "the target is not binary and no threshold was given"
    positive = actual == 1 if threshold is None else actual >= threshold
    n = int(positive.sum())
    if n in (0, len(positive)):
        return None, f"all rows are of the {'positive' if n else 'negative'} class"
    _, place, count = np.unique(predicted, return_inverse=True, return_counts=True)
    middle = np.cumsum(count) - (count - 1) / 2
    return float((middle[place[positive]].sum() - n * (n + 1) / 2) / (n * (len(positive) - n))), None
