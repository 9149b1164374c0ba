"""The Explore tab on screens of every width: labelling within reach on a phone, everything within the window at a desk."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import trained

TALL = """
(image) => {
  const canvas = document.createElement('canvas');
  canvas.className = 'sample-picture';
  canvas.style.width = '40px';
  document.querySelector('#page').append(canvas);
  window.trellis.explore.draw(canvas, new ImageData(image[0], image[1]));
  const { width, height } = canvas.getBoundingClientRect();
  return width / height;
}
"""


TOLD = "window.trellis.explore.told?.row === window.trellis.explore.current"
"""The panel of the image is whole."""
STILL = """() => {
  const before = document.documentElement.dataset.height;
  const now = String(document.documentElement.scrollHeight);
  document.documentElement.dataset.height = now;
  return before === now;
}"""


@pytest.fixture(scope="module")
def model_id(server: Any) -> str:
    return trained(server, "A name that is long enough to leave no room for figures beside it")[0]


def explored(visit: Any, server: Any, model_id: str, **more: Any) -> Page:
    page = visit(server, f"/model/{model_id}/explore", **more)
    page.wait_for_selector("#explore-cloud[data-drawn]")
    page.wait_for_function("window.trellis.explore.suggestions().length > 0")
    return page


def whole(page: Page) -> None:
    """Wait until every part has come and the page grows no more."""
    for part in ("classes", "components", "effort"):
        page.wait_for_selector(f"#explore-{part} > *", state="attached")
    page.wait_for_function(TOLD)
    page.wait_for_function(STILL, polling=1000)


@pytest.mark.parametrize("width", [360, 400, 768])
def test_image_classes_and_the_way_to_the_next_stay_in_view_while_labelling(server: Any, model_id: str, visit: Any, width: int) -> None:
    page = explored(visit, server, model_id, width=width)
    page.locator(".labelling-start").click()
    within = [
        "#explore-labelling canvas",
        ".class-button >> nth=0",
        ".class-button >> nth=9",
        "[data-label-act=skip]",
        "[data-label-act=undo]",
    ]
    whole(page)  # the end stays the end
    for place in (0, 100_000):
        page.evaluate("top => window.scrollTo(0, top)", place)
        page.wait_for_timeout(100)
        for selector in within:
            expect(page.locator(selector)).to_be_in_viewport(ratio=1)
    expect(page.locator("#explore-details summary").first).to_be_attached()
    before = page.evaluate("window.scrollY")
    seen = set()
    for _ in range(3):
        seen.add(page.evaluate("window.trellis.explore.current"))
        page.locator(".class-button").first.click()
    assert len(seen) == 3
    assert page.evaluate("[...window.trellis.explore.labels.keys()]").__len__() >= 3
    whole(page)
    # What is told of images differs in length, so that the end of the page moves a little.
    assert abs(page.evaluate("window.scrollY") - before) < 400
    assert accessibility_problems(page) == []


def test_one_button_begins_on_a_phone_and_neither_scrolls_nor_keeps_the_focus(server: Any, model_id: str, visit: Any) -> None:
    page = explored(visit, server, model_id, width=400)
    button = page.get_by_role("button", name="Label next")
    expect(button).to_have_count(1)
    box = button.bounding_box() or {}
    # by the pointer: what Playwright clicks it scrolls to first
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_function(TOLD)
    assert page.evaluate("window.scrollY") == 0
    assert (page.locator("#explore-labelling").bounding_box() or {})["height"] < 230
    expect(page.locator("#explore-labelling > .explore-card")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator("#explore-labelling > .explore-card")).to_be_focused()
    assert page.evaluate("window.scrollY") == 0


@pytest.mark.parametrize("width", [400, 1280])
def test_the_names_of_digits_stay_whole_beside_what_the_model_says(server: Any, model_id: str, visit: Any, width: int) -> None:
    page = explored(visit, server, model_id, width=width)
    page.evaluate("window.trellis.explore.look_at(window.trellis.explore.suggestions()[0].index)")
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.class-button')].filter(button => {
          button.querySelector('.class-says').hidden = false;
          button.setAttribute('aria-pressed', 'true');
          const name = button.querySelector('.class-name');
          return name.scrollWidth > name.clientWidth || button.scrollWidth > button.clientWidth;
        }).map(button => button.textContent)"""
    )
    assert cut == []


def test_everything_of_the_tab_is_within_the_window_at_a_desk(server: Any, model_id: str, visit: Any) -> None:
    page = explored(visit, server, model_id)
    page.get_by_role("button", name="No, thank you").click()
    assert page.evaluate("document.documentElement.scrollHeight") == 800
    expect(page.locator("#explore-epochs")).to_be_in_viewport(ratio=1)
    expect(page.locator("#explore-legend")).to_be_in_viewport(ratio=1)
    assert (page.locator("#explore-cloud").bounding_box() or {})["height"] > 350
    page.locator("#suggest-next").click()
    expect(page.locator("[data-label-act=undo]")).to_be_in_viewport(ratio=1)
    page.locator("[data-view=grid]").click()
    expect(page.locator(".grid-scroll")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight") == 800


@pytest.mark.parametrize("width", [400, 1101, 1280])
def test_no_figure_beside_the_name_is_cut(server: Any, model_id: str, visit: Any, width: int) -> None:
    page = explored(visit, server, model_id, width=width)
    row = page.locator("#live-metrics .stat-row")
    cut = row.evaluate(
        """row => {
          const own = row.getBoundingClientRect();
          return [...row.children].map(stat => [stat.textContent, stat.getBoundingClientRect()])
            .filter(([, { top, right }]) => top < own.bottom && right > own.right + 1).map(([words]) => words);
        }"""
    )
    assert cut == []
    expect(row.locator(".stat").first).to_be_in_viewport()


def test_an_image_of_extreme_shape_is_no_line_and_others_keep_theirs(server: Any, model_id: str, visit: Any) -> None:
    page = explored(visit, server, model_id)
    assert page.evaluate(TALL, [256, 4]) == pytest.approx(4, rel=0.1)
    assert page.evaluate(TALL, [4, 256]) == pytest.approx(0.25, rel=0.15)
    assert page.evaluate(TALL, [30, 20]) == pytest.approx(1.5, rel=0.05)
