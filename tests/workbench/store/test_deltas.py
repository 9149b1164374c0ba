from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.commands.base import Put, Remove, SetLabels
from workbench.state import AppState, CounterRecord, Kind, RunRecord
from workbench.store import upgrades
from workbench.store.apply import apply
from workbench.store.deltas import (
    ABSENT,
    FieldDelta,
    LabelsDelta,
    RecordDelta,
    changes_of,
    deltas_between,
    inverted,
    read_deltas,
    subjects_of,
    write_changes,
)
from workbench.store.errors import StoreError
from workbench.store.label_map import label_value
from workbench.store.upgrades import read_record, upgrade_journal

ID = "run_0000000000000"


def run(**update: Any) -> RunRecord:
    """A run record with little in it."""
    data = {
        "id": ID, "number": 1, "subject": {"kind": "model", "id": "model_0000000000000"}, "key": "model_0000000000000",
        "family": "f", "model_type": "t", "framework": "jax", "state": "queued", "fingerprint": "0", "uses": ["d"],
        "config": {"architecture": {"a": [1, 2]}, "training": {"rate": 0.1, "steps": 3}}, "payload": {"names": ["x"]},
        "dataset": {"source": "s", "loader_version": 1, "content_sha256": "0", "about": {"n": 1}},
        "seed": 0, "journal_seq": 0, "code_version": "v", "created_at": "2025-01-01T00:00:00.000Z",
    }  # fmt: skip
    return RunRecord.model_validate(data | update)


def trained(training: dict[str, Any]) -> dict[str, Any]:
    """The config of `run()` with other settings."""
    return {"architecture": {"a": [1, 2]}, "training": training}


def after(state: AppState, *changes: Any) -> AppState:
    return apply(state, changes, state.version + 1)


def test_a_change_is_recorded_field_by_field_with_old_and_new_values() -> None:
    state = after(AppState(), Put(Kind.RUN, ID, run()))
    changed = run(config=trained({"rate": 0.2, "steps": 3, "extra": True}), headline={"loss": None}, note="n")
    (delta,) = deltas_between(state, (Put(Kind.RUN, ID, changed),))
    assert isinstance(delta, RecordDelta)
    assert set(delta.fields) == {
        FieldDelta(("config", "training", "rate"), 0.1, 0.2),
        FieldDelta(("config", "training", "extra"), ABSENT, True),
        FieldDelta(("headline", "loss"), ABSENT, None),
        FieldDelta(("note",), "", "n"),
    }


def test_deltas_survive_the_journals_json() -> None:
    state = after(AppState(), Put(Kind.RUN, ID, run()), SetLabels("model_0000000000000", {1: label_value(2, "given")}))
    changes = (
        Put(Kind.RUN, ID, run(config=trained({"steps": 3}), last_checkpoint={"path": "p", "sha256": "0", "epoch": 1, "attempt": 1})),
        Put(Kind.COUNTER, "counter_x", CounterRecord(id="counter_x", value=1)),
        SetLabels("model_0000000000000", {1: None, 2: label_value(0, "person")}),
    )
    deltas = deltas_between(state, changes)
    again = read_deltas(write_changes(deltas), write_changes(inverted(deltas)))
    assert again == deltas
    new = after(state, *changes_of(state, again))
    assert new.runs[ID] == changes[0].record  # type: ignore[union-attr]
    back = after(new, *changes_of(new, inverted(again)))
    assert (back.runs, back.counters, back.labels) == (state.runs, {}, state.labels)


def test_what_changes_nothing_is_left_out() -> None:
    state = after(AppState(), Put(Kind.RUN, ID, run()), SetLabels("m", {1: label_value(2, "given")}))
    same = (Put(Kind.RUN, ID, run()), SetLabels("m", {1: label_value(2, "given"), 5: None}), Remove(Kind.COUNTER, "counter_none"))
    assert deltas_between(state, same) == ()


def test_several_changes_to_one_thing_are_joined() -> None:
    deltas = deltas_between(AppState(), (Put(Kind.RUN, ID, run()), Put(Kind.RUN, ID, run(note="later")), SetLabels("m", {1: None}),
                                         SetLabels("m", {1: label_value(1, "given"), 2: label_value(1, "given")})))  # fmt: skip
    assert len(deltas) == 2
    assert isinstance(deltas[0], RecordDelta)
    assert deltas[0].new is not None
    assert deltas[0].new["note"] == "later"
    assert deltas[1] == LabelsDelta("m", {1: None, 2: None}, {1: label_value(1, "given"), 2: label_value(1, "given")})
    assert subjects_of(deltas) == ((Kind.RUN, ID), (Kind.MODEL, "m"))


def test_a_removed_record_can_be_brought_back_whole() -> None:
    state = after(AppState(), Put(Kind.RUN, ID, run(note="n")))
    deltas = deltas_between(state, (Remove(Kind.RUN, ID),))
    gone = after(state, *changes_of(state, deltas))
    assert gone.runs == {}
    assert after(gone, *changes_of(gone, inverted(deltas))).runs == state.runs


def test_applying_leaves_the_earlier_state_as_it_was() -> None:
    first = after(AppState(), Put(Kind.RUN, ID, run()))
    second = after(first, Put(Kind.RUN, ID, run(note="n")), SetLabels("m", {1: label_value(2, "given")}))
    assert (first.runs[ID].note, first.labels, first.version) == ("", {}, 1)
    assert (second.runs[ID].note, second.version, second.versions[ID]) == ("n", 2, 2)


def test_a_states_indices_follow_its_runs() -> None:
    state = after(AppState(), Put(Kind.RUN, ID, run()))
    assert state.run_ids == {"model_0000000000000": (ID,)}
    other = "run_0000000000001"
    grown = after(state, Put(Kind.RUN, other, run(id=other, number=2, state="completed")))
    assert grown.run_ids == {"model_0000000000000": (ID, other)}
    assert [r.id for r in grown.runs_of("model_0000000000000")] == [other, ID]
    assert [r.id for r in grown.active_runs] == [ID]
    assert after(grown, Remove(Kind.RUN, ID)).run_ids == {"model_0000000000000": (other,)}


def test_active_runs_are_carried_on_from_one_state_to_the_next_without_counting_all_runs_anew() -> None:
    state, other = after(AppState(), Put(Kind.RUN, ID, run())), "run_0000000000001"
    assert [r.id for r in state.active_runs] == [ID]
    steps = {
        "a second one": (Put(Kind.RUN, other, run(id=other, number=2, state="running")), [ID, other]),
        "a note": (Put(Kind.RUN, ID, run(note="n")), [ID, other]),
        "an end": (Put(Kind.RUN, other, run(id=other, number=2, state="completed")), [ID]),
        "a deletion": (Put(Kind.RUN, ID, run(deleted_at="2025-01-01T00:00:00.000Z")), []),
        "a restored one": (Put(Kind.RUN, ID, run(note="back")), [ID]),
        "a removal": (Remove(Kind.RUN, ID), []),
    }
    for name, (change, expected) in steps.items():
        state = after(state, change)
        assert "active_runs" in vars(state), name
        assert state.active_runs == tuple(state.runs[id] for id in expected), name


def test_old_records_and_rows_are_upgraded_step_by_step_when_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrades, "newest_version", lambda kind: 3)
    steps = {(Kind.COUNTER, 1): lambda r: {**r, "count": 1}, (Kind.COUNTER, 2): lambda r: {"id": r["id"], "value": r["count"] + 1}}
    monkeypatch.setattr(upgrades, "RECORD_STEPS", steps)
    assert read_record(Kind.COUNTER, {"id": "counter_x"}) == CounterRecord(id="counter_x", schema_version=3, value=2)
    monkeypatch.setattr(upgrades, "JOURNAL_SCHEMA", 2)
    monkeypatch.setattr(upgrades, "JOURNAL_STEPS", {1: lambda items: [{**item, "op": "set"} for item in items]})
    assert upgrade_journal({"schema": 1, "items": [{"op": "old"}]}) == [{"op": "set"}]


def test_what_a_newer_version_wrote_is_refused_in_words() -> None:
    with pytest.raises(StoreError, match="a newer version of Trellis wrote"):
        read_record(Kind.COUNTER, {"id": "counter_x", "schema_version": 99, "value": 1})
    with pytest.raises(StoreError, match="journal rows of schema 99"):
        read_deltas(json.dumps({"schema": 99, "items": []}), json.dumps({"schema": 1, "items": []}))
