"""Every page on the screen of a phone, while a run is active."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.training import LONG, PATIENCE_SECONDS, start, trained

WIDTH = 400
PAGES = (
    "/", "/create", "/datasets", "/runs", "/settings", "/help", "/model/{model}/train", "/model/{model}/diagnose",
    "/model/{model}/history", "/run/{run}",
)  # fmt: skip


@pytest.fixture(scope="module")
def ids(server: Any) -> dict[str, str]:
    """A model with a completed run, beside a run that goes on."""
    model, run = trained(server, "Small")
    start(server, server.model("Going on", config=LONG))
    return {"model": model, "run": run}


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_small_screen(server: Any, ids: dict[str, str], visit: Any, path: str) -> None:
    page = visit(server, path.format(**ids), width=WIDTH)
    expect(page.locator("#active-summary .active-column")).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTH


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
