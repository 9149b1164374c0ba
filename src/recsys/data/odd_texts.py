"""Columns of text that look like dates or numbers in a form of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recsys.data.odd_dates import may_be_dates, read_dates
from recsys.data.odd_numbers import may_be_numbers, read_numbers
from recsys.data.reading import Reading

if TYPE_CHECKING:
    import polars as pl


def may_be_odd(values: pl.Series, *, numbers: bool = True) -> bool:
    """Whether most of some trimmed values look so, as dates or, where these are looked for, as numbers."""
    return may_be_dates(values) or (numbers and may_be_numbers(values))


def read_odd(rows: pl.LazyFrame, column: str, text: pl.Expr, *, numbers: bool = True) -> Reading | None:
    """How such a column is read, or with what words it is text; None for one of something else.

    Args:
        text: its trimmed values.
    """
    dates = read_dates(rows, column, text)
    return dates if dates is not None or not numbers else read_numbers(rows, column, text)
