"""The History tab: pages of entries, labels in words, and a model as it was."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.context import AppContext
from dashboard.pages.model import history as history_module
from dashboard.pages.model import history_tab, render
from dashboard.pages.model.history import entries_of, label_words
from rcmvae.labels.service import LabelService
from tests.support.acting import finish, queue, run_to, trained
from tests.support.trees import having, of_class, text_of, with_id
from workbench.commands.base import CommandError
from workbench.state import Kind
from workbench.store.history import FieldChange


@pytest.fixture(autouse=True)
def me(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who looks at the page."""
    monkeypatch.setattr(history_tab, "actor", lambda: "me")


def shown(bench: Any, model: Any, **query: str) -> Any:
    return render(AppContext(lambda: bench, bench.settings), model.id, "history", query)


def words(tree: Any) -> str:
    return " ".join(text_of(tree).split())


def test_every_entry_is_reached_page_by_page_and_told_once(bench: Any, digits_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_module, "RUNS_TOLD", 2)
    for number in range(5):
        bench.models.note(actor="me", model_id=digits_model.id, note=str(number))
        finish(bench, run_to(bench, queue(bench, digits_model), "running"))
    every = entries_of(bench, digits_model.id, 1000)
    seen, before = [], None
    for _ in range(20):
        page = entries_of(bench, digits_model.id, 3, before)
        seen += page.entries
        assert len(page.entries) <= 3
        before = page.older
        if before is None:
            break
    seqs = [entry.seq for entry in seen]
    assert seqs == sorted(set(seqs), reverse=True)
    told = [entry.words for entry in seen]
    assert sum(text.startswith("Start run #") for text in told) == 5
    assert sum(text.endswith("ended: completed") for text in told) == 5
    assert told.count("Change the model's note") == 5
    assert told[-1] == "Create First"
    assert every.older is not None, "more runs than one page tells"


def test_older_entries_are_a_page_of_their_own_with_a_way_back(bench: Any, digits_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_tab, "SHOWN", 2)
    for name in ("A", "B", "C"):
        bench.models.rename(actor="me", model_id=digits_model.id, name=name)
    first = shown(bench, digits_model)
    assert "Rename the model to C" in words(first)
    assert "Rename the model to A" not in words(first)
    (older,) = [link for link in having(first, className="btn btn-outline-secondary btn-sm") if link.children == "Older entries"]
    second = shown(bench, digits_model, before=older.href.rpartition("=")[2])
    assert "Rename the model to A" in words(second)
    assert "Newest entries" in words(second)
    assert "Older entries" not in words(second)


def test_many_labels_are_told_in_a_line_for_each_label(bench: Any, digits_model: Any) -> None:
    free = sorted(bench.models.read(digits_model).labelable)[:12]
    LabelService(bench).set(actor="me", model_id=digits_model.id, labels=dict.fromkeys(free, 7))
    newest = of_class(shown(bench, digits_model), "changes")[0]
    assert words(newest).startswith("12 items labelled 7")
    assert "Label of item" not in words(newest)
    changes = [
        FieldChange("labels.1", None, 7),
        FieldChange("labels.2", 3, 7),
        FieldChange("labels.4", 1, None),
        FieldChange("labels.5", None, 7),
    ]
    assert label_words(changes) == ["3 items labelled 7, 1 of them otherwise before", "1 item no longer labelled"]


def test_a_model_is_shown_as_it_was_with_what_differs_from_now(bench: Any, digits_model: Any) -> None:
    then = bench.state().versions[digits_model.id]
    before = len(bench.state().labels[digits_model.id])
    free = sorted(bench.models.read(digits_model).labelable)[:4]
    LabelService(bench).set(actor="me", model_id=digits_model.id, labels=dict.fromkeys(free, 7))
    bench.models.update_config(actor="me", model_id=digits_model.id, values={"learning_rate": 0.25})
    bench.models.rename(actor="me", model_id=digits_model.id, name="Second")
    LabelService(bench).rename_class(actor="me", model_id=digits_model.id, number=9, name="nine")
    run = trained(bench, digits_model)
    page = shown(bench, digits_model, at=str(then))
    differs = words(with_id(page, "past-differs"))
    assert "Name First Second" in differs
    assert "Class names 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 0, 1, 2, 3, 4, 5, 6, 7, 8, nine" in differs
    assert "Learning rate 0.002 0.25" in differs
    assert f"Weights nothing epoch 1 of run #{run.number}" in differs
    now = len(bench.state().labels[digits_model.id])
    assert f"{before:,} items had a label; {now:,} have one now." in words(with_id(page, "past-labels"))
    settings = words(with_id(page, "past-settings"))
    assert "Learning rate 0.002" in settings
    assert bench.models.get(digits_model.id).name == "Second"
    newest = shown(bench, digits_model, at=str(bench.state().version))
    assert "are as they are now" in words(with_id(newest, "past-differs"))


def test_labels_are_those_of_the_moment_through_every_change(bench: Any, digits_model: Any) -> None:
    free = sorted(bench.models.read(digits_model).labelable)[:6]
    states = [(bench.state().version, dict(bench.state().labels.get(digits_model.id, {})))]
    service, id = LabelService(bench), digits_model.id
    for change in (
        lambda: service.set(actor="me", model_id=id, labels=dict.fromkeys(free, 7)),
        lambda: service.set(actor="me", model_id=id, labels=dict.fromkeys(free[:3], 2)),
        lambda: service.clear(actor="me", model_id=id, indices=free[1:4]),
        lambda: service.set(actor="me", model_id=id, labels=dict.fromkeys(free, 0)),
    ):
        change()
        states.append((bench.state().version, dict(bench.state().labels[id])))
    bench.undo(actor="me")
    for version, labels in states:
        assert bench.store.labels_at(digits_model.id, version) == labels


@pytest.mark.parametrize("query", [{"at": "0"}, {"at": "999999"}, {"at": "x"}, {"at": "9" * 40}, {"before": "-1"}, {"at": "²"}])
def test_an_entry_that_is_not_there_leads_nowhere(bench: Any, digits_model: Any, query: dict[str, str]) -> None:
    with pytest.raises(CommandError) as caught:
        shown(bench, digits_model, **query)
    assert caught.value.code == "not_found"


def test_what_this_browser_did_last_is_taken_back_from_there(bench: Any, digits_model: Any) -> None:
    bench.models.rename(actor="me", model_id=digits_model.id, name="Second")
    seq = bench.history(Kind.MODEL, digits_model.id)[0].seq
    page = shown(bench, digits_model, at=str(seq))
    (undo,) = having(page, data_act="undo")
    assert "Undo: Rename the model to Second" in words(undo)
