"""What is known of MovieLens-100K with a random 80/20 split comes out of these baselines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys.evaluation.baselines import Baseline, fit_baselines
from recsys.evaluation.bootstrap import paired_lift
from recsys.evaluation.candidates import Candidates
from recsys.evaluation.metrics import hits, ranking_metrics, rating_metrics
from recsys.evaluation.protocol import Protocol, RankingProtocol, headline
from recsys.evaluation.ranks import Ranks
from recsys.evaluation.rating_means import RatingMeans
from recsys.evaluation.user_items import UserItems

SEED = 42


@pytest.fixture(scope="module")
def rows(movielens_folder: Path) -> np.ndarray:
    """user, movie (counted from 0) and rating of 100,000 rows, in random order: the last 20,000 are the test part."""
    table = np.loadtxt(movielens_folder / "ml-100k" / "u.data", np.int64, usecols=(0, 1, 2)) - (1, 1, 0)
    return table[np.random.default_rng(SEED).permutation(len(table))]


@pytest.fixture(scope="module")
def ranked(rows: np.ndarray) -> dict[str, tuple[Baseline, Ranks]]:
    """Each baseline with its ranks of the test rows; no validation part."""
    train, test = rows[:80_000], rows[80_000:]
    seen = UserItems.of(train[:, 0], train[:, 1], n_users=943, n_items=1682)
    found = {}
    for baseline in fit_baselines(train[:, 0], train[:, 1], n_users=943, n_items=1682):
        ranks = baseline.ranks(test[:, 0], test[:, 1], seen=seen)
        assert ranks is not None
        found[baseline.name] = baseline, ranks
    return found


@pytest.mark.parametrize(
    ("name", "everything", "unseen", "tolerance"),
    [("popularity", 0.29, 0.41, 0.01), ("item_knn", 0.39, 0.59, 0.02), ("ease", 0.32, 0.62, 0.01)],
)
def test_top_100_recall_of_the_baselines_is_what_is_known(
    ranked, rows, name, everything, unseen, tolerance
) -> None:
    ranks, test = ranked[name][1], rows[80_000:]
    candidates = Candidates.of(np.arange(1682))
    protocol = RankingProtocol.of(
        ranks, test[:, 0], candidates, split="random 80/20", seed=SEED, candidate_set="catalog"
    )
    values = ranking_metrics(ranks, test[:, 0], test[:, 1], protocol).values()
    assert values["recall_at_100"] == pytest.approx(everything, abs=tolerance)
    assert values["recall_at_100_unseen"] == pytest.approx(unseen, abs=tolerance)
    assert protocol.rows == 20_000


def test_ease_is_fitted_with_500_where_nothing_chooses(ranked) -> None:
    assert ranked["ease"][0].about.startswith("λ 500")


def test_the_lift_of_ease_over_popularity_is_certain(ranked, rows) -> None:
    model, popularity = (hits(ranked[name][1].by("unseen"), 100) for name in ("ease", "popularity"))
    lift = paired_lift(model, popularity, rows[80_000:, 0])
    assert lift.absolute == pytest.approx(0.21, abs=0.02)
    assert 0.17 < lift.absolute_interval.low < lift.absolute_interval.high < 0.25


def test_movies_are_rated_once_so_that_seen_ones_are_left_out(rows) -> None:
    assert headline("auto", rows[:80_000, 0], rows[:80_000, 1]) == "unseen"


def test_the_errors_of_a_constant_and_of_the_means_are_what_is_known(rows) -> None:
    train, test = rows[:80_000], rows[80_000:]
    means = RatingMeans.fit(*train.T, n_users=943, n_items=1682)
    protocol = Protocol(split="random 80/20", seed=SEED, rows=20_000, users=943)
    constant = rating_metrics(np.full(20_000, means.mean), test[:, 2], protocol)["rmse"].value
    both = rating_metrics(means.predict(test[:, 0], test[:, 1]), test[:, 2], protocol)["rmse"].value
    assert constant == pytest.approx(1.13, abs=0.01)
    assert both == pytest.approx(0.948, abs=0.01)
