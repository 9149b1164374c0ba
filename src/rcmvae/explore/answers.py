"""What a model says of its points after another label, sent as what changed since a page last heard it."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from rcmvae.explore.points import Points, points_of

if TYPE_CHECKING:
    from workbench.workbench import Workbench

FOLLOWING = ("predicted", "certainty", "entropy")
"""The columns of the points that labels change."""

STEPS = 1000
"""Steps of a unit in which changes of certainties and entropies are told; a tenth of a per cent is what a page shows."""

NAN = -1
"""The step of what is not known."""

KEPT = 8
"""Pages' knowledge that a server remembers; it takes 6 bytes a point."""


class Heard:
    """What pages know, by a mark that each of them says when it asks again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[str, Mapping[str, np.ndarray]] = OrderedDict()

    def of(self, mark: str) -> Mapping[str, np.ndarray] | None:
        """What a page with this mark has, in steps."""
        with self._lock:
            return self._known.get(mark)

    def keep(self, mark: str, levels: Mapping[str, np.ndarray]) -> None:
        """Remember what a page has from now on."""
        with self._lock:
            self._known[mark] = levels
            self._known.move_to_end(mark)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)


@dataclass(frozen=True)
class Answer:
    """What a page is told: `meta`, with the `mark` to ask with again, and `columns`.

    With `meta["steps"]` they are differences int16 (N,) to what the page has, which `steps` of a unit it turns into; without, what is
    so now, because the server does not know the page any more.
    """

    meta: Mapping[str, Any]
    columns: Mapping[str, np.ndarray]


def levels_of(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What follows labels in whole steps, int16 (N,): classes as they are, floor(steps x + 1/2) of the others."""
    found = {"predicted": columns["predicted"].astype(np.int16)}
    for name in ("certainty", "entropy"):
        values = columns[name].astype(np.float64)
        found[name] = np.where(np.isnan(values), NAN, np.floor(np.nan_to_num(values) * STEPS + 0.5)).astype(np.int16)
    return found


def heard(workbench: Workbench, found: Points) -> str:
    """Remember that a page has these points, and the mark of it."""
    return _kept(workbench, found, levels_of(found.columns))


def answers_since(workbench: Workbench, model_id: str, mark: str) -> Answer:
    """What the model says under the labels of now to a page that has what `mark` says. Raises CommandError as `points_of` does."""
    found = points_of(workbench, model_id)
    now = levels_of(found.columns)
    before = workbench.kept.of(Heard).of(mark)
    meta = {**found.meta, "mark": _kept(workbench, found, now)}
    # numbers of small differences are what packs well: a page hears of 70,000 points in a tenth of their size
    moved = None if before is None else differences(before, now)
    if moved is None:
        return Answer(meta, {name: found.columns[name] for name in FOLLOWING})
    return Answer({**meta, "steps": STEPS}, moved)


def differences(before: Mapping[str, np.ndarray], now: Mapping[str, np.ndarray]) -> dict[str, np.ndarray] | None:
    """`now - before`; None where they are of other points, or something is not known in one of them alone."""
    if len(before["predicted"]) != len(now["predicted"]):
        return None
    if any(((before[name] == NAN) != (now[name] == NAN)).any() for name in ("certainty", "entropy")):
        return None
    return {name: now[name] - before[name] for name in FOLLOWING}


def _kept(workbench: Workbench, found: Points, levels: Mapping[str, np.ndarray]) -> str:
    said = hashlib.blake2b(found.weights.encode(), digest_size=12)
    for name in FOLLOWING:
        said.update(levels[name].tobytes())
    mark = said.hexdigest()
    workbench.kept.of(Heard).keep(mark, levels)
    return mark
