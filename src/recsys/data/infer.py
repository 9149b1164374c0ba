"""What the columns of a file hold, by all their values.

Text is read by the first of `text_forms` in which every value is written; whole numbers are times if every one
is a moment between 1990 and 2100 in seconds, milliseconds or microseconds since 1970, unless the column's name
is that of an id. A column that is nearly of one form stays text, and it is said what stands in the way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from recsys.data.odd_texts import may_be_odd, read_odd
from recsys.data.reading import Reading
from recsys.data.roles import is_id_name
from recsys.data.text_forms import CLEAR_COMMA, FORMS, FormName, as_it_is, trimmed

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


def read_texts(
    rows: pl.LazyFrame, columns: Sequence[str], forms: Sequence[FormName] = tuple(FORMS)
) -> dict[str, Reading]:
    """How columns of text are read, each by one of some forms or as it is."""
    import polars as pl

    first = rows.select(columns).head(SAMPLED).collect()
    likely = {column: _likely(first[column], forms) for column in columns}
    found: dict[str, dict[FormName, Mapping[str, Any]]] = {column: {} for column in columns}
    while True:
        asked: dict[str, FormName] = {
            column: rest[0] for column, rest in likely.items() if rest and not _settled(found[column])
        }
        if not asked:
            break
        for column, facts in _counted(rows, asked).items():
            found[column][likely[column].pop(0)] = facts
    readings = {column: _reading(rows, column, found[column]) for column in columns}
    for column, reading in readings.items():
        text = trimmed(pl.col(column))
        values = first.select(text).to_series().drop_nulls()
        if reading.data_type == "text" and may_be_odd(values, numbers="real" in forms):
            readings[column] = read_odd(rows, column, text, numbers="real" in forms) or reading
    return readings


def _counted(rows: pl.LazyFrame, asked: Mapping[str, FormName]) -> dict[str, Mapping[str, Any]]:
    """How many values columns have, and how many of them are written in a form."""
    import polars as pl

    wanted = []
    for place, (column, name) in enumerate(asked.items()):
        text = trimmed(pl.col(column))
        facts = {"n": text.count(), "fit": FORMS[name].matches(text).sum()}
        if name == "whole":
            whole = FORMS[name].read(text)
            facts |= {"least": whole.min(), "most": whole.max()}
        if name == "comma":
            facts["clear"] = text.str.contains(CLEAR_COMMA).any()
        wanted.append(pl.struct(expr.alias(key) for key, expr in facts.items()).alias(str(place)))
    return dict(zip(asked, rows.select(wanted).collect(engine="streaming").row(0), strict=True))


def _settled(found: Mapping[FormName, Mapping[str, Any]]) -> bool:
    """Whether a form was found in which every value is written."""
    return any(facts["fit"] == facts["n"] for facts in found.values())


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


def said_of_comma(column: str) -> str:
    """That a column's numbers are taken to have a decimal comma."""
    return f'Numbers of "{column}" are read with a decimal comma: 1,5 is 1.5.'


def said_of_epoch(column: str, unit: str) -> str:
    """That a column's numbers are taken for times."""
    return f'Numbers of "{column}" are read as times, in {unit} since 1970.'


def _likely(first: pl.Series, forms: Sequence[FormName]) -> list[FormName]:
    import polars as pl

    text = trimmed(pl.col(first.name)).drop_nulls()
    shares = first.to_frame().select(FORMS[name].matches(text).mean().alias(name) for name in forms).row(0)
    # no value at all among the first: whatever comes later may be of any form
    return [name for name, share in zip(forms, shares, strict=True) if share is None or share >= _LIKELY]


def _reading(rows: pl.LazyFrame, column: str, found: Mapping[FormName, Mapping[str, Any]]) -> Reading:
    """How a column is read by what was counted: the last form is the one of all its values, if any is."""
    import polars as pl

    text = trimmed(pl.col(column))
    if not found or not next(iter(found.values()))["n"]:
        return Reading("text", as_it_is(column))
    name, facts = max(found.items(), key=lambda entry: entry[1]["fit"])
    if facts["fit"] < facts["n"]:
        nearly = facts["fit"] >= _WORTH_A_WORD * facts["n"]
        return Reading("text", as_it_is(column), _others(rows, column, name, facts) if nearly else None)
    if name == "comma":
        if not facts["clear"]:
            return Reading("text", as_it_is(column), _thousands(column))
        return Reading("numeric", FORMS[name].read(text), said_of_comma(column))
    unit = epoch_unit(column, facts["least"], facts["most"]) if name == "whole" else None
    if unit is not None:
        return Reading("temporal", moments(FORMS[name].read(text), unit), said_of_epoch(column, unit))
    values = FORMS[name].read(text)
    return Reading(FORMS[name].data_type, values.fill_nan(None) if name == "real" else values)


def _others(rows: pl.LazyFrame, column: str, name: FormName, facts: Mapping[str, Any]) -> str:
    import polars as pl

    text = trimmed(pl.col(column)).drop_nulls()
    other = rows.select(text.filter(~FORMS[name].matches(text)).first()).collect(engine="streaming").item()
    missed = facts["n"] - facts["fit"]
    return (
        f'"{column}" is text: {missed:,} of its {facts["n"]:,} values '
        f'{"is" if missed == 1 else "are"} not {FORMS[name].plural}, such as "{other[:60]}".'
    )


def _thousands(column: str) -> str:
    return (
        f'"{column}" is text: the commas in its numbers may stand for thousands or for a decimal point. '
        f'Choose the type numeric for "{column}" to read them as a decimal point.'
    )
