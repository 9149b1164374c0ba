"""Dates and numbers in forms of their own: read where they can mean one thing alone, else told in a notice."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from recsys.data.options import TableOptions
from recsys.data.upload import read_import
from workbench.datasets import DatasetError

ROWS = 120
Make = Callable[[int], str]


def read(folder: Path, values: list[str], name: str = "c", **options: Any) -> tuple[pl.Series, list[str]]:
    """The column that an import keeps of some values, and what it says of it."""
    lines = [f"u{row % 7};i{row % 11};{value}" for row, value in enumerate(values)]
    (folder / "odd.csv").write_text("\n".join([f"user_id;item_id;{name}", *lines]) + "\n")
    found = read_import(folder / "odd.csv", TableOptions(**options))
    assert isinstance(found.content, Path)
    column = pl.read_parquet(found.content)[name]
    found.content.unlink()
    return column, [notice for notice in found.notices if f'"{name}"' in notice]


def days(first: dt.date = dt.date(2023, 12, 20)) -> list[dt.date]:
    return [first + dt.timedelta(days=row) for row in range(ROWS)]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("%d/%m/%Y", "day first: 20/12/2023 is 2023-12-20"),
        ("%d.%m.%Y", "day first: 20.12.2023 is 2023-12-20"),
        ("%m/%d/%Y", "month first: 12/20/2023 is 2023-12-20"),
        ("%m-%d-%Y", "month first: 12-20-2023 is 2023-12-20"),
        ("%Y/%m/%d", "year first: 2023/12/20 is 2023-12-20"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"types": {"c": "temporal"}}])
def test_dates_that_can_be_read_in_one_way_are_read_and_it_is_said(
    tmp_path: Path, form: str, said: str, options: Any
) -> None:
    column, notices = read(tmp_path, [day.strftime(form) for day in days()], **options)
    assert [moment.date() for moment in column] == days()
    assert notices == [f'Dates of "c" are read {said}.']


def test_a_time_of_day_may_follow_and_is_utc(tmp_path: Path) -> None:
    moments = [
        dt.datetime(2024, 5, 13, tzinfo=dt.UTC) + dt.timedelta(hours=7 * row, seconds=row)
        for row in range(ROWS)
    ]
    column, _ = read(tmp_path, [moment.strftime("%d/%m/%Y %H:%M:%S") for moment in moments])
    assert column.to_list() == moments
    column, _ = read(tmp_path, [moment.strftime("%d/%m/%Y %H:%M") for moment in moments])
    assert column.to_list() == [moment.replace(second=0) for moment in moments]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda row: f"{row % 9 + 1:02}/04/2024", "its dates, such as 01/04/2024, may have the day or the month first"),
        (lambda row: "31/12/2024" if row % 2 else "12/31/2024", "some of its dates have the day first, some the month: 31/12/2024 and 12/31/2024"),
        (lambda row: "31/12/24", "it looks like dates, but not all are of a form that is read, such as \"31/12/24\""),
        (lambda row: "31 Dec 2024", "it looks like dates, but not all are of a form that is read"),
        (lambda row: "soon" if row == 5 else "31/12/2024", 'it looks like dates, but 1 of its 120 values is not, such as "soon"'),
        (lambda row: "30/02/2024", "it looks like dates, but not all are of a form that is read"),
    ],
)  # fmt: skip
def test_dates_that_may_be_several_stay_text_with_what_to_do(tmp_path: Path, make: Make, said: str) -> None:
    values = [make(row) for row in range(ROWS)]
    column, (notice,) = read(tmp_path, values)
    assert column.to_list() == values
    assert notice.startswith(f'"c" is text: {said}')
    assert "Give dates as year-month-day, such as 2024-12-31" in notice
    with pytest.raises(DatasetError) as caught:
        read(tmp_path, values, types={"c": "temporal"})
    assert (caught.value.code, caught.value.hint[:29]) == ("DS_CAST", "Give dates as year-month-day,")


def written(number: float, thousands: str, point: str) -> str:
    """A number with two decimals, by Python's own grouping."""
    return f"{number:,.2f}".translate(str.maketrans({",": thousands, ".": point}))


NUMBERS = [round(random.Random(row).uniform(-5e6, 5e6), 2) for row in range(ROWS)]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda number: written(number, ".", ","), "with a decimal comma"),
        (lambda number: written(number, ",", "."), "with commas between thousands"),
        (lambda number: written(number, " ", ","), "with a decimal comma and thousands set apart"),
        (lambda number: written(number, "\u202f", ","), "with a decimal comma and thousands set apart"),
        (lambda number: written(number, "'", "."), "with thousands set apart"),
        (lambda number: f"{number:.2f}%", 'without "%"'),
        (lambda number: f"{number:.2f} %", 'without "%"'),
        (lambda number: f"{'-' if number < 0 else ''}${abs(number):.2f}", 'without "$"'),
        (lambda number: f"${number:.2f}", 'without "$"'),
        (lambda number: f"{written(number, '', ',')} €", 'without "€" and with a decimal comma'),
        (lambda number: f"{written(number, '.', ',')}€", 'without "€" and with a decimal comma'),
        (
            lambda number: f"USD {written(number, ',', '.')}",
            'without "USD" and with commas between thousands',
        ),
    ],
)
@pytest.mark.parametrize("options", [{}, {"types": {"c": "numeric"}}])
def test_numbers_that_can_be_read_in_one_way_are_read_and_it_is_said(
    tmp_path: Path, make: Callable[[float], str], said: str, options: Any
) -> None:
    column, (notice,) = read(tmp_path, [make(number) for number in NUMBERS], **options)
    assert column.to_list() == pytest.approx(NUMBERS, rel=1e-15)
    assert notice.startswith(f'Numbers of "c" are read {said}: {make(NUMBERS[0])} is ')
    assert float(notice.rsplit(" ", 1)[1].rstrip(".")) == NUMBERS[0]


def test_values_that_are_missing_stay_missing_and_nought_has_no_sign(tmp_path: Path) -> None:
    column, _ = read(
        tmp_path, ["" if row % 3 == 1 else "-$0.00" if row % 3 else "$1.50" for row in range(ROWS)]
    )
    assert column[:3].to_list() == [1.5, None, 0.0]
    assert str(column[2]) == "0.0"


def test_a_number_set_apart_far_below_plain_ones_decides_as_well(tmp_path: Path) -> None:
    values = [str(row) for row in range(2000)] + ["1,000,000.5"]
    column, (notice,) = read(tmp_path, values)
    assert (column[5], column[2000]) == (5.0, 1_000_000.5)
    assert "with commas between thousands" in notice


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda row: "$5" if row % 2 else "€5", 'not all have the same sign: "€" and "$"'),
        (lambda row: "5%" if row % 2 else "5", 'not all have the same sign: no sign and "%"'),
        (lambda row: "free" if row == 9 else f"${row}.25", '1 of its 120 values is not, such as "free"'),
        (lambda row: f"${row % 9 + 1},{row + 100}", "what separates their digits, as in $1,100, may be a decimal point"),
        (lambda row: "1.382,16" if row % 2 else "1,382.16", "their digits are not separated in one way: 1,382.16 and 1.382,16"),
    ],
)  # fmt: skip
def test_numbers_that_may_be_several_stay_text_with_what_to_do(tmp_path: Path, make: Make, said: str) -> None:
    values = [make(row) for row in range(ROWS)]
    column, (notice,) = read(tmp_path, values)
    assert column.to_list() == values
    assert notice.startswith(f'"c" is text: it looks like numbers, but {said}')
    assert "Give plain numbers, such as 1382.16" in notice
    assert ("by the type numeric_decimal_comma" in notice) == ("may be a decimal point" in said)
    with pytest.raises(DatasetError) as caught:
        read(tmp_path, values, types={"c": "numeric"})
    assert (caught.value.code, caught.value.hint) == ("DS_CAST", notice[notice.index("Give plain numbers") :])


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda row: f"192.168.1.{row}", "c"),
        (lambda row: f"555 {row + 100} 123", "c"),
        (lambda row: f"{row:05}", "c"),
        (lambda row: f"1.{row}.0", "c"),
        (lambda row: f"{row} items", "c"),
        (lambda row: f"1,{row + 100}.5", "order_code"),
    ],
)
def test_codes_addresses_and_words_stay_text_without_a_word(tmp_path: Path, make: Make, name: str) -> None:
    values = [make(row) for row in range(ROWS)]
    column, notices = read(tmp_path, values, name)
    assert (column.to_list(), notices) == (values, [])


def test_dates_in_text_of_a_parquet_file_are_read_and_its_numbers_are_not(tmp_path: Path) -> None:
    frame = pl.DataFrame({
        "user_id": range(ROWS), "item_id": range(ROWS), "day": [day.strftime("%d/%m/%Y") for day in days()],
        "share": ["57%"] * ROWS,
    })  # fmt: skip
    frame.write_parquet(tmp_path / "odd.parquet")
    found = read_import(tmp_path / "odd.parquet")
    assert isinstance(found.content, Path)
    kept = pl.read_parquet(found.content)
    found.content.unlink()
    assert [moment.date() for moment in kept["day"]] == days()
    assert kept["share"][0] == "57%"
    assert any("day first" in notice for notice in found.notices)
