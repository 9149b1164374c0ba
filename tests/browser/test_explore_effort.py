"""The progress of the labelling on the Explore page."""

from __future__ import annotations

import urllib.error
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import PATIENCE_SECONDS, trained


def test_the_progress_counts_labels_as_they_are_given_and_says_when_it_cannot_say(server: Any, visit: Any) -> None:
    model = server.model("Effort", sample={"num_samples": 200, "num_labeled": 10})
    page = visit(server, f"/model/{model}/explore", dark=True)
    region = page.locator("#explore-effort")
    expect(region).to_contain_text("10 labels")
    expect(region).to_contain_text("Not enough runs to say")
    known = {item["index"] for item in server.api(f"/models/{model}/labels?limit=500")["items"]}
    row = next(row for row in range(1797) if row not in known and _labelable(server, model, row))
    page.evaluate("row => window.trellis.explore.show_labels([[row, 3]])", row)
    expect(region).to_contain_text("11 labels")
    button = region.get_by_role("button", name="What the progress shows")
    button.focus()
    page.keyboard.press("Enter")
    expect(region.locator("#effort-help")).to_be_visible()
    assert [problem for problem in accessibility_problems(page) if "effort" in problem] == []


def test_random_labelling_is_computed_beside_the_page_shown_with_its_spread_and_gets_old(server: Any, visit: Any) -> None:
    model, _ = trained(server, "Compared", num_components=12)
    page = visit(server, f"/model/{model}/explore")
    region = page.locator("#explore-effort")
    summary = region.get_by_text("Compare with random labelling")
    summary.focus()
    page.keyboard.press("Enter")
    budget = region.locator("#effort-budget")
    expect(budget).to_contain_text("3 draws each")
    expect(budget).to_contain_text("about")
    region.get_by_label("Label draws").select_option("2")
    expect(budget).to_contain_text("2 draws each")
    start = region.get_by_role("button", name="Compute")
    start.focus()
    page.keyboard.press("Enter")
    cancel = region.get_by_role("button", name="Cancel")
    expect(cancel).to_be_focused()
    expect(region.locator(".effort-going")).to_contain_text("Random labelling:")
    # what computes is of the server, not of the page
    page.reload()
    expect(region.locator(".effort-going")).to_be_visible()
    expect(region.locator(".effort-square").first).to_be_attached(timeout=PATIENCE_SECONDS * 1e3)
    expect(region.get_by_role("status")).to_contain_text("is computed", timeout=PATIENCE_SECONDS * 1e3)
    expect(region).to_contain_text("Random labelling reaches")
    expect(region).to_contain_text("(2 draws)")
    expect(region.locator(".effort-square")).to_have_count(len(_sizes(server, model)))
    summary.click()
    region.get_by_label("Label draws").select_option("2")
    expect(region.get_by_role("button", name="Go on")).to_be_disabled()
    expect(budget).to_contain_text("all done")
    assert [problem for problem in accessibility_problems(page) if "effort" in problem] == []
    server.api(f"/models/{model}", {"config": {"max_epochs": 3}}, method="PATCH")
    page.reload()
    expect(region).to_contain_text("Computed before the model changed: Epochs 2 then, 3 now.")


def test_a_curve_is_cancelled_at_once_and_keeps_what_it_has(server: Any, visit: Any) -> None:
    model, _ = trained(server, "Cancelled", num_components=12)
    server.api(f"/models/{model}", {"config": {"max_epochs": 5_000, "patience": 0}}, method="PATCH")
    page = visit(server, f"/model/{model}/explore", dark=True)
    region = page.locator("#explore-effort")
    region.get_by_text("Compare with random labelling").click()
    region.get_by_role("button", name="Compute").click()
    expect(region.locator(".effort-going")).to_contain_text("training 1 of", timeout=PATIENCE_SECONDS * 1e3)
    assert [problem for problem in accessibility_problems(page) if "effort" in problem] == []
    region.get_by_role("button", name="Cancel").click()
    expect(region.get_by_role("status")).to_contain_text("Stopped")
    expect(region.locator(".effort-going")).to_be_hidden()


def _sizes(server: Any, model: str) -> list[int]:
    """Numbers of labels of the model's curve, as its files say."""
    table = next((server.home / "artefacts" / "models" / model / "label-curves").glob("*/label-curve.csv"))
    return sorted({int(line.split(",")[3]) for line in table.read_text().splitlines()[1:]})


def _labelable(server: Any, model: str, row: int) -> bool:
    """Label the row, if it is one of the model's sample."""
    try:
        server.api(f"/models/{model}/labels", {"set": {str(row): 3}}, method="PATCH")
    except urllib.error.HTTPError:
        return False
    return True
