"""What the columns of a file hold, by all their values.

Text is read by the first of `text_forms` in which every value is written; whole numbers are times if every one
is a moment between 1990 and 2100 in seconds, milliseconds or microseconds since 1970, unless the column's name
is that of an id. A column that is nearly of one form stays text, and it is said what stands in the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.data.roles import is_id_name
from recsys.data.schema import DataType
from recsys.data.text_forms import CLEAR_COMMA, FORMS, FormName, trimmed

if TYPE_CHECKING:
    import polars as pl

SAMPLED = 1_000
"""First rows, by which forms are chosen that are then tried on the whole file."""
EPOCHS: Mapping[str, int] = {"s": 1, "ms": 1_000, "us": 1_000_000}
"""Units of moments, and how many of them a second has."""
EARLIEST, LATEST = 631_152_000, 4_102_444_800
"""1990 and 2100 in seconds since 1970."""
_LIKELY = 0.5
"""A form that fewer of the first values have is not tried."""
_WORTH_A_WORD = 0.8


@dataclass(frozen=True)
class Reading:
    """How a column is read: its type, the values made of it, and what a person should know of that."""

    data_type: DataType
    values: pl.Expr
    notice: str | None = None


def read_texts(
    rows: pl.LazyFrame, columns: Sequence[str], forms: Sequence[FormName] = tuple(FORMS)
) -> dict[str, Reading]:
    """How columns of text are read, each by one of some forms or as it is."""
    import polars as pl

    first = rows.select(columns).head(SAMPLED).collect()
    likely = {column: _likely(first[column], forms) for column in columns}
    asked = []
    for place, column in enumerate(columns):
        text = trimmed(pl.col(column))
        if likely[column]:
            asked.append(text.count().alias(f"{place}.n"))
        for name in likely[column]:
            matches = FORMS[name].matches(text)
            asked.append(matches.sum().alias(f"{place}.{name}"))
            asked.append(text.filter(~matches).first().alias(f"{place}.{name}.other"))
        if "comma" in likely[column]:
            asked.append(text.str.contains(CLEAR_COMMA).any().alias(f"{place}.clear"))
            asked.append(text.str.contains(",", literal=True).any().alias(f"{place}.written"))
        if "whole" in likely[column]:
            whole = FORMS["whole"].read(text)
            asked += [whole.min().alias(f"{place}.least"), whole.max().alias(f"{place}.most")]
    found = rows.select(asked).collect(engine="streaming").row(0, named=True) if asked else {}
    return {
        column: _reading(column, likely[column], {key: found.get(f"{place}.{key}") for key in _keys(forms)})
        for place, column in enumerate(columns)
    }


def moments(number: pl.Expr, unit: str) -> pl.Expr:
    """Whole numbers of a unit since 1970 as Datetime("us", "UTC")."""
    import polars as pl

    return (number * (1_000_000 // EPOCHS[unit])).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def epoch_unit(column: str, least: Any, most: Any) -> str | None:
    """The unit in which all whole numbers of a column are moments between 1990 and 2100; None if there is none."""
    if least is None or is_id_name(column):
        return None
    for unit, factor in EPOCHS.items():
        if least >= EARLIEST * factor and most <= LATEST * factor:
            return unit
    return None


def _keys(forms: Sequence[FormName]) -> list[str]:
    return ["n", "clear", "written", "least", "most", *forms, *(f"{name}.other" for name in forms)]


def _likely(first: pl.Series, forms: Sequence[FormName]) -> list[FormName]:
    import polars as pl

    text = trimmed(pl.col(first.name))
    shares = first.to_frame().select(FORMS[name].matches(text).mean().alias(name) for name in forms).row(0)
    # no value at all among the first: whatever comes later may be of any form
    return [name for name, share in zip(forms, shares, strict=True) if share is None or share >= _LIKELY]


def _reading(column: str, likely: Sequence[FormName], found: Mapping[str, Any]) -> Reading:
    import polars as pl

    text = trimmed(pl.col(column))
    as_it_is = pl.when(pl.col(column) != "").then(pl.col(column))
    if not likely or not found["n"]:
        return Reading("text", as_it_is)
    for name in likely:
        if found[name] != found["n"]:
            continue
        if name == "comma":
            if not found["clear"]:
                return Reading("text", as_it_is, _thousands(column))
            said = f'Numbers of "{column}" are read with a decimal comma: 1,5 is 1.5.'
            return Reading("numeric", FORMS[name].read(text), said)
        if name == "whole":
            unit = epoch_unit(column, found["least"], found["most"])
            if unit is not None:
                said = f'Numbers of "{column}" are read as times, in {unit} since 1970.'
                return Reading("temporal", moments(FORMS[name].read(text), unit), said)
        return Reading(FORMS[name].data_type, FORMS[name].read(text))
    best = max(likely, key=lambda name: found[name])
    missed = found["n"] - found[best]
    if found[best] < _WORTH_A_WORD * found["n"]:
        return Reading("text", as_it_is)
    other = str(found[f"{best}.other"])[:60]
    said = (
        f'"{column}" is text: {missed:,} of its {found["n"]:,} values '
        f'{"is" if missed == 1 else "are"} not {FORMS[best].plural}, such as "{other}".'
    )
    return Reading("text", as_it_is, said)


def _thousands(column: str) -> str:
    return (
        f'"{column}" is text: the commas in its numbers may stand for thousands or for a decimal point. '
        f'Choose the type numeric for "{column}" to read them as a decimal point.'
    )
