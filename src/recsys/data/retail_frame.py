"""Simulated sales as a table with names, prices and times."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from recsys.data.retail_calendar import FIRST_SECOND
from recsys.data.retail_customers import TIERS, Customers
from recsys.data.retail_rows import Sales
from recsys.data.retail_settings import RetailSize
from recsys.data.retail_world import BRANDS_PER_CATEGORY, Hierarchy, World

if TYPE_CHECKING:
    import polars as pl

CATEGORY_NAMES = (
    "Groceries", "Drinks", "Household", "Beauty", "Clothing", "Shoes", "Toys", "Books", "Garden", "Sports",
    "Kitchen", "Furniture", "Electronics", "Pets", "Baby", "Health", "Stationery", "Music", "Tools", "Travel",
)  # fmt: skip
ROW_BITS = 25
"""Bits of a row number: 20,000,000 rows need 25."""


def sales_frame(
    shape: RetailSize,
    world: World,
    customers: Customers,
    sales: Sales,
    ratings: np.ndarray,
    pool: ThreadPoolExecutor,
) -> pl.DataFrame:
    """The table of sales by (trans_date, customer_id, sequence), its columns made on the pool's threads.

    Text is String, times are Datetime("us", "UTC") on whole seconds, counts and ages Int64, everything else
    Float64.

    Args:
        ratings: uint8 (R,), 0 where there is none.
    """
    import polars as pl

    order = _by_time(sales.second)
    customer = pl.Series(sales.customer.take(order).view(np.uint32))
    product = pl.Series(sales.product.take(order).view(np.uint32))
    hierarchy = world.hierarchy

    def money(cents: np.ndarray) -> pl.Series:
        return pl.Series(cents.take(order) / 100)

    def when() -> pl.Series:
        microseconds = (FIRST_SECOND + sales.second.take(order).astype(np.int64)) * 1_000_000
        return pl.Series(microseconds).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    def rating() -> pl.Series:
        given = pl.Series(ratings.take(order))
        return given.cast(pl.Float64).set(given == 0, None)

    cities = _numbered("City ", 3, shape.cities)
    columns: dict[str, Callable[[], pl.Series]] = {
        "customer_id": lambda: _numbered("C", 7, shape.customers).gather(customer),
        "product_id": lambda: _numbered("P", 6, shape.products).gather(product),
        "category": lambda: pl.Series(CATEGORY_NAMES).gather(hierarchy.category).gather(product),
        "sub_category": lambda: _sub_category_names(hierarchy).gather(hierarchy.sub_category).gather(product),
        "brand": lambda: _brand_names(shape).gather(_brand_number(hierarchy)).gather(product),
        "unit_price": lambda: pl.Series(world.price_cents / 100).gather(product),
        "city": lambda: cities.gather(customers.city).gather(customer),
        "loyalty_tier": lambda: pl.Series(TIERS).gather(customers.tier).gather(customer),
        "customer_age": lambda: pl.Series(customers.age).gather(customer),
        "customer_revenue_90d": lambda: money(sales.revenue_90d_cents),
        "trans_date": when,
        "quantity": lambda: pl.Series(sales.quantity.take(order)).cast(pl.Int64),
        "revenue": lambda: money(sales.revenue_cents),
        # 1.2 times a whole number of cents is never half a cent, so whole numbers round it exactly
        "total_amount": lambda: money((12 * sales.revenue_cents + 5) // 10),
        "user_rating": rating,
    }
    made = pool.map(lambda make: make(), columns.values())
    return pl.DataFrame(dict(zip(columns, made, strict=True)))


def _by_time(second: np.ndarray) -> np.ndarray:
    """The order by (second, row number), int64 (R,): one sort of whole numbers that hold both."""
    key = second.astype(np.int64) << ROW_BITS
    key |= np.arange(len(second))
    key.sort()
    key &= (1 << ROW_BITS) - 1
    return key


def _numbered(prefix: str, digits: int, count: int) -> pl.Series:
    """`count` ids: the prefix and the numbers from 1 on, with leading zeros."""
    import polars as pl

    return pl.Series([f"{prefix}{number:0{digits}}" for number in range(1, count + 1)])


def _sub_category_names(hierarchy: Hierarchy) -> pl.Series:
    """Each sub-category's name: its category's, and its number there."""
    import polars as pl

    seen = [0] * len(CATEGORY_NAMES)
    names = []
    for category in hierarchy.category_of_sub.tolist():
        seen[category] += 1
        names.append(f"{CATEGORY_NAMES[category]} {seen[category]:02}")
    return pl.Series(names)


def _brand_names(shape: RetailSize) -> pl.Series:
    """Six names for each category."""
    import polars as pl

    letters = "ABCDEF"[:BRANDS_PER_CATEGORY]
    return pl.Series(
        [f"{name} {letter}" for name in CATEGORY_NAMES[: shape.categories] for letter in letters]
    )


def _brand_number(hierarchy: Hierarchy) -> np.ndarray:
    return hierarchy.category * BRANDS_PER_CATEGORY + hierarchy.brand
