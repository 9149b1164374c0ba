"""The simulated table as a whole: the same whatever draws it, and what its columns promise."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from recsys.data.retail import Retail, simulate
from recsys.data.retail_settings import RetailSettings
from recsys.data.retail_streams import Streams

MANY_ROWS = 600_000


def assert_identical(one: Retail, other: Retail) -> None:
    assert one.frame.schema == other.frame.schema
    assert one.frame.equals(other.frame)
    assert one.truth.choice.tobytes() == other.truth.choice.tobytes()
    assert one.truth.tastes.tobytes() == other.truth.tastes.tobytes()


def test_four_threads_draw_the_table_that_one_draws(busy_shop: Retail) -> None:
    assert_identical(simulate(RetailSettings(rows=MANY_ROWS), threads=4), busy_shop)


def test_a_step_added_later_leaves_every_column_as_it_was(
    busy_shop: Retail, monkeypatch: pytest.MonkeyPatch
) -> None:
    chunk = Streams.chunk

    def with_another_column(self: Streams, step: int, number: int) -> np.random.Generator:
        chunk(self, 13, number).random(1_000)
        return chunk(self, step, number)

    monkeypatch.setattr(Streams, "chunk", with_another_column)
    assert_identical(simulate(RetailSettings(rows=MANY_ROWS), threads=2), busy_shop)


def test_another_seed_gives_another_table(small_shop: Retail) -> None:
    other = simulate(RetailSettings(seed=43)).frame
    for column in ("customer_id", "product_id", "unit_price", "trans_date", "revenue", "user_rating"):
        assert not other[column].equals(small_shop.frame[column])


def test_fewer_ratings_change_no_other_column_and_no_rating_that_is_given(small_shop: Retail) -> None:
    sparse = simulate(RetailSettings(rating_rate=0.3)).frame
    assert sparse.drop("user_rating").equals(small_shop.frame.drop("user_rating"))
    given = sparse["user_rating"].is_not_null()
    assert given.mean() == pytest.approx(0.3, abs=5 * np.sqrt(0.3 * 0.7 / len(sparse)))
    assert sparse["user_rating"].filter(given).equals(small_shop.frame["user_rating"].filter(given))
    assert small_shop.frame["user_rating"].null_count() == 0


def test_columns_have_their_names_types_and_order(small_shop: Retail) -> None:
    assert list(small_shop.frame.schema.items()) == list(
        {
            "customer_id": pl.String,
            "product_id": pl.String,
            "category": pl.String,
            "sub_category": pl.String,
            "brand": pl.String,
            "unit_price": pl.Float64,
            "city": pl.String,
            "loyalty_tier": pl.String,
            "customer_age": pl.Int64,
            "customer_revenue_90d": pl.Float64,
            "trans_date": pl.Datetime("us", "UTC"),
            "quantity": pl.Int64,
            "revenue": pl.Float64,
            "total_amount": pl.Float64,
            "user_rating": pl.Float64,
        }.items()
    )


@pytest.mark.parametrize(
    ("size", "customers", "products", "categories", "sub_categories", "cities"),
    [("small", 1_000, 500, 8, 24, 12), ("medium", 10_000, 2_000, 12, 60, 40)],
)
def test_a_size_has_its_customers_products_and_places(
    size, customers: int, products: int, categories: int, sub_categories: int, cities: int
) -> None:
    frame = simulate(RetailSettings(size=size, rows=400_000)).frame
    assert len(frame) == 400_000
    assert frame["customer_id"].max() == f"C{customers:07}"
    assert frame["product_id"].max() == f"P{products:06}"
    assert frame["category"].n_unique() == categories
    assert sub_categories * 0.95 <= frame["sub_category"].n_unique() <= sub_categories
    assert frame["city"].n_unique() == cities


def test_attributes_are_functions_of_the_product_and_of_the_customer(busy_shop: Retail) -> None:
    frame = busy_shop.frame
    products = frame.select("product_id", "category", "sub_category", "brand", "unit_price").unique()
    assert len(products) == frame["product_id"].n_unique()
    customers = frame.select("customer_id", "city", "loyalty_tier", "customer_age").unique()
    assert len(customers) == frame["customer_id"].n_unique()
    assert products.select("sub_category", "category").n_unique() == products["sub_category"].n_unique()
    brands = products.group_by("category").agg(pl.col("brand").n_unique())
    assert brands["brand"].max() == 6
    assert products.select("brand", "category").n_unique() == products["brand"].n_unique()


def test_rows_come_by_time_then_customer(busy_shop: Retail) -> None:
    keys = busy_shop.frame.select("trans_date", "customer_id")
    assert keys.equals(keys.sort("trans_date", "customer_id"))
    # so that the second key was put to the test
    assert keys["trans_date"].n_unique() < len(keys)


def test_sales_fill_two_years_with_their_leap_day(busy_shop: Retail) -> None:
    days = busy_shop.frame["trans_date"].dt.date().unique().sort()
    assert len(days) == 731
    assert (days[0], days[-1]) == (dt.date(2023, 1, 1), dt.date(2024, 12, 31))
    assert dt.date(2024, 2, 29) in days


def test_customers_buy_the_same_product_again(small_shop: Retail) -> None:
    pairs = small_shop.frame.select("customer_id", "product_id")
    assert 1 - pairs.n_unique() / len(pairs) > 0.01
