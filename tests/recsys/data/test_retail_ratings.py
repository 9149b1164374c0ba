"""Ratings against SciPy's normal distribution and against drawing the noise."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from recsys.data.retail import Retail
from recsys.data.retail_ratings import draw_ratings, rating_model
from recsys.data.retail_streams import Streams
from recsys.data.retail_truth import truth_rows


def test_the_expected_rating_is_the_mean_of_a_rounded_and_clipped_normal(small_shop: Retail) -> None:
    model = small_shop.truth.rating
    customer, product = np.arange(200), np.arange(200) * 2
    latent = model.latent(customer, product)
    levels = np.array([2, 3, 4, 5])
    normal = stats.norm(latent[:, None], 0.75)
    chance = np.diff(np.column_stack([np.zeros(200), normal.cdf(levels - 0.5), np.ones(200)]), axis=1)
    np.testing.assert_allclose(model.expected(customer, product), chance @ np.arange(1, 6), rtol=1e-12)


def test_the_latent_rating_adds_customer_product_and_standardised_affinity(small_shop: Retail) -> None:
    model = small_shop.truth.rating
    customer, product = np.array([3, 999]), np.array([0, 499])
    for user, item, latent in zip(customer, product, model.latent(customer, product), strict=True):
        x = np.log(sum(model.tastes[user, g] * model.lift[item, g] for g in range(16)))
        own = 0.35 * model.customer_effect[user] + 0.35 * model.product_effect[item]
        assert latent == pytest.approx(3.55 + own + 0.55 * (x - model.affinity_mean) / model.affinity_std)


def test_affinity_has_mean_zero_and_deviation_one_over_the_sales(busy_shop: Retail) -> None:
    model, rows = busy_shop.truth.rating, truth_rows(busy_shop.frame)
    x = np.log((model.tastes[rows.customer] * model.lift[rows.product]).sum(axis=1))
    standard = (x - model.affinity_mean) / model.affinity_std
    # both are estimated on 20,000 of the sales
    assert standard.mean() == pytest.approx(0, abs=0.04)
    assert standard.std() == pytest.approx(1, abs=0.04)


def test_ratings_scatter_around_their_expectation_without_bias(busy_shop: Retail) -> None:
    rows = truth_rows(busy_shop.frame)
    ratings = busy_shop.frame["user_rating"].to_numpy()
    assert set(np.unique(ratings)) == {1, 2, 3, 4, 5}
    expected = busy_shop.truth.rating.expected(rows.customer, rows.product)
    decile = np.digitize(expected, np.quantile(expected, np.arange(0.1, 1, 0.1)))
    for part in range(10):
        error = (ratings - expected)[decile == part]
        assert error.mean() == pytest.approx(0, abs=4.5 * error.std() / np.sqrt(len(error)))


def test_customers_without_tastes_have_an_affinity_of_zero_rather_than_of_rounding() -> None:
    tastes = np.random.default_rng(3).dirichlet(np.ones(16), 40)
    customer, product = np.arange(40).repeat(10), np.tile(np.arange(10), 40)
    model = rating_model(tastes, np.ones((16, 10)), customer, product, Streams(1))
    base = 3.55 + 0.35 * model.customer_effect[customer] + 0.35 * model.product_effect[product]
    np.testing.assert_allclose(model.latent(customer, product), base, atol=1e-6)
    with ThreadPoolExecutor(1) as pool:
        ratings = draw_ratings(model, customer, product, 1.0, Streams(1), pool)
    assert ratings.min() >= 1
    assert ratings.max() <= 5
