"""Feature configurations that come with Trellis, for its simulator and for MovieLens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from recsys.features.config import FeatureConfig


@dataclass(frozen=True)
class ShippedFeatures:
    """A named feature configuration.

    Attributes:
        key: its name. description: one sentence. data: what data sets it fits.
    """

    key: str
    description: str
    data: Literal["movielens", "retail"]
    config: FeatureConfig


def _text(column: str, dim: int, *, primary: bool = False) -> dict[str, Any]:
    return {
        "column": column,
        "data_type": "text",
        "is_primary_id": primary,
        "transforms": {"embedding": {"embedding_dim": dim}},
    }


def _bucket(column: str, dim: int) -> dict[str, Any]:
    bucketize = {"buckets": 10, "embedding_dim": dim}
    return {"column": column, "data_type": "numeric", "transforms": {"bucketize": bucketize}}


def _rating(normalize: dict[str, Any] | None) -> dict[str, Any]:
    return {"column": "rating", "transforms": {"normalize": normalize}}


def _ids(dim: int, normalize: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "buyer_model_features": [_text("user_id", dim, primary=True)],
        "product_model_features": [_text("movie_id", dim, primary=True)],
        "target_column": _rating(normalize),
    }


_MOVIELENS_SIDE: dict[str, Any] = {
    "buyer_model_features": [
        _text("user_id", 32, primary=True),
        _bucket("age", 8),
        _text("gender", 8),
        _text("occupation", 8),
    ],
    "product_model_features": [
        _text("movie_id", 32, primary=True),
        _text("genres", 8),
        _bucket("release_year", 8),
    ],
    "target_column": _rating({"range": "z_score"}),
}

_RETAIL: dict[str, Any] = {
    "buyer_model_features": [
        _text("customer_id", 64, primary=True),
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
        _text("product_id", 32, primary=True),
        _text("category", 8),
        _text("sub_category", 16),
    ],
    "product_model_crosses": [
        {
            "features": [{"column": "category", "type": "text"}, {"column": "sub_category", "type": "text"}],
            "hash_bucket_size": 1000,
            "embedding_dim": 16,
        }
    ],
}


def _shipped(
    key: str, description: str, data: Literal["movielens", "retail"], document: dict[str, Any]
) -> ShippedFeatures:
    return ShippedFeatures(key, description, data, FeatureConfig.model_validate(document))


SHIPPED: Mapping[str, ShippedFeatures] = MappingProxyType(
    {
        shipped.key: shipped
        for shipped in (
            _shipped("ids-32", "Both ids, 32 wide; ratings on their own scale.", "movielens", _ids(32)),
            _shipped("ids-64", "Both ids, 64 wide; ratings on their own scale.", "movielens", _ids(64)),
            _shipped(
                "ids-32-normalised",
                "Both ids, 32 wide; ratings normalised.",
                "movielens",
                _ids(32, {"range": "z_score"}),
            ),
            _shipped(
                "movielens-side",
                "Ids with what is known of users and movies; ratings normalised.",
                "movielens",
                _MOVIELENS_SIDE,
            ),
            _shipped(
                "retail-104-72",
                "Customers with their revenue and the date, products with their categories.",
                "retail",
                _RETAIL,
            ),
        )
    }
)
"""The feature configurations by key."""
