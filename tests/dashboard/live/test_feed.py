"""Folding a run's events."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pytest

from dashboard.live.feed import Feed, Series, fold
from dashboard.live.reader import FeedReader
from tests.dashboard.live.feeding import Script


def test_epochs_become_curves_with_the_event_each_point_came_with() -> None:
    script = Script().add("started", total=3).epoch(1, 3, train__loss=2.0, validation__loss=2.5).epoch(2, 3, train__loss=1.0)
    feed = fold(Feed(), script.events)
    assert feed.series["train/loss"].x == (1, 2)
    assert feed.series["train/loss"].y == (2.0, 1.0)
    assert feed.series["train/loss"].seq == (2, 3)
    assert feed.series["validation/loss"].x == (1,)
    assert (feed.epoch, feed.total, feed.eta, feed.cursor) == (2, 3, 1.0, 3)
    assert feed.share == pytest.approx(2 / 3)


def test_folding_in_pieces_equals_folding_at_once() -> None:
    script = Script().add("started", total=9)
    for epoch in range(1, 10):
        script.epoch(epoch, 9, train__loss=1 / epoch).mixture(epoch, k_eff=3.0, usage=[0.5, 0.5]).add("log", message=f"epoch {epoch}")
    in_pieces = Feed()
    for start in range(0, len(script.events), 4):
        in_pieces = fold(in_pieces, script.events[start : start + 4])
    assert in_pieces == fold(Feed(), script.events)


def test_curves_without_new_points_stay_the_same_object_and_known_signs_are_not_looked_up_again() -> None:
    feed = fold(Feed(), Script().epoch(1, train__loss=1.0, validation__loss=2.0).events)
    assert feed.series["train/loss"].positive
    later = Script().epoch(1).epoch(2, train__loss=0.5)
    grown = fold(feed, later.events)
    assert grown.series["validation/loss"] is feed.series["validation/loss"]
    assert vars(grown.series["train/loss"])["positive"] is True, "known without asking every point"


@pytest.mark.parametrize("values", [(1.0, 2.0), (1.0, None, 3.0), (float("nan"), 2.0), (1.0, 0.0, 2.0), (-1.0, 2.0), (2.0, -float("inf"))])
def test_a_curve_that_grew_says_of_its_signs_what_one_made_at_once_says(values: tuple[float | None, ...]) -> None:
    grown, finite = Series(), [value for value in values if value is not None and math.isfinite(value)]
    for epoch, value in enumerate(values, start=1):
        grown = grown.grown(Series((epoch,), (value,), (epoch,)))
    whole = Series(tuple(range(1, len(values) + 1)), values, tuple(range(1, len(values) + 1)))
    assert (grown.x, grown.seq, len(grown.y)) == (whole.x, whole.seq, len(whole.y))
    assert grown.positive == whole.positive == (min(finite) > 0)


def test_a_resume_forgets_the_signs_of_what_it_superseded() -> None:
    script = Script().epoch(1, train__loss=1.0).epoch(2, train__loss=-1.0)
    assert not fold(Feed(), script.events).series["train/loss"].positive
    script.add("resumed", attempt=2, from_epoch=1).epoch(2, train__loss=0.5)
    assert fold(Feed(), script.events).series["train/loss"].positive


def test_events_already_read_are_passed_over() -> None:
    script = Script().epoch(1, train__loss=1.0)
    feed = fold(fold(Feed(), script.events), script.events)
    assert feed.series["train/loss"].x == (1,)


def test_a_resume_drops_what_it_superseded_and_tells_pages_to_draw_anew() -> None:
    script = Script()
    for epoch in range(1, 6):
        script.epoch(epoch, train__loss=float(epoch)).mixture(epoch, k_eff=float(epoch))
    script.add("ended", state="interrupted")
    script.attempt = 2
    script.add("resumed", attempt=2, from_epoch=3).epoch(4, train__loss=40.0)
    feed = fold(Feed(), script.events)
    assert feed.series["train/loss"].x == (1, 2, 3, 4)
    assert feed.series["train/loss"].y == (1.0, 2.0, 3.0, 40.0)
    assert feed.series["mixture/k_eff"].x == (1, 2, 3)
    assert [d.epoch for d in feed.diagnostics["mixture"]] == [1, 2, 3]
    assert feed.generation == 1
    assert feed.ended is None
    assert feed.attempt == 2


def test_progress_within_an_epoch_counts_towards_the_share() -> None:
    feed = fold(Feed(), Script().epoch(1, 4).add("progress", epoch=2, total=4, fraction=0.5).events)
    assert feed.share == pytest.approx(1.5 / 4)


def test_a_metric_without_a_value_stays_a_gap() -> None:
    feed = fold(Feed(), Script().epoch(1, train__loss=1.0).epoch(2, train__loss=None).events)
    assert feed.series["train/loss"].y == (1.0, None)
    assert feed.series["train/loss"].last == 1.0


def test_kinds_nobody_reads_only_move_the_cursor() -> None:
    feed = fold(Feed(), Script().add("checkpoint", path="x").add("something_new").events)
    assert feed.cursor == 2


@dataclass
class _Page:
    items: tuple[Any, ...]
    next: int


class _Runs:
    def __init__(self, script: Script) -> None:
        self.script, self.calls = script, []

    def events(self, run_id: str, after: int = 0, limit: int = 500) -> _Page:
        self.calls.append(after)
        items = tuple(e for e in self.script.events if e.seq > after)[:limit]
        return _Page(items, items[-1].seq if items else after)


def test_the_reader_asks_only_for_newer_events() -> None:
    script = Script()
    for epoch in range(1, 601):
        script.epoch(epoch, 600, train__loss=1.0)
    runs, reader = _Runs(script), FeedReader()
    assert len(reader.read(runs, "run_a").series["train/loss"].x) == 600
    assert runs.calls == [0, 500]
    assert reader.read(runs, "run_a").cursor == 600
    assert runs.calls[2:] == [600]


def test_the_reader_forgets_the_feeds_nobody_looked_at_lately() -> None:
    runs, reader = _Runs(Script().epoch(1)), FeedReader(kept=2)
    for run_id in ("run_a", "run_b", "run_c"):
        reader.read(runs, run_id)
    runs.calls.clear()
    reader.read(runs, "run_c")
    reader.read(runs, "run_a")
    assert runs.calls == [1, 0]
