"""Products, tastes and seasons against their formulas and against what is sold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recsys.data.retail import Retail, simulate
from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_streams import Streams
from recsys.data.retail_truth import truth_rows
from recsys.data.retail_world import World, build_world


def world(**changes) -> World:
    settings = RetailSettings(**changes)
    return build_world(settings, Streams(settings.seed))


def test_every_category_has_a_sub_category_and_every_index_is_in_range() -> None:
    hierarchy = world(size="medium").hierarchy
    assert hierarchy.category_of_sub[:12].tolist() == list(range(12))
    assert len(hierarchy.category_of_sub) == 60
    assert set(hierarchy.category_of_sub.tolist()) == set(range(12))
    np.testing.assert_array_equal(hierarchy.category, hierarchy.category_of_sub[hierarchy.sub_category])
    assert set(hierarchy.brand.tolist()) == set(range(6))


@pytest.mark.parametrize("exponent", [0.0, 1.0, 1.7])
def test_popularity_by_rank_follows_zipf_with_an_offset(exponent: float) -> None:
    popularity = np.sort(world(zipf_exponent=exponent).popularity)[::-1]
    weights = [(rank + 10) ** -exponent for rank in range(500)]
    np.testing.assert_allclose(popularity, np.array(weights) / sum(weights))


def test_tastes_leave_each_products_popularity_as_it_is_on_average_over_groups() -> None:
    lift = world().lift
    np.testing.assert_allclose(lift.mean(axis=0), 1.0)
    # and yet groups differ
    assert lift.std(axis=0).min() > 0.1


def test_products_of_one_sub_category_share_seven_tenths_of_what_groups_like_in_them() -> None:
    made = world(size="large")
    sub = made.hierarchy.sub_category
    counts = np.bincount(sub)
    shared = []
    for group in range(0, 16, 2):
        # the difference of two groups' log lifts is linear in the product's vector
        liking = np.log(made.lift[group] / made.lift[group + 1])
        means = np.bincount(sub, liking) / counts
        within = ((liking - means[sub]) ** 2).sum() / (len(sub) - len(counts))
        between = means.var(ddof=1) - within / counts.mean()
        shared.append(between / (between + within))
    assert np.mean(shared) == pytest.approx(0.7, abs=0.04)


def test_the_spread_of_liking_grows_with_taste_strength_from_unit_vectors() -> None:
    made = world(size="large", taste_strength=2.0)
    # a unit vector times a standard normal one has variance 1; centring 16 takes a sixteenth of it
    log_lift = np.log(made.lift)
    centred = log_lift - log_lift.mean(axis=0)
    spread = centred.var(axis=1).mean()
    assert spread == pytest.approx(2.0**2 * 15 / 16, rel=0.12)


def test_no_taste_strength_leaves_all_groups_alike() -> None:
    choice = world(taste_strength=0.0).choice
    np.testing.assert_allclose(choice, np.broadcast_to(choice[:1], choice.shape))


def test_choices_are_popularity_times_lift_times_season() -> None:
    made = world()
    for group, month in ((0, 0), (7, 5), (15, 11)):
        season = np.array([made.season[category, month] for category in made.hierarchy.category])
        weight = made.popularity * made.lift[group] * season
        np.testing.assert_allclose(made.choice[group, month], weight / weight.sum())


def test_seasons_are_waves_around_one_below_the_chosen_amplitude() -> None:
    season = world(size="large", season_amplitude=0.6).season
    np.testing.assert_allclose(season.mean(axis=1), 1.0)
    spectrum = np.abs(np.fft.rfft(season, axis=1)) / 6
    np.testing.assert_allclose(spectrum[:, 2:], 0, atol=1e-12)
    assert 0.4 < spectrum[:, 1].max() <= 0.6
    np.testing.assert_allclose(world(season_amplitude=0.0).season, 1.0)


def test_what_is_sold_falls_with_rank_as_zipf_says(busy_shop: Retail) -> None:
    counts = np.bincount(truth_rows(busy_shop.frame).product, minlength=500)
    by_rank, _ = np.polyfit(np.log(np.arange(500) + 10), np.log(np.sort(counts)[::-1]), 1)
    assert by_rank == pytest.approx(-1.0, abs=0.15)
    # customers' tastes scatter single products around the line, and do not turn it
    by_popularity, _ = np.polyfit(np.log(world().popularity), np.log(counts), 1)
    assert by_popularity == pytest.approx(1.0, abs=0.1)


def test_categories_sell_by_their_season() -> None:
    shop = simulate(RetailSettings(rows=300_000, season_amplitude=1.0))
    made = world(season_amplitude=1.0)
    sold = _category_by_month(shop, made)
    share = sold / sold.sum(axis=0)
    relative = share / share.mean(axis=1, keepdims=True)
    swing = made.season.max(axis=1) > 1.3
    assert swing.sum() >= 3
    for category in np.flatnonzero(swing):
        assert np.corrcoef(relative[category], made.season[category])[0, 1] > 0.9


def test_without_seasons_a_category_sells_the_same_share_in_every_month() -> None:
    shop = simulate(RetailSettings(rows=300_000, season_amplitude=0.0))
    sold = _category_by_month(shop, world(season_amplitude=0.0))
    expected = sold.sum(axis=1, keepdims=True) * sold.sum(axis=0) / sold.sum()
    freedom = (sold.shape[0] - 1) * (sold.shape[1] - 1)
    assert stats.chi2.sf(((sold - expected) ** 2 / expected).sum(), freedom) > 1e-4


def test_prices_spread_more_between_sub_categories_than_within() -> None:
    made = world(size="large")
    log_price = np.log(made.price_cents / 100)
    assert made.price_cents.min() >= 50
    sub = made.hierarchy.sub_category
    counts = np.bincount(sub)
    means = np.bincount(sub, log_price) / counts
    within = log_price - means[sub]
    assert within.std() == pytest.approx(0.4, rel=0.03)
    assert means.mean() == pytest.approx(2.7, abs=4 * 0.6 / np.sqrt(200))
    assert means.std() == pytest.approx(0.6, rel=0.2)


def _category_by_month(shop: Retail, made: World) -> np.ndarray:
    rows = truth_rows(shop.frame)
    table = np.zeros(made.season.shape)
    np.add.at(table, (made.hierarchy.category[rows.product], rows.month), 1)
    return table
