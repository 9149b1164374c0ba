"""What a run's events say, folded into curves, latest diagnostics and a log.

A `Feed` is immutable; `fold` makes the next one from it and newer events. Pages draw a feed in full when they open
and patch only what lies after their cursor. A resume supersedes what came after the checkpoint it went on from:
the feed drops it and its `generation` grows, which tells pages to draw anew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from workbench.families import Step

DIAGNOSTICS_KEPT = 60
"""Epochs of diagnostics kept for what can only be said over time ("unused for 5 epochs")."""

LOG_LINES_KEPT = 2_000


class Event(Protocol):
    """One stored event, as `RunService.events` returns it."""

    @property
    def seq(self) -> int: ...
    @property
    def attempt(self) -> int: ...
    @property
    def at(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Series:
    """One metric over epochs. `y` may hold None where the metric had no value; `seq` is the event each point came with."""

    x: tuple[int, ...] = ()
    y: tuple[float | None, ...] = ()
    seq: tuple[int, ...] = ()

    def fresh(self, cursor: int) -> int:
        """How many of the newest points came after `cursor`."""
        n = 0
        for seq in reversed(self.seq):
            if seq <= cursor:
                break
            n += 1
        return n

    @property
    def last(self) -> float | None:
        """The newest value that is one."""
        return next((value for value in reversed(self.y) if value is not None), None)

    @property
    def finite(self) -> tuple[float, ...]:
        """Its finite values in their order."""
        return self._finite

    @cached_property
    def _finite(self) -> tuple[float, ...]:
        return tuple(value for value in self.y if value is not None and math.isfinite(value))

    @cached_property
    def positive(self) -> bool:
        """Whether all its finite values are above 0."""
        return all(value > 0 for value in self.finite)

    def grown(self, more: Series) -> Series:
        """It and what came after it. What is known of it is not looked up again: an epoch costs no more after thousands of others."""
        after = Series(self.x + more.x, self.y + more.y, self.seq + more.seq)
        after.__dict__.update(positive=self.positive and more.positive, _finite=self.finite + more.finite)
        return after

    def up_to(self, epoch: int) -> Series:
        """Its points of the epochs up to that one."""
        n = sum(1 for value in self.x if value <= epoch)
        return Series(self.x[:n], self.y[:n], self.seq[:n])


@dataclass(frozen=True)
class LogLine:
    """One line of the training log; `epoch` is the last one that was done when it was written."""

    seq: int
    at: str
    level: str
    message: str
    epoch: int = 0


@dataclass(frozen=True)
class Diagnostics:
    """Small live diagnostics of one epoch."""

    epoch: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Standing:
    """How far an active run is by its family's own account: `share` in [0, 1] or None while unknown, what it does now, and its steps so far."""

    share: float | None
    words: str
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Feed:
    """Everything a run's events have said up to `cursor`.

    Attributes:
        cursor: the last event read. attempt: the attempt it belongs to. generation: grows when something was superseded.
        epoch, total: epochs done and planned. fraction: how far the epoch after `epoch` is, 0 to 1.
        elapsed, eta: seconds, as the worker measured them; None while unknown.
        series: metric key -> curve. diagnostics: name -> by epoch, newest last. log: newest last.
        finishing: whether training is over and its diagnostics are being computed.
        ended: the state the last attempt ended in, None while it goes on.
        standing: of an active run that does more than train epochs.
    """

    cursor: int = 0
    attempt: int = 1
    generation: int = 0
    epoch: int = 0
    total: int | None = None
    fraction: float = 0.0
    elapsed: float | None = None
    eta: float | None = None
    series: Mapping[str, Series] = field(default_factory=dict)
    diagnostics: Mapping[str, tuple[Diagnostics, ...]] = field(default_factory=dict)
    log: tuple[LogLine, ...] = ()
    finishing: bool = False
    ended: str | None = None
    standing: Standing | None = None

    @cached_property
    def reported(self) -> tuple[str, ...]:
        """The metrics that have had a value, in the order in which they came."""
        return tuple(key for key, series in self.series.items() if series.last is not None)

    def latest(self, name: str) -> Mapping[str, Any]:
        """The newest diagnostics of that name; empty if there are none yet."""
        kept = self.diagnostics.get(name, ())
        return kept[-1].values if kept else {}

    @property
    def share(self) -> float | None:
        """Part of the run that is done, 0 to 1; None while its length is unknown."""
        if self.standing is not None:
            return self.standing.share
        if not self.total:
            return None
        return min(1.0, (self.epoch + self.fraction) / self.total)


def fold(feed: Feed, events: Iterable[Event]) -> Feed:
    """The feed after `events`, which are in order; those at or before its cursor are passed over."""
    grown = _Growing(feed)
    for event in events:
        if event.seq > grown.cursor:
            grown.take(event)
    return grown.freeze()


class _Growing:
    """A feed while events are added to it; lists where the feed has tuples, of curves for their new points alone."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.cursor = feed.cursor
        self.series = dict(feed.series)
        self.points: dict[str, list[tuple[int, float | None, int]]] = {}
        self.diagnostics = {name: list(kept) for name, kept in feed.diagnostics.items()}
        self.log = list(feed.log)

    def take(self, event: Event) -> None:
        self.cursor = event.seq
        handler = getattr(self, f"_{event.kind}", None)
        if handler is not None:
            handler(event, event.payload)

    def freeze(self) -> Feed:
        self._settle()
        kept = {name: tuple(items[-DIAGNOSTICS_KEPT:]) for name, items in self.diagnostics.items()}
        return replace(self.feed, cursor=self.cursor, series=self.series, diagnostics=kept, log=tuple(self.log[-LOG_LINES_KEPT:]))

    def _started(self, event: Event, payload: Mapping[str, Any]) -> None:
        self.feed = replace(
            self.feed, attempt=event.attempt, total=payload.get("total_epochs", self.feed.total), finishing=False, ended=None
        )

    def _resumed(self, event: Event, payload: Mapping[str, Any]) -> None:
        epoch = int(payload.get("from_epoch", 0))
        self._settle()
        self.series = {key: series.up_to(epoch) for key, series in self.series.items()}
        self.diagnostics = {name: [d for d in kept if d.epoch <= epoch] for name, kept in self.diagnostics.items()}
        self.feed = replace(
            self.feed,
            attempt=event.attempt,
            generation=self.feed.generation + 1,
            epoch=epoch,
            fraction=0.0,
            eta=None,
            finishing=False,
            ended=None,
        )

    def _epoch(self, event: Event, payload: Mapping[str, Any]) -> None:
        epoch = int(payload["epoch"])
        for key, value in payload.get("metrics", {}).items():
            self._add(key, epoch, value)
        self.feed = replace(
            self.feed, attempt=event.attempt, epoch=epoch, fraction=0.0, total=payload.get("total", self.feed.total),
            elapsed=payload.get("elapsed_seconds", self.feed.elapsed), eta=payload.get("eta_seconds"),
        )  # fmt: skip

    def _progress(self, event: Event, payload: Mapping[str, Any]) -> None:
        epoch = int(payload.get("epoch", self.feed.epoch + 1))
        self.feed = replace(
            self.feed, attempt=event.attempt, epoch=epoch - 1, fraction=float(payload.get("fraction", 0.0)),
            total=payload.get("total", self.feed.total),
        )  # fmt: skip

    def _diagnostics(self, event: Event, payload: Mapping[str, Any]) -> None:
        name, values = str(payload.get("name", "")), payload.get("values", {})
        epoch = int(values.get("epoch", payload.get("epoch", self.feed.epoch)))
        self.diagnostics.setdefault(name, []).append(Diagnostics(epoch, values))
        for key, value in values.items():
            if isinstance(value, int | float) and not isinstance(value, bool) and key != "epoch":
                self._add(f"{name}/{key}", epoch, value)

    def _finishing(self, event: Event, payload: Mapping[str, Any]) -> None:
        self.feed = replace(self.feed, finishing=True, eta=None)

    def _log(self, event: Event, payload: Mapping[str, Any]) -> None:
        self.log.append(LogLine(event.seq, event.at, str(payload.get("level", "info")), str(payload.get("message", "")), self.feed.epoch))

    def _ended(self, event: Event, payload: Mapping[str, Any]) -> None:
        self.feed = replace(
            self.feed, attempt=event.attempt, fraction=0.0, eta=None, finishing=False, ended=str(payload.get("state", "completed"))
        )

    def _add(self, key: str, epoch: int, value: float | None) -> None:
        self.points.setdefault(key, []).append((epoch, None if value is None else float(value), self.cursor))

    def _settle(self) -> None:
        """Put new points to their curves."""
        for key, points in self.points.items():
            self.series[key] = self.series.get(key, Series()).grown(Series(*zip(*points, strict=True)))
        self.points = {}
