"""What is counted adds up, in many threads, and no sender makes it grow."""

from __future__ import annotations

import threading

import pytest

from workbench import measuring
from workbench.measuring import BOUNDS, OTHER, Tally


def test_seconds_are_counted_below_their_bound_and_beyond_the_last_one() -> None:
    tally = Tally()
    for seconds in (0.0, 0.001, 0.0011, 3.0, 1000.0):
        tally.add(("a",), seconds)
    counted = tally.counted()["a",]
    assert counted.count == 5
    assert counted.seconds == pytest.approx(1003.0021)
    assert counted.buckets[:2] == (2, 1)
    assert counted.buckets[BOUNDS.index(5.0)] == 1
    assert counted.buckets[-1] == 1


def test_threads_lose_nothing() -> None:
    tally = Tally()

    def add() -> None:
        for number in range(2000):
            tally.add((str(number % 3),), 0.001)

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counted.count for counted in tally.counted().values()) == 16_000


def test_labels_beyond_the_most_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "MOST", 3)
    tally = Tally()
    for number in range(10):
        tally.add((str(number), "x"), 0.0)
    found = tally.counted()
    assert len(found) == 4
    assert found[OTHER, OTHER].count == 7
