"""Dates that are not ISO 8601: read where one reading alone is possible, else told.

`31/12/2024` is read day first if every value of the column is a date so and not every one is month first, and
the other way round; `2024/12/31` is the year first in any case. What may be either, has a year of two digits or
names its month stays text. A time of day may follow; there is no zone, so it is UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from recsys.data.reading import Reading

if TYPE_CHECKING:
    import polars as pl

_CLOCK = r"(?:[T ,]\s?(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2}))?)?"
_YEAR_LAST = rf"^(?<a>[0-9]{{1,2}})[/.-](?<b>[0-9]{{1,2}})[/.-](?<year>[0-9]{{4}}){_CLOCK}$"
_YEAR_FIRST = rf"^(?<year>[0-9]{{4}})[/.](?<b>[0-9]{{1,2}})[/.](?<a>[0-9]{{1,2}}){_CLOCK}$"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
LIKE_A_DATE = (
    r"^(?:[0-9]{1,2}([/.-])[0-9]{1,2}[/.-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}[/.][0-9]{1,2}[/.][0-9]{1,2})(?:[T ,].*)?$"
    rf"|^(?i:(?:[0-9]{{1,2}}[ .-]+{_MONTH}|{_MONTH}[ .-]+[0-9]{{1,2}})[ .,-]+[0-9]{{2,4}})(?:[T ,].*)?$"
)
_WORTH_A_WORD = 0.8
_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60
ADVICE = "Give dates as year-month-day, such as 2024-12-31 or 2024-12-31T23:59:00."


def may_be_dates(values: pl.Series) -> bool:
    """Whether most of some trimmed values look like such dates."""
    return bool(len(values)) and values.str.contains(LIKE_A_DATE).mean() >= _WORTH_A_WORD  # type: ignore[operator]


def read_dates(rows: pl.LazyFrame, column: str, text: pl.Expr) -> Reading | None:
    """How a column of dates is read, or why it is text; None for one that holds something else.

    Args:
        text: its trimmed values.
    """
    import polars as pl

    day, month = _moment(text, "a", "b"), _moment(text, "b", "a")
    like, differ = text.str.contains(LIKE_A_DATE), day != month
    only_day, only_month = day.is_not_null() & month.is_null(), month.is_not_null() & day.is_null()
    asked = {
        "n": text.count(), "like": like.sum(), "year": text.str.contains(_YEAR_FIRST).sum(),
        "day": day.count(), "month": month.count(), "differ": differ.any(), "either": text.filter(differ).first(),
        "first": text.drop_nulls().first(), "first_date": day.drop_nulls().first(), "other": text.filter(~like).first(),
        "only_day": text.filter(only_day).first(), "only_day_date": day.filter(only_day).first(),
        "only_month": text.filter(only_month).first(), "only_month_date": month.filter(only_month).first(),
    }  # fmt: skip
    wanted = [value.alias(name) for name, value in asked.items()]
    found = rows.select(wanted).collect(engine="streaming").row(0, named=True)
    if found["like"] < _WORTH_A_WORD * found["n"]:
        return None
    fits_day, fits_month = found["day"] == found["n"], found["month"] == found["n"]
    if found["year"] == found["n"] and fits_day:
        return Reading("temporal", day, _said(column, "year first", found["first"], found["first_date"]))
    if fits_day and not (fits_month and found["differ"]):
        shown = ("only_day", "only_day_date") if found["only_day"] else ("first", "first_date")
        return Reading("temporal", day, _said(column, "day first", *(found[name] for name in shown)))
    if fits_month and not fits_day:
        return Reading(
            "temporal", month, _said(column, "month first", found["only_month"], found["only_month_date"])
        )
    why = f'"{column}" is text: {_why(found, either=fits_day and fits_month)}. {ADVICE}'
    return Reading("text", pl.when(pl.col(column) != "").then(pl.col(column)), why, ADVICE)


def _moment(text: pl.Expr, day: str, month: str) -> pl.Expr:
    """Datetime("us", "UTC") of dates; with the year first there is one way alone. Null for what is no day."""
    import polars as pl

    last, first = text.str.extract_groups(_YEAR_LAST), text.str.extract_groups(_YEAR_FIRST)

    def number(name: str, of_last: str) -> pl.Expr:
        return pl.coalesce(last.struct.field(of_last), first.struct.field(name)).cast(pl.Int32, strict=False)

    days = _days(number("year", "year"), number("b", month), number("a", day))
    hour, minute, second = (number(name, name).fill_null(0) for name in ("hour", "minute", "second"))
    seconds = days * _DAY + hour.cast(pl.Int64) * _HOUR + minute * _MINUTE + second
    possible = (hour < 24) & (minute < 60) & (second < 60)
    return pl.when(possible).then((seconds * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"))


def _days(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Days since 1970, Int64; null for a day that its month does not have."""
    import polars as pl

    parts = (year.cast(pl.String), month.cast(pl.String), day.cast(pl.String))
    written = pl.concat_str(*(part.str.zfill(width) for part, width in zip(parts, (4, 2, 2), strict=True)))
    return written.str.strptime(pl.Date, "%Y%m%d", strict=False).cast(pl.Int64)


def _said(column: str, way: str, shown: str, meant: dt.datetime) -> str:
    return f'Dates of "{column}" are read {way}: {shown} is {meant.date().isoformat()}.'


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
