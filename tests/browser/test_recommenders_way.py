"""From an empty store to an exported model: retrieval by keys alone, both tasks over reloads, ranking on real ratings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, start_server, stop_server
from tests.browser.recommending import RUN_MS, kept, look_into_export, press, tab_to, type_into


def export_link(page: Page) -> Any:
    return page.get_by_role("link", name="Export (zip)")


def test_retrieval_by_keys_alone(fresh_server: Any, visit: Any, tmp_path: Path) -> None:
    page: Page = visit(fresh_server, "/recommenders")
    press(page, page.get_by_role("link", name="Try the shop"))
    expect(page.locator("#recsys-feature-wizard")).to_have_attribute("data-step", "2")
    # A column that is left goes into the buyer tower by the arrow beside it.
    left, buyer = (page.locator(f'[data-drag-list="{name}"] > [data-drag-item]') for name in ("columns", "buyer"))
    expect(buyer).not_to_have_count(0)
    before = buyer.count()
    press(page, left.first, "Alt+ArrowRight")
    expect(buyer).to_have_count(before + 1)
    expect(buyer.last).to_be_focused()
    press(page, page.get_by_role("button", name="Create features"))
    page.wait_for_url(re.compile(r"/features/fc_"))
    expect(page.get_by_role("link", name="Test it")).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("e")
    press(page, page.get_by_role("link", name="Choose a first model"))
    press(page, page.get_by_role("button", name="Start with the Standard preset"))
    page.wait_for_url(re.compile(r"/models/mc_"))
    press(page, page.get_by_role("link", name="Test it"))
    expect(page.get_by_role("heading", name="New quick test")).to_be_visible()
    type_into(page, page.get_by_role("textbox", name="Epochs"), "1")
    type_into(page, page.get_by_role("textbox", name="Sample", exact=True), "10")
    start = page.get_by_role("button", name="Start test")
    expect(page.locator("#recsys-start-side")).to_contain_text("Training")
    expect(start).to_be_enabled()
    press(page, start)
    expect(page.locator(".headline-value")).to_be_visible(timeout=RUN_MS)
    tab_to(page, export_link(page))
    with page.expect_download() as got:
        page.keyboard.press("Enter")
    test = fresh_server.api(f"/quick-tests/{page.url.rsplit('/', 1)[-1]}")
    assert (test["model_type"], test["epochs"]) == ("retrieval", 1)
    look_into_export(got.value.path(), test)


def test_multitask_over_reloads(fresh_server: Any, visit: Any) -> None:
    page: Page = visit(fresh_server, "/recommenders/features")
    page.get_by_role("link", name="Start with the simulated shop").click()
    page.locator("#recsys-feature-name").fill("Shop")
    page.get_by_role("button", name="Next").click()
    product = page.locator('[data-drag-list="product"] > [data-drag-item]')
    expect(product).not_to_have_count(0)
    before = product.count()
    page.get_by_role("button", name=re.compile("Remove brand from")).click()
    expect(product).to_have_count(before - 1)
    kept(page, '"Shop"')
    page.reload()
    expect(page.locator("#recsys-feature-wizard")).to_have_attribute("data-step", "2")
    expect(product).to_have_count(before - 1)
    page.get_by_role("button", name="Create features").click()
    page.wait_for_url(re.compile(r"/features/fc_"))
    assert fresh_server.api("/feature-configs")["items"][0]["name"] == "Shop"

    page.goto(f"{fresh_server.url}/recommenders/models/new")
    page.locator("#recsys-model-name").fill("Both")
    page.get_by_role("radio", name="Multitask").click()
    expect(page.get_by_role("radio", name="Multitask")).to_have_attribute("aria-checked", "true")
    kept(page, '"Both"', '"multitask"')
    page.reload()
    expect(page.get_by_role("radio", name="Multitask")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Training").click()
    page.locator("#recsys-model-ratio").fill("0.25")
    words = page.locator("#recsys-model-weights-words")
    expect(words).to_contain_text("Retrieval 0.75 · Ranking 0.25")
    page.get_by_role("radio", name="Adam", exact=False).first.click()
    kept(page, "0.75", "0.25")
    page.reload()
    expect(page.locator("#recsys-model-wizard")).to_have_attribute("data-step", "3")
    expect(words).to_contain_text("Retrieval 0.75 · Ranking 0.25")
    page.get_by_role("button", name="Create model").click()
    page.wait_for_url("**/recommenders/models/mc_*")
    stored = fresh_server.api("/model-configs")["items"][0]
    assert (stored["name"], stored["model_type"]) == ("Both", "multitask")

    page.get_by_role("link", name="Test it").click()
    page.get_by_role("textbox", name="Epochs").fill("1")
    page.get_by_role("textbox", name="Sample", exact=True).fill("5")
    expect(page.locator("#recsys-start-parts")).to_contain_text("rows to learn from")
    page.get_by_role("button", name="Start test").click()
    expect(page.get_by_role("button", name="Cancel").first).to_be_visible()
    page.reload()
    expect(page.locator(".headline-value")).to_have_count(2, timeout=RUN_MS)
    expect(page.locator("#result")).to_contain_text("RMSE")
    page.reload()
    expect(page.locator(".headline-value")).to_have_count(2)
    with page.expect_download() as got:
        export_link(page).click()
    test = fresh_server.api(f"/quick-tests/{page.url.rsplit('/', 1)[-1]}")
    assert test["model_type"] == "multitask"
    look_into_export(got.value.path(), test)


@pytest.fixture
def movielens(tmp_path: Path, movielens_folder: Path) -> Iterator[Server]:
    """A server on an empty home that finds MovieLens-100K."""
    started = start_server(tmp_path / "home", more={"TRELLIS_DATA": str(movielens_folder)})
    yield started
    stop_server(started)


def test_ranking_on_movielens(movielens: Any, visit: Any) -> None:
    page: Page = visit(movielens, "/recommenders/datasets")
    card = page.get_by_role("article").filter(has=page.get_by_role("link", name="MovieLens-100K", exact=True))
    expect(card).to_contain_text("found here")
    card.get_by_role("link", name="New features").click()
    expect(page.locator("#recsys-feature-wizard")).to_have_attribute("data-step", "1")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#recsys-feature-wizard")).to_have_attribute("data-step", "2")
    page.get_by_role("button", name="Create features").click()
    page.wait_for_url(re.compile(r"/features/fc_"))
    expect(page.get_by_role("heading", name="MovieLens-100K", level=1)).to_be_visible()

    page.goto(f"{movielens.url}/recommenders/models/new")
    page.locator("#recsys-model-name").fill("Rates films")
    page.get_by_role("radio", name="Ranking").click()
    expect(page.get_by_role("radio", name="Ranking")).to_have_attribute("aria-checked", "true")
    page.get_by_role("button", name="Training").click()
    expect(page.locator("#recsys-model-wizard")).to_have_attribute("data-step", "3")
    page.get_by_role("button", name="Create model").click()
    expect(page.get_by_role("heading", name="Rates films", level=1)).to_be_visible()
    page.get_by_role("link", name="Test it").click()
    expect(page.locator("#recsys-start-rating-place").get_by_role("radio", name=re.compile("^rating"))).to_be_checked()
    page.get_by_role("textbox", name="Epochs").fill("1")
    page.get_by_role("textbox", name="Sample", exact=True).fill("20")
    expect(page.locator("#recsys-start-parts")).to_contain_text("rows to learn from")
    page.get_by_role("button", name="Start test").click()
    expect(page.locator(".headline-value")).to_be_visible(timeout=RUN_MS)
    expect(page.locator("#result")).to_contain_text("RMSE")
    with page.expect_download() as got:
        export_link(page).click()
    test = movielens.api(f"/quick-tests/{page.url.rsplit('/', 1)[-1]}")
    assert (test["model_type"], test["epochs"]) == ("ranking", 1)
    look_into_export(got.value.path(), test)
