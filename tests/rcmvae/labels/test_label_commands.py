from __future__ import annotations

from typing import Any

import pytest

from rcmvae.holding import held
from rcmvae.labels.service import LabelService
from workbench.commands.base import CommandError
from workbench.state import LabelValue


@pytest.fixture
def model(make_model: Any) -> Any:
    return make_model("First", parts=4)


@pytest.fixture
def rows(bench: Any, model: Any) -> list[int]:
    """Training rows without a label."""
    return [int(i) for i in bench.models.read(model).train if int(i) not in bench.models.labels(model.id)]


def test_given_labels_are_the_datasets_own(bench: Any, model: Any) -> None:
    labels = bench.models.labels(model.id)
    assert labels
    assert all(value == LabelValue(label=index % 3, source="given") for index, value in labels.items())


def test_labels_are_set_changed_and_cleared(bench: Any, model: Any, rows: list[int]) -> None:
    LabelService(bench).set(actor="me", model_id=model.id, labels={rows[0]: 1, rows[1]: 2})
    LabelService(bench).set(actor="me", model_id=model.id, labels={rows[0]: 0})
    labels = bench.models.labels(model.id)
    assert (labels[rows[0]], labels[rows[1]]) == (LabelValue(label=0, source="person"), LabelValue(label=2, source="person"))
    LabelService(bench).clear(actor="me", model_id=model.id, indices=[rows[0], rows[2]])
    assert rows[0] not in bench.models.labels(model.id)
    assert rows[1] in bench.models.labels(model.id)


def test_test_rows_and_rows_outside_the_sample_cannot_be_labelled(bench: Any, model: Any, rows: list[int]) -> None:
    before = bench.state()
    test_row = int(bench.models.read(model).test[0])
    with pytest.raises(CommandError) as caught:
        LabelService(bench).set(actor="me", model_id=model.id, labels={rows[0]: 1, test_row: 1, 10**9: 1, -1: 0})
    assert [p.path for p in caught.value.problems] == [f"labels.{test_row}", "labels.1000000000", "labels.-1"]
    assert bench.state() == before


@pytest.mark.parametrize("label", [-1, 3, 1000])
def test_a_class_the_model_does_not_know_is_refused(bench: Any, model: Any, rows: list[int], label: int) -> None:
    with pytest.raises(CommandError, match=rf"{label} is not a class; the model has classes 0 to 2"):
        LabelService(bench).set(actor="me", model_id=model.id, labels={rows[0]: label})


def test_labelling_does_not_disturb_an_edit_of_the_config(bench: Any, model: Any, rows: list[int]) -> None:
    seen = bench.state().versions[model.id]
    LabelService(bench).set(actor="you", model_id=model.id, labels={rows[0]: 1})
    bench.models.update_config(actor="me", model_id=model.id, values={"learning_rate": 0.5}, expected_version=seen)
    assert bench.state().models[model.id].config["training"]["learning_rate"] == 0.5


def test_a_class_can_be_added_while_there_is_room(bench: Any, model: Any, rows: list[int]) -> None:
    assert LabelService(bench).add_name(actor="me", model_id=model.id, name=" dog ").payload["class_names"] == ["ant", "bee", "cat", "dog"]
    LabelService(bench).set(actor="me", model_id=model.id, labels={rows[0]: 3})
    with pytest.raises(CommandError, match=r"can learn no further class.*5 classes, 4 parts") as caught:
        LabelService(bench).add_name(actor="me", model_id=model.id, name="emu")
    assert caught.value.hint == "Clone it with more; labels come along."
    with pytest.raises(CommandError, match="a class Dog already"):
        LabelService(bench).add_name(actor="me", model_id=model.id, name="Dog")


def test_adding_a_class_is_undone_only_while_nothing_has_it(bench: Any, model: Any, rows: list[int]) -> None:
    LabelService(bench).add_name(actor="ann", model_id=model.id, name="dog")
    LabelService(bench).set(actor="bob", model_id=model.id, labels={rows[0]: 3})
    with pytest.raises(CommandError, match="The class dog has labels"):
        bench.undo(actor="ann")
    bench.undo(actor="bob")
    bench.undo(actor="ann")
    assert held(bench.state().models[model.id]).class_names == ("ant", "bee", "cat")
    with pytest.raises(CommandError, match="no longer known"):
        bench.redo(actor="bob")


def test_labels_are_imported_by_name_or_number(bench: Any, model: Any, rows: list[int]) -> None:
    text = f"\ufeffIndex,Label\r\n{rows[0]},bee\r\n{rows[1]}, 2\r\n"
    LabelService(bench).import_csv(actor="me", model_id=model.id, content=text)
    labels = bench.models.labels(model.id)
    assert labels[rows[0]] == LabelValue(label=1, source="imported")
    assert labels[rows[1]].label == 2


def test_bad_rows_are_listed_by_line_and_nothing_is_imported(bench: Any, model: Any, rows: list[int]) -> None:
    before = bench.state()
    text = f"index,label\n{rows[0]},bee\n{rows[1]},dragon\nx,bee\n{rows[0]},ant\n{rows[2]}\n1,2,3\n"
    with pytest.raises(CommandError) as caught:
        LabelService(bench).import_csv(actor="me", model_id=model.id, content=text)
    assert [p.path for p in caught.value.problems] == ["line 3", "line 4", "line 5", "line 6", "line 7"]
    assert bench.state() == before


@pytest.mark.parametrize("text", ["", "\n", "a,b\n1,2\n", "1,2\n"])
def test_a_label_file_needs_its_header(bench: Any, model: Any, text: str) -> None:
    with pytest.raises(CommandError, match="header index,label"):
        LabelService(bench).import_csv(actor="me", model_id=model.id, content=text)


def test_undoing_labels_is_per_sample(bench: Any, model: Any, rows: list[int]) -> None:
    LabelService(bench).set(actor="ann", model_id=model.id, labels={rows[0]: 1})
    LabelService(bench).set(actor="bob", model_id=model.id, labels={rows[1]: 2})
    bench.undo(actor="ann")
    assert rows[0] not in bench.models.labels(model.id)
    assert bench.models.labels(model.id)[rows[1]].label == 2
    bench.redo(actor="ann")
    LabelService(bench).set(actor="bob", model_id=model.id, labels={rows[0]: 0})
    with pytest.raises(CommandError, match=rf"the label of sample {rows[0]} was changed since, by bob at 20"):
        bench.undo(actor="ann")


def test_a_class_is_renamed_and_keeps_its_labels(bench: Any, model: Any, rows: list[int]) -> None:
    service = LabelService(bench)
    service.set(actor="me", model_id=model.id, labels={rows[0]: 1})
    assert service.rename_class(actor="me", model_id=model.id, number=1, name=" wasp ").payload["class_names"] == ["ant", "wasp", "cat"]
    assert bench.models.labels(model.id)[rows[0]].label == 1
    assert bench.undo_words("me") == "Rename the class bee to wasp"
    with pytest.raises(CommandError, match="has a class Cat already"):
        service.rename_class(actor="me", model_id=model.id, number=1, name="Cat")
    assert service.rename_class(actor="me", model_id=model.id, number=1, name="Wasp").payload["class_names"][1] == "Wasp"
    bench.undo(actor="me")
    bench.undo(actor="me")
    assert held(bench.state().models[model.id]).class_names == ("ant", "bee", "cat")


def test_two_classes_are_merged_and_taken_apart_again(bench: Any, model: Any, rows: list[int]) -> None:
    service = LabelService(bench)
    service.set(actor="me", model_id=model.id, labels={rows[0]: 1, rows[1]: 2})
    before = dict(bench.models.labels(model.id))
    service.merge_classes(actor="me", model_id=model.id, number=1, into=2)
    after = bench.models.labels(model.id)
    assert {row: value.label for row, value in after.items()} == {
        row: 2 if value.label == 1 else value.label for row, value in before.items()
    }
    assert {row: value.source for row, value in after.items()} == {row: value.source for row, value in before.items()}
    assert bench.undo_words("me") == "Merge the class bee into cat"
    uses = service.names(model.id)
    assert [(use.name, use.merged_into) for use in uses] == [("ant", None), ("bee", 2), ("cat", None)]
    bench.undo(actor="me")
    assert (dict(bench.models.labels(model.id)), held(bench.state().models[model.id]).merged) == (before, {})
    bench.redo(actor="me")
    assert held(bench.state().models[model.id]).merged == {1: 2}


def test_a_merged_class_takes_no_label_no_name_and_no_other_class(bench: Any, model: Any, rows: list[int]) -> None:
    service = LabelService(bench)
    service.merge_classes(actor="me", model_id=model.id, number=1, into=2)
    words = "The class bee was merged into cat"
    with pytest.raises(CommandError, match=words):
        service.set(actor="me", model_id=model.id, labels={rows[0]: 1})
    with pytest.raises(CommandError, match=words) as caught:
        service.import_csv(actor="me", model_id=model.id, content=f"index,label\n{rows[0]},ant\n{rows[1]},bee\n")
    assert [problem.path for problem in caught.value.problems] == ["line 3"]
    for refused in (
        lambda: service.rename_class(actor="me", model_id=model.id, number=1, name="wasp"),
        lambda: service.merge_classes(actor="me", model_id=model.id, number=0, into=1),
        lambda: service.merge_classes(actor="me", model_id=model.id, number=1, into=0),
    ):
        with pytest.raises(CommandError, match=words):
            refused()
    for numbers in ((0, 0), (0, 9), (-1, 0)):
        with pytest.raises(CommandError):
            service.merge_classes(actor="me", model_id=model.id, number=numbers[0], into=numbers[1])


def test_classes_merged_one_after_the_other_all_end_in_the_last(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    service.merge_classes(actor="me", model_id=model.id, number=0, into=1)
    service.merge_classes(actor="me", model_id=model.id, number=1, into=2)
    assert held(bench.state().models[model.id]).merged == {0: 2, 1: 2}
    assert {value.label for value in bench.models.labels(model.id).values()} == {2}
