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

UNSEEN = {"certainty": 1e-3, "entropy": 3e-3}
"""Changes up to these show nowhere: a point is told as a tenth of a per cent, its colour in 256 steps."""

KEPT = 8
"""Pages' knowledge that a server remembers; it takes 10 bytes a point."""


class Heard:
    """What pages know, by a mark that each of them says when it asks again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: OrderedDict[str, Mapping[str, np.ndarray]] = OrderedDict()

    def of(self, mark: str) -> Mapping[str, np.ndarray] | None:
        """The columns that a page with this mark has."""
        with self._lock:
            return self._known.get(mark)

    def keep(self, mark: str, columns: Mapping[str, np.ndarray]) -> None:
        """Remember what a page has from now on."""
        with self._lock:
            self._known[mark] = columns
            self._known.move_to_end(mark)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)


@dataclass(frozen=True)
class Answer:
    """What a page is told: `meta`, with the `mark` to ask with again, and `columns`.

    They hold all points where the page's knowledge is not known any more or much of it has changed; else the positions `changed`
    int32 and their values.
    """

    meta: Mapping[str, Any]
    columns: Mapping[str, np.ndarray]


def mark_of(found: Points, columns: Mapping[str, np.ndarray]) -> str:
    """A mark of the weights and of what they say."""
    said = hashlib.blake2b(found.weights.encode(), digest_size=12)
    for name in FOLLOWING:
        said.update(np.ascontiguousarray(columns[name]).data)
    return said.hexdigest()


def heard(workbench: Workbench, found: Points) -> str:
    """Remember that a page has these points, and the mark of it."""
    columns = {name: found.columns[name] for name in FOLLOWING}
    mark = mark_of(found, columns)
    workbench.kept.of(Heard).keep(mark, columns)
    return mark


def answers_since(workbench: Workbench, model_id: str, mark: str) -> Answer:
    """What the model says under the labels of now to a page that has what `mark` says. Raises CommandError as `points_of` does."""
    found = points_of(workbench, model_id)
    pages = workbench.kept.of(Heard)
    now = {name: found.columns[name] for name in FOLLOWING}
    before = pages.of(mark)
    changed = None if before is None else changes(before, now)
    if before is None or changed is None:
        return Answer({**found.meta, "mark": heard(workbench, found)}, now)
    # small changes add up: what counts is what the page has, not what was true when it last asked
    has = {name: np.array(before[name]) for name in FOLLOWING}
    for name in FOLLOWING:
        has[name][changed] = now[name][changed]
    known = mark_of(found, has)
    pages.keep(known, has)
    return Answer({**found.meta, "mark": known}, {"changed": changed} | {name: now[name][changed] for name in FOLLOWING})


def changes(before: Mapping[str, np.ndarray], now: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Positions (n,) int32 of the points that look different; None where they are of other points, or so many that all are as short."""
    if len(before["predicted"]) != len(now["predicted"]):
        return None
    differs = before["predicted"] != now["predicted"]
    for name, unseen in UNSEEN.items():
        differs |= np.isnan(before[name]) != np.isnan(now[name])
        differs |= np.abs(before[name] - now[name]) > unseen
    found = np.flatnonzero(differs).astype(np.int32)
    return found if len(found) * 14 < len(differs) * 10 else None
