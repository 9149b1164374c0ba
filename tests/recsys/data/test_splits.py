"""Every strategy against its definition, row by row, and what is said when there is no such split."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data.interactions import NO_TIME, Interactions
from recsys.data.split_settings import (
    LeaveLastOut,
    RandomSplit,
    Sample,
    SplitSettings,
    Stratified,
    StrictTime,
    TimeHoldout,
)
from recsys.data.splits import SplitError, preview, split_rows
from tests.recsys.data.random_interactions import random_interactions

DAY = 86_400
LAST = 1_735_689_599
"""2024-12-31T23:59:59Z"""
STRATEGIES = [RandomSplit(), TimeHoldout(2), StrictTime(4, 2, 2), LeaveLastOut(), Stratified()]


def at_times(second: list[int]) -> Interactions:
    """One user's rows at these times."""
    zeros = np.zeros(len(second), np.int32)
    return Interactions(zeros, zeros, np.array(second), ["u"], ["i"])


def daily(seed: int, rows: int, missing: float = 0.0) -> Interactions:
    """Rows whose times are a few hours apart."""
    data = random_interactions(seed, rows, times=100, missing=missing)
    assert data.second is not None
    return dataclasses.replace(data, second=np.where(data.second == NO_TIME, NO_TIME, data.second * DAY // 8))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(STRATEGIES),
    st.integers(0, 1_000),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from([Sample(), Sample(70), Sample(70, "rows")]),
)
def test_every_row_is_in_one_part_or_counted_as_unused(strategy, seed: int, missing: float, sample) -> None:
    data = daily(seed, 200, missing)
    parts = split_rows(data, strategy, sample)
    rows = np.concatenate([parts.train, parts.validation, parts.test])
    assert len(np.unique(rows)) == len(rows)
    assert len(rows) + sum(parts.unused.values()) == 200
    for part in (parts.train, parts.validation, parts.test):
        assert part.dtype == np.int64
        assert (np.diff(part) > 0).all()


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [(100, (80, 10, 10)), (7, (5, 1, 1)), (25, (21, 2, 2)), (100_000, (80_000, 10_000, 10_000))],
)
def test_a_random_split_has_exact_sizes(rows: int, sizes: tuple[int, int, int]) -> None:
    parts = split_rows(random_interactions(0, rows), RandomSplit())
    assert (len(parts.train), len(parts.validation), len(parts.test)) == sizes


def test_a_random_split_is_the_permutation_of_its_seed() -> None:
    order = np.random.Generator(np.random.PCG64(42)).permutation(50)
    parts = split_rows(random_interactions(0, 50), RandomSplit())
    assert parts.train.tolist() == sorted(order[:40].tolist())
    assert parts.validation.tolist() == sorted(order[40:45].tolist())
    assert parts.test.tolist() == sorted(order[45:].tolist())
    assert split_rows(random_interactions(9, 50), RandomSplit()).test.tolist() == parts.test.tolist()
    assert split_rows(random_interactions(0, 50), RandomSplit(seed=1)).test.tolist() != parts.test.tolist()


@pytest.mark.parametrize("strategy", [RandomSplit(0.9, 0.0, 0.1), RandomSplit(0.9, 0.1, 0.0)])
def test_a_random_split_may_have_no_validation_or_no_test_part(strategy: RandomSplit) -> None:
    parts = split_rows(random_interactions(0, 60), strategy)
    assert sorted((len(parts.validation), len(parts.test))) == [0, 6]
    assert len(parts.train) == 54


def test_a_row_exactly_one_day_before_the_last_is_train_and_the_last_is_test() -> None:
    data = at_times([LAST - DAY - 1, LAST - DAY, LAST - DAY + 1, LAST])
    parts = split_rows(data, TimeHoldout(1, val_fraction=0.0))
    assert parts.train.tolist() == [0, 1]
    assert parts.test.tolist() == [2, 3]


def test_a_holdout_takes_its_validation_from_the_rows_before_it() -> None:
    data = daily(1, 2_000)
    assert data.second is not None
    parts = split_rows(data, TimeHoldout(3, val_fraction=0.1))
    edge = data.second.max() - 3 * DAY
    assert parts.test.tolist() == np.flatnonzero(data.second > edge).tolist()
    assert len(parts.validation) == round(0.1 * (2_000 - len(parts.test)))
    # scattered over the rest, not its end
    assert data.second[parts.validation].min() < data.second.max() / 4
    other = split_rows(data, TimeHoldout(3, val_fraction=0.1, seed=1))
    assert other.validation.tolist() != parts.validation.tolist()


def test_strict_windows_are_open_before_and_closed_at_their_ends() -> None:
    ends = {"test": LAST, "validation": LAST - 7 * DAY, "train": LAST - 14 * DAY, "unused": LAST - 74 * DAY}
    names = [name for name in ends for _ in range(2)]
    data = at_times([second for end in ends.values() for second in (end, end - 1)])
    parts = split_rows(data, StrictTime())
    found = {row: name for name in ("train", "validation", "test") for row in getattr(parts, name).tolist()}
    assert [found.get(row, "unused") for row in range(8)] == names
    assert parts.unused == {"not_sampled": 0, "outside_window": 2, "no_timestamp": 0}


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1_000), st.integers(3, 60))
def test_the_last_row_of_a_user_with_three_is_test_and_the_one_before_it_validation(
    seed: int, rows: int
) -> None:
    data = random_interactions(seed, rows, times=5)
    assert data.second is not None
    tested, validated = [], []
    for user in range(6):
        own = sorted((int(data.second[row]), int(row)) for row in np.flatnonzero(data.user == user))
        if len(own) >= 3:
            tested.append(own[-1][1])
            validated.append(own[-2][1])
    if not tested:
        with pytest.raises(SplitError, match="at least 3 rows"):
            split_rows(data, LeaveLastOut())
        return
    parts = split_rows(data, LeaveLastOut())
    assert parts.test.tolist() == sorted(tested)
    assert parts.validation.tolist() == sorted(validated)
    assert len(parts.train) == rows - 2 * len(tested)


def test_a_stratified_split_gives_three_quarters_of_each_user_to_train() -> None:
    data = random_interactions(5, 1_000, users=150)
    parts = split_rows(data, Stratified())
    assert len(parts.validation) == 0
    for user in range(150):
        count = int((data.user == user).sum())
        assert (data.user[parts.train] == user).sum() == round(0.75 * count)
    assert split_rows(data, Stratified(seed=1)).test.tolist() != parts.test.tolist()


@pytest.mark.parametrize("strategy", [TimeHoldout(), StrictTime(), LeaveLastOut()])
@pytest.mark.parametrize("second", [None, np.full(100, NO_TIME)])
def test_a_strategy_of_time_without_times_is_refused_with_what_to_do(strategy: SplitSettings, second) -> None:
    data = dataclasses.replace(random_interactions(0, 100), second=second)
    with pytest.raises(SplitError) as caught:
        split_rows(data, strategy)
    assert caught.value.code == "SPLIT_NO_TIMESTAMP"
    assert strategy.strategy in caught.value.message
    assert "random or stratified" in caught.value.hint


@pytest.mark.parametrize(
    ("strategy", "said"),
    [
        (TimeHoldout(30), ["train part is empty", "up to 2024-12-01T23:59:59Z", "30 days before"]),
        (
            StrictTime(),
            ["train part is empty", "after 2024-10-18T23:59:59Z and up to 2024-12-17T23:59:59Z"],
        ),
    ],
)
def test_an_empty_part_is_refused_with_its_window_and_the_range_of_the_data(
    strategy, said: list[str]
) -> None:
    data = at_times([LAST - 5 * DAY, LAST - DAY, LAST])
    with pytest.raises(SplitError) as caught:
        split_rows(data, strategy)
    assert caught.value.code == "SPLIT_EMPTY"
    for words in (*said, "3 rows of 1 user,", "from 2024-12-26T23:59:59Z to 2024-12-31T23:59:59Z"):
        assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("strategy", "part"), [(RandomSplit(), "test"), (Stratified(), "test"), (LeaveLastOut(), "test")]
)
def test_two_rows_are_too_few_for_a_test_part(strategy: SplitSettings, part: str) -> None:
    with pytest.raises(SplitError, match=f"The {part} part is empty"):
        split_rows(at_times([1, 2]), strategy)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_table_without_rows_is_refused_with_a_code(strategy: SplitSettings) -> None:
    with pytest.raises(SplitError) as caught:
        split_rows(random_interactions(0, 0), strategy)
    assert caught.value.code in ("SPLIT_EMPTY", "SPLIT_NO_TIMESTAMP")


def test_a_sample_is_taken_before_splitting_and_keeps_the_tables_last_time() -> None:
    data = daily(2, 4_000)
    assert data.second is not None
    sample = Sample(50)
    parts = split_rows(data, TimeHoldout(2, val_fraction=0.0), sample)
    whole = split_rows(data, TimeHoldout(2, val_fraction=0.0))
    kept = np.concatenate([parts.train, parts.test])
    assert parts.unused["not_sampled"] == 4_000 - len(kept) > 0
    assert set(data.user[kept]).isdisjoint(np.setdiff1d(data.user, data.user[kept]))
    assert parts.test.tolist() == np.intersect1d(whole.test, kept).tolist()


def test_rows_without_a_time_are_unused_by_time_and_used_at_random() -> None:
    data = daily(3, 500, missing=0.2)
    missing = int((data.second == NO_TIME).sum())
    assert split_rows(data, TimeHoldout(2)).unused["no_timestamp"] == missing > 0
    assert split_rows(data, RandomSplit()).unused["no_timestamp"] == 0


def test_the_preview_has_the_sizes_and_the_shares_of_cold_test_rows() -> None:
    data = Interactions(
        np.array([0, 0, 1, 0, 2, 0], np.int32),
        np.array([0, 1, 0, 2, 0, 1], np.int32),
        np.array([0, 1, 2, 3, 3, 3]) * DAY,
        ["a", "b", "c"],
        ["x", "y", "z"],
    )
    seen = preview(data, TimeHoldout(1, val_fraction=0.0))
    assert (seen.train, seen.validation, seen.test) == (3, 0, 3)
    assert seen.cold_users == pytest.approx(1 / 3)
    assert seen.cold_items == pytest.approx(1 / 3)
    assert preview(data, RandomSplit(0.5, 0.5, 0.0)).cold_users is None
