"""The records that pages are of: named by id or number, missing, deleted, and deleted while a page is open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest

from dashboard import context, shell_callbacks, standing, statuses
from dashboard.context import AppContext
from dashboard.pages.page import find
from dashboard.pages.registry import all_pages
from tests.support.acting import finish, queue, run_to
from tests.support.trees import found, having, text_of
from workbench.commands.base import CommandError
from workbench.state import Kind

PAGES = all_pages()
UNKNOWN = "0000000000000"


@pytest.fixture
def run(bench: Any, digits_model: Any) -> Iterator[Any]:
    """A completed run of the digits model, within a request."""
    ended = finish(bench, run_to(bench, queue(bench, digits_model), "running"), headline={"accuracy": 0.5})
    server = flask.Flask("test")
    context.install(server, AppContext(lambda: bench, bench.settings))
    with server.test_request_context():
        yield ended


def draw(path: str, search: str = "") -> tuple[Any, dict[str, Any]]:
    """A page's tree and what the browser knows of it."""
    return shell_callbacks.draw(PAGES, path, search)


def restoring(tree: Any) -> list[str]:
    """The ids that buttons of a page restore."""
    return [getattr(part, "data-id") for part in found(tree, lambda part: getattr(part, "data-act", None) == "restore")]


@pytest.mark.parametrize("path", ["/model/{}/train", "/model/{}", "/model/{}/history"])
def test_a_models_number_leads_to_the_model(run: Any, digits_model: Any, path: str) -> None:
    for number in (str(digits_model.number), f"%23{digits_model.number}"):
        assert statuses.leads_somewhere(PAGES, path.format(number))
        assert draw(path.format(number))[1]["records"] == [[Kind.MODEL, digits_model.id]]


def test_a_runs_number_leads_to_the_run(run: Any, digits_model: Any) -> None:
    assert statuses.leads_somewhere(PAGES, f"/run/{run.number}")
    tree, meta = draw(f"/run/{run.number}")
    assert meta["records"] == [[Kind.RUN, run.id], [Kind.MODEL, digits_model.id]]
    assert having(tree, id="run-id")[0].data == run.id


@pytest.mark.parametrize(("path", "said"), [
    ("/model/9/train", "There is no model #9."), (f"/model/model_{UNKNOWN}", f"There is no model model_{UNKNOWN}."), ("/model/nope", "'nope' is not the id of a model."),
    ("/run/9", "There is no run #9."), (f"/run/run_{UNKNOWN}", f"There is no run run_{UNKNOWN}."), ("/run/nope", "'nope' is not the id of a run."),
    ("/forecasting/results/nope", "'nope' is not the id of a run."), ("/forecasting/results/9", "There is no run #9."),
    ("/datasets/nope", "There is no dataset nope."), ("/recommenders/tests/9", "There is no run #9."), ("/recommenders/models/9", "There is no model config #9."),
    ("/recommenders/features/nope", "'nope' is not the id of"), ("/nowhere", "There is nothing at /nowhere."),
])  # fmt: skip
def test_what_was_never_there_is_said_so_and_nothing_of_undo(run: Any, path: str, said: str) -> None:
    tree, meta = draw(path)
    assert said in text_of(tree)
    assert meta["title"] == "Not found"
    assert "deleted" not in text_of(tree)
    assert "Undo" not in text_of(tree)
    assert restoring(tree) == []
    assert not statuses.leads_somewhere(PAGES, path)


def test_a_run_of_another_family_has_no_forecasts_and_that_is_said(run: Any) -> None:
    tree, _ = draw(f"/forecasting/results/{run.number}")
    assert f"Run #{run.number} forecasts nothing" in text_of(tree)


@pytest.mark.parametrize("named", ["id", "number"])
def test_a_deleted_record_is_said_to_be_deleted_and_can_be_restored_from_there(run: Any, bench: Any, named: str) -> None:
    bench.runs.delete(actor="somebody", run_id=run.id)
    path = f"/run/{getattr(run, named)}"
    tree, _ = draw(path)
    assert f"The run #{run.number} was deleted." in text_of(tree)
    assert restoring(tree) == [run.id]
    assert not statuses.leads_somewhere(PAGES, path)
    assert standing.restore(bench, "me", Kind.RUN, run.id) == f"Restored #{run.number}."
    assert draw(path)[1]["title"] == "Run"


def test_an_open_page_is_told_that_its_record_was_deleted_or_what_its_run_is_about(run: Any, bench: Any, digits_model: Any) -> None:
    shown = draw(f"/run/{run.id}")[1]["records"]
    assert standing.gone_of(bench.state(), shown) is None
    bench.models.delete(actor="somebody", model_id=digits_model.id)
    gone = standing.gone_of(bench.state(), shown)
    assert gone is not None
    assert (gone.kind, gone.id, gone.page) == (Kind.MODEL, digits_model.id, False)
    assert "The model First was deleted." in gone.words
    # A page that is opened afterwards is not told what it shows already.
    assert draw(f"/run/{run.id}")[1]["records"] == [[Kind.RUN, run.id]]
    bench.runs.delete(actor="somebody", run_id=run.id)
    whole = standing.gone_of(bench.state(), shown)
    assert whole is not None
    assert (whole.id, whole.page) == (run.id, True)


def test_what_no_page_says_is_no_record_of_it(run: Any, bench: Any) -> None:
    assert shell_callbacks.records_of({"records": [["nonsense", "x"], [Kind.RUN, run.id]]}) == [(Kind.RUN, run.id)]
    assert shell_callbacks.records_of(None) == []
    with pytest.raises(CommandError):
        standing.restore(bench, "me", Kind.COUNTER, "x")


def test_every_page_of_one_record_knows_which_kind_of_record_it_is_of() -> None:
    for page in PAGES:
        variables = [part.strip("<>") for part in page.path_template.split("/") if part.startswith("<")]
        if variables and not page.path_template.endswith("/edit"):
            assert page.named(dict.fromkeys(variables, "x")) is not None, page.path_template


def test_an_address_with_a_number_and_a_tab_names_the_model(run: Any) -> None:
    page, variables = find(PAGES, "/model/1/train") or (None, {})
    assert page is not None
    assert page.named(variables) == ("model_id", Kind.MODEL)
