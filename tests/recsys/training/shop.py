"""A small shop whose columns are made to be doubted, divided and transformed."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import polars as pl

from recsys.data.schema import Role
from recsys.data.table import table_of
from recsys.features.config import FeatureConfig
from recsys.training.parts import PartName, Transformed, divide, transform
from recsys.trial import TrialSettings

ROWS = 3_000
ROLES: dict[str, Role] = {
    "user": "user_id", "item": "item_id", "when": "timestamp", "kind": "item_attribute", "label": "item_attribute",
    "price": "item_attribute", "shelf": "context", "echo": "context", "stars": "outcome",
}  # fmt: skip


def frame() -> pl.DataFrame:
    """Rows: `shelf` stands for the item, `echo` follows the stars, `price` varies for item i7 alone."""
    rng = np.random.default_rng(0)
    item = rng.integers(0, 40, ROWS)
    stars = rng.integers(1, 6, ROWS).astype(float)
    return pl.DataFrame(
        {
            "user": [f"u{i}" for i in rng.integers(0, 60, ROWS)],
            "item": [f"i{i}" for i in item],
            "when": np.arange(ROWS),
            "kind": [f"kind {i % 3}" for i in item],
            "label": [f"label {i}" for i in item],
            "price": np.where(item == 7, np.arange(ROWS) % 5, item).astype(float),
            "shelf": [f"s{(i * 7) % 40}" for i in item],
            "echo": stars * 2 + 1,
            "stars": stars,
        }
    ).with_columns(pl.from_epoch("when").alias("when"))


def _text(column: str, primary: bool = False) -> dict[str, Any]:
    return {
        "column": column, "data_type": "text", "is_primary_id": primary,
        "transforms": {"embedding": {"embedding_dim": 4}},
    }  # fmt: skip


def _number(column: str) -> dict[str, Any]:
    return {"column": column, "data_type": "numeric", "transforms": {"normalize": {}}}


@cache
def done(*, target: bool = True) -> Transformed:
    """The shop's last tenth of rows is for testing; its features read every doubtful column."""
    features = {
        "buyer_model_features": [_text("user", True), _text("shelf"), _number("echo")],
        "product_model_features": [_text("item", True), _text("kind"), _number("price")],
        "target_column": {"column": "stars"} if target else None,
    }
    table = table_of(frame(), ROLES, source="test")
    division = divide(table, TrialSettings(split="random", seed=3))
    return transform(division, FeatureConfig.model_validate(features), binary=False)


def rows_of(made: Transformed, part: PartName) -> pl.DataFrame:
    """The raw rows of a part."""
    return made.division.table.frame[made.division.rows(part)]
