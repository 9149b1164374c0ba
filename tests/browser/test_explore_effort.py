"""The progress of the labelling on the Explore page."""

from __future__ import annotations

import urllib.error
from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import accessibility_problems


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


def _labelable(server: Any, model: str, row: int) -> bool:
    """Label the row, if it is one of the model's sample."""
    try:
        server.api(f"/models/{model}/labels", {"set": {str(row): 3}}, method="PATCH")
    except urllib.error.HTTPError:
        return False
    return True
