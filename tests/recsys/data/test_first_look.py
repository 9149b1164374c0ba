"""A file before it is imported: what it would become, what is odd, and what stands in the way."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from recsys.data.first_look import first_look
from recsys.data.options import TableOptions

ROWS = 120


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Ids, a date that may be either, a code that looks like a number, and a number that is nearly one."""
    lines = ["customer;product;when;branch;price"]
    lines += [
        f"c{row % 9};p{row % 7};0{row % 9 + 1}/04/2024;{row % 5};{'free' if row == 3 else f'{row},50'}"
        for row in range(ROWS)
    ]
    (tmp_path / "mine.csv").write_text("\n".join(lines))
    return tmp_path / "mine.csv"


def test_columns_are_told_with_what_is_odd_and_rows_as_they_are_written(file: Path) -> None:
    found = first_look(file, TableOptions())
    assert found.facts is not None
    assert found.problems == {}
    types = {info.column: info.data_type for info in found.facts.columns}
    assert types == {
        "customer": "text",
        "product": "text",
        "when": "text",
        "branch": "numeric",
        "price": "text",
    }
    assert "may have the day or the month first" in found.notices("when")[0].message
    assert "temporal_day_first" in found.notices("when")[0].message
    assert '"free"' in found.notices("price")[0].message
    assert dict(found.rows[3]) == {
        "customer": "c3",
        "product": "p3",
        "when": "04/04/2024",
        "branch": "3",
        "price": "free",
    }


def test_what_is_chosen_is_read_so_and_roles_follow(file: Path) -> None:
    found = first_look(file, TableOptions(types={"when": "temporal_month_first", "branch": "text"}))
    assert found.facts is not None
    assert {info.column: info.data_type for info in found.facts.columns} | {"price": "text"} == {
        "customer": "text", "product": "text", "when": "temporal", "branch": "text", "price": "text",
    }  # fmt: skip
    assert found.facts.roles["when"] == "timestamp"
    assert found.facts.dates == ("2024-01-04", "2024-09-04")


def test_a_choice_that_does_not_fit_is_a_problem_of_its_column_alone(file: Path) -> None:
    options = TableOptions(
        types={"price": "numeric_decimal_comma", "branch": "boolean", "when": "temporal_day_first"},
        roles={"branch": "timestamp"},
    )
    found = first_look(file, options)
    assert found.facts is not None
    assert set(found.problems) == {"price", "branch"}
    assert (
        '1 of 120 values of "price" cannot be read as numeric_decimal_comma, such as "free"'
        in found.problems["price"]
    )
    assert {info.column: info.data_type for info in found.facts.columns}["when"] == "temporal"


def test_a_file_that_is_too_small_or_no_table_says_so(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("user_id,item_id\n" + "\n".join(f"u{row},i{row}" for row in range(5)))
    found = first_look(tmp_path / "few.csv", TableOptions())
    assert found.facts is None
    assert "at least 100 are needed" in found.problems[""]
    (tmp_path / "none.csv").write_bytes(b"\xff\xfe\x00")
    nothing = first_look(tmp_path / "none.csv", TableOptions())
    assert nothing.rows == ()
    assert set(nothing.problems) == {""}


def test_nothing_temporary_is_left_behind(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    for types in ({}, {"price": "numeric"}):
        first_look(file, TableOptions(types=types))
    assert list((tmp_path / "temporary").iterdir()) == []
