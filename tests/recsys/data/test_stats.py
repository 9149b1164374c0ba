"""Figures of columns against independent computations."""

from __future__ import annotations

import collections
import datetime as dt
import json
import statistics

import numpy as np
import polars as pl
import pytest

from recsys.data.looks import value_words
from recsys.data.schema import ColumnInfo, DataType
from recsys.data.stats import (
    as_json,
    column_statistics,
    estimated_distinct,
    events_per_day,
    popularity_curve,
    sample_rows,
    statistics_of,
)
from recsys.data.table import Table, data_type_of, table_of


def figures(series: pl.Series, **options):
    info = ColumnInfo("x", str(series.dtype), data_type_of(series.dtype), "context")
    return column_statistics(series.alias("x"), info, **options)


def test_numbers_agree_with_the_standard_library() -> None:
    values = np.random.default_rng(5).gamma(2.0, 3.0, 999).tolist()
    all_of_them = figures(pl.Series([*values, None, float("nan"), float("inf"), float("-inf")]))
    found = all_of_them.numeric
    assert found is not None
    assert (all_of_them.not_finite, all_of_them.nulls, all_of_them.cardinality) == (3, 1, len(set(values)))
    assert (found.minimum, found.maximum) == (min(values), max(values))
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.std == pytest.approx(statistics.pstdev(values))
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    assert found.quantiles == pytest.approx((cuts[0], cuts[24], cuts[49], cuts[74], cuts[98]))
    counts, edges = np.histogram(values, bins=20)
    assert found.counts == tuple(counts)
    assert found.edges == pytest.approx(edges)


def test_a_column_of_numbers_that_are_not_finite_has_their_count_and_no_figures() -> None:
    found = figures(pl.Series([float("inf"), float("nan"), None, float("-inf")]))
    assert (found.not_finite, found.nulls, found.cardinality, found.numeric) == (3, 1, 0, None)
    assert value_words(found) == "3 not finite"
    whole = figures(pl.Series([1.5, 2.5, float("inf")]))
    assert (whole.not_finite, whole.cardinality) == (1, 2)
    assert value_words(whole).endswith(", 1 not finite")
    assert figures(pl.Series([1, 2, None])).not_finite == 0


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([3] * 10, 3.0, 3.0),
        ([-1.7e308, 1.7e308, 0.0], -1.7e308, 1.7e308),
        ([2**60, 2**60 + 1], 2.0**60, 2.0**60),
    ],
)
def test_constant_and_extreme_numbers_have_figures(values: list, low: float, high: float) -> None:
    found = figures(pl.Series(values)).numeric
    assert found is not None
    assert (found.minimum, found.maximum) == (low, high)
    assert sum(found.counts) == len(values)
    assert all(np.isfinite([found.mean, found.std, *found.edges]))


@pytest.mark.parametrize(
    "counts",
    [{1: 4, 2: 0, 3: 7, 4: 1, 5: 3}, {-2: 3, 40: 1, 1_000: 2}, {7: 5}, {value: value + 1 for value in range(20)}, {0: 1, 2**40: 2}],
)  # fmt: skip
def test_whole_numbers_of_few_values_have_a_bar_a_value(counts: dict[int, int]) -> None:
    values = [value for value, times in counts.items() for _ in range(times)]
    for dtype in (pl.Int64, pl.Float64):
        found = figures(pl.Series("x", values, dtype)).numeric
        there = {value: times for value, times in counts.items() if times}
        assert found is not None
        assert dict(zip(found.values, found.counts, strict=True)) == there
        assert len(found.edges) == len(found.counts) + 1
        for value, low, high in zip(found.values, found.edges, found.edges[1:], strict=False):
            assert low < value < high


@pytest.mark.parametrize(
    "values", [[*range(21)], [0.5, 1.0, 2.0], [1, 2, 2**53 + 2], [*range(1_000), *[5] * 500]]
)
def test_other_numbers_have_twenty_bins_as_numpy_counts_them(values: list[float]) -> None:
    found = figures(pl.Series("x", values)).numeric
    counts, edges = np.histogram(np.array(values, float), bins=20)
    assert found is not None
    assert found.values == ()
    assert list(found.counts) == counts.tolist()
    assert found.edges == pytest.approx(edges)


def test_text_has_its_most_frequent_values_and_its_longest() -> None:
    values = ["b"] * 3 + ["a"] * 3 + [f"x{n}" for n in range(20)] + ["é😀é"] + [None]
    found = figures(pl.Series(values))
    assert found.text is not None
    assert found.text.top[:3] == (("a", 3), ("b", 3), ("x0", 1))
    assert len(found.text.top) == 10
    assert (found.text.longest, found.nulls, found.cardinality) == (3, 1, 23)
    assert found.null_percent == pytest.approx(100 / 28)
    counted = collections.Counter(value for value in values if value)
    assert all(counted[value] == n for value, n in found.text.top)


def test_times_and_truth_values_and_lists() -> None:
    times = pl.Series([dt.datetime(1969, 12, 31, 12), None, dt.datetime(1970, 1, 2)]).dt.replace_time_zone(
        "UTC"
    )
    found = figures(times).temporal
    assert found is not None
    assert (found.first, found.last, found.days) == (
        "1969-12-31T12:00:00+00:00",
        "1970-01-02T00:00:00+00:00",
        1.5,
    )
    truth = figures(pl.Series([True, False, True])).text
    assert truth is not None
    assert truth.top == (("true", 2), ("false", 1))
    listed = figures(pl.Series([["a"], None]))
    assert (listed.cardinality, listed.nulls, listed.text) == (None, 1, None)


@pytest.mark.parametrize(
    "dtype", [pl.Float64, pl.String, pl.Datetime("us", "UTC"), pl.Boolean, pl.List(pl.String)]
)
def test_a_column_without_a_value_has_no_figures(dtype) -> None:
    for rows in (0, 3):
        found = figures(pl.Series([None] * rows, dtype=dtype))
        assert (found.numeric, found.text, found.temporal, found.nulls) == (None, None, None, rows)
    assert figures(pl.Series([float("nan")])).numeric is None


def test_distinct_values_are_counted_up_to_a_limit_and_estimated_above() -> None:
    values = pl.Series(np.random.default_rng(1).integers(0, 2**60, 1_500_000))
    found = figures(values)
    assert found.estimated
    assert found.cardinality == pytest.approx(1_500_000, rel=0.02)
    exact = figures(values[:990_000])
    assert (exact.cardinality, exact.estimated) == (990_000, False)
    text = figures(values[:300_000].cast(pl.String), exact_to=200_000)
    assert text.estimated
    assert text.cardinality == pytest.approx(300_000, rel=0.02)
    for column in (pl.int_range(400_000, eager=True) * 64, pl.int_range(400_000, eager=True) / 8):
        assert estimated_distinct(pl.concat([column, column])) == pytest.approx(400_000, rel=0.005)


def small(rows: int = 400) -> Table:
    random = np.random.default_rng(8)
    frame = pl.DataFrame(
        {
            "who": [f"u{n}" for n in random.integers(0, 20, rows)],
            "what": np.minimum(random.geometric(0.2, rows), 15),
            "when": [
                dt.datetime(2024, 1, 1) + dt.timedelta(hours=int(h)) for h in random.integers(0, 24 * 9, rows)
            ],
            "odd": [float("nan"), float("inf")] * (rows // 2),
        }
    )
    return table_of(frame, {"who": "user_id", "what": "item_id", "when": "timestamp"}, source="made_up")


def test_the_popularity_curve_is_the_share_of_the_most_popular_items() -> None:
    table = small()
    curve = popularity_curve(table)
    counts = [n for _, n in collections.Counter(table.frame["what"].to_list()).most_common()]
    for items, share in zip(curve.items, curve.share, strict=True):
        assert share == pytest.approx(sum(counts[:items]) / 400)
    assert (curve.items[0], curve.items[-1], curve.share[-1]) == (1, len(counts), 1.0)


def test_events_are_counted_by_day_and_by_several_where_there_are_many() -> None:
    table = small()
    found = events_per_day(table)
    assert found is not None
    days = collections.Counter(str(moment.date()) for moment in table.frame["when"].to_list())
    assert found.first == "2024-01-01"
    assert list(found.counts) == [days[f"2024-01-{day:02}"] for day in range(1, 10)]
    coarse = events_per_day(table, most=4)
    assert coarse is not None
    assert (coarse.step, sum(coarse.counts), len(coarse.counts)) == (3, 400, 3)
    assert events_per_day(table_of(table.frame, {}, source="made_up")) is None


def test_sample_rows_are_always_the_same_and_plain() -> None:
    table = small()
    rows = sample_rows(table)
    assert rows == sample_rows(table)
    assert len(rows) == 10
    assert {row["odd"] for row in rows} <= {"nan", "inf"}
    json.dumps(rows, allow_nan=False)
    assert len(sample_rows(table, 100)) == 100
    assert len(sample_rows(small(4), 10)) == 4
    for count in (0, 101):
        with pytest.raises(ValueError, match="from 1 to 100"):
            sample_rows(table, count)


def test_figures_are_json_and_kept_by_content_and_roles() -> None:
    table = small()
    found = statistics_of(table)
    json.dumps([as_json(column) for column in found], allow_nan=False)
    json.dumps(as_json(popularity_curve(table)))
    assert statistics_of(small()) is found
    other: DataType = "numeric"
    assert [column.data_type for column in found] == ["text", other, "temporal", other]
    changed = table_of(table.frame, {"who": "item_id", "what": "user_id"}, source="made_up")
    assert statistics_of(changed)[0].role == "item_id"


def test_long_texts_are_shortened_where_they_are_shown_and_counted_whole() -> None:
    values = [f"{'x' * 20_000}{n}" for n in (1, 1, 2)]
    found = figures(pl.Series(values)).text
    assert found is not None
    assert found.longest == 20_001
    assert [(len(value), value[-1], count) for value, count in found.top] == [(200, "…", 2), (200, "…", 1)]
    frame = pl.DataFrame({"note": values, "tags": [[value, "short"] for value in values]})
    for row in sample_rows(table_of(frame, {}, source="made_up")):
        assert [len(text) for text in (row["note"], *row["tags"])] == [200, 200, 5]
