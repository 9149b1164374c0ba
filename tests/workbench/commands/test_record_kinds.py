"""What a kind's declaration says about names: how long they may be, and among which records they are unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.support.contributing_family import KIND, TIMETABLE, Timetable
from workbench import kinds
from workbench.commands.base import CommandError, Env
from workbench.commands.records import RenameCommand, RestoreCommand
from workbench.commands.rules import free_name, names_taken, require_free_name, users_of
from workbench.state import AppState, DatasetRecord, Kind, RunRecord, RunState, Subject

ENV = Env("2026-01-01T00:00:00.000Z", lambda kind: kind, "user:me", lambda family, name: None)
IDS = [f"timetable_00000000000{i}0" for i in range(1, 6)]


@pytest.fixture(autouse=True)
def scoped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timetables whose names are unique among those of the same stations."""
    kind = replace(TIMETABLE, scope="stations", max_name=120)
    monkeypatch.setattr(kinds, "_of_families", lambda: {KIND: kind})


def timetable(id: str, name: str, *stations: str, deleted: bool = False) -> Timetable:
    """A record."""
    return Timetable(
        id=id, name=name, stations=stations, created_at="", updated_at="", deleted_at=ENV.now if deleted else None
    )  # fmt: skip


def state(*records: Timetable, **others: Mapping[str, Any]) -> AppState:
    """What is known."""
    return AppState(records={KIND: {r.id: r for r in records}, **others})


def test_a_name_is_taken_within_its_scope_alone() -> None:
    known = state(timetable(IDS[0], "Night", "a"), timetable(IDS[1], "Day", "b"), timetable(IDS[2], "Dawn", "a", deleted=True))
    assert names_taken(known, KIND, within=("a",)) == ("Night",)
    assert names_taken(known, KIND, IDS[0], ("a",)) == ()
    assert require_free_name(known, KIND, "Night", within=("b",)) == "Night"
    assert free_name(known, KIND, "night", within=("a",)) == "night (2)"
    with pytest.raises(CommandError, match="named Night already"):
        require_free_name(known, KIND, "NIGHT", within=("a",))


def test_renaming_and_restoring_look_at_the_records_scope() -> None:
    known = state(timetable(IDS[0], "Night", "a"), timetable(IDS[1], "Day", "b"), timetable(IDS[2], "Night", "a", deleted=True),
                  timetable(IDS[3], "Night", "b", deleted=True))  # fmt: skip
    (renamed,) = RenameCommand(kind=KIND, id=IDS[1], name="Night").decide(known, ENV)
    assert renamed.record.name == "Night"  # type: ignore[union-attr]
    crowded = state(*known.of(KIND).values(), timetable(IDS[4], "Day", "a"))
    with pytest.raises(CommandError, match="named Day already"):
        RenameCommand(kind=KIND, id=IDS[0], name="day").decide(crowded, ENV)
    back = [RestoreCommand(kind=KIND, id=id).decide(known, ENV)[0].record.name for id in IDS[2:4]]  # type: ignore[union-attr]
    assert back == ["Night (2)", "Night"]


def test_a_kind_says_how_long_its_names_may_be() -> None:
    known = state(timetable(IDS[0], "x" * 120, "a"))
    assert len(free_name(known, KIND, "x" * 120, within=("a",))) == 120
    (renamed,) = RenameCommand(kind=KIND, id=IDS[0], name="y" * 120).decide(known, ENV)
    assert renamed.record.name == "y" * 120  # type: ignore[union-attr]
    with pytest.raises(CommandError, match="at most 120 characters"):
        RenameCommand(kind=KIND, id=IDS[0], name="y" * 121).decide(known, ENV)


def test_users_of_a_record_are_live_ones_and_active_runs_about_none_of_them() -> None:
    dataset = DatasetRecord(id="d", name="D", family="f", source="s", status="ready", created_at="", updated_at="")
    child = dataset.model_copy(update={"id": "c", "name": "Child", "uses": ("d",)})
    gone = child.model_copy(update={"id": "g", "name": "Gone", "deleted_at": ENV.now})

    def run(number: int, about: str, now: RunState) -> RunRecord:
        return RunRecord(
            id=f"run_{number}", number=number, subject=Subject(kind="dataset", id=about), key=f"run_{number}", family="f",
            model_type="m", framework="tensorflow", state=now, config={}, fingerprint="", uses=("d",), seed=0, journal_seq=0,
            code_version="1", created_at="",
        )  # fmt: skip

    runs = (run(1, "g", RunState.RUNNING), run(2, "g", RunState.COMPLETED), run(3, "c", RunState.QUEUED))
    known = AppState(records={Kind.DATASET: {r.id: r for r in (dataset, child, gone)}, Kind.RUN: {r.id: r for r in runs}})
    assert users_of(known, "d") == ["Child", "run #1"]


def test_a_kind_may_refuse_to_bring_a_record_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(state: AppState, record: Timetable) -> None:
        raise CommandError(f"The stations of {record.name} are closed.", code="conflict")

    monkeypatch.setattr(kinds, "_of_families", lambda: {KIND: replace(TIMETABLE, restorable=closed)})
    known = state(timetable(IDS[0], "Night", "a", deleted=True), timetable(IDS[1], "Day", "a"))
    with pytest.raises(CommandError, match="The stations of Night are closed"):
        RestoreCommand(kind=KIND, id=IDS[0]).decide(known, ENV)
    assert RestoreCommand(kind=KIND, id=IDS[1]).decide(known, ENV) == ()


def test_a_dataset_that_any_kind_of_record_has_used_is_not_taken_back() -> None:
    dataset = DatasetRecord(id="d", name="D", family="f", source="s", status="ready", created_at="", updated_at="")
    user = dataset.model_copy(update={"id": "u", "uses": ("d",), "deleted_at": ENV.now})
    alone = AppState(records={Kind.DATASET: {"d": dataset}})
    kinds.kind_of(Kind.DATASET).removable(alone, dataset)
    with pytest.raises(CommandError, match="The dataset D has datasets by now"):
        kinds.kind_of(Kind.DATASET).removable(AppState(records={Kind.DATASET: {"d": dataset, "u": user}}), dataset)
