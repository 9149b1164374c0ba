"""A model's Data tab in a browser: problems are looked for once, images are fetched when they come into sight."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems


def test_problems_are_looked_for_at_the_first_visit_and_known_at_the_next(server: Any, visit: Any) -> None:
    model = server.model("Data")
    page = visit(server, f"/model/{model}/data")
    expect(page.locator("#model-data-problems")).to_contain_text("Nothing was found to be wrong")
    assert accessibility_problems(page) == []
    asked: list[str] = []
    again = visit(server, f"/model/{model}/data", dark=True)
    again.on("request", lambda request: asked.append(request.post_data or "") if "_dash-update" in request.url else None)
    again.reload()
    expect(again.locator("#model-data-problems")).to_contain_text("Nothing was found to be wrong")
    assert any('"output":"..model-data-problems.children' in body for body in asked)
    assert not any('"output":"model-data-done.data"' in body for body in asked)
    assert accessibility_problems(again) == []


def test_more_images_are_fetched_when_they_are_asked_for(server: Any, visit: Any) -> None:
    model = server.model("More", sample={"num_samples": 400, "num_labeled": 200})
    page = visit(server, f"/model/{model}/data")
    first = page.locator(".data-class").first
    expect(first.locator("img").first).to_have_js_property("complete", True)
    hidden = first.locator("details img").first
    assert hidden.evaluate("image => image.naturalWidth") == 0
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(hidden).to_be_visible()
    page.wait_for_function("image => image.naturalWidth > 0", arg=hidden.element_handle())


def test_the_tab_fits_a_narrow_screen(server: Any, visit: Any) -> None:
    model = server.model("Narrow")
    page = visit(server, f"/model/{model}/data", width=400)
    expect(page.locator(".data-class").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
