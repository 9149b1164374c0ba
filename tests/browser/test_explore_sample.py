"""The panel of the selected image on the Explore tab, and the cloud over a run's epochs."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import LONG, start, trained, wait_for

ROWS = "Array.from(window.trellis.explore.points.rows)"


@pytest.fixture(scope="module")
def model(server: Any) -> str:
    """A trained model of the digits."""
    return trained(server, "Digits", latent_dim=3, hidden_dims=[32, 16])[0]


def explore(visit: Any, server: Any, model: str, **how: Any) -> Page:
    """The Explore tab with its points."""
    page = visit(server, f"/model/{model}/explore", **how)
    page.wait_for_function("window.trellis.explore.points")
    return page


def look_at(page: Page, row: int) -> None:
    page.evaluate("row => window.trellis.explore.look_at(row)", row)
    expect(page.locator("#explore-sample .sample-title")).to_have_text(f"Image {row}")
    expect(page.locator("#explore-details .sample-strip").first).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_a_selected_image_tells_what_the_model_says_and_what_lies_near(visit: Any, server: Any, model: str, dark: bool) -> None:
    page = explore(visit, server, model, dark=dark)
    panel = page.locator("#explore-sample")
    expect(panel).to_contain_text("Click a point of the cloud")
    first, second = page.evaluate(ROWS)[:2]
    look_at(page, first)
    shares = page.locator("#explore-details").get_by_role("table", name="Class").locator("td.num")
    expect(shares).to_have_count(10)
    canvas = panel.locator(".sample-top canvas").first
    assert canvas.evaluate("c => [c.width, c.height]") == [8, 8]
    assert canvas.evaluate("c => c.getContext('2d').getImageData(0, 0, 8, 8).data.some((v, i) => i % 4 < 3 && v > 0)")
    expect(panel.locator(".sample-facts")).not_to_contain_text("training never sees it")
    panel.get_by_role("button", name="Show the true label").click()
    expect(panel.locator(".sample-facts")).to_contain_text("training never sees it")
    look_at(page, second)
    expect(panel.locator(".sample-facts")).not_to_contain_text("training never sees it")
    assert accessibility_problems(page) == []


def test_reconstructions_come_when_the_model_is_loaded_and_then_at_once(visit: Any, server: Any, model: str) -> None:
    page = explore(visit, server, model)
    rows = page.evaluate(ROWS)[:6]
    look_at(page, rows[0])
    figures = page.locator("#explore-sample .sample-decoded figure")
    expect(figures).to_have_count(3, timeout=120_000)
    expect(figures.nth(0)).to_contain_text("component")
    expect(figures.nth(1)).to_contain_text("weighted")
    expect(figures.nth(2)).to_contain_text("runner-up")
    pixels = "c => Array.from(c.getContext('2d').getImageData(0, 0, 8, 8).data)"
    first = figures.nth(1).locator("canvas").evaluate(pixels)
    for row in rows[1:]:
        page.evaluate("row => window.trellis.explore.look_at(row)", row)  # hurries: only the last one is waited for
    expect(page.locator(f"#explore-sample .sample-decoded[data-row='{rows[-1]}'] figure")).to_have_count(3)
    assert figures.nth(1).locator("canvas").evaluate(pixels) != first


def test_a_neighbour_is_looked_at_with_a_click_and_the_way_goes_back_and_forward(visit: Any, server: Any, model: str) -> None:
    page = explore(visit, server, model)
    panel = page.locator("#explore-sample")
    row = page.evaluate(ROWS)[0]
    look_at(page, row)
    expect(panel.get_by_role("button", name="The image looked at before")).to_be_disabled()
    page.locator("#explore-details .sample-near").first.click()
    page.wait_for_function("row => window.trellis.explore.current !== row", arg=row)
    other = page.evaluate("window.trellis.explore.current")
    expect(panel.locator(".sample-title")).to_have_text(f"Image {other}")
    panel.get_by_role("button", name="The image looked at before").press("Enter")
    expect(panel.locator(".sample-title")).to_have_text(f"Image {row}")
    expect(panel.get_by_role("button", name="The image looked at next")).to_be_focused()
    panel.get_by_role("button", name="The image looked at next").press("Enter")
    expect(panel.locator(".sample-title")).to_have_text(f"Image {other}")


def test_the_neighbours_of_an_image_are_selected_together(visit: Any, server: Any, model: str) -> None:
    page = explore(visit, server, model)
    row = page.evaluate(ROWS)[4]
    look_at(page, row)
    page.get_by_role("button", name="Select its 50 neighbours").click()
    page.wait_for_function("window.trellis.explore.selection.length === 51")
    selected = page.evaluate("Array.from(window.trellis.explore.selection)")
    assert selected[0] == row
    assert len(set(selected)) == 51
    asked = page.evaluate("row => window.trellis.explore.neighbours(row, 50).then(rows => Array.from(rows))", row)
    assert selected[1:] == asked


def test_a_model_that_was_never_trained_shows_an_image_and_its_label(visit: Any, server: Any) -> None:
    untrained = server.model("Never trained")
    page = visit(server, f"/model/{untrained}/explore")
    panel = page.locator("#explore-sample")
    expect(panel).to_contain_text("known once a run has ended")
    page.wait_for_function("window.trellis.explore.labels.size")
    row = page.evaluate("window.trellis.explore.labels.keys().next().value")
    page.evaluate("row => window.trellis.explore.look_at(row)", row)
    expect(panel.locator(".sample-facts")).to_contain_text("came with the data")
    expect(panel).to_contain_text("known once a run has ended")


def test_a_refusal_stands_in_the_panel_in_words(visit: Any, server: Any, model: str) -> None:
    page = explore(visit, server, model)
    visit.expects("404")
    page.evaluate("window.trellis.explore.look_at(99999)")
    expect(page.locator("#explore-sample [role=alert]")).to_contain_text("no training or validation image")


FRAMES = """
window.seen = [];
window.trellis.explore.on("frame", (frame) => window.seen.push(frame && {
  epoch: frame.epoch, x: Array.from(frame.x.slice(0, 50)), n: frame.x.length, predicted: frame.predicted.length,
}));
"""


def test_a_live_run_moves_the_cloud_and_is_replayed_after_it_and_after_a_reload(visit: Any, server: Any) -> None:
    config = {"hidden_dims": [64, 32], "latent_dim": 2, **LONG}
    live = server.model("Live", config=config)
    page = visit(server, f"/model/{live}/explore")
    page.wait_for_function("window.trellis.explore.labels.size")
    page.evaluate(FRAMES)
    run = start(server, live)
    words = page.locator("#explore-epochs .epochs-words")
    page.wait_for_function("window.seen.filter(Boolean).length >= 3", timeout=120_000)
    expect(words).to_contain_text("Following run #")
    first, second = page.evaluate("window.seen.filter(Boolean).slice(0, 2)")
    assert second["epoch"] > first["epoch"]
    assert second["x"] != first["x"]
    assert page.evaluate("window.seen.length") < 60
    slider = page.get_by_role("slider", name="Epoch that is shown")
    slider.focus()
    slider.press("Home")
    expect(words).to_contain_text("epoch")
    expect(words).not_to_contain_text("Following")
    expect(page.get_by_role("button", name="Follow")).to_be_enabled()
    page.get_by_role("button", name="Follow").click()
    expect(words).to_contain_text("Following")
    server.api(f"/runs/{run}/stop", {})
    wait_for(server, run, "stopped", "completed")
    expect(words).to_contain_text("The kept weights")
    page.wait_for_function("window.trellis.explore.points")
    assert page.evaluate("window.seen.at(-1)") is None
    page.get_by_role("button", name="Play the epochs").press("Enter")
    page.wait_for_function("window.seen.at(-1) !== null && window.seen.at(-1).n === window.trellis.explore.points.n")
    page.get_by_role("button", name="Pause").click()
    shown = words.inner_text()
    assert "epoch" in shown
    page.reload()
    expect(words).to_have_text(shown)
    page.get_by_role("button", name="Now").click()
    expect(words).to_contain_text("The kept weights")
    assert accessibility_problems(page) == []


def test_a_run_that_was_over_too_soon_says_so(visit: Any, server: Any, model: str) -> None:
    page = explore(visit, server, model)
    expect(page.locator("#explore-epochs")).to_contain_text("over too soon")
