"""Times of the detectors' local clock as text, with no time zone anywhere."""

from __future__ import annotations

import calendar
import re
import time
from typing import SupportsInt

from traffic.errors import Place, TrafficError

DEFAULT_INTERVAL_S = 300
LONGEST_INTERVAL_S = 86_400
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?")


def seconds_of(text: str) -> int:
    """Seconds since 1970 of an ISO time with minutes or seconds, `2012-05-23T07:10`. Raises ValueError for anything else."""
    found = _ISO.fullmatch(text)
    if found is None:
        raise ValueError(f"{text[:40]!r} is not a time such as 2012-05-23T07:10")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    if not (year and 1 <= month <= 12 and hour < 24 and minute < 60 and second < 60 and 1 <= day <= calendar.monthrange(year, month)[1]):
        raise ValueError(f"{text!r} is no time that a clock or calendar shows")
    return calendar.timegm((year, month, day, hour, minute, second))


def start_of(text: str, key: str) -> int:
    """The same for a setting. Raises TrafficError (DATA_TIME) naming it."""
    try:
        return seconds_of(text)
    except ValueError as error:
        raise TrafficError("DATA_TIME", f"{error}.", hint="Give a date and a time.", at=Place(key=key), found=text) from error


def clock_text(seconds: SupportsInt) -> str:
    """A time as people read it: 2012-05-23 07:10:00."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(seconds)))
