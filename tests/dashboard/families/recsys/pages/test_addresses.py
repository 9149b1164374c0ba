"""Addresses of recommenders that name something which is not there."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard import shell_callbacks, statuses
from dashboard.families.recsys.pages.registry import PAGES
from dashboard.pages.page import page_above
from recsys.service import RecommenderService
from tests.dashboard.families.recsys.pages.conftest import context_of
from tests.support.recommender_family import SALES
from tests.support.trees import having, of_class, text_of
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
    [("/recommenders/features/new", "?from=77", "nothing was copied"), ("/recommenders/features/new", "?dataset=nope", "Choose the dataset"),
     ("/recommenders/models/new", "?from=77&step=2", "nothing was copied")],
)  # fmt: skip
def test_a_wizard_that_is_to_begin_with_what_is_not_there_opens_and_says_so(
    stored: Workbench, monkeypatch: pytest.MonkeyPatch, path: str, search: str, words: str
) -> None:
    monkeypatch.setattr("dashboard.families.recsys.pages.features.view.BUILT_IN", SALES)
    shown, meta = shell_callbacks.draw(PAGES, path, search)
    notices = of_class(shown, "note-warning")
    assert words in text_of(notices)
    assert meta["title"] != "Not found"
    assert statuses.leads_somewhere(PAGES, path, search.lstrip("?"))
    assert not of_class(shell_callbacks.draw(PAGES, path, "")[0], "note-warning")
