"""Values as people type them, by what a column holds: `0.9`, `90 %`, `2 min`, `1 h 20 min`, `2026-11-01`, `yesterday`, `3 days ago`, `yes`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from workbench.listing.columns import Column, ColumnKind
from workbench.listing.expressions.tree import Span, Value

UNITS: Mapping[str, float] = {
    "ms": 1e-3, "s": 1, "sec": 1, "second": 1, "seconds": 1, "min": 60, "mins": 60, "minute": 60, "minutes": 60, "h": 3600, "hour": 3600,
    "hours": 3600, "d": 86400, "day": 86400, "days": 86400, "week": 604800, "weeks": 604800,
}  # fmt: skip
"""Seconds of a unit of time."""

EXAMPLES: Mapping[ColumnKind, str] = {
    "number": "a number, such as 0.001 or 1e-3",
    "share": "a number or a percentage, such as 0.9 or 90 %",
    "duration": "a duration, such as 90 s, 2 min or 1 h 20 min",
    "time": "a date, such as 2026-11-01, today, yesterday or 3 days ago",
    "flag": "yes or no",
    "text": 'a text, such as "baseline"',
    "tags": 'a text, such as "baseline"',
}
"""What fits a column of a kind."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_PLAIN = re.compile(rf"({_NUMBER})\s*(%?)")
_PART = re.compile(rf"({_NUMBER})\s*([A-Za-z]+)\s*")
_AGO = re.compile(rf"({_NUMBER})\s*([A-Za-z]+)\s+ago", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?Z?")
_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def read_value(column: Column, text: str, now: datetime) -> Value | None:
    """What a text means for a column; None where it means nothing.

    Args:
        now: the time that `today` and `ago` count from, in UTC, in which a day begins and ends.
    """
    text = text.strip()
    if column.kind in ("text", "tags"):
        return text
    if column.kind == "flag":
        return _FLAGS.get(text.casefold())
    if column.kind == "time":
        return _time(text, now)
    if column.kind == "duration":
        return _duration(text)
    return _number(column, text)


def _number(column: Column, text: str) -> float | None:
    unit = column.unit
    if unit and unit != "%" and text.casefold().endswith(unit.casefold()):
        text = text[: -len(unit)].rstrip()
    found = _PLAIN.fullmatch(text)
    if found is None or (found[2] and column.kind != "share"):
        return None
    return _finite(float(found[1]) / (100 if found[2] else 1))


def _duration(text: str) -> float | None:
    alone = _PLAIN.fullmatch(text)
    if alone is not None:
        return None if alone[2] else _finite(float(alone[1]))
    seconds, place = 0.0, 0
    while place < len(text):
        found = _PART.match(text, place)
        if found is None or found[2].casefold() not in UNITS:
            return None
        seconds += float(found[1]) * UNITS[found[2].casefold()]
        place = found.end()
    return _finite(seconds) if text else None


def _time(text: str, now: datetime) -> Span | None:
    word, midnight = text.casefold(), now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": 0, "yesterday": 1}
    if word == "now":
        return Span(_utc(now), _utc(now))
    if word in days:
        return _day(midnight - timedelta(days=days[word]))
    ago = _AGO.fullmatch(text)
    try:
        if ago is not None and ago[2].casefold() in UNITS:
            moment = _utc(now - timedelta(seconds=float(ago[1]) * UNITS[ago[2].casefold()]))
            return Span(moment, moment)
        found = _DATE.fullmatch(text)
        if found is None:
            return None
        year, month, day, hour, minute, second = (int(part) if part else 0 for part in found.groups()[:6])
        moment = datetime(year, month, day, hour, minute, second, int((found[7] or "0").ljust(6, "0")), tzinfo=UTC)
        if found[4] is None:
            return _day(moment)
        length = timedelta(minutes=1) if found[6] is None else timedelta(seconds=1) if found[7] is None else timedelta(0)
        return Span(_utc(moment), _utc(moment + length))
    except (ValueError, OverflowError):
        return None


def _day(first: datetime) -> Span:
    return Span(_utc(first), _utc(first + timedelta(days=1)))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
