"""A shop's feature configuration in two sizes of known width, its columns, and a table that fits them."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import polars as pl

from recsys.data.schema import ColumnInfo, ColumnStats, DataType, Role, Schema

RETAIL: dict[str, Any] = {
    "buyer_model_features": [
        {
            "column": "customer_id",
            "data_type": "text",
            "is_primary_id": True,
            "transforms": {"embedding": {"embedding_dim": 64}},
        },
        {
            "column": "customer_revenue_90d",
            "data_type": "numeric",
            "transforms": {
                "normalize": {"range": "[-1,1]"},
                "bucketize": {"buckets": 100, "embedding_dim": 32},
            },
        },
        {
            "column": "trans_date",
            "data_type": "temporal",
            "transforms": {
                "normalize": {"range": "[-1,1]"},
                "cyclical": {"quarterly": True, "monthly": True, "weekly": True},
            },
        },
    ],
    "product_model_features": [
        {
            "column": "product_id",
            "data_type": "text",
            "is_primary_id": True,
            "transforms": {"embedding": {"embedding_dim": 32}},
        },
        {"column": "category", "data_type": "text", "transforms": {"embedding": {"embedding_dim": 8}}},
        {"column": "sub_category", "data_type": "text", "transforms": {"embedding": {"embedding_dim": 16}}},
    ],
    "product_model_crosses": [
        {
            "features": [{"column": "category", "type": "text"}, {"column": "sub_category", "type": "text"}],
            "hash_bucket_size": 1000,
            "embedding_dim": 16,
        }
    ],
}
"""104 wide for buyers, 72 for products."""


def retail(**changes: Any) -> dict[str, Any]:
    """The shop's document, a copy, with some of its fields replaced."""
    return copy.deepcopy(RETAIL) | changes


def rich() -> dict[str, Any]:
    """The same with histories, cities, a cross of buyers and the year: 170 wide for buyers."""
    document = retail()
    buyer = document["buyer_model_features"]
    buyer[2]["transforms"]["cyclical"]["yearly"] = True
    history = {"history": {"shared_with": "product_id"}}
    buyer.append({"column": "product_id", "data_type": "history", "transforms": history})
    city = {"column": "city", "data_type": "text", "transforms": {"embedding": {"embedding_dim": 16}}}
    buyer.append(city)
    members = [{"column": "customer_id", "type": "text"}, {"column": "city", "type": "text"}]
    document["buyer_model_crosses"] = [{"features": members, "embedding_dim": 16}]
    return document


def column(
    name: str,
    data_type: DataType,
    role: Role,
    cardinality: int | None = None,
    minimum: float | None = None,
) -> ColumnInfo:
    """One column of a schema."""
    storage = {"text": "String", "numeric": "Float64", "temporal": "Datetime", "boolean": "Boolean"}
    return ColumnInfo(
        name, storage.get(data_type, "List(String)"), data_type, role, ColumnStats(cardinality, minimum)
    )


SCHEMA = Schema(
    (
        column("customer_id", "text", "user_id", 1000),
        column("product_id", "text", "item_id", 500),
        column("category", "text", "item_attribute", 8),
        column("sub_category", "text", "item_attribute", 24),
        column("brand", "text", "item_attribute", 48),
        column("unit_price", "numeric", "item_attribute", 480, 0.5),
        column("city", "text", "user_attribute", 12),
        column("loyalty_tier", "text", "user_attribute", 4),
        column("customer_age", "numeric", "user_attribute", 68, 18.0),
        column("customer_revenue_90d", "numeric", "context", 30_000, 0.0),
        column("balance", "numeric", "ignore", 900, -3.0),
        column("trans_date", "temporal", "timestamp", 50_000),
        column("returned", "boolean", "outcome", 2),
        column("user_rating", "numeric", "outcome", 5, 1.0),
        column("tags", "list_text", "ignore"),
    )
)


def table(rows: int = 400, seed: int = 0) -> pl.DataFrame:
    """Made-up sales with a few nulls, empty strings and ids of every kind."""
    rng = np.random.default_rng(seed)
    product = rng.integers(0, 40, rows)
    revenue: list[float | None] = rng.lognormal(3, 1, rows).round(2).tolist()
    seconds: list[int | None] = (1_672_531_200 + rng.integers(0, 731 * 86_400, rows)).tolist()
    city: list[str | None] = [f"city {n}" for n in rng.integers(0, 9, rows)]
    rating: list[float | None] = rng.integers(1, 6, rows).astype(float).tolist()
    revenue[3] = seconds[5] = city[7] = rating[4] = None
    city[8] = ""
    return pl.DataFrame(
        {
            "customer_id": [f"C{n:04d}" for n in rng.integers(0, 60, rows)],
            "product_id": [f"P{n:03d}" for n in product],
            "category": [f"category {n % 4}" for n in product],
            "sub_category": [f"sub {n % 12}" for n in product],
            "customer_revenue_90d": pl.Series(revenue, dtype=pl.Float64),
            "trans_date": pl.from_epoch(pl.Series(seconds, dtype=pl.Int64), "s"),
            "city": pl.Series(city, dtype=pl.String),
            "user_rating": pl.Series(rating, dtype=pl.Float64),
        }
    )
