"""Records marked in lists for a comparison: clicks that come before an answer are all kept."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser import recommending
from tests.browser.training import PATIENCE_SECONDS


def at_once(marks: Locator) -> None:
    """Click all of them, faster than any answer comes, as soon as the list is drawn."""
    expect(marks.first).to_be_visible()
    marks.evaluate_all("found => found.forEach(mark => mark.click())")


def test_configurations_picked_at_once_are_all_picked_the_last_two_stay_and_one_that_is_deleted_leaves(server: Any, visit: Any) -> None:
    for name in ("First", "Second"):
        recommending.model(server, name)
    page: Page = visit(server, "/recommenders/models")
    at_once(page.locator(".pick"))
    expect(page.locator(".pick[aria-pressed=true]")).to_have_count(2)
    compare = page.get_by_role("link", name="Compare 2 models")
    expect(compare).to_be_visible()

    recommending.model(server, "Third")
    page.reload()
    expect(page.locator(".pick")).to_have_count(3)
    at_once(page.locator(".pick"))
    expect(page.locator(".pick[aria-pressed=true]")).to_have_count(2)
    expect(page.locator(".pick[aria-pressed=false]")).to_have_count(1)
    page.locator("li:has(.pick[aria-pressed=true])").first.get_by_role("button", name="Delete").click()
    expect(page.locator(".pick")).to_have_count(2)
    expect(page.locator(".pick[aria-pressed=true]")).to_have_count(1)


def test_tests_selected_at_once_are_all_selected_no_more_than_five_and_all_can_be_cleared(server: Any, visit: Any) -> None:
    features, model = recommending.features(server, "Ids"), recommending.model(server, "Finder")
    for _ in range(6):
        test = recommending.started(server, features, model)
        server.api(f"/quick-tests/{test}/cancel", {})
        recommending.ended(server, test)
    page: Page = visit(server, "/recommenders/tests")
    chosen = page.locator(".test-cell-mark [aria-pressed=true]")
    at_once(page.locator(".test-cell-mark button"))
    expect(page.get_by_text("5 tests are selected")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    expect(chosen).to_have_count(5)
    expect(page.locator(".test-cell-mark button:disabled")).to_have_count(1)
    page.locator("tr.is-selected").first.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("4 tests are selected")).to_be_visible()
    expect(page.locator(".test-cell-mark button")).to_have_count(5)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(chosen).to_have_count(0)
