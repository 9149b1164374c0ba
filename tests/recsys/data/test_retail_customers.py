"""Customers against the distributions that they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recsys.data.retail import Retail
from recsys.data.retail_customers import Customers, draw_customers
from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_streams import Streams


def customers(**changes) -> Customers:
    settings = RetailSettings(**{"size": "medium", **changes})
    return draw_customers(settings, Streams(settings.seed))


def test_cities_are_chosen_by_a_power_of_their_number() -> None:
    counts = np.bincount(customers().city, minlength=40)
    weight = np.array([(k + 1) ** -0.8 for k in range(40)])
    assert stats.chisquare(counts, weight / weight.sum() * counts.sum()).pvalue > 1e-4


@pytest.mark.parametrize("concentration", [0.001, 0.05, 10.0])
def test_tastes_are_mixtures_even_where_gamma_variates_underflow(concentration: float) -> None:
    tastes = customers(taste_concentration=concentration).tastes
    assert tastes.min() >= 0
    np.testing.assert_allclose(tastes.sum(axis=1), 1.0)


def test_a_mixed_taste_spreads_as_a_dirichlet_does() -> None:
    # with one city there is one prior: mean alpha / total, variance mean (1 - mean) / (total + 1)
    made = customers()
    first = made.tastes[made.city == 0]
    mean = first.mean(axis=0)
    total = 0.05 * 16 + 16 * 0.001
    expected = mean * (1 - mean) / (total + 1)
    large = mean > 0.03
    assert large.sum() >= 3
    np.testing.assert_allclose(first.var(axis=0)[large], expected[large], rtol=0.15)


def test_less_concentration_leaves_customers_with_nearly_one_taste() -> None:
    narrow, wide = (customers(taste_concentration=value).tastes.max(axis=1).mean() for value in (0.01, 5.0))
    assert narrow > 0.9 > wide


def test_activity_is_lognormal_and_tiers_are_its_quartiles() -> None:
    made = customers()
    log_activity = np.log(made.activity)
    assert stats.kstest(log_activity - log_activity.mean(), stats.norm(0, 0.8).cdf).pvalue > 1e-4
    assert np.bincount(made.tier).tolist() == [2_500] * 4
    for tier in range(3):
        assert made.activity[made.tier == tier].max() <= made.activity[made.tier == tier + 1].min()


def test_ages_follow_the_strongest_taste_and_stay_in_range() -> None:
    made = customers()
    assert (made.age.min(), made.age.max()) >= (18, 40)
    assert made.age.max() <= 85
    strongest = made.tastes.argmax(axis=1)
    slope = np.polyfit(strongest[made.age > 18], made.age[made.age > 18], 1)[0]
    assert slope == pytest.approx(2.2, abs=0.2)


def test_platinum_customers_buy_most_and_bronze_least(small_shop: Retail) -> None:
    bought = small_shop.frame.group_by("loyalty_tier").len().sort("len", descending=True)
    assert bought["loyalty_tier"].to_list() == ["platinum", "gold", "silver", "bronze"]
