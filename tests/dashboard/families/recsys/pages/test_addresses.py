"""Addresses of recommenders that name something which is not there."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard import shell_callbacks, statuses
from dashboard.families.recsys.pages.registry import PAGES
from dashboard.pages.page import page_above
from recsys.service import RecommenderService
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.trees import having, text_of
from workbench.workbench import Workbench


@pytest.fixture
def stored(bench: Workbench, service: RecommenderService, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    """A workbench with the models 1 and 2, the one that pages are of."""
    for name in ("One", "Two"):
        service.models.create(actor="me", name=name, document={})
    for module in (statuses, shell_callbacks):
        monkeypatch.setattr(module, "current", lambda: context_of(bench))
    return bench


NOWHERE = (
    ("/recommenders/models/999", "", "/recommenders/models"), ("/recommenders/models/999/edit", "", "/recommenders/models"),
    ("/recommenders/models/compare", "?ids=1,x", "/recommenders/models"), ("/recommenders/features/999", "", "/recommenders/features"),
    ("/recommenders/features/1/edit", "?step=2", "/recommenders/features"), ("/recommenders/tests/0", "", "/recommenders/tests"),
    ("/recommenders/tests/compare", "?ids=1,2,x", "/recommenders/tests"), ("/recommenders/xyz", "", "/recommenders"),
)  # fmt: skip


@pytest.mark.parametrize(("path", "search", "list_of"), NOWHERE)
def test_what_is_not_there_is_a_404_that_leads_back_to_its_chapter(stored: Workbench, path: str, search: str, list_of: str) -> None:
    assert not statuses.leads_somewhere(PAGES, path, search.lstrip("?"))
    shown, meta = shell_callbacks.draw(PAGES, path, search)
    assert (meta["title"], "Nothing here" in text_of(shown)) == ("Not found", True)
    assert [link.href for link in having(shown, href=list_of)] == [list_of]


@pytest.mark.parametrize(
    ("path", "search"),
    [("/recommenders/models/1", ""), ("/recommenders/models/2/edit", "?step=3"), ("/recommenders/models/compare", "?ids=1,2"),
     ("/recommenders/models/compare", ""), ("/recommenders/features/compare", ""), ("/recommenders/tests/compare", "")],
)  # fmt: skip
def test_what_is_there_is_a_page_and_an_empty_comparison_is_one_too(stored: Workbench, path: str, search: str) -> None:
    assert statuses.leads_somewhere(PAGES, path, search.lstrip("?"))
    assert "could not be drawn" not in text_of(shell_callbacks.draw(PAGES, path, search)[0])


@pytest.mark.parametrize(
    ("path", "above"), [("/", None), ("/xyz", None), ("/recommenders/", None), ("/recommenders/a/b/c", "/recommenders")]
)
def test_the_page_above_an_address_is_the_nearest_that_there_is(path: str, above: Any) -> None:
    page = page_above(PAGES, path)
    assert (page and page.path_template) == above


@pytest.mark.parametrize(
    ("path", "search", "words"),
    [("/recommenders/features/new", "?from=77", "77"), ("/recommenders/features/new", "?dataset=nope", "nope"),
     ("/recommenders/features/new", "?dataset=digits&start=smart", "digits"), ("/recommenders/models/new", "?from=77&step=2", "77"),
     ("/recommenders/models/new", "?recipe=nope", 'no recipe "nope"'), ("/recommenders/datasets/new", "?upload=nope", "Upload it again"),
     ("/recommenders/datasets/new", "?upload=../../etc", "no longer here")],
)  # fmt: skip
def test_what_a_new_ones_address_begins_with_is_there_or_it_is_a_404_with_both_ways_on(
    stored: Workbench, path: str, search: str, words: str
) -> None:
    assert not statuses.leads_somewhere(PAGES, path, search.lstrip("?"))
    shown, meta = shell_callbacks.draw(PAGES, path, search)
    assert (meta["title"], words in text_of(shown)) == ("Not found", True)
    assert having(shown, href=path)
    assert having(shown, href=path.removesuffix("/new"))


@pytest.mark.parametrize("search", ["?from=1&step=3", "?recipe=best_retrieval", "?recipe=", ""])
def test_what_a_new_models_address_begins_with_and_is_there_is_a_wizard(stored: Workbench, search: str) -> None:
    assert statuses.leads_somewhere(PAGES, "/recommenders/models/new", search.lstrip("?"))
    assert shell_callbacks.draw(PAGES, "/recommenders/models/new", search)[1]["title"] == "New model"
