"""Every page on the screen of a phone, while a run is active."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import recommending
from tests.browser.training import LONG, PATIENCE_SECONDS, start, trained, wait_for

WIDTH, NARROWEST = 400, 360
PAGES = (
    "/", "/create", "/datasets", "/runs", "/settings", "/help", "/model/{model}/train", "/model/{model}/diagnose",
    "/model/{model}/history", "/run/{run}", "/runs/compare?ids={run},{second}", "/recommenders", "/recommenders/tests", "/recommenders/tests/new", "/recommenders/tests/{test}",
    "/recommenders/tests/{cancelled}", "/recommenders/tests/compare?ids={test},{cancelled}",
)  # fmt: skip


@pytest.fixture(scope="module")
def ids(server: Any) -> dict[str, str]:
    """A model with a completed run, a test with results and one without, beside a run that goes on."""
    made, run = trained(server, "Small")
    features, both = recommending.features(server, "Ids"), recommending.model(server, "Finder")
    test = recommending.started(server, features, both, name="A name that is long enough to need more than one line")
    assert recommending.ended(server, test)["status"] == "completed"
    cancelled = recommending.started(server, features, both)
    server.api(f"/quick-tests/{cancelled}/cancel", {})
    assert recommending.ended(server, cancelled)["status"] == "cancelled"
    second = start(server, made)
    wait_for(server, second, "completed")
    start(server, server.model("Going on", config=LONG))
    return {"model": made, "run": run, "second": second, "test": test, "cancelled": cancelled}


@pytest.mark.parametrize("width", [WIDTH, NARROWEST])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_small_screen(server: Any, ids: dict[str, str], visit: Any, path: str, width: int) -> None:
    page = visit(server, path.format(**ids), width=width)
    expect(page.locator("#active-summary .active-column")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [WIDTH, 1280])
def test_a_setting_that_the_keyboard_reaches_is_covered_by_nothing(server: Any, ids: dict[str, str], visit: Any, width: int) -> None:
    page = visit(server, f"/model/{ids['model']}/train", width=width)
    fields = page.locator("#settings .field input.field-input:visible")
    fields.first.wait_for()
    page.evaluate("window.scrollTo(0, 0)")
    covered = fields.evaluate_all(
        """found => found.slice(0, 12).filter(field => {
          field.focus();
          const { left, top, width, height } = field.getBoundingClientRect();
          const seen = document.elementFromPoint(left + Math.min(width / 2, 40), top + height / 2);
          return !field.closest('.field').contains(seen);
        }).map(field => field.closest('.field').dataset.field)"""
    )
    assert covered == []


def test_the_state_of_every_dataset_is_in_sight_on_a_small_screen(server: Any, visit: Any) -> None:
    page = visit(server, "/datasets", width=WIDTH)
    cells = page.locator(".datasets-table td")
    sides = cells.evaluate_all("found => found.map(cell => cell.getBoundingClientRect().right)")
    assert sides
    assert max(sides) <= WIDTH


def test_a_list_of_tests_shows_everything_of_a_test_on_a_small_screen(server: Any, ids: dict[str, str], visit: Any) -> None:
    page = visit(server, "/recommenders/tests", width=NARROWEST)
    cells = page.locator(".tests-list tbody td")
    cells.first.wait_for()
    sides = cells.evaluate_all("found => found.map(cell => cell.getBoundingClientRect().right)")
    assert max(sides) <= NARROWEST


def test_a_table_that_is_wider_than_a_small_screen_scrolls_in_its_own_box_and_its_edge_says_so(
    server: Any, ids: dict[str, str], visit: Any
) -> None:
    page = visit(server, f"/recommenders/tests/compare?ids={ids['test']},{ids['cancelled']}", width=NARROWEST)
    box = page.locator(".table-scroll:has(.compare-table)")
    assert box.evaluate("box => box.scrollWidth > box.clientWidth")
    assert "scroll" in box.evaluate("box => getComputedStyle(box).backgroundAttachment").split(", ")


def test_the_parts_of_a_result_stay_in_sight_and_a_link_opens_what_is_folded(server: Any, ids: dict[str, str], visit: Any) -> None:
    page = visit(server, f"/recommenders/tests/{ids['test']}", width=WIDTH)
    link = page.get_by_role("navigation", name="Parts of this page").get_by_role("link", name="Made of")
    expect(page.locator("#made-of")).to_be_hidden()
    link.click()
    expect(page.locator("#made-of")).to_be_in_viewport()
    expect(page.get_by_role("navigation", name="Parts of this page")).to_be_in_viewport()
