"""Labels of a workbench's models: strict numbers, imports all or nothing, exports that come back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rcmvae.labels.service import ClassUse, ImportPreview, LabelService
from workbench.commands.base import CommandError


@pytest.fixture
def model(make_model: Any) -> Any:
    return make_model("First", parts=4)


@pytest.mark.parametrize("labels", [{True: 1}, {1: True}, {1: 1.0}, {"1": 1}, {1: None}])
def test_what_is_no_whole_number_is_neither_a_row_nor_a_class(bench: Any, model: Any, labels: Any) -> None:
    before = bench.state()
    with pytest.raises(CommandError, match="not a whole number"):
        LabelService(bench).change(actor="me", model_id=model.id, labels=labels)
    with pytest.raises(CommandError, match="not a whole number"):
        LabelService(bench).clear(actor="me", model_id=model.id, indices=[True])
    assert bench.state() == before


def test_numbers_of_arrays_are_whole_numbers(bench: Any, model: Any) -> None:
    row = bench.models.read(model).train[0]
    labels: Any = {row: np.int32(2)}
    LabelService(bench).set(actor="me", model_id=model.id, labels=labels)
    assert LabelService(bench).of(model.id)[int(row)].label == 2


def test_an_import_lists_bad_lines_and_samples_that_cannot_be_labelled_in_their_order(bench: Any, model: Any) -> None:
    before = bench.state()
    sample = bench.models.read(model)
    text = f"index;label\r{sample.test[0]};ant\r{sample.train[0]};dragon\r{sample.train[1]};bee\r99999;bee\r"
    with pytest.raises(CommandError) as caught:
        LabelService(bench).import_csv(actor="me", model_id=model.id, content=text)
    assert [p.path for p in caught.value.problems] == ["line 2", "line 3", "line 5"]
    assert bench.state() == before


def test_more_than_a_thousand_bad_lines_are_counted(bench: Any, model: Any) -> None:
    with pytest.raises(CommandError) as caught:
        LabelService(bench).import_csv(actor="me", model_id=model.id, content="index,label\n" + "1,dragon\n" * 1500)
    assert len(caught.value.problems) == 1001
    assert "500 more" in caught.value.problems[-1].message


def test_bytes_that_are_no_text_name_their_line(bench: Any, model: Any) -> None:
    with pytest.raises(CommandError, match="line 2") as caught:
        LabelService(bench).import_csv(actor="me", model_id=model.id, content=b"index,label\n1,K\xe4fer\n")
    assert caught.value.hint == "Save the file as CSV UTF-8."


def test_an_export_comes_back_and_changes_nothing(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    text = service.export_csv(model.id)
    before, version = {index: value.label for index, value in service.of(model.id).items()}, bench.state().version
    assert service.import_csv(actor="me", model_id=model.id, content=text) == len(before) > 0
    assert {index: value.label for index, value in service.of(model.id).items()} == before
    assert bench.state().version == version


def test_names_say_how_often_each_is_used(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    service.clear(actor="me", model_id=model.id, indices=list(service.of(model.id)))
    row = int(bench.models.read(model).train[0])
    service.set(actor="me", model_id=model.id, labels={row: 1})
    assert service.names(model.id) == (ClassUse(0, "ant", 0), ClassUse(1, "bee", 1), ClassUse(2, "cat", 0))


def test_a_file_is_looked_at_before_it_is_applied(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    known = dict(service.of(model.id))
    free = [int(row) for row in bench.models.read(model).train if int(row) not in known]
    same, other = list(known)[:2]
    text = f"index,label\n{free[0]},ant\n{same},{known[same].label}\n{other},{(known[other].label + 1) % 3}\n"
    version = bench.state().version
    assert service.preview_csv(model_id=model.id, content=text) == ImportPreview(new=1, changed=1, same=1)
    assert bench.state().version == version
    with pytest.raises(CommandError, match="dragon"):
        service.preview_csv(model_id=model.id, content="index,label\n1,dragon\n")
