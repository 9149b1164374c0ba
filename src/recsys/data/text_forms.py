"""The forms in which numbers, truth values, times and lists are written as text, and how each is read.

- A whole number has no zeros before it, so `00123` stays text; one of 17 digits or more that does not fit 64
  bits is no number either, as it would lose digits.
- A decimal point may be a comma if every number of the column is written so, and at least one has not just
  three digits behind it: `1,234` alone may mean thousands.
- Truth values are `true` and `false` in any case.
- Times are ISO 8601: a day, or a day and a time to the minute, second or a fraction, with or without a zone.
  One without is UTC.
- A list is a JSON array of text, numbers and truth values, which become text.

Spaces around a value do not count, and an empty value is none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from recsys.data.iso_times import microseconds_alike
from recsys.data.schema import DataType

if TYPE_CHECKING:
    import polars as pl

FormName = Literal["whole", "real", "comma", "boolean", "time", "list"]

WHOLE = r"^[+-]?(?:0|[1-9][0-9]*)$"
_EXPONENT = r"[eE][+-]?[0-9]+"
REAL = (
    rf"^[+-]?(?:0|[1-9][0-9]{{0,15}}|(?:0|[1-9][0-9]*)(?:\.[0-9]*(?:{_EXPONENT})?|{_EXPONENT})|\.[0-9]+(?:{_EXPONENT})?)$"
    r"|^(?i:nan|[+-]?inf(?:inity)?)$"
)
COMMA = r"^[+-]?(?:0|[1-9][0-9]*)(?:,[0-9]+)?$"
CLEAR_COMMA = r",(?:[0-9]{1,2}|[0-9]{4,})$"
BOOLEAN = r"^(?i:true|false)$"
TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?$"
)
BEHIND_MINUTES = (
    r"^(?::(?<second>[0-9]{2}))?(?:\.(?<fraction>[0-9]{1,6})[0-9]*)?"
    r"(?:(?<sign>[+-])(?<hours>[0-9]{2}):?(?<minutes>[0-9]{2})?)?Z?$"
)
_ELEMENT = r'(?:"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)'
LIST = rf"^\[\s*(?:{_ELEMENT}\s*(?:,\s*{_ELEMENT}\s*)*)?\]$"


@dataclass(frozen=True)
class Form:
    """A way of writing values.

    Attributes:
        data_type: of a column whose values are all written so. plural: what they are called.
        fits: trimmed text and what is read of it -> whether it is written so.
        read: trimmed text -> the values, null where it is not.
    """

    data_type: DataType
    plural: str
    fits: Callable[[pl.Expr, pl.Expr], pl.Expr]
    read: Callable[[pl.Expr], pl.Expr]

    def matches(self, text: pl.Expr) -> pl.Expr:
        """Whether trimmed text is written so."""
        return self.fits(text, self.read(text))


def trimmed(column: pl.Expr) -> pl.Expr:
    """A column of text without spaces around values, null where nothing is left."""
    import polars as pl

    text = column.str.strip_chars()
    return pl.when(text != "").then(text)


def as_it_is(column: str) -> pl.Expr:
    """A column of text, null where it is empty."""
    import polars as pl

    # mostly nothing is, and then nothing is copied
    return pl.col(column).map_batches(_without_empty, return_dtype=pl.String, is_elementwise=True)


def _without_empty(text: pl.Series) -> pl.Series:
    empty = text.str.len_bytes() == 0
    return text.set(empty, None) if empty.any() else text


def read_whole(text: pl.Expr) -> pl.Expr:
    """Whole numbers as Int64."""
    import polars as pl

    return text.str.strip_prefix("+").cast(pl.Int64, strict=False)


def read_real(text: pl.Expr) -> pl.Expr:
    """Numbers as Float64."""
    import polars as pl

    return text.str.strip_prefix("+").cast(pl.Float64, strict=False)


def read_comma(text: pl.Expr) -> pl.Expr:
    """Numbers with a decimal comma as Float64."""
    return read_real(text.str.replace(",", ".", literal=True))


def read_boolean(text: pl.Expr) -> pl.Expr:
    """Truth values."""
    import polars as pl

    low = text.str.to_lowercase()
    return pl.when(low == "true").then(True).when(low == "false").then(False)


def read_time(text: pl.Expr) -> pl.Expr:
    """Times as Datetime("us", "UTC"); null also for a day that no month has, and an hour that no day has."""
    import polars as pl

    # in steps of its own: as one expression every part would read the text anew
    return text.map_batches(_times, return_dtype=pl.Datetime("us", "UTC"), is_elementwise=True)


def _times(text: pl.Series) -> pl.Series:
    """All at once where they are all written alike, else part by part."""
    import polars as pl

    there = text.is_not_null()
    alike = microseconds_alike(text.filter(there))
    if alike is None:
        return _times_by_parts(text)
    moments, possible = alike
    found = pl.Series(text.name, moments, pl.Int64).set(pl.Series(~possible), None)
    if len(found) < len(text):
        places = pl.Series(np.where(there.to_numpy(), np.cumsum(there.to_numpy()) - 1, 0))
        found = (
            found.gather(places).set(~there, None) if len(found) else pl.Series(text.name, [None] * len(text))
        )
    return found.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _times_by_parts(text: pl.Series) -> pl.Series:
    """Parts of fixed width are read apart, which is many times faster than a format with a zone."""
    import polars as pl

    written = text.set(~text.str.contains(TIME), None).to_frame("x")
    x = pl.col("x").str
    parts = written.select(
        x.slice(0, 10).str.strptime(pl.Date, "%Y-%m-%d", strict=False).cast(pl.Int64).alias("day"),
        _digits(x.slice(11, 2)).alias("hour"),
        _digits(x.slice(14, 2)).alias("minute"),
        x.slice(16).str.extract_groups(BEHIND_MINUTES).alias("behind"),
    ).unnest("behind")
    numbers = parts.with_columns(
        _digits(pl.col("second", "hours", "minutes")),
        _digits(pl.col("fraction").str.pad_end(6, "0")),
        pl.when(pl.col("sign") == "-").then(-1).otherwise(1).alias("sign"),
    )
    hour, minute, second = (pl.col(name) for name in ("hour", "minute", "second"))
    east = pl.col("sign") * (pl.col("hours") * 60 + pl.col("minutes"))
    seconds = pl.col("day") * 86_400 + (hour * 60 + minute - east) * 60 + second
    moment = seconds * 1_000_000 + pl.col("fraction")
    possible = (hour < 24) & (minute < 60) & (second < 60)
    times = numbers.select(pl.when(possible).then(moment).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))
    return times.to_series().alias(text.name)


def _digits(text: pl.Expr) -> pl.Expr:
    """A number of few digits, 0 where there is none."""
    import polars as pl

    return text.cast(pl.Int64, strict=False).fill_null(0)


def read_list(text: pl.Expr) -> pl.Expr:
    """JSON arrays as lists of text."""
    import polars as pl

    return pl.when(text.str.contains(LIST)).then(text).str.json_decode(pl.List(pl.String))


FORMS: Mapping[FormName, Form] = {
    "whole": Form(
        "numeric",
        "whole numbers",
        lambda text, read: text.str.contains(WHOLE) & read.is_not_null(),
        read_whole,
    ),
    "real": Form("numeric", "numbers", lambda text, read: text.str.contains(REAL), read_real),
    "comma": Form("numeric", "numbers", lambda text, read: text.str.contains(COMMA), read_comma),
    "boolean": Form("boolean", "truth values", lambda text, read: text.str.contains(BOOLEAN), read_boolean),
    "time": Form("temporal", "times", lambda text, read: read.is_not_null(), read_time),
    "list": Form("list_text", "lists", lambda text, read: text.str.contains(LIST), read_list),
}
"""In the order in which they are tried."""
