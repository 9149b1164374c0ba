"""What a model says of its points after another label, sent as what changed since a page last heard it.

Pages hear of certainties and entropies in whole steps, from the beginning on: so a page that follows differences has to the bit what one
has that asks for everything.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.explore.points import points_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench

FOLLOWING = ("predicted", "certainty", "entropy")
"""The columns of the points that labels change."""

STEPPED = ("certainty", "entropy")
"""Those of them that are told in steps."""

STEPS = 1000
"""Steps of a unit; a tenth of a per cent is what a page shows."""

NAN = -1
"""The step of what is not known."""

KEPT_BYTES = 32 * 2**20
"""What a server remembers of pages' knowledge; one page's takes 6 bytes a point."""


@dataclass(frozen=True)
class Known:
    """What a page has: of which `weights`, and its columns as `levels`."""

    weights: str
    levels: Mapping[str, np.ndarray]

    @property
    def nbytes(self) -> int:
        """Memory of the levels."""
        return sum(column.nbytes for column in self.levels.values())


class Heard:
    """What pages know, by a mark that each of them says when it asks again; at least the newest is kept."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._nbytes = 0

    def answer(self, weights: str, columns: Mapping[str, np.ndarray], mark: str = "") -> Answer:
        """What a page that has what `mark` says is told of points (columns as in `Points`), and what it has from then on."""
        now = levels_of(columns)
        with self._lock:
            before = self._known.get(mark)
        found = _mark_of(weights, now)
        self._keep(found, Known(weights, now))
        moved = None if before is None or before.weights != weights else differences(before.levels, now)
        if before is None or moved is None:
            return Answer(found, None, told(now))
        order = order_of(before.levels)
        return Answer(found, STEPS, {name: column[order] for name, column in moved.items()})

    def _keep(self, mark: str, known: Known) -> None:
        with self._lock:
            before = self._known.pop(mark, None)
            self._known[mark] = known
            self._nbytes += known.nbytes - (before.nbytes if before is not None else 0)
            while self._nbytes > self._most_bytes and len(self._known) > 1:
                _, gone = self._known.popitem(last=False)
                self._nbytes -= gone.nbytes


@dataclass(frozen=True)
class Answer:
    """What a page is told.

    Attributes:
        mark: to ask with again. columns: by name, of `FOLLOWING`, (N,). steps: of a unit, if the columns are differences int16 to what the
            page has, in its own order (`order_of`); None if they are what is so now, because the server does not know what it has.
    """

    mark: str
    steps: int | None
    columns: Mapping[str, np.ndarray]


def levels_of(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What follows labels in whole steps, int16 (N,): classes as they are, floor(steps x + 1/2) of the others."""
    found = {"predicted": columns["predicted"].astype(np.int16)}
    for name in STEPPED:
        values = columns[name].astype(np.float64)
        found[name] = np.where(np.isnan(values), NAN, np.floor(np.nan_to_num(values) * STEPS + 0.5)).astype(np.int16)
    return found


def told(levels: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a page has that knows these levels: `predicted` int16, `certainty`, `entropy` float32 (NaN unknown), each (N,)."""
    stepped = {name: np.where(levels[name] == NAN, np.nan, levels[name] / STEPS).astype(np.float32) for name in STEPPED}
    return {"predicted": levels["predicted"], **stepped}


def order_of(levels: Mapping[str, np.ndarray]) -> np.ndarray:
    """The order in which differences are told, int (N,): by what a page has, predicted classes first, then certainties.

    Points that are alike change alike, and numbers that stand beside their like pack in half the size, or much less.
    """
    return np.lexsort((levels["certainty"], levels["predicted"]))


def points_told(workbench: Workbench, model_id: str) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What is known of a model's points, as a page has it from then on: meta, with the `mark` to ask `answers_since` with, and columns.

    Raises CommandError as `points_of` does.
    """
    found = points_of(workbench, model_id)
    answer = workbench.kept.of(Heard).answer(found.weights, found.columns)
    columns = {**found.columns, **answer.columns, "ood": 1 - answer.columns["certainty"]}
    return {**found.meta, "mark": answer.mark}, columns


def answers_since(workbench: Workbench, model_id: str, mark: str) -> tuple[dict[str, Any], Mapping[str, np.ndarray]]:
    """What the model says under the labels of now to a page that has what `mark` says: meta, with the next `mark` and the `steps` of
    differences, and columns (see `Answer`). Raises CommandError as `points_of` does."""
    found = points_of(workbench, model_id)
    answer = workbench.kept.of(Heard).answer(found.weights, found.columns, mark)
    return {**found.meta, "mark": answer.mark, "steps": answer.steps}, answer.columns


def differences(before: Mapping[str, np.ndarray], now: Mapping[str, np.ndarray]) -> dict[str, np.ndarray] | None:
    """`now - before`; None where they are of other points, or something is not known in one of them alone."""
    if len(before["predicted"]) != len(now["predicted"]):
        return None
    if any(((before[name] == NAN) != (now[name] == NAN)).any() for name in STEPPED):
        return None
    return {name: now[name] - before[name] for name in FOLLOWING}


def _mark_of(weights: str, levels: Mapping[str, np.ndarray]) -> str:
    said = hashlib.blake2b(weights.encode(), digest_size=12)
    for name in FOLLOWING:
        said.update(levels[name].tobytes())
    return said.hexdigest()
