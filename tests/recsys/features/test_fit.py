from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

from recsys.features.config import TOWERS, FeatureConfig
from recsys.features.fit import columns_of, fit
from recsys.features.fitted import (
    Bucketed,
    BucketMember,
    Crossed,
    EarlierItems,
    EmbeddedTerms,
    Fitted,
    Normalized,
)
from recsys.features.outputs import tower_outputs
from tests.recsys.features.examples import retail, rich, table

RICH = FeatureConfig.model_validate(
    rich()
    | {"target_column": {"column": "user_rating", "transforms": {"clip_outliers": {}, "log_transform": True}}}
)


def outputs(fitted: Fitted) -> dict[str, Any]:
    return {output.name: output for output in (*fitted.buyer, *fitted.product)}


def test_what_is_fitted_has_the_names_and_order_of_the_widths() -> None:
    fitted = fit(RICH, table())
    for tower in TOWERS:
        found = fitted.outputs(tower)
        assert [o.name for o in found] == [o.name for o in tower_outputs(RICH, tower)]
        assert [o.kind for o in found] == [o.kind for o in tower_outputs(RICH, tower)]


def test_everything_is_counted_on_the_train_rows() -> None:
    frame = table()
    train = np.arange(0, 400, 3)
    fitted = fit(RICH, frame, train)
    rows = frame[train]
    found = outputs(fitted)
    assert fitted.train_rows == len(train)
    city: EmbeddedTerms = found["city"]
    expected = rows["city"].replace("", None).fill_null("__missing__").value_counts()
    assert dict(zip(city.vocabulary.terms, city.vocabulary.counts, strict=True)) == dict(expected.iter_rows())
    revenue = rows["customer_revenue_90d"].drop_nulls()
    scale = found["customer_revenue_90d_norm"].scale
    assert (scale.minimum, scale.maximum) == (revenue.min(), revenue.max())
    assert scale.mean == pytest.approx(revenue.mean(), rel=1e-12)
    bucket: Bucketed = found["customer_revenue_90d_bucket"]
    edges = np.unique(np.quantile(revenue.to_numpy(), np.arange(1, 100) / 100))
    np.testing.assert_allclose(bucket.edges.edges, edges, rtol=1e-12)
    times = rows["trans_date"].drop_nulls()
    norm: Normalized = found["trans_date_norm"]
    first, last = times.min(), times.max()
    assert isinstance(first, dt.datetime)
    assert isinstance(last, dt.datetime)
    assert norm.reading.origin == int(first.replace(tzinfo=dt.UTC).timestamp())
    assert (norm.scale.minimum, norm.scale.maximum) == (0.0, (last - first).total_seconds())
    assert fitted.target is not None
    ratings = rows["user_rating"].drop_nulls().to_numpy()
    assert (fitted.target.lower, fitted.target.upper) == (
        np.percentile(ratings, 1),
        np.percentile(ratings, 99),
    )


UNFITTED = [
    "trans_date_yearly",
    "trans_date_quarterly",
    "trans_date_monthly",
    "trans_date_weekly",
    "product_id_history",
    "customer_id_x_city_cross",
    "category_x_sub_category_cross",
]
"""What keeps nothing of any row."""


def poisoned(frame: pl.DataFrame, keep: np.ndarray) -> pl.DataFrame:
    """The same rows where kept; everywhere else values that would show in any statistic."""
    columns = []
    for place, series in enumerate(frame):
        if series.dtype == pl.String:
            values: list[Any] = [f"poison {n % 3}" if n % 4 else None for n in range(len(series))]
        elif series.dtype == pl.Float64:
            values = [
                (-1e300, 1e300, float("nan"), float("inf"), None)[(n + place) % 5] for n in range(len(series))
            ]
        else:
            values = [dt.datetime(9000, 1, 1) if n % 2 else None for n in range(len(series))]
        bad = pl.Series(series.name, values, dtype=series.dtype)
        columns.append(series.zip_with(pl.Series(keep), bad))
    return pl.DataFrame(columns)


def test_other_rows_than_trains_leave_no_trace_in_what_is_fitted() -> None:
    frame = table()
    train = np.random.default_rng(0).permutation(400)[:250]
    keep = np.zeros(400, bool)
    keep[train] = True
    changed = poisoned(frame, keep)
    assert not changed.equals(frame)
    assert fit(RICH, changed, train).model_dump_json() == fit(RICH, frame, train).model_dump_json()
    plain = FeatureConfig.model_validate(rich())
    seen, unseen = outputs(fit(plain, changed)), outputs(fit(plain, frame))
    assert [name for name in seen if seen[name] == unseen[name]] == UNFITTED


def test_the_order_of_train_rows_leaves_no_trace_either() -> None:
    frame = table()
    train = np.random.default_rng(1).permutation(400)[:300]
    once = fit(RICH, frame, train).model_dump_json()
    assert fit(RICH, frame, np.sort(train)).model_dump_json() == once
    assert fit(RICH, frame[np.sort(train)[::-1]]).model_dump_json() == once


def test_what_is_fitted_is_the_same_from_its_json_and_cannot_be_changed() -> None:
    fitted = fit(RICH, table())
    again = Fitted.model_validate_json(fitted.model_dump_json())
    assert again == fitted
    assert again.model_dump_json() == fitted.model_dump_json()
    with pytest.raises(ValueError, match="frozen"):
        fitted.train_rows = 3


def test_a_history_points_to_the_products_table_and_tables_have_known_rows() -> None:
    fitted = fit(RICH, table())
    found = outputs(fitted)
    history: EarlierItems = found["product_id_history"]
    assert (history.shared, history.max_length) == ("product_id", 50)
    assert fitted.items(history) == next(o for o in fitted.product if isinstance(o, EmbeddedTerms)).vocabulary
    rows = fitted.table_rows("buyer")
    bucket = found["customer_revenue_90d_bucket"]
    assert rows == {
        "customer_id": 61,
        "customer_revenue_90d_bucket": len(bucket.edges.edges) + 2,
        "city": 11,
        "customer_id_x_city_cross": 5000,
    }
    assert fitted.table_rows("product") == {
        "product_id": 41,
        "category": 5,
        "sub_category": 13,
        "category_x_sub_category_cross": 1000,
    }


def test_a_cross_buckets_its_numbers_by_its_own_quantiles() -> None:
    members = [
        {"column": "customer_id", "type": "text"},
        {"column": "customer_revenue_90d", "type": "numeric", "crossing_buckets": 4},
        {"column": "trans_date", "type": "temporal", "crossing_buckets": 2},
    ]
    frame = table()
    fitted = fit(FeatureConfig.model_validate(retail(buyer_model_crosses=[{"features": members}])), frame)
    cross = fitted.buyer[-1]
    assert isinstance(cross, Crossed)
    text, numeric, temporal = cross.members
    assert text.kind == "text"
    assert isinstance(numeric, BucketMember)
    assert isinstance(temporal, BucketMember)
    revenue = frame["customer_revenue_90d"].drop_nulls().to_numpy()
    np.testing.assert_allclose(numeric.edges.edges, np.quantile(revenue, [0.25, 0.5, 0.75]))
    seconds = frame["trans_date"].drop_nulls().dt.epoch("s").to_numpy()
    np.testing.assert_allclose(temporal.edges.edges, [np.median(seconds) - seconds.min()])


def test_only_columns_that_are_named_are_read() -> None:
    assert columns_of(RICH) == (
        "customer_id", "customer_revenue_90d", "trans_date", "city", "product_id", "category",
        "sub_category", "user_rating",
    )  # fmt: skip
    odd = table().with_columns(pl.Series("odd", [[1]] * 400))
    assert fit(RICH, odd) == fit(RICH, table())


def test_a_train_part_without_values_is_fitted_all_the_same() -> None:
    frame = table().with_columns(
        customer_revenue_90d=pl.lit(None, pl.Float64),
        trans_date=pl.lit(None, pl.Datetime("us")),
        city=pl.lit(None, pl.String),
    )
    found = outputs(fit(RICH, frame))
    assert found["customer_revenue_90d_bucket"].edges.edges == ()
    assert found["customer_revenue_90d_norm"].scale.constant
    assert found["trans_date_norm"].reading.origin == 0
    assert found["city"].vocabulary.terms == ("__missing__",)


def test_what_cannot_be_fitted_is_refused_in_words() -> None:
    frame = table()
    with pytest.raises(ValueError, match="no column 'city'; they have customer_id"):
        fit(RICH, frame.drop("city"))
    with pytest.raises(ValueError, match="no rows to fit on"):
        fit(RICH, frame, np.array([]))
    log = retail()
    log["buyer_model_features"][1]["transforms"]["log_transform"] = True
    low = frame.with_columns(customer_revenue_90d=pl.col("customer_revenue_90d") - 100)
    with pytest.raises(
        ValueError, match=r'log1p needs values greater than -1 \("customer_revenue_90d" has -'
    ):
        fit(FeatureConfig.model_validate(log), low)
    no_table = rich()
    no_table["product_model_features"].pop(0)
    with pytest.raises(ValueError, match='History of "product_id" needs an embedding'):
        fit(FeatureConfig.model_validate(no_table), frame)
    wrong = frame.with_columns(customer_revenue_90d=pl.lit("a"))
    with pytest.raises(TypeError, match='"customer_revenue_90d" holds String, no numbers'):
        fit(RICH, wrong)
