from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import pytest

import recsys.training.legacy_keras  # noqa: F401  chooses Keras before TensorFlow is imported
from recsys.features.columns import numbers_of, terms_of
from recsys.training import transform_ops as ops
from recsys.training.legacy_keras import tf

UTC = dt.UTC


def seconds(*moment: int) -> int:
    return int(dt.datetime(*moment, tzinfo=UTC).timestamp())  # type: ignore[misc]


@pytest.mark.parametrize(
    ("cycle", "expected"),
    [
        ("yearly", 0.1625683),
        ("quarterly", 0.6538462),
        ("monthly", 0.9827586),
        ("weekly", 0.5),
        ("daily", 0.5),
    ],
)
def test_a_leap_day_at_noon_by_hand(cycle: str, expected: float) -> None:
    found = ops.phase(tf.constant([seconds(2024, 2, 29, 12)], tf.int64), cycle)
    if cycle == "weekly":
        # a Thursday: three days and a half of seven
        assert dt.date(2024, 2, 29).weekday() == 3
    np.testing.assert_allclose(found.numpy(), [expected], atol=5e-8)


def test_phases_at_every_turn_of_a_month_until_2100_are_those_of_the_calendar() -> None:
    months = [(y, m) for y in range(1970, 2101) for m in range(1, 13)]
    turns = [seconds(y, m, 1) + offset for y, m in months for offset in (-1, 0, 1)]
    leaps = [seconds(y, 2, 28) + 86_400 * d + 3601 for y in range(1970, 2101) for d in (0, 1)]
    moments = [dt.datetime(1970, 1, 1, tzinfo=UTC) + dt.timedelta(seconds=s) for s in turns + leaps]
    for cycle, length in (("yearly", 12), ("quarterly", 3), ("monthly", 1)):
        expected = []
        for moment in moments:
            first = (moment.month - 1) // length * length + 1
            start = dt.datetime(moment.year, first, 1, tzinfo=UTC)
            after = first + length
            end = dt.datetime(moment.year + (after > 12), (after - 1) % 12 + 1, 1, tzinfo=UTC)
            expected.append((moment - start) / (end - start))
        found = ops.phase(tf.constant(turns + leaps, tf.int64), cycle).numpy()
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12, err_msg=cycle)
        assert found.max() < 1
    week = [
        (m - dt.datetime(m.year, m.month, m.day, tzinfo=UTC)).total_seconds() + 86_400 * m.weekday()
        for m in moments
    ]
    found = ops.phase(tf.constant(turns + leaps, tf.int64), "weekly").numpy()
    np.testing.assert_allclose(found, np.array(week) / 604_800, rtol=0, atol=1e-12)


def test_times_a_second_apart_differ_and_null_has_no_place_in_the_day() -> None:
    moments, null = ops.as_seconds(tf.constant([1_709_208_000, 1_709_208_001, ops.NULL_INTEGER], tf.int64))
    sine, cosine = (part.numpy() for part in ops.wave(moments, null, "daily"))
    assert sine[0] != sine[1]
    assert (sine[2], cosine[2]) == (0, 0)
    found = ops.elapsed(moments, null, 1_709_207_999).numpy()
    np.testing.assert_array_equal(found, [1, 2, np.nan])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("[-1,1]", [-1, 1, -0.5, -1, 1, -0.2]),
        ("[0,1]", [0, 1, 0.25, 0, 1, 0.4]),
        ("z_score", [-2, 3, -0.75, -10, 10, 0]),
    ],
)
def test_scales_by_hand(kind: str, expected: list[float]) -> None:
    values = tf.constant([10, 20, 12.5, -1e9, np.inf, np.nan], tf.float64)
    found = ops.scale(values, kind, 10.0, 20.0, 14.0, 2.0)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-7)


def test_a_constant_column_is_zero_on_every_scale() -> None:
    values = tf.constant([3, 7, np.nan, np.inf], tf.float64)
    for kind in ("[-1,1]", "[0,1]", "z_score"):
        assert ops.scale(values, kind, 3.0, 3.0, 3.0, 0.0).numpy().tolist() == [0, 0, 0, 0]


def test_null_shares_no_bucket_with_a_number() -> None:
    values = tf.constant([-np.inf, 0.9, 1, 1.5, 2, np.inf, np.nan], tf.float64)
    assert ops.bucket(values, tf.constant([1, 2], tf.float64)).numpy().tolist() == [0, 0, 1, 1, 2, 2, 3]
    assert ops.bucket(values, tf.constant([], tf.float64)).numpy().tolist() == [0] * 6 + [1]


def test_a_cross_of_three_is_of_its_own_row() -> None:
    tokens = (tf.constant(["a", "b"]), tf.constant([1, 2], tf.int64), tf.constant(["__missing__", "c"]))
    wanted = tf.strings.to_hash_bucket_fast(["a\x1f1\x1f__missing__", "b\x1f2\x1fc"], 997)
    np.testing.assert_array_equal(ops.cross(997, *tokens), wanted)


def test_sparse_columns_become_dense_with_null_where_they_have_nothing() -> None:
    text = tf.SparseTensor([[0, 0], [2, 0]], tf.constant(["a", "b\n"]), [4, 1])
    assert ops.as_terms(text).numpy().tolist() == [b"a", b"__missing__", b"b\\n", b"__missing__"]
    whole = tf.SparseTensor([[1, 0]], tf.constant([5], tf.int64), [3, 1])
    np.testing.assert_array_equal(ops.as_numbers(whole), [np.nan, 5, np.nan])
    assert ops.as_terms(whole).numpy().tolist() == [b"__missing__", b"5", b"__missing__"]
    np.testing.assert_array_equal(ops.as_seconds(whole)[1], [True, False, True])
    empty = tf.SparseTensor(tf.zeros([0, 2], tf.int64), tf.constant([], tf.float32), [2, 0])
    np.testing.assert_array_equal(ops.as_numbers(empty), [np.nan, np.nan])
    assert ops.as_terms(tf.constant([True, False])).numpy().tolist() == [b"true", b"false"]


def test_numbers_that_come_as_text_are_the_numbers_that_the_text_was_made_of() -> None:
    numbers = [0.1, 1e-7, 1e16, 2.0**60, 5e-324, -0.0, 7.0, float("inf"), float("-inf"), None, 1 / 3, 1e300]
    for series in (
        pl.Series("x", numbers),
        pl.Series("x", [1, -(2**53), None]),
        pl.Series("x", [True, False, None]),
    ):
        terms = terms_of(series)
        text = tf.constant([terms.distinct[code] for code in terms.codes])
        np.testing.assert_array_equal(ops.as_numbers(text), numbers_of(series))


@pytest.mark.parametrize("form", ["one each", "column", "sparse"])
def test_a_history_of_one_item_comes_as_one_text_a_row_or_as_a_column(form: str) -> None:
    given: Any = tf.constant(["a", "", "b\nc"])
    if form == "column":
        given = given[:, None]
    elif form == "sparse":
        given = tf.SparseTensor([[0, 0], [2, 0]], ["a", "b\nc"], [3, 1])
    terms, mask = ops.latest_items(given, 1)
    assert terms.numpy().tolist() == [[b"a"], [b""], [b"b\\nc"]]
    assert mask.numpy().tolist() == [[1.0], [0.0], [1.0]]


def test_the_latest_items_are_kept_oldest_first_wherever_padding_stands() -> None:
    given = tf.constant([["", "a", "", "b", "c"], ["d", "", "", "", ""], [""] * 5])
    terms, mask = ops.latest_items(given, 2)
    assert terms.numpy().tolist() == [[b"b", b"c"], [b"d", b""], [b"", b""]]
    assert mask.numpy().tolist() == [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
