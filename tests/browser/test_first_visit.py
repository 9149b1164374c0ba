from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import GONE, Server, accessibility_problems, start_server, stop_server

TRAINED_MS = 600_000
"""A minute on an idle machine; the suite's may be busy."""

# The module's `server` is on its first visit for ever: the tests that create something have one of their own.


@pytest.fixture
def shipped_server(tmp_path: Path) -> Iterator[Server]:
    """A server on a home of its own whose workers compile as a person's do: what trains for long is quicker so, what trains little is not."""
    started = start_server(tmp_path / "home", more={"JAX_DISABLE_MOST_OPTIMIZATIONS": "0", "XLA_FLAGS": ""})
    yield started
    stop_server(started)


def test_from_the_first_visit_to_a_trained_model_in_one_click(shipped_server: Server, visit: Any) -> None:
    page = visit(shipped_server)
    expect(page.get_by_role("heading", name="Grow your first model")).to_be_visible()
    page.get_by_role("button", name="Try it on handwritten digits").click()
    page.wait_for_url("**/model/*/train")
    page.locator("#live-loss .js-plotly-plot").wait_for()
    assert page.locator("script[src*='plotly']").count() == 1, "loaded ahead, and not again for the curves"
    expect(page.locator("#active-summary")).to_contain_text("1 active run", timeout=60_000)
    (run,) = shipped_server.api("/runs")["items"]
    assert run["state"] in ("queued", "starting", "running")
    # Curves that are drawn with every epoch take the processor that trains; other tests look at them.
    page.goto(shipped_server.url + "/help")
    expect(page.locator("#active-summary")).to_contain_text("1 active run")
    expect(page.locator("#active-summary")).to_contain_text("No active runs", timeout=TRAINED_MS)
    (run,) = shipped_server.api("/runs")["items"]
    assert run["state"] == "completed", run
    page.goto(shipped_server.url)
    card = page.locator(".model-card")
    expect(card).to_contain_text("Completed")
    expect(card.locator(".metric-value")).to_contain_text("%")
    assert float(card.locator(".metric-value").inner_text().rstrip(" %")) >= 90
    expect(card.locator(".spark svg")).to_be_visible()


def test_the_first_visit_can_be_read_by_everyone_in_both_themes(server: Any, visit: Any) -> None:
    for dark in (False, True):
        page = visit(server, dark=dark)
        page.get_by_role("button", name="Try it on handwritten digits").wait_for()
        assert accessibility_problems(page) == []


def test_the_theme_chosen_is_remembered_and_shown_before_anything_is_drawn(server: Any, visit: Any) -> None:
    page = visit(server)
    page.locator("#theme-menu summary").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload(wait_until="commit")
    page.wait_for_function("document.documentElement?.dataset.bsTheme === 'dark'")


def test_every_icon_of_the_pages_has_its_picture(server: Any, visit: Any) -> None:
    for path in ("/", "/create", "/datasets", "/runs", "/forecasting", "/recommenders", "/help", "/settings"):
        page = visit(server, path)
        nameless = "all => all.filter(i => getComputedStyle(i, '::before').content === 'none').map(i => i.className)"
        assert page.locator(".bi").count() > 3
        assert page.locator(".bi").evaluate_all(nameless) == [], path
    # a font that the browser refuses draws boxes
    assert page.evaluate("document.fonts.load('16px bootstrap-icons', '\\uf66b').then(found => found.map(f => f.status))") == ["loaded"]


@pytest.mark.parametrize("theme", ["Dark", "Light", "As the system"])
def test_the_theme_is_chosen_on_the_settings_page_too(server: Any, visit: Any, theme: str) -> None:
    page = visit(server, "/settings")
    button = page.locator("#page").get_by_role("button", name=theme)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")


def test_an_unknown_address_says_that_nothing_is_there_and_leads_back(server: Any, visit: Any) -> None:
    visit.expects("404")  # the page itself is one, which the browser says too
    page = visit(server, "/model/model_0000000000000/train")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()
    page.get_by_role("link", name="All models").click()
    expect(page.get_by_role("heading", name="Grow your first model")).to_be_visible()


def test_the_keyboard_reaches_everything(server: Any, visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Try it on handwritten digits").wait_for()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.locator("#create-name")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()


def test_a_page_says_when_its_server_is_gone_and_goes_on_when_it_is_back(fresh_server: Any, visit: Any) -> None:
    visit.expects(*GONE)
    fresh_server.model("Before")
    page = visit(fresh_server)
    page.get_by_role("link", name="Before", exact=True).wait_for()
    fresh_server.process.send_signal(signal.SIGKILL)
    fresh_server.process.wait()
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    again = start_server(fresh_server.home, urlsplit(fresh_server.url).port or 0)
    try:
        expect(page.get_by_role("alert")).to_have_count(0)
        page.get_by_role("button", name="Rename Before").click()
        page.keyboard.type("After")
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="After", exact=True)).to_be_visible()
    finally:
        stop_server(again)
