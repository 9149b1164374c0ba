"""Columns of text read as their first values suggest, and tried on all values while these are read.

So a file whose first values tell what a column holds is read once. A column that they tell nothing sure of is
not guessed; one of which a later value is something else is noted, and is then read by all its values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from recsys.data.infer import EARLIEST, EPOCHS, LATEST, epoch_unit, moments, said_of_comma, said_of_epoch
from recsys.data.odd_texts import may_be_odd
from recsys.data.reading import Reading
from recsys.data.text_forms import CLEAR_COMMA, FORMS, FormName, as_it_is, trimmed

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Guessed:
    """Readings of columns, and what came of them.

    Attributes:
        readings: by column; those of columns that are not here cannot be guessed.
        failed: columns that hold something else, complete once their values were read.
    """

    readings: dict[str, Reading]
    failed: set[str]


def guessed(first: pl.DataFrame, columns: Sequence[str]) -> Guessed:
    """How some columns are read, by their first values, as text."""
    failed: set[str] = set()
    found = {column: _guess(first[column], failed) for column in columns}
    return Guessed({column: reading for column, reading in found.items() if reading is not None}, failed)


def _guess(first: pl.Series, failed: set[str]) -> Reading | None:
    import polars as pl

    column, text = first.name, trimmed(pl.col(first.name))
    values = first.to_frame().select(text).to_series().drop_nulls()
    if not len(values):
        return None
    shares = values.to_frame().select(
        FORMS[name].matches(pl.col(column)).mean().alias(name) for name in FORMS
    )
    name: FormName | None = next((name for name in FORMS if shares[name][0] == 1), None)
    if name is None:
        if shares.max_horizontal()[0] or may_be_odd(values):
            return None
        return Reading("text", as_it_is(column))
    spaced = bool((first.drop_nulls() != values).any()) if len(values) == first.count() else True
    take = partial(_in_form, name=name, spaced=spaced, failed=failed)
    if name == "comma":
        if not values.str.contains(CLEAR_COMMA).any():
            return None
        return Reading("numeric", _tapped(column, pl.Float64, take), said_of_comma(column))
    if name != "whole":
        dtype = first.to_frame().lazy().select(FORMS[name].read(pl.col(column))).collect_schema().dtypes()[0]
        return Reading(FORMS[name].data_type, _tapped(column, dtype, take))
    numbers = values.cast(pl.Int64, strict=False)
    unit = epoch_unit(column, numbers.min(), numbers.max())
    if unit is None:
        return Reading("numeric", _tapped(column, pl.Int64, take))
    within = (EARLIEST * EPOCHS[unit], LATEST * EPOCHS[unit])
    whole = _tapped(column, pl.Int64, partial(take, within=within))
    return Reading("temporal", moments(whole, unit), said_of_epoch(column, unit))


def _tapped(column: str, dtype: Any, take: Callable[[pl.Series], pl.Series]) -> pl.Expr:
    import polars as pl

    return pl.col(column).map_batches(take, return_dtype=dtype, is_elementwise=True)


def _in_form(
    text: pl.Series, *, name: FormName, spaced: bool, failed: set[str], within: tuple[int, int] | None = None
) -> pl.Series:
    """The values of a part of a column; the column is noted where one is not written in the form."""
    import polars as pl

    form = FORMS[name]
    written = pl.col(text.name) if not spaced else trimmed(pl.col(text.name))
    parts = text.to_frame().select(written.alias("text"), form.read(written).alias("read"))
    fits = (form.fits(pl.col("text"), pl.col("read")) | pl.col("text").is_null()).all()
    found = parts.select("read", fits.alias("all"))
    values = found["read"].alias(text.name)
    if name in ("real", "comma"):
        values = values.fill_nan(None)
    if len(found) and not found["all"][0]:
        failed.add(text.name)
    if within is not None and values.count():
        least, most = values.min(), values.max()
        if least < within[0] or most > within[1]:  # type: ignore[operator]
            failed.add(text.name)
    return values
