from __future__ import annotations

from typing import Any

import pytest

from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from tests.support import acting
from workbench.commands.base import CommandError
from workbench.commands.models import CreateModelCommand, UpdateConfigCommand
from workbench.commands.rules import ModelFacts
from workbench.ids import new_id
from workbench.state import Kind


def test_names_are_made_from_the_architecture_and_kept_apart(make_model: Any) -> None:
    assert [make_model(width=8).name for _ in range(3)] == ["Toy mixed 8", "Toy mixed 8 (2)", "Toy mixed 8 (3)"]


def test_a_name_that_is_taken_is_a_conflict_with_a_proposal(make_model: Any) -> None:
    make_model("First")
    with pytest.raises(CommandError, match="named First already") as caught:
        make_model(" first ")
    assert caught.value.code == "conflict"
    assert caught.value.hint == "Choose another name, such as first (2)."


@pytest.mark.parametrize("name", ["x" * 101, "a\x00b", "\u202e"])
def test_unusable_names_are_refused(bench: Any, make_model: Any, name: str) -> None:
    model = make_model("First")
    with pytest.raises(CommandError):
        bench.models.rename(actor="me", model_id=model.id, name=name)


def test_numbers_are_never_given_twice(bench: Any, make_model: Any) -> None:
    first = make_model()
    bench.undo(actor="me")
    assert first.id not in bench.state().models
    assert make_model().number == 2


@pytest.mark.parametrize("id", ["../../etc", "model_", "..", "run_0123456789abc", "model_0123456789abc/x"])
def test_a_path_like_id_is_not_found(bench: Any, make_model: Any, id: str) -> None:
    make_model()
    before = bench.state()
    for act in (
        lambda: bench.models.rename(actor="me", model_id=id, name="x"),
        lambda: bench.models.update_config(actor="me", model_id=id, values={}),
        lambda: bench.models.delete(actor="me", model_id=id),
        lambda: bench.models.clone(actor="me", model_id=id),
        lambda: LabelService(bench).set(actor="me", model_id=id, labels={1: 1}),
    ):
        with pytest.raises(CommandError, match="is not the id of a model") as caught:
            act()
        assert caught.value.code == "not_found"
    assert bench.state() == before


def test_a_model_cannot_be_created_under_a_path_like_id(bench: Any, make_model: Any) -> None:
    model = make_model()
    command = CreateModelCommand(
        model_id="../x", family="fake", model_type="toy", dataset_id="tiny", config=model.config, payload=model.payload
    )
    with pytest.raises(CommandError, match="cannot be a new model's id"):
        bench.store.execute(command, actor="me", facts=ModelFacts(data=bench.datasets.facts("tiny")))


def test_an_edit_changes_what_it_names_and_nothing_else(bench: Any, make_model: Any) -> None:
    model = make_model()
    done = bench.models.update_config(actor="me", model_id=model.id, values={"learning_rate": "0.5", "max_epochs": 3})
    assert (done.changed, done.reset, done.note) == (("learning_rate",), (), "")
    assert done.record.config["training"] == {**model.config["training"], "learning_rate": 0.5}
    assert done.record.config["architecture"] == model.config["architecture"]


def test_a_structural_field_cannot_be_edited_and_nothing_is_applied(bench: Any, make_model: Any) -> None:
    model = make_model()
    before = bench.state()
    with pytest.raises(CommandError) as caught:
        bench.models.update_config(actor="me", model_id=model.id, values={"width": 16, "layers": [1], "learning_rate": 0.5})
    assert caught.value.message == (
        "width and layers are part of this model's architecture and cannot change after creation. "
        "Clone the model with the new architecture instead."
    )
    assert [p.path for p in caught.value.problems] == ["width", "layers"]
    assert bench.state() == before


def test_if_any_value_is_wrong_none_is_applied(bench: Any, make_model: Any) -> None:
    model = make_model()
    before = bench.state()
    with pytest.raises(CommandError) as caught:
        bench.models.update_config(actor="me", model_id=model.id, values={"max_epochs": 9, "learning_rate": 2, "clipp": 1})
    assert [p.path for p in caught.value.problems] == ["learning_rate", "clipp"]
    assert "greater than 0, at most 1 (got 2)" in caught.value.message
    assert "did you mean clip?" in caught.value.message
    assert bench.state() == before


def test_an_edit_that_changes_nothing_makes_no_journal_entry(bench: Any, make_model: Any) -> None:
    model = make_model()
    version = bench.state().version
    done = bench.models.update_config(actor="me", model_id=model.id, values={"learning_rate": 0.1, "clip": "5"})
    assert (done.changed, bench.state().version) == ((), version)


def test_an_edit_during_a_run_applies_from_the_next_run(bench: Any, make_model: Any) -> None:
    model = make_model()
    run = acting.queue(bench, model)
    done = bench.models.update_config(actor="me", model_id=model.id, values={"learning_rate": 0.9})
    assert done.note == "applies from the next run"
    assert bench.state().runs[run.id].config["training"]["learning_rate"] == 0.1


def test_an_edit_names_the_fields_it_reset(bench: Any, make_model: Any) -> None:
    model = make_model(use_noise=True, noise_scale=2.0)
    done = bench.models.update_config(actor="me", model_id=model.id, values={"training": {"use_noise": False}})
    assert (done.changed, done.reset) == (("use_noise",), ("noise_scale",))
    assert done.record.config["training"]["noise_scale"] == 1.0
    bench.undo(actor="me")
    assert bench.state().models[model.id].config["training"] == model.config["training"]


def test_a_stale_edit_is_a_conflict(bench: Any, make_model: Any) -> None:
    model = make_model()
    seen = bench.state().versions[model.id]
    bench.models.update_config(actor="a", model_id=model.id, values={"learning_rate": 0.5}, expected_version=seen)
    with pytest.raises(CommandError, match="changed by somebody else") as caught:
        bench.models.update_config(actor="b", model_id=model.id, values={"learning_rate": 0.6}, expected_version=seen)
    assert caught.value.code == "conflict"
    assert bench.state().models[model.id].config["training"]["learning_rate"] == 0.5


def test_a_clone_has_the_sample_and_labels_but_no_weights_and_may_have_another_architecture(bench: Any, make_model: Any) -> None:
    model = make_model("First", parts=9, learning_rate=0.4)
    row = int(bench.models.read(model).train[-1])
    LabelService(bench).set(actor="me", model_id=model.id, labels={row: 2})
    acting.trained(bench, model)
    clone = bench.models.clone(actor="me", model_id=model.id, values={"shape": "plain"})
    assert clone.name == "Toy plain 8"
    assert (clone.cloned_from, clone.weights, clone.config["architecture"]["parts"]) == (model.id, None, "auto")
    assert clone.config["training"]["learning_rate"] == 0.4
    assert clone.fingerprint != model.fingerprint
    assert bench.models.labels(clone.id) == bench.models.labels(model.id)
    assert held(clone).sample.artefact != held(model).sample.artefact
    assert (bench.models.read(clone).train == bench.models.read(model).train).all()


def test_a_clone_that_is_refused_leaves_nothing(bench: Any, make_model: Any) -> None:
    model = make_model()
    before = bench.state()
    with pytest.raises(CommandError, match="one part per class"):
        bench.models.clone(actor="me", model_id=model.id, values={"parts": 2})
    assert bench.state() == before
    assert len(list(bench.artefacts.path("models").iterdir())) == 1


def test_a_delete_frees_the_name_and_a_restore_that_clashes_gets_another(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.models.delete(actor="me", model_id=model.id)
    with pytest.raises(CommandError, match="was deleted"):
        bench.models.rename(actor="me", model_id=model.id, name="x")
    make_model("First")
    assert bench.models.restore(actor="me", model_id=model.id).name == "First (2)"
    assert bench.state().models[model.id].deleted_at is None


def test_a_restore_without_a_clash_keeps_the_name_and_restoring_twice_changes_nothing(bench: Any, make_model: Any) -> None:
    model = make_model("First")
    bench.models.delete(actor="me", model_id=model.id)
    assert bench.models.restore(actor="me", model_id=model.id).name == "First"
    version = bench.state().version
    bench.models.restore(actor="me", model_id=model.id)
    assert bench.state().version == version


@pytest.mark.parametrize("state", ["queued", "starting", "running"])
def test_a_model_with_an_active_run_cannot_be_deleted(bench: Any, make_model: Any, state: Any) -> None:
    model = make_model()
    run = acting.queue(bench, model)
    if state != "queued":
        acting.run_to(bench, run, state)
    with pytest.raises(CommandError, match=rf"run #1 is {state}") as caught:
        bench.models.delete(actor="me", model_id=model.id)
    assert (caught.value.code, caught.value.hint) == ("conflict", "Stop and delete.")


def test_tags_and_notes(bench: Any, make_model: Any) -> None:
    model = make_model()
    assert bench.models.tag(actor="me", model_id=model.id, tags=["b", " a ", "b"]).tags == ("b", "a")
    assert bench.models.note(actor="me", model_id=model.id, note="seen").note == "seen"
    for bad in (["x" * 51], [""], [str(i) for i in range(51)]):
        with pytest.raises(CommandError):
            bench.models.tag(actor="me", model_id=model.id, tags=bad)
    with pytest.raises(CommandError, match="20,000"):
        bench.models.note(actor="me", model_id=model.id, note="x" * 20_001)


def test_commands_say_what_they_do_in_words() -> None:
    id = new_id(Kind.MODEL)
    words = UpdateConfigCommand(model_id=id, values=dict.fromkeys(["a", "b", "c", "d", "e"], 1)).words
    assert words == "Change a, b, c and 2 more"
