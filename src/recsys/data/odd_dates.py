"""Dates that are not ISO 8601: read where one reading alone is possible, else told.

`31/12/2024` is read day first if every value of the column is a date so and not every one is month first, and
the other way round; `2024/12/31` is the year first in any case. What may be either, has a year of two digits or
names its month stays text. A time of day may follow; there is no zone, so it is UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from recsys.data.reading import Reading
from recsys.data.text_forms import as_it_is

if TYPE_CHECKING:
    import polars as pl

_WRITTEN = (
    r"^(?:(?<a>[0-9]{1,2})[/.-](?<b>[0-9]{1,2})[/.-](?<year>[0-9]{4})"
    r"|(?<first_year>[0-9]{4})[/.](?<first_month>[0-9]{1,2})[/.](?<first_day>[0-9]{1,2}))"
    r"(?:[T ,]\s?(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))?)?$"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
LIKE_A_DATE = (
    r"^(?:[0-9]{1,2}([/.-])[0-9]{1,2}[/.-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2})(?:[T ,].*)?$"
    rf"|^(?i:(?:[0-9]{{1,2}}[ .-]+{_MONTH}|{_MONTH}[ .-]+[0-9]{{1,2}})[ .,-]+[0-9]{{2,4}})(?:[T ,].*)?$"
)
_WORTH_A_WORD = 0.8
_DAY = 86_400
Order = Literal["day", "month"]
ADVICE = "Give dates as year-month-day, such as 2024-12-31 or 2024-12-31T23:59:00."
_ADVICE_EITHER = f"{ADVICE[:-1]}, or say which it is by the type temporal_day_first or temporal_month_first."


def may_be_dates(values: pl.Series) -> bool:
    """Whether most of some trimmed values look like such dates."""
    return bool(len(values)) and values.str.contains(LIKE_A_DATE).mean() >= _WORTH_A_WORD  # type: ignore[operator]


def read_dates(rows: pl.LazyFrame, column: str, text: pl.Expr) -> Reading | None:
    """How a column of dates is read, or why it is text; None for one that holds something else.

    Args:
        text: its trimmed values.
    """
    import polars as pl

    value, like = pl.col("text"), pl.col("like")
    day, month, year_first = (pl.col("ways").struct.field(name) for name in ("day", "month", "year_first"))
    only_day, only_month = day.is_not_null() & month.is_null(), month.is_not_null() & day.is_null()
    asked = {
        "n": value.count(), "like": like.sum(), "year": year_first.sum(), "day": day.count(), "month": month.count(),
        "differ": (day != month).any(), "either": value.filter(day != month).first(),
        "first": value.drop_nulls().first(), "other": value.filter(~like).first(),
        "only_day": value.filter(only_day).first(), "only_month": value.filter(only_month).first(),
    }  # fmt: skip
    looked = rows.select(text.alias("text")).with_columns(
        value.str.contains(LIKE_A_DATE).alias("like"), _ways(value).alias("ways")
    )
    wanted = [expr.alias(name) for name, expr in asked.items()]
    found = looked.select(wanted).collect(engine="streaming").row(0, named=True)
    if found["like"] < _WORTH_A_WORD * found["n"]:
        return None
    fits_day, fits_month = found["day"] == found["n"], found["month"] == found["n"]
    if fits_day and found["year"] == found["n"]:
        return _read(column, text, "day", "year first", found["first"])
    if fits_day and not (fits_month and found["differ"]):
        return _read(column, text, "day", "day first", found["only_day"] or found["first"])
    if fits_month and not fits_day:
        return _read(column, text, "month", "month first", found["only_month"])
    either = fits_day and fits_month
    advice = _ADVICE_EITHER if either else ADVICE
    why = f'"{column}" is text: {_why(found, either=either)}. {advice}'
    return Reading("text", as_it_is(column), why, advice)


def read_in_order(text: pl.Expr, first: Order) -> pl.Expr:
    """Trimmed dates with the day or the month first as moments, null where none is meant; the year may stand first in any."""
    return _ways(text).struct.field(first)


def _read(column: str, text: pl.Expr, way: str, words: str, shown: str) -> Reading:
    import polars as pl

    meant = pl.Series("text", [shown]).to_frame().select(_ways(pl.col("text")).struct.field(way)).item()
    said = f'Dates of "{column}" are read {words}: {shown} is {meant.date().isoformat()}.'
    return Reading("temporal", _ways(text).struct.field(way), said)


def _ways(text: pl.Expr) -> pl.Expr:
    """Moments with the day and with the month first, null where no day is meant; and whether the year is first."""
    import polars as pl

    moment = pl.Datetime("us", "UTC")
    dtype = pl.Struct({"day": moment, "month": moment, "year_first": pl.Boolean})
    # in steps of its own: as one expression every part would read the text anew
    return text.map_batches(_moments, return_dtype=dtype, is_elementwise=True)


def _moments(text: pl.Series) -> pl.Series:
    import polars as pl

    parts = text.to_frame("x").select(pl.col("x").str.extract_groups(_WRITTEN)).unnest("x")
    year = pl.coalesce("year", "first_year")
    clock = [pl.col(name).cast(pl.Int64).fill_null(0) for name in ("hour", "minute", "second")]
    hour, minute, second = clock
    possible = (hour < 24) & (minute < 60) & (second < 60)
    seconds = pl.when(possible).then(hour * 3_600 + minute * 60 + second)

    def moment(month: str, day: str) -> pl.Expr:
        written = pl.concat_str(
            year, pl.coalesce(month, "first_month").str.zfill(2), pl.coalesce(day, "first_day").str.zfill(2)
        )
        days = written.str.strptime(pl.Date, "%Y%m%d", strict=False).cast(pl.Int64)
        return ((days * _DAY + seconds) * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    return parts.select(
        pl.struct(
            day=moment("b", "a"), month=moment("a", "b"), year_first=pl.col("first_year").is_not_null()
        ).alias(text.name)
    ).to_series()


def _why(found: Mapping[str, Any], *, either: bool) -> str:
    """What stands in the way of reading a column's dates."""
    missed = found["n"] - found["like"]
    if either:
        return f"its dates, such as {found['either']}, may have the day or the month first"
    if missed:
        verb = "is" if missed == 1 else "are"
        return f'it looks like dates, but {missed:,} of its {found["n"]:,} values {verb} not, such as "{found["other"][:60]}"'
    if found["only_day"] and found["only_month"]:
        return f"some of its dates have the day first, some the month: {found['only_day']} and {found['only_month']}"
    return f'it looks like dates, but not all are of a form that is read, such as "{found["first"][:60]}"'
