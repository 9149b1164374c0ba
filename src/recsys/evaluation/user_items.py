"""Who interacted with what: the distinct (user, item) pairs, by user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.errors import EvaluationError


@dataclass(frozen=True)
class UserItems:
    """A sparse binary matrix, users by items, in compressed rows.

    Attributes:
        offsets: int64 (U + 1,); user u's items are `items[offsets[u]:offsets[u + 1]]`.
        items: int64 (P,), candidate positions, ascending within a user, none twice.
        n_items: C, how many candidates there are.
    """

    offsets: np.ndarray
    items: np.ndarray
    n_items: int

    @classmethod
    def of(
        cls,
        users: ArrayLike,
        items: ArrayLike,
        *,
        n_users: int,
        n_items: int,
    ) -> UserItems:
        """From one user (n,) and candidate position (n,) a row.

        Repeated pairs count once, positions of -1 are left out.

        Raises:
            EvaluationError: BAD_INPUT if the lengths differ or a number is out of range.
        """
        user = integers(users, "users", below=n_users)
        item = integers(items, "items", below=n_items, least=-1)
        if len(user) != len(item):
            raise EvaluationError("BAD_INPUT", f"there are {len(user)} users for {len(item)} items")
        there = item >= 0
        pairs = np.sort(user[there] * n_items + item[there])
        new = np.ones(len(pairs), bool)
        new[1:] = pairs[1:] != pairs[:-1]
        owner, position = np.divmod(pairs[new], max(n_items, 1))
        offsets = np.zeros(n_users + 1, np.int64)
        np.cumsum(np.bincount(owner, minlength=n_users), out=offsets[1:])
        return cls(offsets, position, n_items)

    @property
    def n_users(self) -> int:
        """U, how many users there are, with or without items."""
        return len(self.offsets) - 1

    @property
    def users(self) -> np.ndarray:
        """int64 (P,), the user of each pair."""
        return np.repeat(np.arange(self.n_users), np.diff(self.offsets))

    def pairs(self, users: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The items of some users (n,): int64 (m,) places in `users`, and beside them int64 (m,) items."""
        places, at = entries(self.offsets, users)
        return places, self.items[at]

    def by_item(self) -> UserItems:
        """The same pairs with users and items exchanged: row i holds the users of item i."""
        return UserItems.of(self.items, self.users, n_users=self.n_items, n_items=self.n_users)

    def dense(self, users: np.ndarray) -> np.ndarray:
        """The rows of some users (n,) as float32 (n, C) of zeros and ones."""
        matrix = np.zeros((len(users), self.n_items), np.float32)
        matrix[self.pairs(users)] = 1.0
        return matrix


def entries(offsets: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The entries of some rows (n,): int64 (m,) places in `rows`, and (m,) where each entry lies."""
    first = offsets[rows]
    counts = offsets[rows + 1] - first
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    places = np.repeat(np.arange(len(rows)), counts)
    return places, np.arange(total) + np.repeat(first - ends + counts, counts)


def parts(work: np.ndarray, limit: int, most: int) -> Iterator[slice]:
    """Cut rows with some `work` (n,) each into parts of at most `most` rows and `limit` work.

    A single row that takes more is a part of its own.
    """
    done = np.concatenate([[0], np.cumsum(work)])
    start = 0
    while start < len(work):
        end = int(np.searchsorted(done, done[start] + limit, side="right")) - 1
        end = min(max(end, start + 1), start + most)
        yield slice(start, min(end, len(work)))
        start = end


def integers(values: ArrayLike, name: str, *, below: int, least: int = 0) -> np.ndarray:
    """Whole numbers (n,) as int64, each of `least` to `below - 1`.

    Raises:
        EvaluationError: BAD_INPUT with `name` and the first number that is out of range.
    """
    array = np.asarray(values)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        got = f"got shape {array.shape}, {array.dtype}"
        raise EvaluationError("BAD_INPUT", f"{name} must be a list of whole numbers ({got})")
    array = array.astype(np.int64)
    wrong = np.flatnonzero((array < least) | (array >= below))
    if wrong.size:
        row = int(wrong[0])
        raise EvaluationError("BAD_INPUT", f"{name}[{row}] is {array[row]}, outside {least} to {below - 1}")
    return array


def pair_keys(users: ArrayLike, items: ArrayLike) -> np.ndarray:
    """One number int64 (n,) for each pair of whole numbers from -1 on: equal pairs, equal keys."""
    item = np.asarray(items, np.int64) + 1
    return np.asarray(users, np.int64) * (int(item.max(initial=0)) + 1) + item


def users_of(users: ArrayLike | None, seen: UserItems | None, *, n_items: int, n_rows: int) -> np.ndarray:
    """The user of each row as int64 (n_rows,), checked against what users have seen; 0 where that is None.

    Raises:
        EvaluationError: BAD_INPUT if users are missing or too few, or `seen` is of other candidates.
    """
    if seen is None:
        return np.zeros(n_rows, np.int64)
    if users is None:
        what = "seen items were given without the users of the rows"
        raise EvaluationError("BAD_INPUT", what, "Give users")
    if seen.n_items != n_items:
        what = f"the seen items are of {seen.n_items} candidates, not of {n_items}"
        raise EvaluationError("BAD_INPUT", what)
    user = integers(users, "users", below=seen.n_users)
    if len(user) != n_rows:
        raise EvaluationError("BAD_INPUT", f"there are {len(user)} users for {n_rows} rows")
    return user
