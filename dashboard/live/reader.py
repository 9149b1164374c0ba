"""Reading a run's feed: each process keeps what it has folded and reads only newer events."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dashboard.live.feed import Feed, Standing, fold
from workbench.families import family, is_registered

if TYPE_CHECKING:
    from workbench.state import AppState, RunRecord
    from workbench.workbench import Workbench

KEPT = 48
PAGE = 500


class FeedReader:
    """Feeds of the runs looked at lately. A feed is a pure function of a run's events, so every process may keep its own."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._feeds: OrderedDict[str, Feed] = OrderedDict()
        self._lock = threading.Lock()
        self._busy: dict[str, threading.Lock] = {}
        self._standing: dict[str, tuple[Feed, Feed]] = {}

    def read(self, runs: Any, run_id: str) -> Feed:
        """The feed of `run_id` up to its newest event; `runs` is the facade's run service."""
        with self._lock:
            busy = self._busy.setdefault(run_id, threading.Lock())
        with busy:
            feed = self._feeds.get(run_id, Feed())
            events: list[Any] = []
            after = feed.cursor
            while True:
                page = runs.events(run_id, after=after, limit=PAGE)
                events.extend(page.items)
                if len(page.items) < PAGE:
                    break
                after = page.next
            feed = fold(feed, events) if events else feed
            self._remember(run_id, feed)
        return feed

    def with_standing(self, run_id: str, feed: Feed, standing: Standing | None) -> Feed:
        """The feed of a run with how far it is; the very same as the last time if neither has changed."""
        if standing == feed.standing:
            return feed
        with self._lock:
            of, found = self._standing.get(run_id, (None, None))
            if found is None or of is not feed or found.standing != standing:
                found = replace(feed, standing=standing)
                if run_id in self._feeds:
                    self._standing[run_id] = feed, found
            return found

    def _remember(self, run_id: str, feed: Feed) -> None:
        with self._lock:
            self._feeds[run_id] = feed
            self._feeds.move_to_end(run_id)
            while len(self._feeds) > self._kept:
                gone, _ = self._feeds.popitem(last=False)
                self._busy.pop(gone, None)
                self._standing.pop(gone, None)


def feed_of(workbench: Workbench, run_id: str, state: AppState | None = None) -> Feed:
    """The feed of a run up to its newest event, from the feeds that this workbench keeps, and how far it is by its family's account.

    Args:
        state: the newest one, of a caller that has it.
    """
    reader = workbench.kept.of(FeedReader)
    feed = reader.read(workbench.runs, run_id)
    run = (state or workbench.state()).runs.get(run_id)
    return feed if run is None else reader.with_standing(run_id, feed, standing_of(workbench, run))


def standing_of(workbench: Workbench, run: RunRecord) -> Standing | None:
    """How far an active run is by its family's account; None where its epochs say all."""
    progress = family(run.family).progress if run.state.active and is_registered(run.family) else None
    if progress is None:
        return None
    found = progress.load()(workbench.runs, run)
    return Standing(None if found.percent is None else found.percent / 100, found.words, tuple(found.steps))
