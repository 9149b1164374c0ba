"""What was deleted long ago goes for good, with its files, unless something that stays needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.workbench.runs import inline
from workbench.audit import audit, audit_runs
from workbench.cleaning.clearing import clear, plan
from workbench.cleaning.deleted import gone
from workbench.commands.base import CommandError
from workbench.commands.purging import PurgeCommand
from workbench.commands.records import DeleteCommand, NoteCommand, RestoreCommand
from workbench.state import Kind
from workbench.store import schema
from workbench.store.store import Store

LATER = "2999-01-01T00:00:00.000Z"
MOST = 2**40


def delete(bench: Any, kind: str, id: str) -> None:
    bench.store.execute(DeleteCommand(kind=kind, id=id), actor="me")


def trained(bench: Any, model: Any) -> Any:
    bench.runs.executor = inline.NoWorkers()
    inline.start(bench, model)
    return inline.work(bench)


def counted(bench: Any, table: Any) -> int:
    with bench.store.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar()


def test_only_what_was_deleted_before_the_time_goes(bench: Any, make_model: Any) -> None:
    kept, deleted = make_model("Kept"), make_model("Deleted")
    delete(bench, Kind.MODEL, deleted.id)
    at = bench.state().models[deleted.id].deleted_at
    assert gone(bench.state(), at).goes == ()
    assert gone(bench.state(), LATER).goes == ((Kind.MODEL, deleted.id),)
    assert kept.id in bench.state().models


def test_a_model_goes_with_its_runs_files_events_and_labels_and_the_journal_stays(bench: Any, make_model: Any) -> None:
    model, other = make_model("First", max_epochs=1), make_model("Other", max_epochs=1)
    run, others = trained(bench, model), trained(bench, other)
    assert bench.state().labels[model.id]
    delete(bench, Kind.MODEL, model.id)
    rows = counted(bench, schema.journal)
    planned = plan(bench, 0, MOST)
    assert {each.key for each in planned.deleted} == {(Kind.MODEL, model.id), (Kind.RUN, run.id)}
    assert planned.bytes > 0
    done = clear(bench, planned, actor="user:me")
    assert done.records == 2
    assert done.problems == ()
    assert done.bytes == planned.bytes
    state = bench.state()
    assert model.id not in state.models
    assert run.id not in state.runs
    assert model.id not in state.labels
    assert not bench.artefacts.path(f"models/{model.id}").exists()
    assert not bench.artefacts.path(f"runs/{run.id}").exists()
    assert counted(bench, schema.journal) == rows + 1
    with bench.store.reading() as connection:
        told = set(connection.execute(select(schema.run_events.c.run_id)).scalars())
    assert told == {others.id}
    # another process sees the same, and what stays works
    assert Store.open(bench.settings.database_url).state() == state
    assert bench.history(Kind.MODEL, model.id)
    assert all(not found.problems for found in (*audit(bench), *audit_runs(bench)))
    assert trained(bench, state.models[other.id]).number == 3


def test_what_something_needs_that_stays_is_kept_and_said(bench: Any, make_model: Any) -> None:
    model = make_model("First", max_epochs=1)
    first = trained(bench, model)
    second = trained(bench, bench.state().models[model.id])
    assert second.start_from is not None
    assert second.start_from.run_id == first.id
    delete(bench, Kind.RUN, first.id)
    found = gone(bench.state(), LATER)
    assert found.goes == ()
    assert found.stays == {(Kind.RUN, first.id): f"run #{second.number} needs it"}
    # once the model goes, all of it does
    delete(bench, Kind.MODEL, model.id)
    assert {id for _, id in gone(bench.state(), LATER).goes} == {model.id, first.id, second.id}


def test_a_clone_does_not_keep_what_it_was_made_from(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    clone = bench.models.clone(actor="me", model_id=model.id, name="Clone", values={})
    delete(bench, Kind.MODEL, model.id)
    clear(bench, plan(bench, 0, MOST), actor="me")
    assert list(bench.state().models) == [clone.id]
    assert trained(bench, bench.state().models[clone.id]).number == 1


def test_what_was_restored_since_it_was_shown_stays(bench: Any, make_model: Any) -> None:
    model, other = make_model("First"), make_model("Second")
    for each in (model, other):
        delete(bench, Kind.MODEL, each.id)
    planned = plan(bench, 0, MOST)
    bench.store.execute(RestoreCommand(kind=Kind.MODEL, id=model.id), actor="me")
    assert clear(bench, planned, actor="me").records == 1
    assert bench.artefacts.exists(f"models/{model.id}/sample.npz")
    assert set(bench.state().models) == {model.id}


def test_it_cannot_be_undone_and_an_undo_of_what_is_gone_is_refused_in_words(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.store.execute(DeleteCommand(kind=Kind.MODEL, id=model.id), actor="me")
    clear(bench, plan(bench, 0, MOST), actor="me")
    assert not PurgeCommand.undoable
    with pytest.raises(CommandError, match="was changed since, by"):
        bench.undo(actor="me")
    with pytest.raises(CommandError):
        bench.store.execute(RestoreCommand(kind=Kind.MODEL, id=model.id), actor="me")
    with pytest.raises(CommandError):
        bench.store.execute(NoteCommand(kind=Kind.MODEL, id=model.id, note="x"), actor="me")


def test_what_cannot_be_removed_is_said_and_the_rest_goes(bench: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.cleaning import leftovers

    models = [make_model(name) for name in ("First", "Second")]
    for model in models:
        delete(bench, Kind.MODEL, model.id)
    remove = leftovers.remove_all

    def fails(path: Path) -> None:
        if path.name == models[0].id:
            raise PermissionError(1, "Operation not permitted")
        remove(path)

    monkeypatch.setattr(leftovers, "remove_all", fails)
    done = clear(bench, plan(bench, 0, MOST), actor="me")
    assert done.records == 2
    assert len(done.problems) == 1
    assert models[0].id in done.problems[0]
    assert not bench.artefacts.path(f"models/{models[1].id}").exists()
