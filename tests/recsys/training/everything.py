"""Configurations that use every transform, and rows with all that can go wrong in a column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from recsys.data.schema import DataType
from recsys.features.apply import Arrays
from recsys.features.config import FeatureConfig
from recsys.features.fit import fit
from recsys.features.fitted import Fitted
from recsys.features.histories import ItemHistories

CYCLES = dict.fromkeys(("yearly", "quarterly", "monthly", "weekly", "daily"), True)

SCHEMA: dict[str, DataType] = {
    "user": "text",
    "item": "text",
    'a "b"\n{{c}} = 1; import os #': "text",
    "größe": "numeric",
    "price": "numeric",
    "visits": "numeric",
    "when": "temporal",
    "member": "boolean",
    "code": "numeric",
    "item_history": "numeric",
}
HOSTILE = 'a "b"\n{{c}} = 1; import os #'

_NUMBER: dict[str, Any] = {"normalize": {}, "bucketize": {"buckets": 10}, "null_flag": True}


def _text(column: str, **embedding: Any) -> dict[str, Any]:
    return {"column": column, "data_type": "text", "transforms": {"embedding": embedding}}


def _numeric(column: str, **transforms: Any) -> dict[str, Any]:
    return {"column": column, "data_type": "numeric", "transforms": transforms}


DOCUMENT: dict[str, Any] = {
    "buyer_model_features": [
        _text("user", max_vocab=20, oov_buckets=5) | {"is_primary_id": True},
        _text(HOSTILE, min_frequency=2, oov_buckets=3),
        _numeric("price", **_NUMBER, log_transform=True),
        _numeric("visits", normalize={"range": "[0,1]"}, bucketize={"buckets": 4}),
        _text("code", oov_buckets=2),
        _text("member"),
        {"column": "when", "data_type": "temporal", "transforms": _NUMBER | {"cyclical": CYCLES}},
        {
            "column": "item",
            "data_type": "history",
            "transforms": {"history": {"shared_with": "item", "max_length": 4}},
        },
    ],
    "product_model_features": [
        _text("item", oov_buckets=7) | {"is_primary_id": True},
        _numeric("price", normalize={"range": "z_score"}, bucketize={"buckets": 7}),
        _numeric("größe", normalize={"range": "z_score"}, null_flag=True),
        _numeric("code", normalize={}, bucketize={"buckets": 3}),
        _numeric("member", normalize={"range": "[0,1]"}),
        _numeric("item_history", normalize={}),
    ],
    "buyer_model_crosses": [
        {
            "features": [
                {"column": HOSTILE, "type": "text"},
                {"column": "price", "type": "numeric", "crossing_buckets": 5},
                {"column": "when", "type": "temporal", "crossing_buckets": 6},
            ],
            "hash_bucket_size": 997,
        },
        {"features": [{"column": "code", "type": "text"}, {"column": "member", "type": "text"}]},
    ],
    "product_model_crosses": [
        {
            "features": [
                {"column": "price", "type": "numeric"},
                {"column": "größe", "type": "numeric", "crossing_buckets": 3},
            ]
        }
    ],
}  # fmt: skip
CONFIG = FeatureConfig.model_validate(DOCUMENT)

TERMS = [
    "",
    "x",
    "a\nb",
    "a\r\nb",
    "\\n",
    " ",
    "\x00",
    "é",
    "e\u0301",
    "😀",
    "__missing__",
    "y" * 90,
    "'\"{",
    None,
]
PRICES = [
    0.0,
    0.1,
    0.1 + 1e-9,
    3.25,
    17.0,
    1e6,
    -0.5,
    -1.0,
    -7.0,
    None,
    float("nan"),
    float("inf"),
    float("-inf"),
]
TIMES = [None, -1, 0, 1, 951_782_400, 1_709_208_000, 1_709_208_001, -62_135_596_800, 253_402_300_799]
SIZES = [None, 5.0, 5.0 + 1e-13, 7.25, -1e300, 1e300]


def table(rows: int = 300, seed: int = 0) -> pl.DataFrame:
    """Rows drawn from all that; the first 200, from which things are fitted, have logarithms."""
    rng = np.random.default_rng(seed)

    def drawn(values: list) -> list:
        return [values[i] for i in rng.integers(0, len(values), rows)]

    price = drawn([*PRICES[:7], None, float("nan")])
    price[200:] = drawn(PRICES)[200:]
    return pl.DataFrame(
        {
            "user": [f"u{n}" for n in rng.zipf(1.5, rows) % 60],
            "item": [f"i{n}" for n in rng.integers(0, 40, rows)],
            HOSTILE: pl.Series(drawn(TERMS), dtype=pl.String),
            "größe": pl.Series(drawn(SIZES), dtype=pl.Float64),
            "price": pl.Series(price, dtype=pl.Float64),
            "visits": pl.Series(drawn([0, 1, 1, 2, 3, None]), dtype=pl.Int64),
            "when": pl.from_epoch(pl.Series(drawn(TIMES), dtype=pl.Int64), "s"),
            "member": pl.Series(drawn([True, False, None]), dtype=pl.Boolean),
            "code": pl.Series(drawn([1, 20, 300, -4, 2**40, None]), dtype=pl.Int64),
            "item_history": pl.Series(drawn([1.0, 2.0]), dtype=pl.Float64),
        }
    )


def plainer_table(rows: int = 300) -> pl.DataFrame:
    """The same, but all numbers have logarithms, and float32 tells them and the times apart."""
    sizes, prices, when = pl.col("größe"), pl.col("price"), pl.col("when").dt.epoch("s")
    return table(rows).with_columns(
        pl.when((sizes.abs() < 1e30) & (sizes != 5.0 + 1e-13)).then(sizes),
        pl.when(prices.is_finite() & (prices > -1) & (prices != 0.1 + 1e-9)).then(prices),
        pl.when(when.is_in([0, 951_782_400, 1_709_208_000])).then("when"),
    )


def histories(rows: int = 300, seed: int = 0) -> ItemHistories:
    """Histories of 0 to 6 items, some of them unknown or empty ids."""
    rng = np.random.default_rng(seed)
    ids = [*(f"i{n}" for n in range(45)), "", "__missing__", "new\nid"]
    return ItemHistories(
        rng.integers(0, len(ids), 400), rng.integers(0, 390, rows), rng.integers(0, 7, rows), ids
    )


def fitted() -> Fitted:
    """What the first 200 rows say."""
    return fit(CONFIG, table(), np.arange(200))


def by_key(keys: Mapping[Any, tuple[str, ...]], tower: str, arrays: Arrays) -> dict[str, np.ndarray]:
    """The arrays of the NumPy path under the keys of the layer's tensors."""
    flat: list[np.ndarray] = []
    for array in arrays.values():
        flat += [array] if isinstance(array, np.ndarray) else array.padded()
    named = [key for (of, _), parts in keys.items() if of == tower for key in parts]
    return dict(zip(named, flat, strict=True))
