"""Any table with any column names gives finite, bounded tensors under unique names."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.features.apply import apply
from recsys.features.config import TOWERS, FeatureConfig
from recsys.features.fit import fit
from recsys.features.fitted import Fitted

TRICKY = [
    " ",
    "a",
    "a_norm",
    "a_x_b",
    "b",
    "a_x_b_cross",
    "{{x}}",
    "'; drop",
    '"',
    "\n",
    "\x1f",
    "\x00",
    "é",
    "😀",
    "__missing__",
    "a_daily",
    "a_daily_sin",
]
TEXT = st.none() | st.just("") | st.sampled_from(TRICKY) | st.text(max_size=8)
NUMBER = (
    st.none() | st.floats(allow_nan=True, allow_infinity=True, width=64) | st.sampled_from([0.0, -1.0, 1e308])
)
TIME = st.none() | st.integers(-(10**14), 10**14)
NAMES = st.lists(
    st.sampled_from(TRICKY) | st.text(min_size=1, max_size=5), min_size=4, max_size=4, unique=True
)


def document(names: list[str]) -> dict[str, Any]:
    text, numeric, temporal, item = names
    number: dict[str, Any] = {"normalize": {}, "bucketize": {"buckets": 7}, "null_flag": True}
    cyclical = dict.fromkeys(("yearly", "quarterly", "monthly", "weekly", "daily"), True)
    features = [
        {
            "column": text,
            "data_type": "text",
            "transforms": {"embedding": {"max_vocab": 3, "oov_buckets": 2}},
        },
        {"column": numeric, "data_type": "numeric", "transforms": number},
        {"column": temporal, "data_type": "temporal", "transforms": number | {"cyclical": cyclical}},
    ]
    members = [
        {"column": text, "type": "text"},
        {"column": numeric, "type": "numeric"},
        {"column": temporal, "type": "temporal"},
    ]
    return {
        "buyer_model_features": features,
        "product_model_features": [{"column": item, "data_type": "text", "transforms": {"embedding": {}}}],
        "buyer_model_crosses": [{"features": members}, {"features": members[:2]}],
    }


@given(NAMES, st.lists(st.tuples(TEXT, NUMBER, TIME, TEXT), min_size=1, max_size=12), st.data())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_hostile_names_and_values_give_finite_bounded_tensors(
    names: list[str], rows: list[tuple], data: st.DataObject
) -> None:
    types = (pl.String, pl.Float64, pl.Int64, pl.String)
    columns = [
        pl.Series(n, list(v), dtype=t) for n, v, t in zip(names, zip(*rows, strict=True), types, strict=True)
    ]
    frame = pl.DataFrame(columns)
    train = np.array(data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, unique=True)))
    config = FeatureConfig.model_validate(document(names))
    fitted = fit(config, frame, train)
    assert Fitted.model_validate_json(fitted.model_dump_json()) == fitted
    got = apply(fitted, frame)
    assert len(got.buyer) == 1 + 3 + 3 + 10 + 2
    for tower, arrays in zip(TOWERS, (got.buyer, got.product), strict=True):
        tables = fitted.table_rows(tower)
        for name, array in arrays.items():
            assert isinstance(array, np.ndarray)
            if name in tables:
                assert 0 <= array.min() <= array.max() < tables[name], name
            else:
                assert np.abs(array).max() <= 1, name
