"""Exact ranks of each row's own item in the full candidate list, equal scores counting half.

rank = 1 + #{others higher} + ½·#{others equal}: the mean rank over all orders of the ties.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from recsys.evaluation.candidates import NOWHERE
from recsys.evaluation.errors import EvaluationError
from recsys.evaluation.scores import BLOCK, DotProducts, ScoreRows, block_of, check_finite, rows_per_block
from recsys.evaluation.user_items import UserItems, integers, users_of

SeenRule = Literal["all", "unseen"]
"""What becomes of items that a user has seen: ranked as all others, or removed."""

TILE = 2**20
"""Bytes of scores that are counted at a time: they stay in the processor's cache meanwhile."""
WORD = 8
"""Votes of one byte each that are added at once, as one 64-bit number."""
AT_ONCE = 127
"""Words that are added before a byte could overflow: a vote is 0, 1 or 2, and 2 · 127 < 256."""
EVEN_BYTES = np.uint64(0x00FF00FF00FF00FF)
ONES = np.uint64(0x0001000100010001)


@dataclass(frozen=True)
class Ranks:
    """Where each row's own item stands.

    Attributes:
        all_items: float64 (Q,), 1 is best; infinite where the row's item is no candidate.
        unseen: the same without the user's seen items, but for the row's own; None if not asked for.
        n_items: C, how many candidates there are.
    """

    all_items: np.ndarray
    unseen: np.ndarray | None
    n_items: int

    def by(self, seen: SeenRule) -> np.ndarray:
        """The ranks (Q,) that handle seen items so.

        Raises:
            EvaluationError: BAD_INPUT if ranks without seen items were not taken.
        """
        found = self.all_items if seen == "all" else self.unseen
        if found is None:
            what = "ranks without seen items were not taken"
            raise EvaluationError("BAD_INPUT", what, "Rank with seen and users")
        return found

    @property
    def cold_rows(self) -> int:
        """Rows whose item is no candidate: they are misses."""
        return int(np.isinf(self.all_items).sum())


def rank(
    queries: ArrayLike,
    items: ArrayLike,
    targets: ArrayLike,
    *,
    logits: ArrayLike | None = None,
    seen: UserItems | None = None,
    users: ArrayLike | None = None,
    block_bytes: int = BLOCK,
) -> Ranks:
    """Ranks by the dot products of vectors.

    Args:
        queries: (Q, d), one per row. items: (C, d), one per candidate. Both are used as float32.
        targets: (Q,) candidate position of each row's own item, -1 if it is no candidate.
        logits: (C,) added to each item's score. seen, users: see `rank_scores`.
        block_bytes: size of the largest score matrix, at most 64 MiB.

    Raises:
        EvaluationError: as `rank_scores`; NO_CANDIDATES without items.
    """
    score = DotProducts(queries, items, logits)
    rows = np.arange(len(score.queries))
    return rank_scores(
        score,
        rows,
        targets,
        n_items=len(score.items),
        seen=seen,
        users=users,
        block_bytes=block_bytes,
    )


def rank_scores(
    score: ScoreRows,
    rows: ArrayLike,
    targets: ArrayLike,
    *,
    n_items: int,
    seen: UserItems | None = None,
    users: ArrayLike | None = None,
    block_bytes: int = BLOCK,
) -> Ranks:
    """Ranks by any scores. A row of scores is computed once for all rows of a block that share it.

    Args:
        score: gives blocks of scores. rows: (Q,) which of its rows each test row is ranked by.
        targets: (Q,) candidate position of each row's own item, -1 if it is no candidate. n_items: C.
        seen: what each user has seen; then ranks without those items are counted in the same pass.
        users: (Q,) the user of each row, needed with `seen`.
        block_bytes: size of the largest score matrix, at most 64 MiB.

    Raises:
        EvaluationError: NON_FINITE if a score is not finite, BAD_INPUT if arguments do not fit together.
    """
    target = integers(targets, "targets", below=n_items, least=NOWHERE)
    row = integers(rows, "rows", below=np.iinfo(np.int64).max)
    user = users_of(users, seen, n_items=n_items, n_rows=len(row))
    if len(row) != len(target):
        raise EvaluationError("BAD_INPUT", f"there are {len(row)} rows for {len(target)} targets")
    warm = np.flatnonzero(target != NOWHERE)
    order = warm[np.lexsort((row[warm], user[warm]))]
    beaten = np.zeros(len(target), np.int64)
    seen_beaten = np.zeros(len(target), np.int64)
    for part in _blocks(row[order], user[order], rows_per_block(n_items, block_bytes)):
        at = order[part]
        beaten[at], seen_beaten[at] = _count(score, row[at], target[at], user[at], seen, n_items)
    cold = target == NOWHERE
    everything = np.where(cold, np.inf, 1 + beaten / 2)
    unseen = None if seen is None else np.where(cold, np.inf, 1 + (beaten - seen_beaten) / 2)
    return Ranks(everything, unseen, n_items)


def _runs(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each run of equal values starts, (R,), and the number of the run that each value is in, (n,)."""
    new = np.ones(len(values), bool)
    new[1:] = values[1:] != values[:-1]
    return np.flatnonzero(new), np.cumsum(new) - 1


def _blocks(rows: np.ndarray, users: np.ndarray, limit: int) -> Iterator[slice]:
    """Cut rows that are sorted by user into parts of at most `limit` rows of scores and `limit` users."""
    starts = _runs(_runs(rows)[1] // limit + len(rows) * (_runs(users)[1] // limit))[0]
    for start, end in pairwise([*starts.tolist(), len(rows)]):
        yield slice(start, end)


def _count(
    score: ScoreRows,
    rows: np.ndarray,
    targets: np.ndarray,
    users: np.ndarray,
    seen: UserItems | None,
    n_items: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Of each row 2 · #{others higher} + #{equal}, int64 (n,): of all items, and of the seen ones."""
    firsts, line = _runs(rows)
    scores = block_of(score, rows[firsts], n_items)
    part_width, goes = _room(n_items)
    width = part_width * goes
    height = min(len(rows), rows_per_block(n_items, TILE))
    votes, more = np.zeros((2, height, width), np.uint8)
    if seen is not None:
        owners, owner = _runs(users)
        mask = np.zeros((len(owners), width), np.uint8)
        place, item = seen.pairs(users[owners])
        mask.reshape(-1)[place * width + item] = 3
    beaten = np.zeros((2, len(rows)), np.int64)
    for start in range(0, len(rows), height):
        part = slice(start, start + height)
        # most often no row is shared: then nothing is copied
        tile = scores[part] if len(firsts) == len(rows) else scores[line[part]]
        check_finite(tile, rows[part])
        n = len(tile)
        mine = np.arange(n), targets[part]
        own = tile[mine][:, None]
        np.greater(tile, own, out=votes[:n, :n_items].view(bool))
        np.greater_equal(tile, own, out=more[:n, :n_items].view(bool))
        counted = np.add(votes[:n], more[:n], out=votes[:n])
        # a row's own item has one vote, for being equal to itself
        beaten[0, part] = _total(counted, goes) - 1
        if seen is not None:
            chosen = mask[owner[part]]
            chosen[mine] = 0
            counted &= chosen
            beaten[1, part] = _total(counted, goes)
    return beaten[0], beaten[1]


def _room(n_items: int) -> tuple[int, int]:
    """How many bytes of a row are summed in one go, and in how many goes: enough for a vote an item."""
    goes = -(-n_items // (WORD * AT_ONCE))
    return -(-n_items // (WORD * goes)) * WORD, goes


def _total(votes: np.ndarray, goes: int) -> np.ndarray:
    """Sums uint8 (n, width) of 0, 1 and 2 along the rows, int64 (n,), eight votes at a time.

    A row is cut into `goes` parts. Each part's words are added, which adds their bytes side by side without
    overflow; then the sum's eight bytes are added in pairs, and the four sums of pairs by a multiplication.
    """
    words = votes.view(np.uint64).reshape(len(votes), goes, -1)
    bytewise = np.add.reduce(words, axis=2)
    pairs = (bytewise & EVEN_BYTES) + ((bytewise >> np.uint64(8)) & EVEN_BYTES)
    return ((pairs * ONES) >> np.uint64(48)).sum(axis=1).astype(np.int64)
