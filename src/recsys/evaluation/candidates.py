"""The list that is ranked: items unique by id, each with a position."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.evaluation.errors import EvaluationError

NOWHERE = -1
"""The position of an item that is no candidate."""
KINDS = {"i": "integers", "u": "integers", "U": "text", "S": "bytes"}


@dataclass(frozen=True)
class Candidates:
    """Items that can be recommended. Items given more than once are deduplicated by id: the first one stays.

    Attributes:
        ids: (C,) unique, in the order given; an item's place here is its position.
        kept: int64 (C,), where each of them stands in the list that was given, to take its vector from.
        dropped: how many repetitions were left out.
    """

    ids: np.ndarray
    kept: np.ndarray
    dropped: int

    @classmethod
    def of(cls, ids: np.ndarray) -> Candidates:
        """From ids (n,), integers or text, with or without repetitions.

        Raises:
            EvaluationError: NO_CANDIDATES without any; BAD_INPUT if they are neither integers nor text.
        """
        given = np.asarray(ids)
        if given.ndim != 1 or given.size == 0:
            hint = "Give a list of at least one item id"
            raise EvaluationError("NO_CANDIDATES", f"there are no candidates (shape {given.shape})", hint)
        _kind(given)
        kept = np.sort(np.unique(given, return_index=True)[1])
        return cls(given[kept], kept, given.size - kept.size)

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, ids: np.ndarray) -> np.ndarray:
        """Positions int64 (n,) of item ids (n,); -1 for those that are no candidates.

        Raises:
            EvaluationError: BAD_INPUT if the ids are text here and integers there.
        """
        wanted = np.asarray(ids)
        if wanted.size == 0:
            return np.empty(0, np.int64)
        if _kind(wanted) != _kind(self.ids):
            raise EvaluationError(
                "BAD_INPUT",
                f"the candidates' ids are {_kind(self.ids)}, those looked up are {_kind(wanted)}",
                "Use ids of one type",
            )
        order = np.argsort(self.ids)
        place = np.searchsorted(self.ids, wanted, sorter=order)
        found = order[np.minimum(place, len(order) - 1)]
        return np.where(self.ids[found] == wanted, found, NOWHERE).astype(np.int64)


def _kind(ids: np.ndarray) -> str:
    """What the ids are, in words."""
    if ids.dtype.kind not in KINDS:
        what = f"item ids of type {ids.dtype} cannot be compared"
        raise EvaluationError("BAD_INPUT", what, "Give integers or text")
    return KINDS[ids.dtype.kind]
