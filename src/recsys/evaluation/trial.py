"""What a trial's model is measured against: baselines and, on simulated data, the best that could be reached."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.oracle import SeenItems, oracle_ranks, oracle_rmse
from recsys.data.retail_truth import RATING, truth_rows
from recsys.evaluation.baselines import RANKING, fit_baselines
from recsys.evaluation.candidates import Candidates
from recsys.evaluation.comparing import Ranked, Rated, Results
from recsys.evaluation.halting import Check, never
from recsys.evaluation.metrics import ranking_metrics, rating_metrics
from recsys.evaluation.protocol import Protocol, RankingProtocol, headline
from recsys.evaluation.ranks import Ranks
from recsys.evaluation.rating_means import RatingMeans
from recsys.evaluation.top import TopK

if TYPE_CHECKING:
    from recsys.training.parts import Division

ORACLE = "oracle"


def ranking_protocol(division: Division, ranks: Ranks) -> RankingProtocol:
    """How ranks of the test rows were taken."""
    return RankingProtocol.of(
        ranks,
        division.users("test"),
        Candidates.of(division.item_ids[division.candidates]),
        split=division.words,
        seed=division.seed,
        candidate_set=division.settings.candidate_set,
    )


def rating_protocol(division: Division, users: np.ndarray) -> Protocol:
    """On which rows ratings were measured; `users` (n,) are theirs."""
    return Protocol(split=division.words, seed=division.seed, rows=len(users), users=len(np.unique(users)))


def seen_rule(division: Division) -> str:
    """Which figures stand first: those with or without seen items."""
    chosen = {"auto": "auto", "yes": True, "no": False}[division.settings.exclude_seen]
    return headline(chosen, division.users("train"), division.data.item[division.parts.train])  # type: ignore[arg-type]


def add_ranked(
    results: Results, division: Division, name: str, about: str, ranks: Ranks | None, top: TopK | None = None
) -> None:
    """Take in somebody's ranks of the test rows."""
    metrics = None
    if ranks is not None:
        metrics = ranking_metrics(
            ranks,
            division.users("test"),
            division.targets("test"),
            ranking_protocol(division, ranks),
            top=top,
        )
    results.ranked.append(Ranked(name, about, ranks, metrics))


def add_rated(results: Results, division: Division, name: str, about: str, predicted: np.ndarray) -> None:
    """Take in somebody's ratings of the test rows whose rating is known."""
    metrics = rating_metrics(predicted, results.actual, rating_protocol(division, results.rated_users))
    results.rated.append(Rated(name, about, np.asarray(predicted, np.float64), metrics))


def ranking_names(division: Division) -> tuple[str, ...]:
    """Who a ranking is measured against, in the order of `add_ranking_baselines`."""
    return RANKING if division.table.truth is None else (*RANKING, ORACLE)


def add_ranking_baselines(results: Results, division: Division, check: Check = never) -> None:
    """Popularity, ItemKNN, EASE and, on simulated data, the oracle, each as soon as it is measured.

    Raises:
        Halted: from `check`, which is called between blocks.
    """
    seen = division.seen("train", "validation")
    for baseline in fit_baselines(
        division.users("train"),
        division.targets("train"),
        n_users=division.n_users,
        n_items=len(division.candidates),
        validation=(division.users("validation"), division.targets("validation")),
        seen=results.seen,
        seed=division.settings.seed,
        check=check,
    ):
        ranks = baseline.ranks(division.users("test"), division.targets("test"), seen=seen, check=check)
        add_ranked(results, division, baseline.name, baseline.about, ranks)
    truth = division.table.truth
    if truth is not None:
        customers, products = _truth_numbers(division.data.user_ids), _truth_numbers(division.data.item_ids)
        listed = products[division.candidates]
        oracle = oracle_ranks(
            truth,
            truth_rows(division.table.frame, division.rows("test")),
            seen=SeenItems.of(
                len(truth.tastes), truth.choice.shape[2], customers[seen.users], listed[seen.items]
            ),
            candidates=listed,
            check=check,
        )
        ranks = Ranks(oracle.all_items, oracle.unseen, oracle.candidates)
        add_ranked(results, division, ORACLE, "the true chances behind the simulated sales", ranks)


def add_rating_baselines(results: Results, division: Division, train: np.ndarray, known: np.ndarray) -> None:
    """The mean, users' and items' means and, on simulated data, the oracle.

    Args:
        train: ratings (n,) of the train rows, NaN where missing. known: bool (Q,), test rows with a rating.
    """
    there = np.isfinite(train)
    users, items = division.users("train")[there], division.targets("train")[there]
    means = RatingMeans.fit(
        users, items, train[there], n_users=division.n_users, n_items=len(division.candidates)
    )
    add_rated(results, division, "mean", "the mean rating", np.full(len(results.actual), means.mean))
    predicted = means.predict(division.users("test")[known], division.targets("test")[known])
    low, high = float(train[there].min()), float(train[there].max())
    about = f"the mean with differences of items and users, shrink {5:g}"
    add_rated(results, division, "user_item_means", about, np.clip(predicted, low, high))


def oracle_error(division: Division, column: str, known: np.ndarray, actual: np.ndarray) -> float | None:
    """RMSE of the true expected rating on simulated data; None on any other, and for a column that is not its rating.

    Args:
        column: what the model learns. known: which test rows have a value of it. actual: these values.
    """
    truth = division.table.truth
    if truth is None or column != RATING:
        return None
    rows = truth_rows(division.table.frame, division.rows("test")[known])
    return oracle_rmse(truth, rows.customer, rows.product, actual)


def _truth_numbers(ids: Sequence[str]) -> np.ndarray:
    """The simulator's number of each customer or product, int64 (n,): its id says it, `P000001` is 0."""
    return np.array([int(one[1:]) - 1 for one in ids], np.int64)
