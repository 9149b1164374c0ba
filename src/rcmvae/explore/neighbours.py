"""Which images lie nearest to one in the latent space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rcmvae.active.asking import kept_of
from rcmvae.active.pool import places_of
from rcmvae.active.stored import read
from rcmvae.diagnostics.bundle import TEST
from workbench.commands.base import CommandError
from workbench.kept import Recent, Same

if TYPE_CHECKING:
    from rcmvae.active.stored import Kept
    from workbench.workbench import Workbench

MOST = 1_000
"""Neighbours of one request at most."""
_NUMBERS_AT_ONCE = 1 << 22
"""Differences held in memory at once: 16 MiB."""


class Space:
    """Where the N images that may be labelled lie for distances.

    Args:
        kept: the diagnostics of a model's weights. inside: positions into them, int (N,).
    """

    def __init__(self, kept: Kept, inside: np.ndarray) -> None:
        apart = kept.facts.latent_layout == "decentralized"
        self.rows = kept.rows[inside].astype(np.int32)
        self._places = places_of(kept.mu[inside], kept.responsibilities[inside], decentralized=apart).astype(np.float32)
        self._position = {int(row): at for at, row in enumerate(self.rows)}

    def position(self, row: int) -> int:
        """Where the image of a dataset row comes among them. Raises CommandError for any other row."""
        if row not in self._position:
            raise CommandError(f"Image {row} is none that the model's weights were asked about.", "row", code="not_found")
        return self._position[row]

    def nearest(self, row: int, n: int, among: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The `n` images nearest to one, without itself: dataset rows int32 and distances float32, nearest first, ties by row.

        Args:
            among: dataset rows to choose from; all if not given. Rows that are none of these images are left out.
        """
        at = self.position(row)
        chosen = np.arange(len(self.rows))
        if among is not None:
            chosen = np.flatnonzero(np.isin(self.rows, among))
        chosen = chosen[chosen != at]
        squared = np.empty(len(chosen), np.float32)
        step = max(1, _NUMBERS_AT_ONCE // self._places.shape[1])
        for start in range(0, len(chosen), step):
            difference = self._places[chosen[start : start + step]] - self._places[at]
            squared[start : start + step] = np.einsum("ij,ij->i", difference, difference)
        if n < len(chosen):
            close = np.flatnonzero(squared <= np.partition(squared, n - 1)[n - 1])
            chosen, squared = chosen[close], squared[close]
        order = np.lexsort((self.rows[chosen], squared))[:n]
        return self.rows[chosen[order]], np.sqrt(squared[order])


class _Spaces(Recent):
    """Spaces, by the diagnostics that they are of."""

    def __init__(self) -> None:
        super().__init__(2)


def space_of(workbench: Workbench, model_id: str) -> Space:
    """The space of a model's present weights, kept in memory; labels do not change it. Raises CommandError as `kept_of`."""
    kept = read(kept_of(workbench, model_id)[2])
    return workbench.kept.of(_Spaces).get(Same(kept), lambda: Space(kept, np.flatnonzero(kept.split != TEST)))


def neighbours(workbench: Workbench, model_id: str, row: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    """The `n` images nearest to that of a dataset row, among those that may be labelled: rows and distances.

    Raises CommandError for a row that is none of them, or a number out of range.
    """
    if not 1 <= n <= MOST:
        raise CommandError(f"From 1 to {MOST:,} neighbours can be asked for (got {n}).", "n")
    return space_of(workbench, model_id).nearest(row, n)
