"""The text of an id or a term: one rule for splits, histories, candidates and vocabularies.

Whole numbers, also those stored as floats, are their decimal form (`123.0` is `123`), truth values are `true`
and `false`, text and categories are what they are. Null and NaN have no text. A line feed or carriage return
is written `\\n` or `\\r`, as two characters, so that a list of texts has one a line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

LINE_BREAKS = (("\r", "\\r"), ("\n", "\\n"))
"""What stands in a text, and how it is written."""
_WHOLE = 2.0**53
"""Below it every whole float is one integer."""


def text_expr(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """Values of a type as text, null where they have none; line breaks are left as they are."""
    import polars as pl

    if not dtype.is_float():
        return column.cast(pl.String)
    number = column.cast(pl.Float64).fill_nan(None)
    whole = number.is_finite() & (number == number.round()) & (number.abs() < _WHOLE)
    decimal = number.cast(pl.Int64, strict=False).cast(pl.String)
    return pl.when(whole).then(decimal).otherwise(number.cast(pl.String))


def text_of(series: pl.Series) -> pl.Series:
    """A column as text, as `text_expr`.

    Raises:
        TypeError: for lists, times and whatever else has no plain text.
    """
    import polars as pl

    dtype = series.dtype
    if dtype.is_nested() or dtype.is_temporal() or dtype in (pl.Binary, pl.Object):
        raise TypeError(
            f'column "{series.name}" holds {dtype}: a text feature reads text, numbers or truth values'
        )
    return series.to_frame("x").select(text_expr(pl.col("x"), dtype).alias(series.name)).to_series()


def one_line(text: str) -> str:
    """A text with its line breaks written out."""
    for found, written in LINE_BREAKS:
        text = text.replace(found, written)
    return text


def ids_of(series: pl.Series) -> pl.Series:
    """A column's ids: its text in one line, null where it is missing or empty. Raises TypeError as `text_of`."""
    text = text_of(series)
    text = text.set(text == "", None)
    if text.str.contains("[\r\n]").any():
        for found, written in LINE_BREAKS:
            text = text.str.replace_all(found, written, literal=True)
    return text


def has_id(series: pl.Series) -> pl.Series:
    """Which rows have an id, as `ids_of` would find, without making texts. Raises TypeError as `text_of`."""
    import polars as pl

    text_of(series[:0])
    if series.dtype.is_float():
        return series.is_not_null() & series.is_not_nan().fill_null(False)
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        return (series.cast(pl.String) != "").fill_null(False)
    return series.is_not_null()
