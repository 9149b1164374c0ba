"""A part that must be empty is known before any row is read, and only then."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.data.emptiness import surely_empty
from recsys.data.interactions import Interactions
from recsys.data.split_settings import (
    LeaveLastOut,
    RandomSplit,
    SplitSettings,
    Stratified,
    StrictTime,
    TimeHoldout,
)
from recsys.data.splits import SplitError, split_rows

DAY = 86_400


def interactions(days: int) -> Interactions:
    """A row at each end of so many days, and one a day between."""
    second = np.arange(0, days + 1, dtype=np.int64) * DAY
    rows = len(second)
    return Interactions(
        user=np.arange(rows) % 3, item=np.arange(rows) % 2, second=second, user_ids=("a", "b", "c"), item_ids=("x", "y")
    )  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [
        *(TimeHoldout(days) for days in (1, 9, 10, 11, 400)),
        *(StrictTime(60, val, test) for val, test in ((0, 9), (4, 5), (5, 5), (5, 6), (400, 400))),
        *(RandomSplit(train=1 - test, val=0.0, test=test) for test in (0.01, 0.04, 0.05, 0.5, 0.97)),
        LeaveLastOut(),
        Stratified(),
    ],
    ids=str,
)
def test_what_is_said_to_be_empty_is_what_the_split_refuses(settings: SplitSettings) -> None:
    data = interactions(10)
    said = surely_empty(settings, len(data), (0, 10 * DAY), sampled=False)
    try:
        split_rows(data, settings, None)
    except SplitError as error:
        refused = error
    else:
        refused = None
    assert (said is None) == (refused is None), (said, refused)
    if said is not None and refused is not None:
        assert refused.code == "SPLIT_EMPTY"
        assert said.split(":")[0] == refused.message.split(":")[0]


def test_window_and_range_are_named() -> None:
    said = surely_empty(TimeHoldout(30), 100, (DAY, 3 * DAY), sampled=False)
    assert said == (
        "The train part is empty: it takes the rows up to 1969-12-05T00:00:00Z, "
        "and the data are from 1970-01-02T00:00:00Z to 1970-01-04T00:00:00Z."
    )
    assert surely_empty(TimeHoldout(30), 100, (-(10**15), 10**15), sampled=False) is None
    assert "0001-01-01" in str(surely_empty(TimeHoldout(30), 9, (-(10**15), -(10**15)), sampled=False))


def test_nothing_is_said_of_what_is_not_known() -> None:
    assert surely_empty(TimeHoldout(30), None, None, sampled=False) is None
    assert surely_empty(RandomSplit(train=0.99, val=0.0, test=0.01), None, None, sampled=False) is None
    assert surely_empty(RandomSplit(train=0.99, val=0.0, test=0.01), 10, None, sampled=True) is None
