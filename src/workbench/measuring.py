"""Counting what a process does and how long it takes, cheaply enough for every request and every command."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds; what took longer than the last counts beyond them all."""

MOST = 2000
"""Different labels that are told apart; what comes after counts as `OTHER`, so that no sender makes a process grow."""
OTHER = "other"


@dataclass(frozen=True)
class Counted:
    """How often something happened: below each of `BOUNDS` and beyond, and its seconds together."""

    buckets: tuple[int, ...]
    seconds: float

    @property
    def count(self) -> int:
        """How often in all."""
        return sum(self.buckets)


class Tally:
    """Counts by labels, of one process; threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}

    def add(self, labels: tuple[str, ...], seconds: float) -> None:
        """Count something that took so long."""
        with self._lock:
            if labels not in self._found and len(self._found) >= MOST:
                labels = (OTHER,) * len(labels)
            buckets, total = self._found.setdefault(labels, ([0] * (len(BOUNDS) + 1), [0.0]))
            buckets[bisect_left(BOUNDS, seconds)] += 1
            total[0] += seconds

    def counted(self) -> Mapping[tuple[str, ...], Counted]:
        """What was counted so far, by labels."""
        with self._lock:
            return {labels: Counted(tuple(buckets), total[0]) for labels, (buckets, total) in self._found.items()}
