"""About how large the parts of a split will be, and how cold its test part, before any row is read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.data.facts import TableFacts
from recsys.data.occurrence import MOST, Occurrence
from recsys.data.split_settings import (
    LeaveLastOut,
    RandomSplit,
    Sample,
    SplitSettings,
    Stratified,
    StrictTime,
    TimeHoldout,
)

_DAY_SECONDS = 86_400

_NEGLIGIBLE = 0.02
"""Chance that none of 20 rows is in the train part, above which ids with more rows would count, too."""


@dataclass(frozen=True)
class SplitSizes:
    """Sizes of a split.

    Attributes:
        train, validation, test: rows. exact: whether these are numbers rather than estimates.
        cold_share: about which share of the test rows has a user or an item that train has not; None where the facts
            do not say.
    """

    train: int
    validation: int
    test: int
    exact: bool
    cold_share: float | None = None


def expected_sizes(
    facts: TableFacts, settings: SplitSettings, sample: Sample | None = None
) -> SplitSizes | None:
    """What `splits.split_rows` will give; None where the facts of the table do not say.

    Args:
        sample: which rows are used at all; None for every one.
    """
    known = facts.occurrence
    match settings:
        case RandomSplit():
            sizes = _random(facts.usable, settings)
        case Stratified():
            sizes = _stratified(facts, settings)
        case TimeHoldout() if known is not None:
            sizes = _time_holdout(facts, known, settings)
        case StrictTime() if known is not None:
            sizes = _strict_time(facts, known, settings)
        case LeaveLastOut() if known is not None:
            sizes = _leave_last_out(facts, known)
        case _:
            return None
    share = 1.0 if sample is None else sample.percent / 100
    whole_users = sample is None or sample.unit == "users"
    cold = None if known is None else _cold_share(facts, known, settings, share, whole_users=whole_users)
    train, validation, test = (round(part * share) for part in (sizes.train, sizes.validation, sizes.test))
    return SplitSizes(train, validation, test, sizes.exact and share == 1.0, cold)


def _random(rows: int, settings: RandomSplit) -> SplitSizes:
    test = int(np.rint(rows * settings.test))
    validation = min(int(np.rint(rows * settings.val)), rows - test)
    return SplitSizes(rows - test - validation, validation, test, exact=True)


def _stratified(facts: TableFacts, settings: Stratified) -> SplitSizes:
    train = round(facts.usable * settings.train)
    return SplitSizes(train, 0, facts.usable - train, exact=False)


def _time_holdout(facts: TableFacts, known: Occurrence, settings: TimeHoldout) -> SplitSizes:
    test, exact = _later_than(facts, known, settings.holdout_days)
    rest = known.timed - test
    validation = int(np.rint(rest * settings.val_fraction))
    return SplitSizes(rest - validation, validation, test, exact)


def _strict_time(facts: TableFacts, known: Occurrence, settings: StrictTime) -> SplitSizes:
    test_days, val_days = settings.test_days, settings.test_days + settings.val_days
    edges = (test_days, val_days, val_days + settings.train_days)
    (test, one), (with_validation, two), (with_train, three) = (
        _later_than(facts, known, days) for days in edges
    )
    return SplitSizes(with_train - with_validation, with_validation - test, test, one and two and three)


def _leave_last_out(facts: TableFacts, known: Occurrence) -> SplitSizes:
    """Two rows of each user with three or more are left out of training."""
    divided = (facts.users or 0) - sum(known.user_counts[:2])
    return SplitSizes(known.timed - 2 * divided, divided, divided, exact=known.timed == facts.usable)


def _later_than(facts: TableFacts, known: Occurrence, days: int) -> tuple[int, bool]:
    """(rows later than so many days before the last, whether that was counted): between counted days along a line."""
    counted = {window.days: window.rows for window in known.last_days}
    if days in counted:
        return counted[days], True
    span = ((facts.last_second or 0) - (facts.first_second or 0)) / _DAY_SECONDS
    if days > span:
        return known.timed, True
    rows = np.interp(days, [0, *counted, span], [0, *counted.values(), known.timed])
    return round(float(rows)), False


def _cold_share(
    facts: TableFacts, known: Occurrence, settings: SplitSettings, share: float, *, whole_users: bool
) -> float | None:
    """As if users and items were new independently of each other."""
    match settings:
        case RandomSplit():
            users = _by_chance(
                known.user_counts, facts.usable, settings.train * (1.0 if whole_users else share)
            )
            items = _by_chance(known.item_counts, facts.usable, settings.train * share)
        case Stratified() if whole_users:
            users = _without_train_rows(known, facts.usable, settings.train)
            items = _by_chance(known.item_counts, facts.usable, settings.train * share)
        case TimeHoldout():
            window = next((w for w in known.last_days if w.days == settings.holdout_days), None)
            if window is None or not window.rows:
                return None
            users, items = window.of_new_users / window.rows, window.of_new_items / window.rows
        case _:
            return None
    return None if users is None or items is None else 1 - (1 - users) * (1 - items)


def _by_chance(counts: tuple[int, ...], rows: int, train: float) -> float | None:
    """The expected share of rows none of whose id's other rows is in a train part drawn by chance; None if too many ids count."""
    missed = 1 - train
    if not rows or missed**MOST > _NEGLIGIBLE:
        return None
    return sum(n * ids * missed ** (n - 1) for n, ids in enumerate(counts, 1)) / rows


def _without_train_rows(known: Occurrence, rows: int, train: float) -> float | None:
    """The share of test rows of users whose share of train rows rounds to none."""
    if round(MOST * train) == 0:
        return None
    alone = sum(n * ids for n, ids in enumerate(known.user_counts, 1) if round(n * train) == 0)
    return alone / max(rows - round(rows * train), 1)
