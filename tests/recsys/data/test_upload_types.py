"""Types of the columns of people's own tables: inferred, chosen, and those of Parquet."""

from __future__ import annotations

import datetime as dt
import decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.recsys.data.uploads import Load, dtype_of, read_of, refused, table


@pytest.mark.parametrize(
    ("make", "data_type", "first"),
    [
        (lambda r: str(r - 3), "numeric", -3),
        (lambda r: "+5", "numeric", 5),
        (lambda r: f"{r}.5", "numeric", 0.5),
        (lambda r: "1e3" if r else "-.5", "numeric", -0.5),
        (lambda r: "NaN" if r == 2 else "1", "numeric", 1.0),
        (lambda r: "inf" if r == 2 else "1", "numeric", 1.0),
        (lambda r: "" if r == 1 else "7", "numeric", 7),
        (lambda r: "TRUE" if r % 2 else "false", "boolean", False),
        (lambda r: f"{r:05}", "text", "00000"),
        (lambda r: "00123", "text", "00123"),
        (lambda r: "12345678901234567890", "text", "12345678901234567890"),
        (lambda r: "yes", "text", "yes"),
        (lambda r: "" if r else "a", "text", "a"),
        (lambda r: "", "text", None),
        (lambda r: f"2024-02-{r % 29 + 1:02}", "temporal", dt.datetime(2024, 2, 1)),
        (lambda r: "2024-01-01 10:20", "temporal", dt.datetime(2024, 1, 1, 10, 20)),
        (lambda r: "1960-01-01T00:00:00.25Z", "temporal", dt.datetime(1960, 1, 1, 0, 0, 0, 250_000)),
        (
            lambda r: "2024-01-01T00:30:00+02:00" if r else "2024-01-01T00:30:00",
            "temporal",
            dt.datetime(2024, 1, 1, 0, 30),
        ),
        (lambda r: "2024-01-01T00:30:00-0930", "temporal", dt.datetime(2024, 1, 1, 10, 0)),
        (lambda r: "2024-02-30", "text", "2024-02-30"),
        (lambda r: "2024-01-01T25:00:00", "text", "2024-01-01T25:00:00"),
        (lambda r: str(1_700_000_000 + r), "temporal", dt.datetime(2023, 11, 14, 22, 13, 20)),
        (lambda r: str(1_700_000_000_123 + r), "temporal", dt.datetime(2023, 11, 14, 22, 13, 20, 123_000)),
        (
            lambda r: str(1_700_000_000_123_456 + r),
            "temporal",
            dt.datetime(2023, 11, 14, 22, 13, 20, 123_456),
        ),
        (lambda r: "-86400" if r else "1700000000", "numeric", 1_700_000_000),
        (lambda r: '"[""a"", 2, true]"', "list_text", ["a", "2", "true"]),
        (lambda r: '"[]"', "list_text", []),
        (lambda r: '"[1, 2"', "text", "[1, 2"),
    ],
)
def test_types_are_inferred_from_all_values(load: Load, make, data_type: str, first: Any) -> None:
    found = load(table(column=make))
    assert dtype_of(found, "column") == data_type
    value = found.frame["column"][0]
    if isinstance(value, dt.datetime):
        value = value.replace(tzinfo=None)
    assert (value.to_list() if isinstance(value, pl.Series) else value) == first


def test_a_value_far_below_the_first_ones_decides_as_well(load: Load) -> None:
    late = load(
        table(3000, a=lambda r: "x" if r == 2999 else str(r), b=lambda r: "1.5" if r == 2999 else "1")
    )
    assert (dtype_of(late, "a"), dtype_of(late, "b")) == ("text", "numeric")
    assert late.frame["b"].dtype == pl.Float64
    assert read_of(load).notices[0] == '"a" is text: 1 of its 3,000 values is not whole numbers, such as "x".'
    gaps = load(table(3000, a=lambda r: "" if r % 2 else "x" if r == 2998 else "2024-01-01"))
    assert (dtype_of(gaps, "a"), "1 of its 1,500 values" in read_of(load).notices[0]) == ("text", True)
    assert load(table(3000, a=lambda r: "" if r < 2000 else str(r))).frame["a"].dtype == pl.Int64


def test_a_decimal_comma_is_read_where_it_cannot_mean_thousands(load: Load) -> None:
    found = load(
        table(sep=";", a=lambda r: f"{r},5", b=lambda r: "1,234", c=lambda r: "1,234" if r else "-2,5")
    )
    assert found.frame["a"][:2].to_list() == [0.5, 1.5]
    assert found.frame["b"][0] == "1,234"
    assert found.frame["c"][:2].to_list() == [-2.5, 1.234]
    notices = read_of(load).notices
    assert any('"a" are read with a decimal comma' in notice for notice in notices)
    assert any("the commas in its numbers may stand for thousands" in notice for notice in notices)
    assert load(table(sep=";", b=lambda r: "1,234"), types={"b": "numeric"}).frame["b"][0] == 1.234


def test_an_id_written_as_a_float_is_the_whole_number(load: Load) -> None:
    found = load(
        table()
        .replace("u", "12")
        .replace("12ser_id", "user_id")
        .replace(",i", ".0,i")
        .replace(".0,item", ",item")
    )
    assert found.frame["user_id"].dtype == pl.Float64
    assert found.interactions.user_ids == [f"12{n}" for n in range(7)]


@pytest.mark.parametrize(
    ("make", "data_type", "said"),
    [
        (lambda r: "n/a" if r in (5, 9) else "?" if r == 7 else "1", "numeric", '3 of 120 values of "c" cannot be read as numeric, such as "n/a", "?".'),
        (lambda r: f"x{r}" if r > 99 else "1", "numeric", '20 of 120 values of "c" cannot be read as numeric, such as "x100", "x101", "x102".'),
        (lambda r: "2024-13-01" if r == 1 else "2024-01-01", "temporal", 'such as "2024-13-01"'),
        (lambda r: "maybe" if r == 1 else "yes", "boolean", 'such as "maybe"'),
        (lambda r: "a" if r == 1 else "", "list_text", "1 of 1 value"),
    ],
)  # fmt: skip
def test_a_chosen_type_that_does_not_fit_is_refused_with_examples(load: Load, make, data_type, said) -> None:
    error = refused(load, "DS_CAST", table(c=make), types={"c": data_type})
    assert said in error.message
    assert error.where == "c"


@pytest.mark.parametrize(
    ("make", "data_type", "first"),
    [
        (lambda r: "1", "text", "1"),
        (lambda r: "00123", "numeric", 123),
        (lambda r: "1.5", "numeric", 1.5),
        (lambda r: "yes" if r else "0", "boolean", False),
        (lambda r: "-86400", "temporal", dt.datetime(1969, 12, 31)),
        (lambda r: "86400000000000" if r else "0", "temporal", dt.datetime(1970, 1, 1)),
        (lambda r: "1700000000", "numeric", 1_700_000_000),
    ],
)
def test_a_chosen_type_takes_the_place_of_the_inferred_one(load: Load, make, data_type, first) -> None:
    value = load(table(c=make), types=f"c={data_type}").frame["c"][0]
    assert (value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value) == first


def test_parquet_keeps_its_types_as_far_as_they_have_a_meaning(load: Load) -> None:
    n = 150
    frame = pl.DataFrame(
        {
            "user_id": pl.Series([r % 9 for r in range(n)], dtype=pl.UInt8),
            "item_id": pl.Series([float(r % 12) for r in range(n)], dtype=pl.Float32),
            "small": pl.Series([r % 3 for r in range(n)], dtype=pl.Int8),
            "huge": pl.Series([2**64 - 1] * n, dtype=pl.UInt64),
            "price": pl.Series([decimal.Decimal("1.25")] * n),
            "colour": pl.Series(["red", "blue", None] * (n // 3), dtype=pl.Categorical),
            "grade": pl.Series(["a", "b", "a"] * (n // 3), dtype=pl.Enum(["a", "b"])),
            "lasted": pl.Series([dt.timedelta(seconds=90)] * n),
            "day": pl.Series([dt.date(1950, 1, 2)] * n),
            "nano": pl.Series([dt.datetime(2024, 1, 1)] * n, dtype=pl.Datetime("ns")),
            "zoned": pl.Series([dt.datetime(2024, 7, 1, 12)] * n).dt.replace_time_zone("Europe/Berlin"),
            "clock": pl.Series([dt.time(10, 30)] * n),
            "tags": pl.Series([[1, None]] * n),
            "pair": pl.Series([[1.0, 2.5]] * n, dtype=pl.Array(pl.Float64, 2)),
            "when": pl.Series([1_700_000_000 + r for r in range(n)]),
            "digits": pl.Series(["00123"] * n),
            "plain": pl.Series(["123"] * n),
            "written": pl.Series(["2024-01-01"] * n),
            "nested": pl.Series([{"a": 1}] * n),
            "deep": pl.Series([[[1]]] * n),
            "raw": pl.Series([b"x"] * n),
            "none": pl.Series([None] * n),
        }
    )
    found = load(frame)
    assert found.manifest.source == "parquet"
    first = found.frame.row(0, named=True)
    assert found.frame.schema["user_id"] == pl.Int64
    assert found.interactions.item_ids == sorted(str(r) for r in range(12))
    assert first | {"user_id": 0, "item_id": 0.0} == {
        "user_id": 0, "item_id": 0.0, "small": 0, "huge": str(2**64 - 1), "price": 1.25, "colour": "red", "grade": "a",
        "lasted": 90.0, "day": dt.datetime(1950, 1, 2, tzinfo=dt.UTC), "nano": dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
        "zoned": dt.datetime(2024, 7, 1, 10, tzinfo=dt.UTC), "clock": "10:30:00", "tags": ["1", None], "pair": ["1", "2.5"],
        "when": dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC), "digits": "00123", "plain": "123",
        "written": dt.datetime(2024, 1, 1, tzinfo=dt.UTC), "none": None,
    }  # fmt: skip
    assert [reason.split(":")[0] for reason in read_of(load).skipped] == ["nested", "deep", "raw"]
    assert any("Durations" in notice for notice in read_of(load).notices)


def test_a_chosen_type_of_a_parquet_column_is_read_from_its_text(load: Load) -> None:
    frame = pl.DataFrame(
        {"user_id": range(150), "item_id": range(150), "flag": [0, 1] * 75, "year": [1999.0] * 150}
    )
    found = load(frame, types={"flag": "boolean", "year": "text"})
    assert found.frame["flag"][:2].to_list() == [False, True]
    assert found.frame["year"][0] == "1999"
    assert (
        "1 of 150"
        in refused(
            load,
            "DS_CAST",
            frame.with_columns(flag=pl.Series(["x", *["1"] * 149])),
            types={"flag": "numeric"},
        ).message
    )


def test_a_damaged_parquet_file_is_refused(load: Load, tmp_path: Path) -> None:
    pl.DataFrame({"a": range(1000)}).write_parquet(tmp_path / "whole.parquet")
    data = (tmp_path / "whole.parquet").read_bytes()
    assert refused(load, "DS_PARSE", data[: len(data) // 2]).where == "mine.csv"
    broken = bytearray(data)
    broken[20:200] = b"\xff" * 180
    refused(load, "DS_PARSE", bytes(broken))
