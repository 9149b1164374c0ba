"""What a page shows first stands: nothing that can be pressed is taken away and drawn again as the page settles, which would lose clicks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import recommending
from tests.browser.training import PATIENCE_SECONDS, trained

WATCH = """
window.__pressable = new Map();
const PRESSABLE = ['button', 'a[href]', 'input', 'select', 'textarea', 'summary'].map((tag) => `#page ${tag}`).join();
const words = (element) => (element.getAttribute('aria-label') || element.id || element.textContent || element.title).trim().slice(0, 60);
const note = () => {
  for (const element of document.querySelectorAll(PRESSABLE)) {
    if (!window.__pressable.has(element) && !element.closest('.js-plotly-plot')) window.__pressable.set(element, words(element));
  }
};
new MutationObserver(note).observe(document, { subtree: true, childList: true });
window.__drawn_again = () => {
  const now = [...document.querySelectorAll(PRESSABLE)].map(words);
  return [...window.__pressable].filter(([element, said]) => !element.isConnected && now.includes(said)).map(([, said]) => said);
};
"""
"""Notes, in every page, what can be pressed from the first moment; `__drawn_again()` says of which another stands there by now."""


@pytest.fixture(scope="module")
def paths(server: Any) -> dict[str, str]:
    """Addresses of pages with something in their lists."""
    model, run = trained(server, "One")
    features, chosen = recommending.features(server, "Ids"), recommending.model(server, "Finder")
    test = recommending.started(server, features, chosen)
    server.api(f"/quick-tests/{test}/cancel", {})
    recommending.ended(server, test)
    return {
        "models": "/", "runs": "/runs", "a run": f"/run/{run}", "train": f"/model/{model}/train", "history": f"/model/{model}/history",
        "explore": f"/model/{model}/explore", "sweeps": "/sweeps", "configurations": "/recommenders/models", "tests": "/recommenders/tests",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["models", "runs", "a run", "train", "history", "explore", "sweeps", "configurations", "tests"]
)  # fmt: skip
def test_nothing_that_can_be_pressed_is_drawn_a_second_time_as_the_page_settles(
    server: Any, visit: Any, paths: dict[str, str], name: str
) -> None:
    page = visit(server, "/help")
    page.add_init_script(WATCH)
    page.goto(server.url + paths[name])
    page.wait_for_function("window.__pressable?.size > 0")
    # the frame's first look and, on pages of models, the first look at the run, after which nothing is asked anew
    page.wait_for_load_state("networkidle", timeout=PATIENCE_SECONDS * 1000)
    assert page.evaluate("window.__drawn_again()") == []
