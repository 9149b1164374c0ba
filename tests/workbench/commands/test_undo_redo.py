from __future__ import annotations

from typing import Any

import pytest

from tests.support import acting
from workbench.commands.base import CommandError
from workbench.commands.records import DeleteCommand, NoteCommand
from workbench.state import Kind


def test_an_undo_touches_only_its_own_actors_rows(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="ann")
    bench.models.rename(actor="api", model_id=model.id, name="Second")
    with pytest.raises(CommandError, match=r"the name of the model Second was changed since, by REST at 20\d\d-\d\d-\d\d \d\d:\d\d UTC\."):
        bench.undo(actor="ann")
    assert bench.undo_words("ann") == "Create First"
    assert bench.state().models[model.id].name == "Second"


def test_an_undo_is_refused_per_field_not_per_model(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="eve")
    bench.models.update_config(actor="ann", model_id=model.id, values={"learning_rate": 0.5})
    bench.models.update_config(actor="bob", model_id=model.id, values={"max_epochs": 9})
    bench.undo(actor="ann")
    training = bench.state().models[model.id].config["training"]
    assert (training["learning_rate"], training["max_epochs"]) == (0.1, 9)


def test_an_undo_is_refused_if_somebody_else_changed_the_field(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="eve")
    bench.models.update_config(actor="ann", model_id=model.id, values={"learning_rate": 0.5, "clip": None})
    bench.models.update_config(actor="bob", model_id=model.id, values={"learning_rate": 0.6})
    before = bench.state()
    with pytest.raises(CommandError, match=r"training learning rate of the model .* was changed since, by bob") as caught:
        bench.undo(actor="ann")
    assert caught.value.code == "conflict"
    assert bench.state() == before
    bench.models.update_config(actor="bob", model_id=model.id, values={"learning_rate": 0.5})  # as ann had it
    bench.undo(actor="ann")
    assert bench.state().models[model.id].config["training"]["clip"] == 5.0


def test_a_new_change_ends_what_could_be_redone(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.models.rename(actor="me", model_id=model.id, name="Second")
    bench.undo(actor="me")
    bench.models.note(actor="me", model_id=model.id, note="x")
    assert bench.redo_words("me") is None
    with pytest.raises(CommandError, match="nothing to redo"):
        bench.redo(actor="me")


def test_undo_redo_undo_walks_the_same_row(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.models.rename(actor="me", model_id=model.id, name="Second")
    names = []
    for act in (bench.undo, bench.redo, bench.undo, bench.redo):
        act(actor="me")
        names.append(bench.state().models[model.id].name)
    assert names == ["First", "Second", "First", "Second"]


def test_undoing_a_creation_removes_the_model_and_redo_brings_it_back(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    created = bench.state()
    bench.undo(actor="me")
    assert model.id not in bench.state().models
    assert model.id not in bench.state().labels
    bench.redo(actor="me")
    assert bench.state().models[model.id].model_dump(exclude={"updated_at"}) == model.model_dump(exclude={"updated_at"})
    assert bench.state().labels == created.labels


def test_the_creation_of_a_model_that_ran_is_not_undone(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    acting.finish(bench, acting.run_to(bench, acting.queue(bench, model, actor="worker"), "starting"), "stopped")
    with pytest.raises(CommandError, match=r"has runs by now.*cannot be undone"):
        bench.undo(actor="me")


def test_undoing_a_delete_brings_back_under_a_free_name(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="ann")
    bench.models.delete(actor="ann", model_id=model.id)
    make_model("First", actor="bob")
    bench.undo(actor="ann")
    assert bench.state().models[model.id].name == "First (2)"


def test_undoing_a_rename_is_refused_if_the_old_name_is_taken(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="ann")
    bench.models.rename(actor="ann", model_id=model.id, name="Second")
    make_model("First", actor="bob")
    with pytest.raises(CommandError, match="named First already"):
        bench.undo(actor="ann")


def test_redoing_a_delete_asks_again_whether_it_may(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="ann")
    bench.models.delete(actor="ann", model_id=model.id)
    bench.undo(actor="ann")
    acting.queue(bench, model, actor="bob")
    with pytest.raises(CommandError, match="cannot be deleted while run"):
        bench.redo(actor="ann")


def test_an_undo_that_would_leave_an_invalid_config_is_refused(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="eve")
    bench.models.update_config(actor="ann", model_id=model.id, values={"use_noise": True})
    bench.models.update_config(actor="bob", model_id=model.id, values={"noise_scale": 3.0})
    before = bench.state()
    with pytest.raises(CommandError, match=r"noise_scale: .*applies only when use_noise"):
        bench.undo(actor="ann")
    assert bench.state() == before


def test_notes_and_deletes_of_runs_are_undone(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    first = acting.trained(bench, model)
    acting.trained(bench, model)
    bench.store.execute(NoteCommand(kind=Kind.RUN, id=first.id, note="x"), actor="ann")
    bench.store.execute(DeleteCommand(kind=Kind.RUN, id=first.id), actor="ann")
    bench.undo(actor="ann")
    bench.undo(actor="ann")
    run = bench.state().runs[first.id]
    assert (run.deleted_at, run.note) == (None, "")


def test_history_shows_undos_in_words(bench: Any, make_model: Any) -> None:
    from workbench.state import Kind

    model = make_model("First")
    bench.models.rename(actor="me", model_id=model.id, name="Second")
    bench.undo(actor="me")
    bench.redo(actor="me")
    words = [entry.words for entry in bench.history(Kind.MODEL, model.id)]
    assert words[:3] == ["Redo: Rename the model to Second", "Undo: Rename the model to Second", "Rename the model to Second"]
