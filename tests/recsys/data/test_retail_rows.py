"""Sales against their distributions, and money against exact decimals."""

from __future__ import annotations

import datetime as dt
import math
from concurrent.futures import ThreadPoolExecutor
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import polars as pl
import pytest
from scipy import stats

from recsys.data.retail import Retail
from recsys.data.retail_rows import TIME_BITS, revenue_before
from recsys.data.retail_truth import truth_rows

CENT = Decimal("0.01")


def test_days_are_sold_by_growth_wave_and_weekday(busy_shop: Retail) -> None:
    weekday = {0: 0.90, 1: 0.90, 2: 0.95, 3: 1.00, 4: 1.20, 5: 1.30, 6: 0.75}
    first = dt.date(2023, 1, 1)
    weights = [
        (1 + 0.3 * d / 731)
        * (1 + 0.2 * math.cos(2 * math.pi * (d - 340) / 365.25))
        * weekday[(first + dt.timedelta(d)).weekday()]
        for d in range(731)
    ]
    day = busy_shop.frame["trans_date"].dt.date()
    counts = np.bincount((day - first).dt.total_days().to_numpy(), minlength=731)
    assert stats.chisquare(counts, np.array(weights) / sum(weights) * counts.sum()).pvalue > 1e-4


def test_hours_are_sold_by_their_two_peaks_and_seconds_evenly(busy_shop: Retail) -> None:
    weights = np.array(
        [0.15 + math.exp(-((h - 12.5) ** 2) / 8) + 1.3 * math.exp(-((h - 19) ** 2) / 6) for h in range(24)]
    )
    times = busy_shop.frame["trans_date"]
    hours = np.bincount(times.dt.hour().to_numpy(), minlength=24)
    assert stats.chisquare(hours, weights / weights.sum() * hours.sum()).pvalue > 1e-4
    second = times.dt.minute().to_numpy().astype(int) * 60 + times.dt.second().to_numpy()
    assert stats.chisquare(np.bincount(second, minlength=3_600)).pvalue > 1e-4


def test_products_sell_as_often_as_their_true_chances_say(busy_shop: Retail) -> None:
    rows = truth_rows(busy_shop.frame)
    truth = busy_shop.truth
    for month in (1, 7):
        here = rows.month == month
        # customers' chances summed: who buys how often does not matter
        times = np.bincount(rows.customer[here], minlength=1_000)
        expected = times @ truth.probabilities(np.arange(1_000), month)
        counts = np.bincount(rows.product[here], minlength=500)
        assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 1e-4


def test_a_customers_products_have_the_customers_own_chances(busy_shop: Retail) -> None:
    # what is bought has on average the sum of squared chances; a mix-up of customers would lower it
    rows = truth_rows(busy_shop.frame)
    here = np.flatnonzero(rows.month == 4)[::5]
    chances = busy_shop.truth.probabilities(rows.customer[here], 4)
    own = chances[np.arange(len(here)), rows.product[here]]
    expected = (chances**2).sum(axis=1)
    spread = np.sqrt(((chances**3).sum(axis=1) - expected**2).sum()) / len(here)
    assert own.mean() == pytest.approx(expected.mean(), abs=4 * spread)


def test_every_price_is_whole_cents_and_at_least_half_a_unit(busy_shop: Retail) -> None:
    for column in ("unit_price", "revenue", "total_amount", "customer_revenue_90d"):
        values = busy_shop.frame[column].to_numpy()
        np.testing.assert_array_equal(values, np.round(values, 2))
    assert busy_shop.frame["unit_price"].min() >= 0.5  # pyright: ignore[reportOperatorIssue]


def test_the_total_is_the_revenue_with_a_fifth_added_to_the_cent(small_shop: Retail) -> None:
    for revenue, total in small_shop.frame.select("revenue", "total_amount").head(5_000).iter_rows():
        exact = (Decimal(str(revenue)) * Decimal("1.2")).quantize(CENT, ROUND_HALF_UP)
        assert Decimal(str(total)) == exact


def test_four_in_five_sales_have_no_discount_and_the_others_five_to_thirty_percent(busy_shop: Retail) -> None:
    frame = busy_shop.frame.filter(pl.col("unit_price") > 5)
    full = frame["unit_price"] * frame["quantity"]
    discount = (1 - frame["revenue"] / full).to_numpy()
    none = np.abs(discount) < 1e-9
    assert none.mean() == pytest.approx(0.8, abs=5 * math.sqrt(0.16 / len(frame)))
    given = discount[~none]
    assert given.min() > 0.05 - 0.002
    assert given.max() < 0.30 + 0.002
    assert given.mean() == pytest.approx(0.175, abs=5 * 0.25 / math.sqrt(12 * len(given)))


def test_quantities_are_one_more_than_poisson(busy_shop: Retail) -> None:
    counts = np.bincount(np.minimum(busy_shop.frame["quantity"].to_numpy(), 5), minlength=6)[1:]
    chance = stats.poisson.pmf(np.arange(4), 0.4)
    expected = np.append(chance, 1 - chance.sum()) * counts.sum()
    assert stats.chisquare(counts, expected).pvalue > 1e-4


def test_a_sale_ninety_days_before_to_the_second_counts_and_one_at_the_same_second_does_not() -> None:
    window = 90 * 86_400
    seconds = [0, 5, window - 1, window, window + 5, window + 6, 0, window, window]
    customers = [0, 0, 0, 0, 0, 0, 1, 1, 1]
    key = np.array(customers) * 2**TIME_BITS + seconds
    with ThreadPoolExecutor(1) as pool:
        before = revenue_before(key, 10 ** np.arange(9), pool)
    # a digit of one for each sale that counts, the first sale last
    assert before.tolist() == [0, 1, 11, 111, 1_110, 11_100, 0, 1_000_000, 1_000_000]


@pytest.mark.parametrize("shop", ["small_shop", "busy_shop"])
def test_revenue_before_a_sale_is_that_of_ninety_days_to_the_second(
    shop: str, request: pytest.FixtureRequest
) -> None:
    frame = request.getfixturevalue(shop).frame
    # in the busy shop these two are on the edges of chunks
    buyers = (
        frame["customer_id"].sort().gather([0, 262_143, 262_144, 524_288][: 1 if len(frame) < 500_000 else 4])
    )
    window = dt.timedelta(days=90)
    for buyer in buyers.unique():
        own = frame.filter(pl.col("customer_id") == buyer).select(
            "trans_date", "revenue", "customer_revenue_90d"
        )
        sales = [(time, Decimal(str(revenue))) for time, revenue, _ in own.iter_rows()]
        said = [Decimal(str(value)) for value in own["customer_revenue_90d"]]
        step = max(1, len(sales) // 150)
        for (time, _), value in list(zip(sales, said, strict=True))[::step]:
            assert value == sum(r for t, r in sales if time - window <= t < time)
    assert frame["customer_revenue_90d"].head(100).min() == 0
