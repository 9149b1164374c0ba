"""Events are append-only, read by cursor, and a resume supersedes what it trains again."""

import json
import math

import numpy as np

from workbench.runs import events
from workbench.runs.events import NewEvent, StoredEvent


def append(store, run_id, attempt, *new):
    with store.transaction() as connection:
        events.append(connection, run_id, attempt, new)


def test_each_run_counts_its_own_events_from_one_over_all_attempts(store):
    append(store, "run_a", 1, NewEvent.now("started"), NewEvent.now("log", message="x"))
    append(store, "run_b", 1, NewEvent.now("started"))
    append(store, "run_a", 2, NewEvent.now("resumed", attempt=2, from_epoch=0))
    assert [(e.seq, e.attempt, e.kind) for e in events.read(store, "run_a").items] == [(1, 1, "started"), (2, 1, "log"), (3, 2, "resumed")]
    assert [e.seq for e in events.read(store, "run_b").items] == [1]


def test_a_cursor_reads_every_event_exactly_once_in_pages(store):
    append(store, "run_a", 1, *(NewEvent.now("log", message=str(n)) for n in range(1203)))
    seen, cursor = [], 0
    while True:
        page = events.read(store, "run_a", cursor, limit=100)
        if not page.items:
            assert page.next == cursor
            break
        assert len(page.items) <= 100
        seen += [e.payload["message"] for e in page.items]
        cursor = page.next
    assert seen == [str(n) for n in range(1203)]


def test_a_page_is_never_larger_than_the_limit_allows(store):
    append(store, "run_a", 1, *(NewEvent.now("log") for _ in range(events.MAX_PAGE + 5)))
    assert len(events.read(store, "run_a", limit=10**9).items) == events.MAX_PAGE
    assert len(events.read(store, "run_a", limit=-3).items) == 1


def test_an_unknown_run_has_no_events(store):
    assert events.read(store, "run_none", 7) == events.EventPage((), 7)


def test_payloads_are_strict_json_whatever_a_trainer_reports():
    text = events.to_json({
        "loss": float("nan"), "kl": np.float32(2.5), "pi": np.array([0.5, math.inf]), "n": np.int64(3), "ok": np.bool_(True), "pair": (1, "é"), 7: None,
    })  # fmt: skip
    assert json.loads(text) == {"loss": None, "kl": 2.5, "pi": [0.5, None], "n": 3, "ok": True, "pair": [1, "é"], "7": None}


def epoch(seq, attempt, number):
    return StoredEvent(seq, attempt, "", "epoch", {"epoch": number, "metrics": {}})


def test_a_resume_drops_later_epochs_of_earlier_attempts_and_keeps_their_log():
    history = (
        epoch(1, 1, 1), epoch(2, 1, 2), StoredEvent(3, 1, "", "log", {"message": "kept"}), epoch(4, 1, 3),
        StoredEvent(5, 2, "", "resumed", {"attempt": 2, "from_epoch": 2}), epoch(6, 2, 3),
        StoredEvent(7, 3, "", "resumed", {"attempt": 3, "from_epoch": 1}), epoch(8, 3, 2),
    )  # fmt: skip
    assert [event.seq for event in events.without_superseded(history)] == [1, 3, 5, 7, 8]


def test_the_newest_event_of_each_kind_and_attempt_is_found(store):
    append(store, "run_a", 1, *(NewEvent.now(kind, epoch=0) for kind in ("epoch", "progress", "epoch", "log")))
    append(store, "run_a", 2, *(NewEvent.now("progress", epoch=0) for _ in range(2)))
    append(store, "run_b", 1, NewEvent.now("epoch"))
    found = events.latest(store, "run_a", ("epoch", "progress"))
    assert [(e.seq, e.attempt, e.kind) for e in found] == [(2, 1, "progress"), (3, 1, "epoch"), (6, 2, "progress")]
    assert events.latest(store, "run_c", ("epoch",)) == ()
