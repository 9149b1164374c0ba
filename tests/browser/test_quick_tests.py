"""Quick tests in the browser: from the selectors to the results, on the built-in shop."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

SHOP = "retail"
RUN_MS = 240_000
"""The longest that a small test may take, TensorFlow's start included, on a busy machine."""

DRAW_MS = 120_000
"""The longest that a page may take on it that draws a dozen figures meanwhile."""


def configurations(server: Any) -> None:
    """Features of the shop, and two small models of which the later one stands first."""
    embedding = {"embedding": {"embedding_dim": 8}}
    features = {
        "buyer_model_features": [{"column": "customer_id", "data_type": "text", "is_primary_id": True, "transforms": embedding}],
        "product_model_features": [{"column": "product_id", "data_type": "text", "is_primary_id": True, "transforms": embedding}],
    }
    server.api("/feature-configs/", {"name": "Ids", "dataset_id": SHOP, **features})
    common = {"optimizer": "adam", "learning_rate": 0.005, "batch_size": 1024, "epochs": 3}
    server.api("/model-configs/", {"name": "Finder", **common})
    server.api("/model-configs/", {"name": "Rater", "model_type": "ranking", **common})


def test_from_the_selectors_to_the_results(fresh_server: Any, visit: Any) -> None:
    configurations(fresh_server)
    page: Page = visit(fresh_server, "/recommenders/tests")
    page.get_by_role("link", name="New quick test").first.click()

    # A model that rates is asked what; one that finds is not, and every choice stands in the address.
    rating = page.locator("#recsys-start-rating-place")
    expect(rating.get_by_role("radio", name="user_rating")).to_be_checked()
    page.get_by_role("radio", name="Finder").check()
    expect(rating).to_be_empty()
    expect(page).to_have_url(re.compile(r"model=mc_"))

    # What is wrong is said in place and keeps Start off.
    start = page.get_by_role("button", name="Start test")
    batch = page.get_by_role("textbox", name="Batch size")
    batch.fill("3")
    expect(start).to_be_disabled()
    expect(page.locator("#recsys-start-why")).to_contain_text("must be between 16")
    batch.fill("512")
    page.get_by_role("textbox", name="Epochs").fill("1")
    page.get_by_role("textbox", name="Sample", exact=True).fill("20")
    expect(page.locator("#recsys-start-parts")).to_contain_text("rows to learn from")
    expect(start).to_be_enabled()

    # Two clicks are one test.
    start.dblclick()
    expect(page).to_have_url(re.compile(r"/recommenders/tests/run_\w+$"))
    expect(page.get_by_role("button", name="Cancel").first).to_be_visible()
    expect(page.locator(".headline-value")).to_be_visible(timeout=RUN_MS)
    assert len(fresh_server.api("/quick-tests/")["items"]) == 1

    # Results: the headline beside the baselines, every figure, customers, code.
    result = page.locator("#result")
    for who in ("Popularity", "ItemKNN", "EASE", "Oracle"):
        expect(result.get_by_role("rowheader", name=who, exact=True)).to_be_visible()
    expect(page.get_by_role("rowheader", name="Recall@100")).to_be_visible()
    expect(page.locator("#recsys-test-example")).not_to_be_empty()
    before = page.locator("#recsys-test-example").inner_text()
    page.locator("#recsys-test-customer").select_option(value="1")
    expect(page.locator("#recsys-test-example")).not_to_have_text(before, use_inner_text=True, timeout=DRAW_MS)
    page.locator("#code summary").first.click()
    expect(page.locator("#code-trainer")).to_contain_text("import tensorflow")

    # In the list it can be found, and what is filtered stands in the address.
    page.get_by_role("link", name="Quick Test", exact=True).click()
    expect(page.get_by_role("link", name="Ids + Finder")).to_be_visible()
    page.get_by_label("Search tests").fill("nobody")
    expect(page.get_by_text("No test is like that.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=nobody$"))
