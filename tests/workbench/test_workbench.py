"""The facade: from an empty home to a model, edits, undo and history."""

from __future__ import annotations

from typing import Any

import pytest

from rcmvae.holding import held
from workbench.commands.base import CommandError
from workbench.settings import Settings
from workbench.state import Kind
from workbench.workbench import Workbench


def test_an_opened_workbench_knows_the_built_in_datasets(bench: Any) -> None:
    dataset = bench.state().datasets["tiny"]
    assert (dataset.name, dataset.family, dataset.status) == ("Tiny", "fake", "preparing")


def test_opening_again_changes_nothing(bench: Any, settings: Settings) -> None:
    again = Workbench.open(settings)
    try:
        assert again.state() == bench.state()
    finally:
        again.close()


def test_a_created_model_is_what_was_asked_for(bench: Any, make_model: Any) -> None:
    model = make_model("First", width=16, learning_rate=0.25)
    assert (model.name, model.number, model.uses[0]) == ("First", 1, "tiny")
    assert model.config["architecture"]["width"] == 16
    assert model.config["architecture"]["input_shape"] == [2, 2, 1]
    assert model.config["training"]["learning_rate"] == 0.25
    assert len(bench.state().labels[model.id]) == held(model).sample.n_labelled == 6
    assert bench.state().datasets["tiny"].status == "ready"


def test_undo_and_redo_walk_through_an_actors_changes(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.models.rename(actor="me", model_id=model.id, name="Second")
    bench.models.update_config(actor="me", model_id=model.id, values={"learning_rate": 0.5})
    assert bench.undo_words("me") == "Change Learning rate"
    bench.undo(actor="me")
    bench.undo(actor="me")
    assert bench.redo_words("me") == "Rename the model to Second"
    assert bench.state().models[model.id].name == "First"
    bench.redo(actor="me")
    bench.redo(actor="me")
    now = bench.state().models[model.id]
    assert (now.name, now.config["training"]["learning_rate"]) == ("Second", 0.5)
    assert bench.redo_words("me") is None


def test_history_tells_who_changed_what_from_what_to_what(bench: Any, make_model: Any) -> None:
    model = make_model("First", actor="ann")
    bench.models.update_config(actor="bob", model_id=model.id, values={"learning_rate": 0.5})
    newest, created = bench.history(Kind.MODEL, model.id)
    assert (newest.actor, newest.words, newest.command) == ("bob", "Change Learning rate", "UpdateConfigCommand")
    assert [(c.path, c.old, c.new) for c in newest.changes] == [("config.training.learning_rate", 0.1, 0.5)]
    assert created.actor == "ann"


def test_a_closed_workbenchs_state_is_there_when_it_is_opened_again(bench: Any, make_model: Any, settings: Settings) -> None:
    make_model("First", width=16)
    before = bench.state()
    bench.close()
    again = Workbench.open(settings)
    try:
        assert again.state() == before
    finally:
        again.close()


def test_nothing_to_undo_is_said(bench: Any) -> None:
    with pytest.raises(CommandError, match="nothing to undo"):
        bench.undo(actor="nobody")


def test_an_empty_store_beside_the_files_of_models_is_warned_of(bench: Any, make_model: Any, caplog: pytest.LogCaptureFixture) -> None:
    make_model("First")
    settings = bench.settings
    Workbench.open(settings).close()
    assert caplog.text == ""
    bench.close()
    # What a lost -wal file leaves: the database's first page and nothing that was written since.
    (settings.home / "trellis.db").write_bytes(b"")
    for rest in settings.home.glob("trellis.db-*"):
        rest.unlink()
    Workbench.open(settings).close()
    assert "is empty, but" in caplog.text
    assert "the files of 1 models and runs" in caplog.text


def test_a_new_home_is_not_warned_of(settings: Any, fake: Any, caplog: pytest.LogCaptureFixture) -> None:
    Workbench.open(settings).close()
    assert caplog.text == ""
