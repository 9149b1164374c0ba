"""Leaving a long computation between its blocks, because whoever wanted it no longer does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import numpy as np

from recsys.evaluation.scores import ScoreRows

T = TypeVar("T")

Check = Callable[[], None]
"""Called between blocks; raises `Halted` to leave."""


class Halted(Exception):
    """The computation was left before its end, as somebody asked."""


def never() -> None:
    """The check of a computation that nobody leaves."""


def between(blocks: Iterable[T], check: Check) -> Iterator[T]:
    """The same blocks, with a check before each is worked on."""
    for block in blocks:
        check()
        yield block


def checked(score: ScoreRows, check: Check) -> ScoreRows:
    """The same scores, with a check before each block of them."""

    def scores(rows: np.ndarray) -> np.ndarray:
        check()
        return score(rows)

    return scores
