from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import polars as pl
import pytest

from recsys.features.columns import Columns, numbers_of, seconds_of, terms_of


def terms(values: list, dtype: pl.DataType | type[pl.DataType] | None = None) -> list[str]:
    found = terms_of(pl.Series("x", values, dtype=dtype))
    assert found.codes.dtype == np.int64
    return [found.distinct[code] for code in found.codes]


def test_text_is_kept_as_it_is_but_for_what_is_missing_and_line_breaks() -> None:
    given = [
        "a",
        " a ",
        "é中😀",
        "1.0",
        "00123",
        "1e5",
        "NaN",
        "null",
        "a\nb",
        "a\r\nb",
        "\\n",
        "",
        None,
        "__missing__",
    ]
    assert terms(given) == [
        "a", " a ", "é中😀", "1.0", "00123", "1e5", "NaN", "null", "a\\nb", "a\\r\\nb", "\\n",
        "__missing__", "__missing__", "__missing__",
    ]  # fmt: skip


def test_whole_numbers_are_their_decimal_form_in_any_type() -> None:
    assert terms([7, -3, None, 2**63 - 1], pl.Int64) == ["7", "-3", "__missing__", "9223372036854775807"]
    assert terms([7, 250], pl.UInt8) == ["7", "250"]
    assert terms([7.0, -0.0, 2.5, None, float("nan")]) == ["7", "0", "2.5", "__missing__", "__missing__"]
    assert terms([float("inf"), 1e20]) == ["inf", "1e+20"]


def test_truth_values_are_words() -> None:
    assert terms([True, False, None]) == ["true", "false", "__missing__"]


def test_columns_without_a_value_or_a_row_are_read() -> None:
    assert terms([None, None], pl.String) == ["__missing__", "__missing__"]
    assert terms([None, None], pl.Null) == ["__missing__", "__missing__"]
    assert terms([], pl.String) == []
    assert seconds_of(pl.Series("x", [None])).null.tolist() == [True]
    assert np.isnan(numbers_of(pl.Series("x", [None]))).tolist() == [True]


def test_an_enum_or_a_category_is_text() -> None:
    assert terms(["b", "a", None], pl.Enum(["a", "b"])) == ["b", "a", "__missing__"]
    assert terms(["b", "a", "b"], pl.Categorical()) == ["b", "a", "b"]


@pytest.mark.parametrize("values", [[[1, 2]], [dt.date(2024, 1, 1)], [b"x"], [dt.timedelta(1)]])
def test_what_has_no_plain_text_is_refused(values: list) -> None:
    with pytest.raises(TypeError, match=r'column "x" holds .* a text feature reads'):
        terms_of(pl.Series("x", values))


def test_numbers_are_read_from_numbers_and_truth_values() -> None:
    np.testing.assert_array_equal(numbers_of(pl.Series("x", [1, None, 3])), [1.0, np.nan, 3.0])
    np.testing.assert_array_equal(numbers_of(pl.Series("x", [True, None, False])), [1.0, np.nan, 0.0])
    np.testing.assert_array_equal(numbers_of(pl.Series("x", ["1.25"]).cast(pl.Decimal(10, 2))), [1.25])
    assert numbers_of(pl.Series("x", [0.1], dtype=pl.Float32)).dtype == np.float64
    with pytest.raises(TypeError, match=r'column "x" holds String, no numbers'):
        numbers_of(pl.Series("x", ["1"]))


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_are_whole_seconds_in_every_unit(unit: Literal["ms", "us", "ns"]) -> None:
    moments = [
        dt.datetime(1970, 1, 1),
        dt.datetime(2024, 2, 29, 12, 0, 0, 999_000),
        None,
        dt.datetime(1969, 12, 31, 23, 59, 59, 500_000),
    ]
    found = seconds_of(pl.Series("x", moments, dtype=pl.Datetime(unit)))
    assert found.values.tolist() == [0, 1_709_208_000, 0, -1]
    assert found.values.dtype == np.int64
    assert found.null.tolist() == [False, False, True, False]


def test_a_time_with_a_zone_is_taken_to_utc_and_one_without_is_utc() -> None:
    naive = pl.Series("x", [dt.datetime(2024, 7, 1)])
    assert seconds_of(naive).values.tolist() == [1_719_792_000]
    assert seconds_of(naive.dt.replace_time_zone("UTC")).values.tolist() == [1_719_792_000]
    assert seconds_of(naive.dt.replace_time_zone("Europe/Berlin")).values.tolist() == [1_719_792_000 - 7200]


def test_days_and_integers_are_times_too() -> None:
    assert seconds_of(pl.Series("x", [dt.date(1970, 1, 3), None])).values.tolist() == [172_800, 0]
    assert seconds_of(pl.Series("x", [5, None], dtype=pl.Int32)).values.tolist() == [5, 0]
    for values in ([1.5], ["2024-01-01"], [dt.time(1)], [dt.timedelta(1)]):
        with pytest.raises(TypeError, match=r'column "x" holds .*, no times'):
            seconds_of(pl.Series("x", values))


def test_a_column_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r'column "b" is not in these rows; they have a'):
        Columns(pl.DataFrame({"a": [1]})).numbers("b")


def test_of_some_rows_each_column_is_read_as_of_a_table_of_these_rows_alone() -> None:
    frame = pl.DataFrame(
        {
            "a": ["x", None, "y", "x"],
            "b": [1, 2, None, 4],
            "c": [dt.date(2024, 1, day) for day in (1, 2, 3, 4)],
        }
    )
    rows = np.array([3, 1, 2])
    some, alone = Columns(frame, rows), Columns(frame[rows])
    assert len(some) == len(alone) == 3
    for columns in (some, alone):
        terms = columns.terms("a")
        assert [terms.distinct[code] for code in terms.codes] == ["x", "__missing__", "y"]
    np.testing.assert_array_equal(some.numbers("b"), [4, 2, np.nan])
    np.testing.assert_array_equal(some.seconds("c").values, alone.seconds("c").values)
