"""The oracle against brute force on a small truth, and against what the default shop promises."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.data.oracle import (
    OracleRanks,
    RankMetrics,
    SeenItems,
    oracle_ranks,
    oracle_rmse,
    rank_metrics,
    ranks_of_targets,
)
from recsys.data.retail import Retail, simulate
from recsys.data.retail_ratings import RatingModel
from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_truth import RetailTruth, TruthRows, truth_rows

DAY = 86_400


def tiny_truth(random: np.random.Generator) -> RetailTruth:
    """Two groups, three customers, eight products; products 5 to 7 have equal chances."""
    choice = random.integers(1, 6, (2, 12, 8)).astype(float)
    choice[..., 5:] = choice[..., 5:6]
    choice /= choice.sum(axis=2, keepdims=True)
    tastes = np.array([[1.0, 0.0], [0.5, 0.5], [0.25, 0.75]])
    return RetailTruth(choice, RatingModel(tastes, np.ones((8, 2)), np.zeros(3), np.zeros(8), 0.0, 1.0))


def rank_by_sorting(scores: dict[int, float], target: int) -> float:
    """The mean place of the target over all orders that sort the scores."""
    places = [
        place
        for place, score in enumerate(sorted(scores.values(), reverse=True), 1)
        if score == scores[target]
    ]
    return sum(places) / len(places)


@pytest.mark.parametrize("candidates", [None, [0, 2, 5, 6, 7]])
def test_ranks_are_mean_places_among_candidates_with_and_without_what_was_seen(candidates) -> None:
    random = np.random.default_rng(8)
    truth = tiny_truth(random)
    rows = TruthRows(random.integers(3, size=90), random.integers(8, size=90), random.integers(12, size=90))
    past = random.integers(3, size=12), random.integers(8, size=12)
    given = None if candidates is None else np.array(candidates)
    ranks = oracle_ranks(truth, rows, seen=SeenItems.of(3, 8, *past), candidates=given, most=5)
    listed = candidates or range(8)
    known = set(zip(past[0].tolist(), past[1].tolist(), strict=True))
    for row, (user, item, month) in enumerate(zip(rows.customer, rows.product, rows.month, strict=True)):
        # the oracle's own numbers, so that equal chances are equal here too
        chances = truth.probabilities(np.array([user]), int(month))[0]
        scores = {product: chances[product] for product in listed}
        if item not in scores:
            assert ranks.all_items[row] == ranks.unseen[row] == np.inf
            continue
        assert ranks.all_items[row] == rank_by_sorting(scores, item)
        unseen = {
            product: s for product, s in scores.items() if product == item or (user, product) not in known
        }
        assert ranks.unseen[row] == rank_by_sorting(unseen, item)


def test_the_chance_of_a_hit_is_the_sum_of_the_largest_chances() -> None:
    random = np.random.default_rng(2)
    truth = tiny_truth(random)
    rows = TruthRows(random.integers(3, size=40), random.integers(8, size=40), random.integers(12, size=40))
    ranks = oracle_ranks(truth, rows, most=3)
    hits = [
        sum(sorted((truth.tastes[u] @ truth.choice[:, m]).tolist(), reverse=True)[:3])
        for u, m in zip(rows.customer, rows.month, strict=True)
    ]
    assert ranks.expected_recall(3) == pytest.approx(np.mean(hits))
    assert ranks.recall_standard_error(3) == pytest.approx(np.sqrt(sum(h * (1 - h) for h in hits)) / 40)


def test_blocks_of_any_size_give_the_same_ranks(small_shop: Retail, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, past = last_days(small_shop)
    few = TruthRows(rows.customer[:700], rows.product[:700], rows.month[:700])
    whole = oracle_ranks(small_shop.truth, few, seen=past)
    monkeypatch.setattr("recsys.data.oracle.BLOCK_BYTES", 8 * 500 * 64)
    blocks = oracle_ranks(small_shop.truth, few, seen=past)
    np.testing.assert_array_equal(blocks.all_items, whole.all_items)
    np.testing.assert_array_equal(blocks.unseen, whole.unseen)


def test_a_k_beyond_the_catalogue_has_no_recall_and_one_beyond_what_was_made_is_refused() -> None:
    random = np.random.default_rng(2)
    rows = TruthRows(np.array([0]), np.array([1]), np.array([2]))
    ranks = oracle_ranks(tiny_truth(random), rows, most=4)
    assert ranks.expected_recall(9) is None
    assert ranks.recall_standard_error(9) is None
    assert rank_metrics(ranks.all_items, 8, ks=(1, 9)).recall[9] is None
    with pytest.raises(ValueError, match=r"k is 5\. Choose from 1 to 4"):
        ranks.expected_recall(5)


def test_metrics_of_known_ranks_are_those_computed_by_hand() -> None:
    metrics = rank_metrics(np.array([1.0, 2.5, 10.0, 10.5, np.inf]), 100, ks=(1, 10, 100))
    assert metrics.recall == {1: 0.2, 10: 0.6, 100: 0.8}
    assert metrics.ndcg_at_10 == pytest.approx((1 + 1 / np.log2(3.5) + 1 / np.log2(11)) / 5)
    assert metrics.mrr == pytest.approx((1 + 0.4 + 0.1 + 1 / 10.5) / 5)


def test_the_rmse_counts_rated_rows_only_and_needs_one(small_shop: Retail) -> None:
    rows = truth_rows(small_shop.frame.head(3))
    ratings = np.array([5.0, np.nan, 1.0])
    expected = small_shop.truth.rating.expected(rows.customer, rows.product)
    error = np.sqrt(((5 - expected[0]) ** 2 + (1 - expected[2]) ** 2) / 2)
    assert oracle_rmse(small_shop.truth, rows.customer, rows.product, ratings) == pytest.approx(error)
    with pytest.raises(ValueError, match="None of these rows has a rating"):
        oracle_rmse(small_shop.truth, rows.customer, rows.product, np.full(3, np.nan))


def in_last_days(shop: Retail) -> np.ndarray:
    """Bool (R,): the rows of the last 30 days."""
    seconds = shop.frame["trans_date"].dt.epoch("s").to_numpy()
    return seconds > seconds.max() - 30 * DAY


def last_days(shop: Retail) -> tuple[TruthRows, SeenItems]:
    """The last 30 days, and what was bought before."""
    rows, test = truth_rows(shop.frame), in_last_days(shop)
    seen = SeenItems.of(1_000, 500, rows.customer[~test], rows.product[~test])
    return TruthRows(rows.customer[test], rows.product[test], rows.month[test]), seen


def popularity(shop: Retail) -> RankMetrics:
    rows, test = truth_rows(shop.frame), in_last_days(shop)
    counts = np.bincount(rows.product[~test], minlength=500).astype(float)
    ranks, _ = ranks_of_targets(np.tile(counts, (500, 1)), np.arange(500))
    return rank_metrics(ranks[rows.product[test]], 500)


def best(shop: Retail) -> tuple[OracleRanks, RankMetrics]:
    ranks = oracle_ranks(shop.truth, last_days(shop)[0])
    return ranks, rank_metrics(ranks.all_items, 500)


@pytest.mark.parametrize("seed", [42, 7, 1009, 20_000])
def test_the_small_shop_is_as_hard_as_promised(seed: int) -> None:
    shop = simulate(RetailSettings(seed=seed))
    ranks, metrics = best(shop)
    reached, popular = metrics.recall[10], popularity(shop).recall[10]
    assert reached is not None
    assert popular is not None
    assert 0.30 <= reached <= 0.50
    assert 0.30 <= popular / reached <= 0.60
    for k in (5, 10, 50, 100):
        error = ranks.recall_standard_error(k)
        assert error is not None
        assert metrics.recall[k] == pytest.approx(ranks.expected_recall(k), abs=3 * error)
    rating, test = shop.frame["user_rating"].to_numpy(), in_last_days(shop)
    rows = last_days(shop)[0]
    assert 0.72 <= oracle_rmse(shop.truth, rows.customer, rows.product, rating[test]) <= 0.80
    assert 0.98 <= np.sqrt(np.mean((rating[test] - rating[~test].mean()) ** 2)) <= 1.08
    assert 3.40 <= rating.mean() <= 3.60


def test_the_default_shop_is_near_the_published_reference(small_shop: Retail) -> None:
    oracle, popular = best(small_shop)[1], popularity(small_shop)
    # two implementations draw different shops, which scatter by about 0.02
    for k, reference in {10: 0.394, 50: 0.732, 100: 0.870}.items():
        assert oracle.recall[k] == pytest.approx(reference, abs=0.05)
    for k, reference in {10: 0.169, 50: 0.462, 100: 0.614}.items():
        assert popular.recall[k] == pytest.approx(reference, abs=0.05)


def test_nothing_ranks_better_than_the_truth_and_removing_what_was_seen_lifts_it(small_shop: Retail) -> None:
    rows, seen = last_days(small_shop)
    ranks = oracle_ranks(small_shop.truth, rows, seen=seen)
    assert (ranks.unseen <= ranks.all_items).all()
    noise = np.random.default_rng(1).normal(0, 1, (len(rows.product), 500))
    blurred = np.concatenate(
        [
            ranks_of_targets(
                np.log(small_shop.truth.probabilities(rows.customer[here], month)) + noise[here],
                rows.product[here],
            )[0]
            for month in np.unique(rows.month)
            for here in [np.flatnonzero(rows.month == month)]
        ]
    )
    assert rank_metrics(blurred, 500).mrr < rank_metrics(ranks.all_items, 500).mrr
