"""What splits and samples are taken, and what is said of the others."""

from __future__ import annotations

import pytest

from recsys.data.split_settings import (
    STRATEGIES,
    LeaveLastOut,
    RandomSplit,
    Sample,
    Stratified,
    StrictTime,
    TimeHoldout,
)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RandomSplit(0.8, 0.1, 0.2), "sum to 1"),
        (lambda: RandomSplit(1.2, -0.1, -0.1), "from 0 to 1"),
        (lambda: RandomSplit(1.0, 0.0, 0.0), "val and test are both 0"),
        (lambda: RandomSplit(0.0, 0.5, 0.5), "train is 0"),
        (lambda: RandomSplit(seed=-1), "seed is -1"),
        (lambda: TimeHoldout(holdout_days=0), "holdout_days is 0"),
        (lambda: TimeHoldout(holdout_days=1.5), "holdout_days is 1.5"),  # pyright: ignore[reportArgumentType]
        (lambda: TimeHoldout(val_fraction=1.0), "val_fraction is 1.0"),
        (lambda: StrictTime(train_days=0), "train_days is 0"),
        (lambda: StrictTime(val_days=-1), "val_days is -1"),
        (lambda: StrictTime(test_days=0), "test_days is 0"),
        (lambda: Stratified(train=1.0), "train is 1.0"),
        (lambda: Stratified(seed=True), "seed is True"),
        (lambda: Sample(percent=0.5), "percent is 0.5"),
        (lambda: Sample(percent=101), "percent is 101"),
        (lambda: Sample(unit="items"), "unit is 'items'"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_a_setting_that_makes_no_split_is_refused_with_its_name(make, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()


def test_defaults_are_those_that_the_forms_show() -> None:
    assert RandomSplit() == RandomSplit(train=0.8, val=0.1, test=0.1, seed=42)
    assert TimeHoldout() == TimeHoldout(holdout_days=30, val_fraction=0.1)
    assert StrictTime() == StrictTime(train_days=60, val_days=7, test_days=7)
    assert Stratified().train == 0.75
    assert Sample() == Sample(percent=100, unit="users")


@pytest.mark.parametrize("kind", [RandomSplit, TimeHoldout, StrictTime, LeaveLastOut, Stratified])
def test_settings_are_found_by_the_name_of_their_strategy(kind) -> None:
    assert STRATEGIES[kind.strategy] is kind
    assert len(STRATEGIES) == 5


def test_a_part_may_be_left_out_of_a_random_split_and_a_validation_window_may_be_empty() -> None:
    assert RandomSplit(0.9, 0.0, 0.1).val == 0
    assert RandomSplit(0.9, 0.1, 0.0).test == 0
    assert StrictTime(val_days=0).val_days == 0
