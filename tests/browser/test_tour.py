"""A first visit's tour: offered once, taken by keyboard, never over a dialog, offered again on demand."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems


def test_a_tour_is_offered_once_and_taken_by_keyboard(server: Any, visit: Any) -> None:
    model = server.model("Toured")
    page = visit(server, f"/model/{model}/explore")
    expect(page.locator("#explore-effort")).to_contain_text("labels")
    expect(page.locator(".tour-card")).to_have_count(0)
    take = page.get_by_role("button", name="Take the tour")
    take.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog")
    expect(card).to_be_visible()
    assert [problem for problem in accessibility_problems(page) if "tour" in problem] == []
    for _ in range(5):
        if card.get_by_role("button", name="Done").count():
            break
        expect(card.get_by_role("button", name="Next")).to_be_focused()
        page.keyboard.press("Enter")
    expect(card).to_contain_text("Train, and look again")
    expect(page.locator(".tour-marked")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    expect(page.locator(".tour-marked")).to_have_count(0)
    page.reload()
    expect(page.locator("#explore-effort")).to_contain_text("labels")
    expect(page.locator(".tour-offer")).to_have_count(0)


def test_a_tour_that_was_declined_is_offered_again_from_help(server: Any, visit: Any) -> None:
    model = server.model("Declined")
    page = visit(server, f"/model/{model}/explore", width=400)
    page.get_by_role("button", name="No, thank you").click()
    expect(page.locator(".tour-offer")).to_have_count(0)
    page.goto(f"{server.url}/help")
    page.get_by_role("button", name="Offer the tours again").click()
    expect(page.get_by_text("at your next visit")).to_be_visible()
    page.goto(f"{server.url}/model/{model}/explore")
    expect(page.get_by_role("button", name="Take the tour")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_a_dialog_ends_the_tour_and_no_tour_begins_over_one(server: Any, visit: Any) -> None:
    model = server.model("Interrupted tour")
    page = visit(server, f"/model/{model}/explore")
    expect(page.locator("#explore-effort")).to_contain_text("labels")
    page.get_by_role("button", name="Take the tour").click()
    expect(page.locator(".tour-card")).to_be_visible()
    page.evaluate("() => { window.trellis.ask_person('Really?', 'Yes'); }")
    expect(page.locator("dialog[open]")).to_be_visible()
    expect(page.locator(".tour-card")).to_have_count(0)
