"""Pairs of users and items in compressed rows."""

from __future__ import annotations

import numpy as np
import pytest

from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.user_items import UserItems, pair_keys, parts

RNG = np.random.default_rng(3)
USERS, ITEMS = RNG.integers(0, 9, 120), RNG.integers(-1, 7, 120)
MATRIX = UserItems.of(USERS, ITEMS, n_users=11, n_items=7)
SETS = [
    sorted({int(i) for u, i in zip(USERS, ITEMS, strict=True) if u == user and i >= 0}) for user in range(11)
]


def test_each_users_items_stand_once_and_in_order() -> None:
    assert [
        MATRIX.items[a:b].tolist() for a, b in zip(MATRIX.offsets, MATRIX.offsets[1:], strict=False)
    ] == SETS
    assert MATRIX.n_users == 11
    assert list(zip(MATRIX.users.tolist(), MATRIX.items.tolist(), strict=True)) == [
        (user, item) for user, items in enumerate(SETS) for item in items
    ]


def test_the_items_of_some_users_come_with_their_places() -> None:
    asked = np.array([4, 10, 0, 4])
    places, items = MATRIX.pairs(asked)
    expected = [(place, item) for place, user in enumerate(asked) for item in SETS[user]]
    assert list(zip(places.tolist(), items.tolist(), strict=True)) == expected
    assert [array.tolist() for array in MATRIX.pairs(np.array([], np.int64))] == [[], []]


def test_dense_rows_hold_ones_at_the_items() -> None:
    dense = MATRIX.dense(np.array([2, 9]))
    assert dense.dtype == np.float32
    assert dense.tolist() == [[float(item in SETS[user]) for item in range(7)] for user in (2, 9)]


def test_exchanged_it_holds_the_users_of_each_item() -> None:
    turned = MATRIX.by_item()
    assert turned.n_users == 7
    assert np.array_equal(turned.dense(np.arange(7)), MATRIX.dense(np.arange(11)).T)


@pytest.mark.parametrize(
    ("users", "items", "message"),
    [
        ([0, 3], [0, 0], r"users\[1\] is 3, outside 0 to 2"),
        ([0, -1], [0, 0], r"users\[1\] is -1, outside 0 to 2"),
        ([0, 1], [0, 4], r"items\[1\] is 4, outside -1 to 3"),
        ([0, 1], [0], "2 users for 1 items"),
        ([0.5], [0], "users must be a list of whole numbers"),
        ([[0]], [0], "users must be a list of whole numbers"),
    ],
)
def test_numbers_that_fit_no_user_or_item_are_refused(users: list, items: list, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        UserItems.of(users, items, n_users=3, n_items=4)


def test_only_equal_pairs_have_equal_keys() -> None:
    pairs = [(user, item) for user in range(5) for item in range(-1, 4)] * 2
    keys = pair_keys(*np.array(pairs).T)
    assert len({*keys.tolist()}) == len({*pairs})
    assert keys[: len(pairs) // 2].tolist() == keys[len(pairs) // 2 :].tolist()


def test_parts_cover_all_rows_in_order_within_the_limits() -> None:
    work = np.array([1, 2, 30, 0, 0, 4, 4, 4, 1])
    cut = list(parts(work, 8, 3))
    assert [row for part in cut for row in range(part.start, part.stop)] == list(range(9))
    assert all(part.stop - part.start <= 3 for part in cut)
    assert all(work[part].sum() <= 8 or part.stop - part.start == 1 for part in cut)
    assert len(cut) == 5
