"""Histories against a plain search, and that nothing of the future or of other parts leaks into them."""

from __future__ import annotations

import dataclasses

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.data import history
from recsys.data.history import PADDING, Histories, histories
from recsys.data.interactions import NO_TIME, Interactions, interactions_of
from recsys.data.retail import Retail
from recsys.data.split_settings import TimeHoldout
from recsys.data.splits import split_rows
from tests.recsys.data.random_interactions import random_interactions

COLUMNS = ("customer_id", "product_id", "trans_date")


def searched(data: Interactions, train: np.ndarray, event: int, max_length: int) -> list[int]:
    """The history of one event by going through all train rows."""
    assert data.second is not None
    if data.second[event] == NO_TIME:
        return []
    earlier = [
        (int(data.second[row]), int(data.item[row]))
        for row in train
        if data.user[row] == data.user[event] and NO_TIME < data.second[row] < data.second[event]
    ]
    return [item for _, item in sorted(earlier)[-max_length:]]


def listed(found: Histories) -> list[list[int]]:
    items, mask = found.padded()
    return [row[kept].tolist() for row, kept in zip(items, mask, strict=True)]


@settings(deadline=None, max_examples=60)
@given(
    st.integers(0, 10_000),
    st.integers(0, 80),
    st.integers(1, 6),
    st.floats(0, 1),
    st.sampled_from([1, 2**40, 2**57]),
)
def test_a_history_is_what_a_search_of_earlier_train_rows_finds(
    seed, rows, max_length, share, stretch
) -> None:
    data = random_interactions(seed, rows, missing=0.1)
    assert data.second is not None
    # stretched times need the slower ways, for keys of many bits
    data = dataclasses.replace(
        data, second=np.where(data.second == NO_TIME, NO_TIME, data.second * stretch - 7)
    )
    train = np.flatnonzero(np.random.default_rng(seed).random(rows) < share)
    found = histories(data, train, max_length=max_length)
    assert listed(found) == [searched(data, train, event, max_length) for event in range(rows)]


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 80))
def test_the_order_of_the_tables_rows_does_not_matter(seed: int, rows: int) -> None:
    data = random_interactions(seed, rows)
    train = np.arange(0, rows, 2)
    order = np.random.default_rng(seed).permutation(rows)
    assert data.second is not None
    shuffled = dataclasses.replace(
        data, user=data.user[order], item=data.item[order], second=data.second[order]
    )
    moved = np.flatnonzero(np.isin(order, train))
    straight, mixed = (
        listed(histories(data, train, max_length=4)),
        listed(histories(shuffled, moved, max_length=4)),
    )
    assert mixed == [straight[row] for row in order]


def test_changing_every_row_outside_train_leaves_the_histories_of_train_rows_byte_for_byte() -> None:
    data = random_interactions(4, 3_000, users=40, items=200, times=900)
    random = np.random.default_rng(9)
    train = np.sort(random.permutation(3_000)[:2_000])
    others = np.setdiff1d(np.arange(3_000), train)
    assert data.second is not None
    user, item, second = data.user.copy(), data.item.copy(), data.second.copy()
    user[others] = random.integers(40, size=1_000)
    item[others] = random.integers(200, size=1_000)
    second[others] = random.integers(-(10**9), 10**9, size=1_000)
    poisoned = dataclasses.replace(data, user=user, item=item, second=second)
    before, after = (histories(table, train, events=train) for table in (data, poisoned))
    for field in ("items", "start", "length"):
        assert getattr(before, field).tobytes() == getattr(after, field).tobytes()


def test_new_ids_outside_train_leave_the_ids_in_the_histories_of_train_rows(small_shop: Retail) -> None:
    frame = small_shop.frame.head(20_000)
    train = split_rows(interactions_of(frame, *COLUMNS), TimeHoldout(holdout_days=60)).train
    in_train = np.zeros(len(frame), bool)
    in_train[train] = True
    number = pl.int_range(pl.len()).cast(pl.String)
    poisoned = frame.with_columns(
        pl.when(pl.Series(in_train)).then(column).otherwise(pl.concat_str(pl.lit("A"), number)).alias(column)
        for column in ("customer_id", "product_id")
    )
    straight, changed = (
        [
            [data.item_ids[item] for item in row]
            for row in listed(histories(data, train, events=train[-2_000:]))
        ]
        for data in (interactions_of(table, *COLUMNS) for table in (frame, poisoned))
    )
    assert any(straight)
    assert changed == straight


def test_no_event_is_in_its_own_history() -> None:
    data = random_interactions(1, 500)
    data = dataclasses.replace(data, item=np.arange(500, dtype=np.int32))
    items, mask = histories(data, np.arange(500)).padded()
    assert mask.any()
    assert not (items == data.item[:, None]).any()


def test_padding_is_after_the_items_and_is_no_item() -> None:
    data = Interactions(
        np.zeros(3, np.int32), np.array([7, 0, 3], np.int32), np.array([10, 20, 30]), ["u"], ["i"] * 8
    )
    items, mask = histories(data, np.arange(3), max_length=3).padded(np.array([2, 0, 1]))
    assert items.tolist() == [[7, 0, PADDING], [PADDING] * 3, [7, PADDING, PADDING]]
    assert mask.tolist() == [[True, True, False], [False] * 3, [True, False, False]]
    assert items.dtype == np.int32


def test_events_looked_up_in_pieces_have_the_histories_of_those_looked_up_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = random_interactions(6, 400)
    train, events = np.arange(0, 400, 3), np.arange(399, 0, -2)
    whole = histories(data, train, events=events)
    monkeypatch.setattr(history, "CHUNK", 7)
    pieces = histories(data, train, events=events)
    np.testing.assert_array_equal(pieces.start, whole.start)
    np.testing.assert_array_equal(pieces.length, whole.length)


def test_a_table_without_times_and_a_length_of_none_are_refused() -> None:
    data = random_interactions(1, 10)
    with pytest.raises(ValueError, match="Choose the timestamp column"):
        histories(dataclasses.replace(data, second=None), np.arange(5))
    with pytest.raises(ValueError, match="max_length is 0"):
        histories(data, np.arange(5), max_length=0)


def test_a_table_of_only_missing_times_has_empty_histories() -> None:
    data = random_interactions(1, 10, missing=1.0)
    assert listed(histories(data, np.arange(10))) == [[]] * 10
