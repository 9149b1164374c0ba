"""Types that say how values are written: dates by their order, numbers by their decimal point."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data.options import TableOptions
from recsys.data.upload import opened, read_import
from workbench.datasets import DatasetError

ROWS = 120
DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=row * 3) for row in range(ROWS)]
NUMBERS = [round(random.Random(row).uniform(-2e6, 2e6), 2) for row in range(ROWS)]


def read(folder: Path, values: list[str], word: str) -> tuple[pl.Series, list[str]]:
    """A column of a table read as a chosen type, and what is said of it."""
    frame = pl.DataFrame(
        {
            "user": [f"u{row % 9}" for row in range(ROWS)],
            "item": [f"i{row % 7}" for row in range(ROWS)],
            "c": values,
        }
    )
    frame.write_csv(folder / "mine.csv", separator=";")
    made = read_import(
        folder / "mine.csv", TableOptions(types={"c": word}, roles={"user": "user_id", "item": "item_id"})
    )
    assert isinstance(made.content, Path)
    try:
        table = opened(made.content, made.manifest)
    finally:
        made.content.unlink()
    return table.frame["c"], [notice.message for notice in table.facts.notices if notice.column == "c"]


@pytest.mark.parametrize("text", ["%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%Y/%m/%d"])
def test_dates_declared_day_first_are_read_so_though_some_may_be_either(tmp_path: Path, text: str) -> None:
    column, said = read(tmp_path, [day.strftime(text) for day in DAYS], "temporal_day_first")
    assert [moment.date() for moment in column] == DAYS
    assert said == ['Dates of "c" are read day first, as was chosen.']


def test_ambiguous_dates_are_those_of_the_order_that_was_declared(tmp_path: Path) -> None:
    days = [dt.date(2024, 1 + row % 12, 1 + row // 12) for row in range(ROWS)]
    texts = [f"{day.day:02}/{day.month:02}/{day.year}" for day in days]
    first, _ = read(tmp_path, texts, "temporal_day_first")
    other, _ = read(tmp_path, texts, "temporal_month_first")
    assert [moment.date() for moment in first] == days
    assert [moment.date() for moment in other] == [dt.date(day.year, day.day, day.month) for day in days]


@pytest.mark.parametrize("point", ["comma", "point"])
@pytest.mark.parametrize("apart", ["", "other", " "])
@pytest.mark.parametrize("sign", ["{}", "{} €", "${}"])
def test_numbers_are_read_with_the_point_that_was_declared(
    tmp_path: Path, point: str, apart: str, sign: str
) -> None:
    mark, other = (",", ".") if point == "comma" else (".", ",")
    thousands = other if apart == "other" else apart
    texts = [f"{number:,.2f}".translate(str.maketrans({",": thousands, ".": mark})) for number in NUMBERS]
    column, said = read(tmp_path, [sign.format(text) for text in texts], f"numeric_decimal_{point}")
    assert column.to_list() == NUMBERS
    assert said == [f'Numbers of "c" are read with a decimal {point}, as was chosen.']


def test_what_may_be_thousands_or_a_fraction_is_what_was_declared(tmp_path: Path) -> None:
    texts = [f"{1 + row},{row:03}" for row in range(ROWS)]
    assert read(tmp_path, texts, "numeric_decimal_comma")[0].to_list() == pytest.approx(
        [1 + row + row / 1000 for row in range(ROWS)]
    )
    assert read(tmp_path, texts, "numeric_decimal_point")[0].to_list() == [
        1000.0 * (1 + row) + row for row in range(ROWS)
    ]


def test_whole_numbers_stay_whole(tmp_path: Path) -> None:
    column, _ = read(tmp_path, [str(row * 10**9) for row in range(ROWS)], "numeric_decimal_comma")
    assert column.dtype == pl.Int64
    assert column.to_list() == [row * 10**9 for row in range(ROWS)]


@pytest.mark.parametrize(
    ("value", "word", "said"),
    [
        ("12/31/2024", "temporal_day_first", 'cannot be read as temporal_day_first, such as "12/31/2024"'),
        (
            "31/12/2024",
            "temporal_month_first",
            'cannot be read as temporal_month_first, such as "31/12/2024"',
        ),
        ("1.38", "numeric_decimal_comma", 'cannot be read as numeric_decimal_comma, such as "1.38"'),
        ("1,38", "numeric_decimal_point", 'cannot be read as numeric_decimal_point, such as "1,38"'),
        ("1.382,16,1", "numeric_decimal_comma", "cannot be read"),
        ("£3", "numeric_decimal_comma", 'do not all have the same sign: no sign and "£"'),
    ],
)
def test_what_is_not_written_as_declared_is_refused_with_the_value(
    tmp_path: Path, value: str, word: str, said: str
) -> None:
    rest: Any = "04/04/2024" if word.startswith("temporal") else "12"
    with pytest.raises(DatasetError) as caught:
        read(tmp_path, [rest] * (ROWS - 1) + [value], word)
    assert said in str(caught.value)
    assert (caught.value.code, caught.value.where) == ("DS_CAST", "c")
