"""The labelling effort as a workbench's journal and runs tell it."""

from __future__ import annotations

from typing import Any

import pytest

from rcmvae.explore.effort_read import effort_of
from rcmvae.labels.service import LabelService
from tests.dashboard.conftest import bench, client
from tests.support.acting import finish, queue, run_to
from workbench.listing.asked import asked_of, select
from workbench.listing.columns import by_key, columns_of

__all__ = ["bench", "client"]


@pytest.fixture
def model(bench: Any) -> Any:
    """Two hundred digits, ten labels."""
    return bench.models.create(
        actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, sample={"num_samples": 200, "num_labeled": 10}
    )


def free(bench: Any, model: Any, count: int) -> list[int]:
    """Training rows without a label."""
    known = bench.models.labels(model.id)
    return [int(row) for row in bench.models.read(model).train if int(row) not in known][:count]


def test_labels_are_counted_by_person_and_undo_counts_back(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    rows = free(bench, model, 6)
    for row in rows[:4]:
        service.set(actor="browser:1", model_id=model.id, labels={row: 1})
    service.set(actor="browser:2", model_id=model.id, labels=dict.fromkeys(rows[4:], 2))
    found = effort_of(bench, model.id, "browser:1")
    assert found.total == 16
    assert [total for _, total in found.series] == [10, 11, 12, 13, 14, 16]
    assert found.people == {"browser:1": 4, "browser:2": 2}
    assert found.pace.labels == 4
    bench.undo(actor="browser:2")
    found = effort_of(bench, model.id, "browser:1")
    assert found.series[-1][1] == 14
    assert found.people == {"browser:1": 4}


def test_a_file_of_labels_is_no_pace(bench: Any, model: Any) -> None:
    text = "index,label\n" + "".join(f"{row},3\n" for row in free(bench, model, 20))
    LabelService(bench).import_csv(actor="browser:1", model_id=model.id, content=text)
    found = effort_of(bench, model.id, "browser:1")
    assert found.total == 30
    assert found.pace.labels == 0


def test_runs_tell_their_labels_and_their_held_out_accuracy(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    for accuracy in (0.5, 0.7, 0.8):
        run = run_to(bench, queue(bench, model), "running")
        finish(bench, run, headline={"accuracy": accuracy})
        service.set(actor="me", model_id=model.id, labels=dict.fromkeys(free(bench, model, 20), 1))
    finish(bench, run_to(bench, queue(bench, model), "running"), headline={})
    found = effort_of(bench, model.id, "me")
    assert [(run.labels, run.accuracy) for run in found.runs] == [(10, 0.5), (30, 0.7), (50, 0.8)]
    assert found.estimate.middle is not None
    assert "50 more labels" in found.estimate.words


def test_the_page_is_told_in_json(client: Any, bench: Any, model: Any) -> None:
    LabelService(bench).set(actor="browser:ab12", model_id=model.id, labels=dict.fromkeys(free(bench, model, 3), 5))
    told = client.get(f"/explore/{model.id}/effort").json()
    assert told["total"] == 13
    assert {"name": "browser ab12", "labels": 3} in told["people"]
    assert told["estimate"]["middle"] is None
    assert client.get("/explore/model_0000000000000/effort").status_code == 404


def test_a_merge_of_classes_and_what_undo_brings_back_are_nobodys_labels(bench: Any, model: Any) -> None:
    service = LabelService(bench)
    rows = free(bench, model, 6)
    service.set(actor="browser:1", model_id=model.id, labels=dict.fromkeys(rows, 3))
    service.merge_classes(actor="browser:1", model_id=model.id, number=3, into=8)
    bench.undo(actor="browser:1")
    bench.redo(actor="browser:1")
    found = effort_of(bench, model.id, "browser:1")
    assert (found.people, found.pace.labels) == ({"browser:1": 6}, 6)


def test_lists_of_runs_show_how_many_labels_each_began_with(bench: Any, model: Any) -> None:
    first = run_to(bench, queue(bench, model), "running")
    finish(bench, first, headline={"accuracy": 0.5})
    LabelService(bench).set(actor="me", model_id=model.id, labels=dict.fromkeys(free(bench, model, 20), 1))
    second = queue(bench, model)
    state = bench.state()
    runs = [state.runs[run.id] for run in (first, second)]
    column = by_key(columns_of(runs))["labels"]
    assert (column.title, [column.value(state, run) for run in runs]) == ("Labels", [10, 30])
    older = runs[0].model_copy(update={"payload": {name: value for name, value in runs[0].payload.items() if name != "labels"}})
    assert column.value(state, older) is None
    chosen = select(state, asked_of({"where": "labels > 15"}))
    assert [run.id for run in chosen.runs] == [second.id]
