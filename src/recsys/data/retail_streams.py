"""Random streams of the retail simulator: one for each step, and for each chunk of rows.

A stream is found by its step and chunk alone, never by what was drawn before. So threads may draw in any
order, and a step that is added later (with the next number) leaves every other column as it was. The key of a
stream is the one that `SeedSequence(seed).spawn(...)[step - 1].spawn(...)[chunk]` would have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

CHUNK = 262_144
"""Rows of one chunk."""


class Step(IntEnum):
    """The steps that draw random numbers. A number is never used for something else."""

    HIERARCHY = 2
    POPULARITY = 3
    TASTES = 4
    SEASONS = 5
    CUSTOMERS = 7
    TIMES = 8
    PRODUCTS = 9
    MONEY = 10
    RATINGS = 11


@dataclass(frozen=True)
class Streams:
    """All random streams of one seed."""

    seed: int

    def whole(self, step: int) -> np.random.Generator:
        """The stream for what a step draws once: a value for each customer, product or category."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(step - 1,)))

    def chunk(self, step: int, chunk: int) -> np.random.Generator:
        """The stream for what a step draws for each row of one chunk."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(step - 1, chunk)))


def chunks(rows: int) -> Iterator[tuple[int, slice]]:
    """Number and rows of every chunk of a table of `rows` rows."""
    for number, start in enumerate(range(0, rows, CHUNK)):
        yield number, slice(start, min(start + CHUNK, rows))


def for_each_chunk(pool: ThreadPoolExecutor, rows: int, work: Callable[[int, slice], None]) -> None:
    """Call `work(chunk, rows)` for every chunk on the pool's threads; raises what any call raised."""
    for done in [pool.submit(work, number, where) for number, where in chunks(rows)]:
        done.result()
