"""Dividing the rows of a table into train, validation and test.

Time strategies count back from the largest time in the whole table, also when only a sample of it is divided;
rows without a time are unused there. Fractions of rows are rounded to the nearest whole number, halves to the
even one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from recsys.data.interactions import NO_TIME, Interactions
from recsys.data.sampling import sampled
from recsys.data.split_settings import (
    LeaveLastOut,
    RandomSplit,
    Sample,
    SplitSettings,
    Stratified,
    StrictTime,
    TimeHoldout,
)

DAY_SECONDS = 86_400
TRAIN, VALIDATION, TEST, NOT_SAMPLED, OUTSIDE_WINDOW, NO_TIMESTAMP = range(6)
UNUSED = {"not_sampled": NOT_SAMPLED, "outside_window": OUTSIDE_WINDOW, "no_timestamp": NO_TIMESTAMP}


class SplitError(ValueError):
    """A table that cannot be divided as asked.

    Attributes:
        code: SPLIT_NO_TIMESTAMP or SPLIT_EMPTY. message: what is wrong and where. hint: what to do.
    """

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(f"{message} {hint}")
        self.code = code
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Parts:
    """Row numbers of each part, int64, ascending; every row is in one part or counted as unused.

    Attributes:
        unused: number of rows by reason: `not_sampled`, `outside_window`, `no_timestamp`.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    unused: Mapping[str, int]


@dataclass(frozen=True)
class SplitPreview:
    """Sizes of the parts, and how much of the test part is about somebody or something that train has not.

    Attributes:
        train, validation, test: numbers of rows. unused: number of rows by reason.
        cold_users, cold_items: shares of test rows whose user, or item, has no train row, if any.
    """

    train: int
    validation: int
    test: int
    unused: Mapping[str, int]
    cold_users: float | None
    cold_items: float | None


def split_rows(data: Interactions, settings: SplitSettings, sample: Sample | None = None) -> Parts:
    """Divide the rows of `data` (those in `sample`, if given).

    Raises:
        SplitError: SPLIT_NO_TIMESTAMP if the strategy needs times that the table lacks;
            SPLIT_EMPTY if the train part, or a test part that is asked for, gets no row.
    """
    part = np.full(len(data), NOT_SAMPLED, np.uint8)
    rows = np.flatnonzero(sampled(data, sample or Sample()))
    windows = _assign(data, settings, rows, part)
    parts = Parts(
        *(np.flatnonzero(part == value) for value in (TRAIN, VALIDATION, TEST)),
        unused={reason: int((part == value).sum()) for reason, value in UNUSED.items()},
    )
    _require_rows(parts, data, windows, len(rows))
    return parts


def preview(data: Interactions, settings: SplitSettings, sample: Sample | None = None) -> SplitPreview:
    """What `split_rows` would give, in numbers. Raises SplitError as it does."""
    parts = split_rows(data, settings, sample)
    return SplitPreview(
        train=len(parts.train),
        validation=len(parts.validation),
        test=len(parts.test),
        unused=parts.unused,
        cold_users=_cold_share(data.user, len(data.user_ids), parts),
        cold_items=_cold_share(data.item, len(data.item_ids), parts),
    )


def _cold_share(values: np.ndarray, count: int, parts: Parts) -> float | None:
    if not len(parts.test):
        return None
    known = np.zeros(count, bool)
    known[values[parts.train]] = True
    return float(1 - known[values[parts.test]].mean())


Windows = Mapping[str, str]
"""Which rows each required part was to hold, in words."""


def _assign(data: Interactions, settings: SplitSettings, rows: np.ndarray, part: np.ndarray) -> Windows:
    """Write the part of each of `rows` into `part`, uint8 (R,); return what required parts take."""
    match settings:
        case RandomSplit():
            return _random(settings, rows, part)
        case Stratified():
            return _stratified(data, settings, rows, part)
        case TimeHoldout():
            return _time_holdout(*_timed(data, settings, rows, part), settings, part)
        case StrictTime():
            return _strict_time(*_timed(data, settings, rows, part), settings, part)
        case LeaveLastOut():
            second, rows, _ = _timed(data, settings, rows, part)
            return _leave_last_out(data.user, second, rows, part)


def _timed(
    data: Interactions, settings: SplitSettings, rows: np.ndarray, part: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """All times, the `rows` that have one, and the largest time; rows without become unused."""
    timed = None if data.second is None else data.second != NO_TIME
    if data.second is None or timed is None or not timed.any():
        raise SplitError(
            "SPLIT_NO_TIMESTAMP",
            f"The split {settings.strategy} needs times, and this table has no timestamp column with times.",
            "Choose the timestamp column of the dataset, or a random or stratified split.",
        )
    part[rows[~timed[rows]]] = NO_TIMESTAMP
    return data.second, rows[timed[rows]], int(data.second.max())


def _random(settings: RandomSplit, rows: np.ndarray, part: np.ndarray) -> Windows:
    shuffled = np.random.Generator(np.random.PCG64(settings.seed)).permutation(rows)
    test = int(np.rint(len(rows) * settings.test))
    validation = min(int(np.rint(len(rows) * settings.val)), len(rows) - test)
    train = len(rows) - test - validation
    part[shuffled[:train]] = TRAIN
    part[shuffled[train : train + validation]] = VALIDATION
    part[shuffled[train + validation :]] = TEST
    windows = {"train": f"{settings.train:.4g} of the rows"}
    return windows | {"test": f"{settings.test:.4g} of the rows"} if settings.test else windows


def _stratified(data: Interactions, settings: Stratified, rows: np.ndarray, part: np.ndarray) -> Windows:
    shuffled = np.random.Generator(np.random.PCG64(settings.seed)).permutation(rows)
    by_user = shuffled[np.argsort(data.user[shuffled], kind="stable")]
    counts = np.bincount(data.user[rows], minlength=len(data.user_ids))
    place = np.arange(len(by_user)) - np.repeat(np.cumsum(counts) - counts, counts)
    in_train = place < np.repeat(np.rint(counts * settings.train), counts)
    part[by_user] = np.where(in_train, TRAIN, TEST)
    return {
        "train": f"{settings.train:.4g} of each user's rows",
        "test": f"the {1 - settings.train:.4g} of each user's rows that train leaves",
    }


def _time_holdout(
    second: np.ndarray, rows: np.ndarray, last: int, settings: TimeHoldout, part: np.ndarray
) -> Windows:
    edge = last - settings.holdout_days * DAY_SECONDS
    held_out = second[rows] > edge
    rest = rows[~held_out]
    shuffled = np.random.Generator(np.random.PCG64(settings.seed)).permutation(rest)
    validation = int(np.rint(len(rest) * settings.val_fraction))
    part[rows[held_out]] = TEST
    part[shuffled[:validation]] = VALIDATION
    part[shuffled[validation:]] = TRAIN
    share = f", less {settings.val_fraction:.4g} for validation" if settings.val_fraction else ""
    return {
        "train": f"up to {_utc(edge)}, {settings.holdout_days} days before the last row{share}",
        "test": f"after {_utc(edge)} and up to {_utc(last)}",
    }


def _strict_time(
    second: np.ndarray, rows: np.ndarray, last: int, settings: StrictTime, part: np.ndarray
) -> Windows:
    test_edge = last - settings.test_days * DAY_SECONDS
    validation_edge = test_edge - settings.val_days * DAY_SECONDS
    train_edge = validation_edge - settings.train_days * DAY_SECONDS
    edges = np.array([train_edge, validation_edge, test_edge])
    # left: a time on an edge belongs to the window that ends there
    window = np.searchsorted(edges, second[rows], side="left")
    part[rows] = np.array([OUTSIDE_WINDOW, TRAIN, VALIDATION, TEST])[window]
    return {
        "train": f"after {_utc(train_edge)} and up to {_utc(validation_edge)}",
        "test": f"after {_utc(test_edge)} and up to {_utc(last)}",
    }


def _leave_last_out(user: np.ndarray, second: np.ndarray, rows: np.ndarray, part: np.ndarray) -> Windows:
    in_time = rows[np.lexsort((rows, second[rows], user[rows]))]
    counts = np.bincount(user[rows])
    counts = counts[counts > 0]
    last = np.cumsum(counts)[counts >= 3] - 1
    part[rows] = TRAIN
    part[in_time[last]] = TEST
    part[in_time[last - 1]] = VALIDATION
    return {
        "train": "all rows but two of each user",
        "test": "the last row of each user with at least 3 rows",
    }


def _require_rows(parts: Parts, data: Interactions, windows: Windows, rows: int) -> None:
    """Raise SPLIT_EMPTY if a part that has a window has no row."""
    for name, window in windows.items():
        if not len(getattr(parts, name)):
            raise SplitError(
                "SPLIT_EMPTY",
                f"The {name} part is empty: it takes {window}, and no row is there. {_range(data, rows)}",
                "Choose another window, larger fractions or a larger sample.",
            )


def _range(data: Interactions, rows: int) -> str:
    users = len(data.user_ids)
    said = f"The data are {len(data):,} rows of {users:,} user{'' if users == 1 else 's'}"
    if rows < len(data):
        said += f", {rows:,} of the rows in the sample"
    timed = None if data.second is None else data.second[data.second != NO_TIME]
    if timed is not None and len(timed):
        said += f", from {_utc(int(timed.min()))} to {_utc(int(timed.max()))}"
    return said + "."


def _utc(second: int) -> str:
    return f"{np.datetime64(second, 's')}Z"
