"""Times of the detectors' local clock as text: plain, or with how far that clock is from UTC."""

from __future__ import annotations

import calendar
import re
import time
from typing import SupportsInt

from traffic.errors import Place, TrafficError

DEFAULT_INTERVAL_S = 300
LONGEST_INTERVAL_S = 86_400
MOVED = "Its times change their offset from UTC: all of them are on the clock of its first row, which does not follow summer time."
UTC = "Its times are in UTC, so hours and days of the week are those of UTC, not of the detectors' own clock."
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.0+)?)?", re.ASCII)
_OFFSET = re.compile(r"(.*:\d\d(?:\.\d+)?) ?(?:Z|([+-])(\d\d):?(\d\d)?)", re.ASCII)
_DAY_S = 86_400


def seconds_of(text: str) -> int:
    """Seconds since 1970 of an ISO time with minutes or seconds, `2012-05-23T07:10`. Raises ValueError for anything else."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a time such as 2012-05-23T07:10")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    if not (year and 1 <= month <= 12 and hour < 24 and minute < 60 and second < 60 and 1 <= day <= calendar.monthrange(year, month)[1]):
        raise ValueError(f"{text[:40]!r} is no time that a clock or calendar shows")
    return calendar.timegm((year, month, day, hour, minute, second))


def moment_of(text: str) -> tuple[int, int | None]:
    """(seconds of the clock, its seconds ahead of UTC) of an ISO time that may end in `Z` or an offset, `2012-05-23T07:10-07:00`.

    The second is None where the time says nothing of it. Raises ValueError for what is no such time.
    """
    found = _OFFSET.fullmatch(text)
    if found is None:
        return seconds_of(text), None
    clock, sign, hours, minutes = found.groups()
    offset = (int(hours or 0) * 60 + int(minutes or 0)) * 60
    if offset >= _DAY_S or int(minutes or 0) > 59:
        raise ValueError(f"{text[:40]!r} is farther from UTC than any clock")
    return seconds_of(clock), -offset if sign == "-" else offset


class Clock:
    """The one clock on which a table's times are put, that of the first.

    Attributes:
        moved: whether a later time was written by another clock.
    """

    def __init__(self) -> None:
        self._offsets: list[int | None] = []
        self.moved = False

    def seconds(self, text: str) -> int:
        """Seconds of the next time. Raises ValueError as `moment_of`, and for offsets that only some times have."""
        seconds, offset = moment_of(text)
        first = (self._offsets or [offset])[0]
        self._offsets = [first]
        if (offset is None) != (first is None):
            raise ValueError(f"{text[:40]!r} has {'an' if first is None else 'no'} offset from UTC, unlike the times before it")
        self.moved = self.moved or offset != first
        return seconds - (offset or 0) + (first or 0)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know of times that are not on the local clock."""
        return (MOVED,) if self.moved else (UTC,) if self._offsets == [0] else ()


def start_of(text: str, key: str) -> int:
    """The same for a setting. Raises TrafficError (DATA_TIME) naming it."""
    try:
        return seconds_of(text)
    except ValueError as error:
        raise TrafficError("DATA_TIME", f"{error}.", hint="Give a date and a time.", at=Place(key=key), found=text) from error


def clock_text(seconds: SupportsInt) -> str:
    """A time as people read it: 2012-05-23 07:10:00."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(seconds)))
