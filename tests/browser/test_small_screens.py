"""Every page on the screen of a phone, while a run is active."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import recommending
from tests.browser.training import LONG, PATIENCE_SECONDS, start, trained, wait_for

WIDTH, NARROWEST = 400, 360
LONG_NAME = "Specialists on handwritten digits and_a_word_that_no_line_can_break_at_all_anywhere"
PAGES = (
    "/", "/create", "/create?preset=mixture_10", "/datasets", "/datasets/digits", "/runs", "/settings", "/help", "/nowhere",
    "/model/{model}/explore", "/model/{model}/explore?view=grid", "/model/{model}/train", "/model/{model}/diagnose", "/model/{model}/data",
    "/model/{model}/history", "/model/{model}/export", "/run/{run}", "/runs/compare?ids={run},{second}", "/sweeps", "/sweeps/new?model={model}", "/sweeps/{sweep}",
    "/recommenders", "/recommenders/datasets", "/recommenders/datasets/retail", "/recommenders/features", "/recommenders/features/new",
    "/recommenders/features/{features}", "/recommenders/models", "/recommenders/models/new", "/recommenders/models/{finder}",
    "/recommenders/tests", "/recommenders/tests/new", "/recommenders/tests/{test}", "/recommenders/tests/{cancelled}",
    "/recommenders/tests/compare?ids={test},{cancelled}",
)  # fmt: skip
AS_WIDE_AS = "width => document.documentElement.scrollWidth === width"
LEAST_TARGET = 32
"""Pixels that what a finger presses is high at least."""
SMALL_TARGETS = """
least => [...document.querySelectorAll('#frame :is(button, select, summary, input, a.btn, a.page-tab, nav a)')].filter(element => {
  const { width, height } = element.getBoundingClientRect();
  const unseen = !width || !height || getComputedStyle(element).visibility === 'hidden' || element.closest('.visually-hidden, .modebar, .js-plotly-plot');
  const of_label = ['checkbox', 'radio', 'file'].includes(element.type);
  return !unseen && !of_label && height < least - 0.5;
}).map(element => `${element.outerHTML.slice(0, 120)}: ${element.getBoundingClientRect().height}`)
"""


@pytest.fixture(scope="module")
def ids(server: Any) -> dict[str, str]:
    """A model with a completed run, a test with results and one without, beside a run that goes on; all with long names."""
    made, run = trained(server, LONG_NAME)
    features, both = recommending.features(server, f"Ids {LONG_NAME}"), recommending.model(server, f"Finder {LONG_NAME}")
    test = recommending.started(server, features, both, name=LONG_NAME)
    assert recommending.ended(server, test)["status"] == "completed"
    cancelled = recommending.started(server, features, both)
    server.api(f"/quick-tests/{cancelled}/cancel", {})
    assert recommending.ended(server, cancelled)["status"] == "cancelled"
    sweep = server.api("/sweeps", {"model_id": made, "space": ["learning_rate=0.001,0.01"], "name": LONG_NAME})["id"]
    server.api(f"/sweeps/{sweep}/stop", {})
    second = start(server, made)
    wait_for(server, second, "completed")
    going = server.model(f"Going on {LONG_NAME[:80]}", config=LONG)
    start(server, going)
    return {
        "model": made,
        "run": run,
        "second": second,
        "sweep": sweep,
        "test": test,
        "cancelled": cancelled,
        "features": features,
        "finder": both,
        "going": going,
    }


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_small_screen_and_what_is_pressed_suits_a_finger(
    server: Any, ids: dict[str, str], visit: Any, path: str
) -> None:
    if path == "/nowhere":
        visit.expects("404")
    page = visit(server, path.format(**ids), width=WIDTH)
    expect(page.locator("#active-summary .active-column")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH
    assert page.evaluate(SMALL_TARGETS, LEAST_TARGET) == []
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    page.wait_for_function(AS_WIDE_AS, arg=NARROWEST)  # curves follow a moment later


def test_the_bar_has_room_for_everything_between_a_phone_and_a_desk(server: Any, ids: dict[str, str], visit: Any) -> None:
    page = visit(server, "/help", width=768)
    expect(page.locator("#active-summary .active-column")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    for width in (768, 800, 861, 1000, 1261):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_function(AS_WIDE_AS, arg=width)


def test_nothing_below_the_state_of_a_run_moves_when_one_starts_goes_on_or_ends(server: Any, ids: dict[str, str], visit: Any) -> None:
    heights = set()
    for model in (server.model("Never trained"), ids["going"], ids["model"]):
        page = visit(server, f"/model/{model}/train")
        expect(page.locator(".model-status")).to_contain_text("not trained" if model not in ids.values() else "Run", ignore_case=True)
        heights.add(page.locator(".model-status").evaluate("status => Math.round(status.getBoundingClientRect().height)"))
    assert len(heights) == 1, heights


def test_runs_are_cards_with_their_metrics_on_a_small_screen_and_columns_on_a_large_one(
    server: Any, ids: dict[str, str], visit: Any
) -> None:
    page = visit(server, f"/runs?model={ids['model']}", width=WIDTH)
    card = page.locator(".run-card").last
    expect(card).to_contain_text("Accuracy")
    expect(card).to_contain_text("Completed")
    box = card.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= WIDTH
    expect(page.get_by_role("columnheader", name="Accuracy")).to_have_count(0)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_role("columnheader", name="Accuracy")).to_be_visible()
    expect(page.locator(".run-card")).to_have_count(0)


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
