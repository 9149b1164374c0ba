"""The Recommenders page as a person uses it: features by dragging and by keys alone, a model built, compared, deleted, brought back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems

NARROW = 400


def blocks(page: Page, name: str) -> Any:
    return page.locator(f'[data-drag-list="{name}"] > [data-drag-item]')


def drag(page: Page, grip: Any, to: Any) -> None:
    """Drag by the pointer onto the middle of an element."""
    start, end = grip.bounding_box(), to.bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=8)
    page.mouse.up()


def test_features_are_arranged_by_dragging_and_saved(server: Any, visit: Any) -> None:
    page = visit(server, "/recommenders")
    page.get_by_role("link", name="Try the shop").click()
    expect(page.locator("#recsys-feature-wizard")).to_have_attribute("data-step", "2")
    expect(page.get_by_role("heading", name="Buyer: 105 dimensions")).to_be_visible()
    expect(blocks(page, "buyer")).not_to_have_count(0)
    before = blocks(page, "buyer").count()
    drag(page, blocks(page, "columns").first.locator("[data-drag-handle]"), page.locator('[data-drag-list="buyer"]'))
    expect(blocks(page, "buyer")).to_have_count(before + 1)
    brand = blocks(page, "product").filter(has_text="brand").first
    drag(page, brand.locator("[data-drag-handle]"), page.locator('[data-drag-list="buyer"]'))
    expect(blocks(page, "buyer")).to_have_count(before + 2)
    page.get_by_role("button", name="Undo", exact=True).first.click()
    expect(blocks(page, "buyer")).to_have_count(before + 1)
    page.get_by_role("button", name="Settings of customer_id", exact=True).click()
    page.locator(".dialog").get_by_role("button", name="64", exact=True).click()
    page.locator(".dialog").get_by_role("button", name="Apply").click()
    expect(blocks(page, "buyer").first).to_contain_text("embedding +64")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Create features").click()
    page.wait_for_url(re.compile(r"/recommenders/features/fc_"))
    stored = server.api(f"/feature-configs/{page.url.rsplit('/', 1)[-1]}")
    assert stored["buyer_model_features"][0]["transforms"]["embedding"]["embedding_dim"] == 64


def test_a_model_is_built_by_keys_alone_and_survives_a_reload(server: Any, visit: Any) -> None:
    page = visit(server, "/recommenders/models/new")
    page.locator("#recsys-model-name").focus()
    page.keyboard.type("By keys")
    page.get_by_role("button", name="Towers").focus()
    page.keyboard.press("Enter")
    first = blocks(page, "buyer").first
    first.focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(blocks(page, "buyer").nth(1)).to_contain_text("Dense 128")
    expect(blocks(page, "buyer").nth(1)).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(blocks(page, "buyer").first).to_be_focused()
    page.locator("summary", has_text="Add layer").first.focus()
    page.keyboard.press("Enter")
    page.locator(".menu-item", has_text="Dropout").first.focus()
    page.keyboard.press("Enter")
    expect(blocks(page, "buyer")).to_have_count(4)
    page.get_by_role("button", name="Settings of Dropout 0.2").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator(".dialog .field-message").first).to_have_text("Rate must be between 0 and 0.9.")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("0.4")
    page.keyboard.press("Enter")
    expect(blocks(page, "buyer").nth(2)).to_contain_text("Dropout 0.4")
    page.reload()
    expect(blocks(page, "buyer").nth(2)).to_contain_text("Dropout 0.4")
    expect(page.locator("#recsys-model-name")).to_have_value("By keys")
    page.get_by_role("button", name="Create model").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/recommenders/models/mc_*")
    names = [entry["name"] for entry in server.api("/model-configs")["items"]]
    assert "By keys" in names


def test_models_are_compared_deleted_and_brought_back(server: Any, visit: Any) -> None:
    for name, more in (("Narrow", {"preset": "minimal"}), ("Stars", {"model_type": "ranking"})):
        document = {k: v for k, v in more.items() if k != "preset"}
        server.api("/model-configs", {"name": name, **document})
    page = visit(server, "/recommenders/models?q=narrow", dark=True)
    expect(page.locator(".config-card")).to_have_count(1)
    page.locator("#recsys-models-search").fill("")
    expect(page.locator(".config-card", has_text="Stars")).to_be_visible()
    for name in ("Narrow", "Stars"):
        page.get_by_role("button", name=f"Compare {name}").click()
        expect(page.get_by_role("button", name=f"Compare {name}")).to_have_attribute("aria-pressed", "true")
    assert accessibility_problems(page) == []
    page.get_by_role("link", name="Compare 2 models").click()
    expect(page.get_by_role("heading", name="What differs")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="What differs")).to_have_count(0)
    page.get_by_role("button", name="Delete Narrow").click()
    expect(page.locator(".config-card", has_text="Narrow")).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).last.click()
    expect(page.locator(".config-card", has_text="Narrow")).to_be_visible()


def test_a_full_model_takes_the_towers_that_the_wizard_built_for_it(server: Any, visit: Any) -> None:
    page = visit(server, "/create?family=recsys")
    expect(page.locator(".field-entries:visible")).to_have_count(0)
    words = page.locator('[data-form="create"][data-field="buyer_tower_layers"] .mono')
    expect(words).to_contain_text("Dense 128")
    page.get_by_role("link", name="Build towers in Recommenders").click()
    expect(page.locator("#recsys-model-wizard")).to_have_attribute("data-step", "2")
    page.locator(".preset-card:visible", has_text="Deep").click()
    page.get_by_role("button", name="Type").click()
    page.locator("#recsys-model-name").fill("For a full model")
    page.get_by_role("button", name="Create model").click()
    page.wait_for_url("**/create?family=recsys&structure=*")
    expect(page.locator("#recsys-towers-of")).to_have_value(re.compile("mc_"))
    expect(words).to_contain_text("Dense 256")


@pytest.mark.parametrize(
    "path", ["/recommenders", "/recommenders/datasets", "/recommenders/models/new?step=2", "/recommenders/models/new?step=3"]
)
def test_nothing_is_wider_than_a_small_screen(server: Any, visit: Any, path: str) -> None:
    page = visit(server, path, width=NARROW)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW


@pytest.mark.parametrize(
    ("kind", "address"), [("model", "/recommenders/models/new"), ("feature", "/recommenders/features/new?start=blank")]
)
def test_what_is_only_typed_outlives_a_reload_and_back_goes_a_step_back(server: Any, visit: Any, kind: str, address: str) -> None:
    page = visit(server, address)
    name, wizard = page.locator(f"#recsys-{kind}-name"), page.locator(f"#recsys-{kind}-wizard")
    name.fill("Typed alone")
    page.keyboard.press("Tab")
    page.wait_for_function("Object.values(sessionStorage).some((kept) => kept.includes('Typed alone'))")
    page.get_by_role("button", name="Next").click()
    expect(wizard).to_have_attribute("data-step", "2")
    page.reload()
    expect(wizard).to_have_attribute("data-step", "2")
    expect(name).to_have_value("Typed alone")
    page.go_back()
    expect(wizard).to_have_attribute("data-step", "1")
    expect(name).to_have_value("Typed alone")
    page.go_forward()
    expect(wizard).to_have_attribute("data-step", "2")
    assert "step=2" in page.url


def test_a_save_that_somebody_else_overtook_offers_both_ways_on(server: Any, visit: Any) -> None:
    made = server.api("/model-configs/", {"name": "Shared", "optimizer": "adam"})
    page = visit(server, f"/recommenders/models/{made['id']}/edit")
    other = visit(server, f"/recommenders/models/{made['id']}/edit")
    for shown, name in ((other, "A name"), (page, "B name")):
        shown.locator("#recsys-model-name").fill(name)
        shown.keyboard.press("Tab")
        expect(shown.locator("#recsys-model-name")).to_have_value(name)
        shown.wait_for_function(f"Object.values(sessionStorage).some((kept) => kept.includes('{name}'))")
    other.get_by_role("button", name="Save", exact=True).click()
    other.wait_for_url(re.compile(rf"/recommenders/models/{made['id']}$"))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#recsys-model-stale")).to_contain_text("changed by somebody else")
    assert server.api(f"/model-configs/{made['id']}")["name"] == "A name"
    page.get_by_role("button", name="Save as a new model").click()
    page.wait_for_url(re.compile(r"/recommenders/models/mc_"))
    expect(page.get_by_role("heading", name="B name")).to_be_visible()
