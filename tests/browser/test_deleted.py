"""A page of something that somebody else deletes says so in place, asks no more, and goes on once it is restored."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import trained


@pytest.fixture
def ids(trained_once: dict[str, str], server: Any) -> Iterator[dict[str, str]]:
    """Both, there again afterwards whatever a test left."""
    yield trained_once
    server.api(f"/models/{trained_once['model']}/restore", {})


@pytest.fixture(scope="module")
def trained_once(server: Any) -> dict[str, str]:
    """A trained model and its run."""
    model, run = trained(server, "Here and gone")
    return {"model": model, "run": run}


def asked(page: Page) -> list[str]:
    """What a page asks the server from now on but for the bar's looks."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if "_dash-update-component" not in request.url else None)
    return found


@pytest.mark.parametrize("path", ["/model/{model}/train", "/model/{model}/explore", "/model/{model}/history"])
def test_an_open_page_of_a_model_that_is_deleted_says_so_asks_no_more_and_comes_back(
    server: Any, ids: dict[str, str], visit: Any, path: str
) -> None:
    visit.expects("404")  # what the page asks before it is told
    page: Page = visit(server, path.format(**ids))
    expect(page.locator("#page-gone")).to_be_empty()
    server.api(f"/models/{ids['model']}", method="DELETE")
    notice = page.locator("#page-gone .page-gone")
    expect(notice).to_contain_text("The model Here and gone was deleted.")
    expect(page.get_by_role("heading", name="Here and gone")).to_be_visible()
    assert accessibility_problems(page) == []
    page.wait_for_timeout(3000)  # what was under way is over
    requests = asked(page)
    page.wait_for_timeout(4000)
    assert requests == []
    notice.get_by_role("button", name="Restore the model").click()
    expect(page.locator("#page-gone")).to_be_empty()
    expect(page.get_by_text("Restored Here and gone.")).to_be_visible()
    assert server.api(f"/models/{ids['model']}")["name"] == "Here and gone"
    expect(page.get_by_role("heading", name="Here and gone")).to_be_visible()


def test_an_open_page_of_a_run_tells_of_its_model_and_of_itself_and_both_come_back_from_elsewhere(
    server: Any, ids: dict[str, str], visit: Any
) -> None:
    page: Page = visit(server, f"/run/{ids['run']}", width=400)
    server.api(f"/models/{ids['model']}", method="DELETE")
    notice = page.locator("#page-gone")
    expect(notice).to_contain_text("This run of it stays as it is.")
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    server.api(f"/models/{ids['model']}/restore", {})
    expect(notice).to_be_empty()
    expect(page.locator("#page > :not(.page-outline)")).to_be_visible()


def test_the_address_of_what_was_deleted_offers_to_restore_it(server: Any, ids: dict[str, str], visit: Any) -> None:
    visit.expects("404")
    number = server.api(f"/models/{ids['model']}")["number"]
    server.api(f"/models/{ids['model']}", method="DELETE")
    page: Page = visit(server, f"/model/{number}/train")
    expect(page.get_by_text("The model Here and gone was deleted.")).to_be_visible()
    page.get_by_role("button", name="Restore the model").click()
    expect(page.get_by_role("heading", name="Here and gone")).to_be_visible()
