"""Whether a split leaves a part empty, as far as that is certain before any row is read."""

from __future__ import annotations

import datetime as dt

from recsys.data.split_settings import RandomSplit, SplitSettings, StrictTime, TimeHoldout

_DAY = 86_400
_YEARS = (-62_135_596_800, 253_402_300_799)
"""The first and the last second of the years 1 to 9999, counted from 1970."""


def surely_empty(
    settings: SplitSettings, rows: int | None, seconds: tuple[int, int] | None, *, sampled: bool
) -> str | None:
    """The sentence that says which part is empty, its window and the data's range; None where that is not certain.

    Args:
        rows: of the table. seconds: its first and last time, since 1970. sampled: whether only some rows are used.
    """
    match settings:
        case TimeHoldout() | StrictTime() if seconds is not None:
            first, last = seconds
            days = (
                settings.holdout_days
                if isinstance(settings, TimeHoldout)
                else settings.test_days + settings.val_days
            )
            end = last - days * _DAY
            if first > end:
                window = f"the rows up to {_utc(end)}"
                return f"The train part is empty: it takes {window}, and the data are from {_utc(first)} to {_utc(last)}."
        case RandomSplit() if rows is not None and not sampled:
            test = round(rows * settings.test)
            train = rows - test - min(round(rows * settings.val), rows - test)
            empty = "test" if settings.test > 0 and test == 0 else "train" if train == 0 else None
            if empty is not None:
                share = settings.test if empty == "test" else settings.train
                return f"The {empty} part is empty: it takes {share:.4g} of the rows, and the data are {rows:,} rows."
    return None


def _utc(second: int) -> str:
    within = min(max(second, _YEARS[0]), _YEARS[1])
    moment = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=within)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='seconds')}Z"
