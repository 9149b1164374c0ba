"""What an address asks for and is not there is said, with the closest name and a way to all; what is there leads to its page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dashboard import context, shell_callbacks, statuses
from dashboard.context import AppContext
from dashboard.pages.registry import all_pages
from tests.support.acting import finish, queue, run_to
from tests.support.trees import having, text_of

PAGES = all_pages()


@pytest.fixture
def run(bench: Any, digits_model: Any) -> Iterator[Any]:
    """A run of a tagged model, within a request."""
    import flask

    bench.models.tag(actor="me", model_id=digits_model.id, tags=("paper",))
    ended = finish(bench, run_to(bench, queue(bench, digits_model), "running"), headline={"accuracy": 0.5})
    server = flask.Flask("test")
    context.install(server, AppContext(lambda: bench, bench.settings))
    with server.test_request_context():
        yield ended


@pytest.mark.parametrize(("path", "search", "said"), [
    ("/", "?family=nope", "There is no family 'nope' of Models."),
    ("/", "?famly=rcmvae", "There is no filter 'famly' of Models. Did you mean family?"),
    ("/", "?state=compleet", "Did you mean completed?"),
    ("/", "?tag=papr", "Did you mean paper?"),
    ("/", "?sort=nam", "Did you mean name?"),
    ("/datasets", "?family=nope", "There is no family 'nope' of Datasets."),
    ("/datasets", "?family=recsys&source=nope", "There is no source 'nope' of Datasets."),
    ("/runs", "?columns=state,acuracy", "Did you mean accuracy?"),
    ("/runs", "?wher=seed", "Did you mean where?"),
    ("/runs", "?view=view_0000000000000", "There is no view"),
    ("/runs", "?model=model_0000000000000", "There is no model"),
    ("/runs/compare", "?id=a", "Did you mean ids?"),
    ("/recommenders/features", "?dataset=nope", "There is no dataset 'nope' of Features."),
    ("/recommenders/models", "?type=retrival", "Did you mean retrieval?"),
    ("/recommenders/tests", "?status=done", "There is no status 'done' of Quick tests."),
])  # fmt: skip
def test_what_an_address_names_and_is_not_there_is_said_with_a_way_to_all(run: Any, path: str, search: str, said: str) -> None:
    tree, meta = shell_callbacks.draw(PAGES, path, search)
    assert said in text_of(tree)
    assert meta["title"] == "Not found"
    assert having(tree, href=path), "a way to all of the list"
    assert not statuses.leads_somewhere(PAGES, path, search.lstrip("?"))


@pytest.mark.parametrize(
    "search", ["", "?text=x&family=rcmvae&state=completed&tag=paper&sort=name&view=table", "?family=&state=", "?state=none", "?tag=paper"]
)
def test_what_is_there_is_listed(run: Any, search: str) -> None:
    _, meta = shell_callbacks.draw(PAGES, "/", search)
    assert meta["title"] == "Models"
    assert statuses.leads_somewhere(PAGES, "/", search.lstrip("?"))


@pytest.mark.parametrize(("path", "search"), [
    ("/datasets", "family=rcmvae"), ("/datasets", "family=recsys&source=retail_simulator"), ("/runs", "where=seed+%3D+1&group=seed&sort=-seed&columns=seed"),
    ("/runs", "where=not+readable"), ("/recommenders/features", "dataset=movielens-100k&q=x"), ("/recommenders/models", "type=retrieval"),
    ("/recommenders/tests", "status=failed&kind=ranking"),
])  # fmt: skip
def test_what_lists_can_be_asked_for_leads_to_them(run: Any, path: str, search: str) -> None:
    assert statuses.leads_somewhere(PAGES, path, search)


@pytest.mark.parametrize(("tab", "search", "there"), [
    ("diagnose", "", True), ("diagnose", "run=run_0000000000000", False), ("diagnose", "beside=run_0000000000000", False), ("nope", "", False),
    ("history", "at=1", False), ("history", "at=x", False), ("train", "", True),
])  # fmt: skip
def test_a_models_tab_says_whether_what_it_names_is_there(run: Any, digits_model: Any, tab: str, search: str, there: bool) -> None:
    assert statuses.leads_somewhere(PAGES, f"/model/{digits_model.id}/{tab}", search) is there


def test_a_tab_says_what_it_was_asked_for_and_is_not_there_with_a_way_to_the_tab(run: Any, digits_model: Any) -> None:
    path = f"/model/{digits_model.id}/history"
    tree, _ = shell_callbacks.draw(PAGES, path, "?at=999999")
    assert "There was no such model at entry 999999" in text_of(tree)
    assert having(tree, href=path)
