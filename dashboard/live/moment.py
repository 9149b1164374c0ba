"""What looks have in common: pages that look at a run before it goes on are told the same, so it is put together and written as JSON once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TypeVar

from dashboard.below import base
from dashboard.live.feed import Feed
from workbench.kept import Recent
from workbench.state import RunRecord

T = TypeVar("T")

KEPT_MOMENTS = 48
KEPT_OF_A_MOMENT = 64
"""Things made of one moment that are kept; pages that look at it in other ways make others."""

OF_CHECKPOINTS = frozenset({"epochs_done", "last_checkpoint", "best_checkpoint"})
"""What a checkpoint changes in a run's record."""


@dataclass(frozen=True, eq=False)
class Steady:
    """A key that equals another where both hold a run that stands the same but for its last checkpoint, which comes with every epoch."""

    run: RunRecord

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Steady):
            return False
        mine, its = vars(self.run), vars(other.run)
        return self.run is other.run or all(
            its[name] is value or its[name] == value for name, value in mine.items() if name not in OF_CHECKPOINTS
        )

    def __hash__(self) -> int:
        return hash(self.run.id)


class Moment:
    """A run as it stands, None without one, and what its events have said, with what has been made of both.

    Args:
        told: what has been made of the feed alone; a run's record changes with each checkpoint, and its feed does not. shapes: what has
            been made of neither.
    """

    def __init__(self, run: RunRecord | None, feed: Feed, told: Recent | None = None, shapes: Recent | None = None) -> None:
        self.run = run
        self.feed = feed
        self.told = told or Recent(KEPT_OF_A_MOMENT)
        self.shapes = shapes or Recent(KEPT_OF_A_MOMENT)
        self._made = Recent(KEPT_OF_A_MOMENT)

    def once(self, name: str, *how: Hashable, make: Callable[[], T]) -> T:
        """What `make` made of this moment: called once for the same name and the same `how`, all that it depends on besides."""
        return self._made.get((name, *how), make)

    def told_once(self, name: str, *how: Hashable, make: Callable[[], T]) -> T:
        """Likewise of what depends on no more of the run than its id and its family."""
        return self.told.get((name, *how), make)

    def shaped_once(self, name: str, *how: Hashable, make: Callable[[], T]) -> T:
        """Likewise of what depends on `how` alone, for all moments of the run."""
        return self.shapes.get((name, *how), make)


class Moments:
    """The newest moment of each run that was looked at lately."""

    def __init__(self, most: int = KEPT_MOMENTS) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._newest: OrderedDict[tuple[str, str], Moment] = OrderedDict()

    def of(self, run: RunRecord | None, feed: Feed) -> Moment:
        """The moment of these very objects: records and feeds are never changed, so they are others once the run has gone on."""
        if run is None:
            return Moment(run, feed)
        place = (run.id, base())
        with self._lock:
            kept = self._newest.get(place)
            if kept is None or kept.run is not run or kept.feed is not feed:
                told = kept.told if kept is not None and kept.feed is feed else None
                kept = self._newest[place] = Moment(run, feed, told, kept.shapes if kept is not None else None)
            self._newest.move_to_end(place)
            while len(self._newest) > self._most:
                self._newest.popitem(last=False)
            return kept
