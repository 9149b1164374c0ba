"""Applying: further rows as named arrays, by what was fitted and nothing else.

A row's arrays depend on that row alone, so that batches of any size and order give the same. A cross joins
its members' tokens by U+001F: a term is its token as in a vocabulary (null is `__missing__`), a number or a
time the number of its bucket.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from recsys.features.calendar import phase, wave
from recsys.features.columns import Columns
from recsys.features.config import Tower
from recsys.features.fitted import (
    Bucketed,
    Crossed,
    Cycle,
    EarlierItems,
    EmbeddedTerms,
    Fitted,
    Normalized,
    NullFlag,
    TermMember,
)
from recsys.features.hashing import hash_buckets
from recsys.features.histories import EarlierRows, ItemHistories, in_table

if TYPE_CHECKING:
    import polars as pl

SEPARATOR = "\x1f"

Arrays = Mapping[str, "np.ndarray | EarlierRows"]
"""Arrays by name in the order of tensors: rows of tables int64, values float32, histories in pieces."""

Array = TypeVar("Array", "np.ndarray", EarlierRows)


class Kept(Protocol):
    """What is kept of an array."""

    def __call__(self, array: Array, /) -> Array: ...


def as_made(array: Array, /) -> Array:
    """The array itself."""
    return array


def narrow(array: Array, /) -> Array:
    """Rows of tables as int32, which is half as much, if they are small enough; values as they are."""
    if isinstance(array, EarlierRows):
        return EarlierRows(_narrow(array.rows), _narrow(array.start), _narrow(array.length), array.max_length)
    return _narrow(array)


def _narrow(array: np.ndarray) -> np.ndarray:
    fits = array.dtype == np.int64 and (array.size == 0 or int(array.max()) <= np.iinfo(np.int32).max)
    return array.astype(np.int32) if fits else array


@dataclass(frozen=True)
class Tensors:
    """Rows as both towers read them.

    Attributes:
        buyer, product: arrays of shape (rows,) by name.
        target: float32 of shape (rows,), as it is learnt, 0 where missing. known: bool, whether it is there.
            Both None without a target.
    """

    buyer: Arrays
    product: Arrays
    target: np.ndarray | None
    known: np.ndarray | None


def apply(
    fitted: Fitted,
    frame: pl.DataFrame,
    histories: ItemHistories | None = None,
    rows: np.ndarray | None = None,
    kept: Kept = as_made,
) -> Tensors:
    """Rows as tensors of both towers, and the target where the rows have its column.

    Args:
        fitted: what `fit` gave. frame: any rows with the columns that both towers read. rows: numbers (n,) of those that
            are meant; None means all.
        histories: what the buyers of these rows took before, if the buyer tower reads it.
        kept: what is kept of each array as soon as it is made, before the next one takes memory.

    Raises:
        ValueError: for a missing column, or histories that are missing or of other rows. TypeError: for a
            column of another type.
    """
    columns = Columns(frame, rows)
    target = known = None
    if fitted.target is not None and columns.has(fitted.target.column):
        values = fitted.target.forward(columns.numbers(fitted.target.column))
        known = ~np.isnan(values)
        target = np.where(known, values, 0.0).astype(np.float32)
    buyer = _tower(fitted, "buyer", columns, histories, kept)
    return Tensors(buyer, _tower(fitted, "product", columns, None, kept), target, known)


def apply_tower(
    fitted: Fitted, tower: Tower, frame: pl.DataFrame, histories: ItemHistories | None = None
) -> Arrays:
    """Rows as tensors of one tower: they need no column of the other. Raises as `apply` does."""
    return _tower(fitted, tower, Columns(frame), histories, as_made)


def _tower(
    fitted: Fitted, tower: Tower, columns: Columns, histories: ItemHistories | None, kept: Kept
) -> Arrays:
    arrays: dict[str, np.ndarray | EarlierRows] = {}
    for output in fitted.outputs(tower):
        if isinstance(output, Cycle):
            sine, cosine = _cycle(output, columns)
            arrays[f"{output.name}_sin"], arrays[f"{output.name}_cos"] = kept(sine), kept(cosine)
        elif isinstance(output, EarlierItems):
            arrays[output.name] = kept(_history(fitted, output, columns, histories))
        else:
            arrays[output.name] = kept(_array(output, columns))
    return arrays


def _array(
    output: EmbeddedTerms | Normalized | Bucketed | NullFlag | Crossed, columns: Columns
) -> np.ndarray:
    if isinstance(output, EmbeddedTerms):
        terms = columns.terms(output.column)
        return output.vocabulary.lookup(terms.distinct)[terms.codes]
    if isinstance(output, Normalized):
        return output.scale.apply(output.reading.values(columns))
    if isinstance(output, Bucketed):
        return output.edges.apply(output.reading.values(columns))
    if isinstance(output, Crossed):
        return _cross(output, columns)
    return np.isnan(output.reading.values(columns)).astype(np.float32)


def _cycle(output: Cycle, columns: Columns) -> tuple[np.ndarray, np.ndarray]:
    seconds = columns.seconds(output.column)
    sine, cosine = wave(phase(seconds.values, output.cycle))
    sine[seconds.null] = cosine[seconds.null] = 0.0
    return sine, cosine


def _history(
    fitted: Fitted, output: EarlierItems, columns: Columns, histories: ItemHistories | None
) -> EarlierRows:
    if histories is None:
        raise ValueError(f"{output.name} needs the histories of these rows")
    if len(histories) != len(columns):
        raise ValueError(f"there are histories of {len(histories)} rows for {len(columns)} rows")
    return in_table(histories, fitted.items(output), output.max_length)


def _cross(output: Crossed, columns: Columns) -> np.ndarray:
    """The bucket of each row's combination; each combination that occurs is hashed once."""
    codes: list[np.ndarray] = []
    tokens: list[tuple[str, ...]] = []
    for member in output.members:
        if isinstance(member, TermMember):
            terms = columns.terms(member.column)
            codes.append(terms.codes)
            tokens.append(terms.distinct)
        else:
            codes.append(member.edges.apply(member.reading.values(columns)))
            tokens.append(tuple(map(str, range(member.edges.rows))))
    together, where = _distinct(codes, [len(t) for t in tokens])
    joined = [
        SEPARATOR.join(parts)
        for parts in zip(*([t[i] for i in c] for t, c in zip(tokens, together, strict=True)), strict=True)
    ]
    return hash_buckets(joined, output.rows)[where]


def _distinct(codes: list[np.ndarray], sizes: list[int]) -> tuple[list[list[int]], np.ndarray]:
    """The combinations of codes that occur, member by member, and each row's place among them."""
    where, count = codes[0], sizes[0]
    for code, size in zip(codes[1:], sizes[1:], strict=True):
        where = _numbered(where * size + code, count * size)
        count = int(where.max()) + 1 if where.size else 0
    first = np.zeros(count, np.int64)
    first[where] = np.arange(len(where))
    return [c[first].tolist() for c in codes], where


def _numbered(keys: np.ndarray, size: int) -> np.ndarray:
    """The place of each key (from 0, below `size`) among those that occur."""
    if size <= max(1 << 16, 4 * keys.size):
        seen = np.zeros(size, np.int64)
        seen[keys] = 1
        return (np.cumsum(seen) - 1)[keys]
    return np.unique(keys, return_inverse=True)[1]
