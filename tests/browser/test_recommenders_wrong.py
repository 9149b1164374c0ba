"""Whatever cannot be trained is said where it is wrong and keeps the next step off; whatever is mended goes on."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect


def layers(page: Page, name: str) -> Any:
    return page.locator(f'[data-drag-list="{name}"] > li')


def checks(page: Page) -> Any:
    return page.locator("#recsys-model-side .check-error")


def with_document(page: Page, **settings: Any) -> None:
    """Load the wizard anew over a draft with settings that no gesture makes, as a browser may have kept it."""
    page.evaluate(
        """settings => {
          const key = Object.keys(sessionStorage).find((name) => name.startsWith('trellis.draft.new'));
          const draft = JSON.parse(sessionStorage.getItem(key));
          Object.assign(draft.document, settings);
          sessionStorage.setItem(key, JSON.stringify(draft));
        }""",
        settings,
    )
    page.reload()


def cannot_be_created(server: Any, page: Page) -> None:
    """Assert that the main button leads to what is wrong instead of storing anything."""
    page.get_by_role("button", name="Fix what is wrong").click()
    expect(page.locator("#recsys-model-wizard")).to_be_visible()
    assert server.api("/model-configs?q=Wrong")["items"] == []


def test_towers_that_cannot_be(server: Any, visit: Any) -> None:
    page: Page = visit(server, "/recommenders/models/new")
    page.locator("#recsys-model-name").fill("Wrong")
    expect(checks(page)).to_have_count(0)
    page.get_by_role("button", name="Towers").click()
    # Towers that differ cannot share their weights; the reason stands beside the button, and so does the way out.
    share = page.get_by_role("button", name="Share tower weights")
    expect(layers(page, "buyer")).not_to_have_count(0)
    count = layers(page, "buyer").count()
    page.get_by_role("button", name="Remove layer 1").first.click()
    expect(layers(page, "buyer")).to_have_count(count - 1)
    expect(share).to_be_disabled()
    expect(page.locator("#recsys-model-towers")).to_contain_text("Off while the towers differ")
    page.get_by_role("button", name="Copy from buyer").click()
    expect(layers(page, "product")).to_have_count(count - 1)
    share.click()
    expect(page.get_by_role("region", name="Both towers")).to_be_visible()
    expect(layers(page, "product")).to_have_count(0)

    # Seven and 513 dimensions are refused where they are typed.
    for wrong in ("7", "513"):
        page.get_by_role("button", name="Other", exact=True).click()
        dialog = page.locator("dialog.dialog")
        dialog.get_by_role("textbox").fill(wrong)
        dialog.get_by_role("button", name="Apply").click()
        expect(dialog.get_by_role("alert").first).to_contain_text("between 8 and 512")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
    expect(checks(page)).to_have_count(0)

    # The same in a draft that no gesture made: said in place, and nothing is stored.
    for wrong, why in ((7, "at least 8"), (513, "not exceed 512")):
        with_document(page, output_embedding_dim=wrong)
        expect(page.locator("#recsys-model-towers").get_by_role("alert")).to_contain_text(why)
        expect(checks(page)).to_have_count(1)
        cannot_be_created(server, page)
    with_document(page, output_embedding_dim=32, product_tower_layers=[{"type": "dense", "units": 48}])
    expect(checks(page)).to_have_text("Weight sharing requires identical tower architectures")
    cannot_be_created(server, page)


def test_heads_and_weights_that_cannot_be(server: Any, visit: Any) -> None:
    page: Page = visit(server, "/recommenders/models/new")
    page.locator("#recsys-model-name").fill("Wrong")
    page.get_by_role("radio", name="Multitask").click()
    page.get_by_role("button", name="Training").click()
    # The head's last layer gives the rating: it has no handle, no other number of units, and stays last.
    head = layers(page, "head")
    expect(head.last).to_contain_text("Dense 1")
    count = head.count()
    expect(head.last.get_by_role("button")).to_have_count(1)
    head.nth(count - 2).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(head.last).to_contain_text("Dense 1")
    head.last.get_by_role("button", name="Settings of Dense 1").click()
    dialog = page.locator("dialog.dialog")
    expect(dialog.get_by_label("Units")).to_have_count(0)
    dialog.get_by_role("combobox").select_option(label="Sigmoid")
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator("#recsys-model-head").get_by_role("alert")).to_contain_text("Sigmoid output requires")
    cannot_be_created(server, page)

    for end in ([{"type": "dense", "units": 64}, {"type": "dense", "units": 4}], [{"type": "dropout", "rate": 0.2}]):
        with_document(page, rating_head_layers=end)
        expect(page.locator("#recsys-model-head").get_by_role("alert")).to_contain_text("must end with Dense(1)")
        expect(page.locator('[data-goto-step="3"]')).to_contain_text("to fix")
        cannot_be_created(server, page)
    page.get_by_role("group", name="Rating heads").get_by_role("button").first.click()
    expect(checks(page)).to_have_count(0)

    with_document(page, retrieval_weight=0, ranking_weight=0)
    expect(checks(page)).to_have_text("At least one loss weight must be greater than 0")
    expect(page.locator("#recsys-model-weights")).to_contain_text("At least one loss weight must be greater than 0")
    cannot_be_created(server, page)
    page.get_by_role("button", name="Use 1 for retrieval").click()
    expect(checks(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Create model")).to_be_visible()
