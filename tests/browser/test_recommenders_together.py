"""Two people at once in the wizards of recommenders."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect


def test_drafts_are_each_persons_own_and_what_is_saved_is_everybodys(server: Any, visit: Any) -> None:
    ann, ben = (visit(server, "/recommenders/models/new") for _ in range(2))
    for page, name, kind in ((ann, "Ann's", "Ranking"), (ben, "Ben's", "Multitask")):
        page.locator("#recsys-model-name").fill(name)
        page.get_by_role("radio", name=kind).click()
        expect(page.get_by_role("radio", name=kind)).to_have_attribute("aria-checked", "true")
    for page, name, kind in ((ann, "Ann's", "Ranking"), (ben, "Ben's", "Multitask")):
        page.reload()
        expect(page.locator("#recsys-model-name")).to_have_value(name)
        expect(page.get_by_role("radio", name=kind)).to_have_attribute("aria-checked", "true")
    ann.get_by_role("button", name="Create model").click()
    expect(ann.get_by_role("link", name="Ann's", exact=True)).to_be_visible()
    # Ben's draft knows of it when he takes the name; nothing of his is lost.
    ben.locator("#recsys-model-name").fill("ann's")
    expect(ben.locator("#recsys-model-name-message")).to_contain_text("already exists")
    ben.locator("#recsys-model-name").fill("Ben's")
    expect(ben.locator("#recsys-model-name-message")).to_be_empty()
    expect(ben.get_by_role("radio", name="Multitask")).to_have_attribute("aria-checked", "true")
    ben.get_by_role("button", name="Create model").click()
    for page in (ann, ben):
        page.goto(f"{server.url}/recommenders/models")
        for name in ("Ann's", "Ben's"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()

    # Who saves later what somebody else has changed is told, and overwrites nothing.
    id = next(item["id"] for item in server.api("/model-configs")["items"] if item["name"] == "Ann's")
    for page in (ann, ben):
        page.goto(f"{server.url}/recommenders/models/{id}/edit?step=3")
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_visible()
    for page, epochs in ((ann, "7"), (ben, "9")):
        page.get_by_role("textbox", name="Epochs").first.fill(epochs)
        expect(page.locator("#recsys-model-side")).to_contain_text(f"Epochs{epochs}", use_inner_text=False)
    ann.get_by_role("button", name="Save", exact=True).click()
    ann.wait_for_url("**/recommenders/models")
    ben.get_by_role("button", name="Save", exact=True).click()
    expect(ben.locator("#toasts").get_by_role("alert")).to_be_visible()
    assert server.api(f"/model-configs/{id}")["epochs"] == 7
