"""From an empty store to an exported model: retrieval by keys alone, both tasks over reloads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.recommending import RUN_MS, kept, look_into_export, press, tab_to, type_into


def export_link(page: Page) -> Any:
    return page.get_by_role("link", name="Export (zip)")


def test_retrieval_by_keys_alone(fresh_server: Any, visit: Any, tmp_path: Path) -> None:
    page: Page = visit(fresh_server, "/recommenders")
    press(page, page.get_by_role("link", name="Try the shop"))
    expect(page.locator("#recsys-feature-wizard")).to_have_attribute("data-step", "2")
    # A column that is left goes into the buyer tower by the arrow beside it.
    left, buyer = (page.locator(f'[data-drag-list="{name}"] > [data-drag-item]') for name in ("columns", "buyer"))
    before = buyer.count()
    press(page, left.first, "Alt+ArrowRight")
    expect(buyer).to_have_count(before + 1)
    expect(buyer.last).to_be_focused()
    press(page, page.get_by_role("button", name="Create features"))
    page.wait_for_url(re.compile(r"/features/fc_"))

    page.keyboard.press("g")
    page.keyboard.press("e")
    press(page, page.get_by_role("link", name="Choose a first model"))
    press(page, page.get_by_role("button", name="Start with the Standard preset"))
    page.wait_for_url(re.compile(r"/models/mc_"))
    press(page, page.get_by_role("link", name="Test it"))
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
