"""Two people at once, and every page of the recommenders for everybody: both themes, without what keeps anybody out."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.recommending import ended, features, kept, model, started


def test_drafts_are_each_persons_own_and_what_is_saved_is_everybodys(server: Any, visit: Any) -> None:
    ann, ben = (visit(server, "/recommenders/models/new") for _ in range(2))
    for page, name, kind in ((ann, "Ann's", "Ranking"), (ben, "Ben's", "Multitask")):
        page.locator("#recsys-model-name").fill(name)
        page.get_by_role("radio", name=kind).click()
        expect(page.get_by_role("radio", name=kind)).to_have_attribute("aria-checked", "true")
        kept(page, f'"{name}"', f'"{kind.lower()}"')
    for page, name, kind in ((ann, "Ann's", "Ranking"), (ben, "Ben's", "Multitask")):
        page.reload()
        expect(page.locator("#recsys-model-name")).to_have_value(name)
        expect(page.get_by_role("radio", name=kind)).to_have_attribute("aria-checked", "true")
    ann.get_by_role("button", name="Create model").click()
    expect(ann.get_by_role("heading", name="Ann's", exact=True)).to_be_visible()
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
    ann.wait_for_url(f"**/recommenders/models/{id}")
    ben.get_by_role("button", name="Save", exact=True).click()
    refused = ben.locator("#recsys-model-stale")
    expect(refused).to_contain_text("was changed by somebody else")
    expect(refused.get_by_role("button", name="Load the current version")).to_be_visible()
    assert server.api(f"/model-configs/{id}")["epochs"] == 7
    refused.get_by_role("button", name="Save as a new model").click()
    ben.wait_for_url(lambda url: url.rstrip("/").rsplit("/", 1)[1] not in ("models", "edit", id) and "step" not in url)
    assert sorted(item["epochs"] for item in server.api("/model-configs")["items"] if item["name"].startswith("Ann's")) == [7, 9]


@pytest.fixture(scope="module")
def filled(server: Any) -> dict[str, str]:
    """A store with two of everything: `f1`, `f2`, `m1`, `m2`, `t1`, `t2` -> its id."""
    found = {"f1": features(server, "Ids"), "m1": model(server, "Finds"), "m2": model(server, "Both", "multitask")}
    copied = server.api(f"/feature-configs/{found['f1']}")
    target = {"column": "user_rating", "transforms": {}}
    found["f2"] = server.api("/feature-configs/", {"name": "Rated", "dataset_id": "retail", "target_column": target} | {
        name: copied[name] for name in ("buyer_model_features", "product_model_features")
    })["id"]  # fmt: skip
    found["t1"], found["t2"] = started(server, found["f1"], found["m1"]), started(server, found["f2"], found["m2"])
    for test in ("t1", "t2"):
        assert ended(server, found[test])["status"] == "completed"
    return found


PAGES = (
    ("", "#recsys-home, .way"),
    ("/datasets", ".config-card"),
    ("/datasets/new", "#simulated"),
    ("/datasets/retail", ".columns-table"),
    ("/features", ".config-card"),
    ("/features/new", "#recsys-feature-name"),
    ("/features/new?start=smart&step=2", "#recsys-feature-sample table"),
    ("/features/{f1}", "#recsys-one-feature"),
    ("/features/{f2}/edit?step=2", "#recsys-feature-sample table"),
    ("/features/compare?ids={f1},{f2}", "h1"),
    ("/models", ".config-card"),
    ("/models/new", ".type-card"),
    ("/models/{m2}/edit?step=1", ".type-card"),
    ("/models/{m2}/edit?step=2", ".layer"),
    ("/models/{m2}/edit?step=3", ".optimizer-card"),
    ("/models/{m1}", "#recsys-one-model"),
    ("/models/compare?ids={m1},{m2}", "h1"),
    ("/tests", ".tests-list tbody tr"),
    ("/tests/new?features={f2}&model={m2}", "#recsys-start-rating-place input"),
    ("/tests/{t1}", ".headline-value"),
    ("/tests/{t2}", ".headline-value"),
    ("/tests/compare?ids={t1},{t2}", "h1"),
)
"""Address below `/recommenders`, and what is there once it is drawn."""


def test_no_page_keeps_anybody_out_in_either_theme(server: Any, visit: Any, filled: dict[str, str]) -> None:
    wrong: list[str] = []
    for dark in (False, True):
        page: Page = visit(server, "/recommenders", dark=dark)
        for path, there in PAGES:
            page.goto(f"{server.url}/recommenders{path.format(**filled)}")
            expect(page.locator(there).first).to_be_visible()
            page.wait_for_load_state("networkidle")
            wrong += [f"{path}, {'dark' if dark else 'light'}: {problem}" for problem in accessibility_problems(page)]
    assert wrong == []
