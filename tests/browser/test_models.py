from __future__ import annotations

import gzip
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems


@pytest.fixture(scope="module")
def models(server: Any) -> list[str]:
    """Four models of the module's server."""
    return [
        server.model(name, config={"max_epochs": 2, "latent_dim": size})
        for name, size in (("Ash", 2), ("Birch", 3), ("Cedar", 4), ("Dogwood", 5))
    ]


def card(page: Page, name: str) -> Any:
    return page.locator(".model-card").filter(has=page.get_by_role("link", name=name, exact=True))


def test_search_filters_and_order_work_together_and_stay_in_the_address(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    expect(page.locator(".model-card")).to_have_count(4)
    page.get_by_placeholder("Search models").fill("birch dense")
    expect(page.locator(".model-card")).to_have_count(1)
    expect(card(page, "Birch")).to_be_visible()
    page.wait_for_url("**/?text=birch+dense")
    page.reload()
    expect(page.locator(".model-card")).to_have_count(1)
    page.get_by_placeholder("Search models").fill("no such model")
    page.get_by_role("button", name="Show all models").click()
    expect(page.locator(".model-card")).to_have_count(4)
    page.locator("#models-sort").select_option("name")
    expect(page.locator(".card-title").first).to_have_text("Ash")


def test_a_model_is_renamed_in_place_and_the_toast_takes_it_back(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Rename Ash").click()
    page.keyboard.type("Aspen")
    page.keyboard.press("Enter")
    expect(card(page, "Aspen")).to_be_visible()
    expect(page.locator("#undo")).to_have_attribute("title", "Undo: Rename the model to Aspen")
    page.locator(".toast-note").get_by_role("button", name="Undo").click()
    expect(card(page, "Ash")).to_be_visible()


def test_escape_leaves_a_name_as_it_was(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Rename Cedar").click()
    page.keyboard.type("nonsense")
    page.keyboard.press("Escape")
    expect(card(page, "Cedar")).to_be_visible()


def test_what_others_change_waits_while_a_name_is_being_typed(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Rename Cedar").click()
    page.keyboard.type("half a na")
    new = server.model("Fir")
    with page.expect_response(lambda answer: "shell-seen.data" in (answer.request.post_data or "") and "shell-seen" in answer.text()):
        pass
    expect(page.get_by_role("textbox", name="New name of Cedar")).to_have_value("half a na")
    page.keyboard.press("Escape")
    expect(card(page, "Fir")).to_be_visible()
    expect(card(page, "Cedar")).to_be_visible()
    server.api(f"/models/{new}", method="DELETE")
    expect(card(page, "Fir")).to_have_count(0)


def test_a_taken_name_is_refused_and_asked_for_again(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Rename Cedar").click()
    page.keyboard.type("Birch")
    page.keyboard.press("Enter")
    typed = page.get_by_role("textbox", name="New name of Cedar")
    expect(typed).to_have_value("Birch")
    expect(typed).to_be_focused()
    expect(page.locator(".card-title .field-message")).to_contain_text("There is a model named Birch already")
    page.keyboard.press("Escape")
    expect(card(page, "Cedar")).to_be_visible()


@pytest.mark.parametrize(("name", "reason"), [("", "at least one character"), ("x" * 150, "at most 100 characters")])
def test_a_name_that_is_refused_is_not_lost(server: Any, models: list[str], visit: Any, name: str, reason: str) -> None:
    page = visit(server)
    page.get_by_role("button", name="Rename Cedar").click()
    page.get_by_role("textbox", name="New name of Cedar").fill(name)
    page.keyboard.press("Enter")
    expect(page.locator(".card-title .field-message")).to_contain_text(reason)
    expect(page.get_by_role("textbox", name="New name of Cedar")).to_have_value(name)
    page.keyboard.press("Escape")


def test_a_name_typed_into_the_table_is_asked_for_again_when_it_is_refused(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server, "/?view=table")
    page.get_by_role("button", name="Rename Cedar").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Birch")
    page.keyboard.press("Enter")
    again = page.get_by_role("dialog")
    expect(again).to_contain_text("There is a model named Birch already")
    expect(again.get_by_role("textbox")).to_have_value("Birch")
    expect(page.get_by_role("link", name="Cedar", exact=True)).to_be_visible()
    again.get_by_role("textbox").fill("Cypress")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Cypress", exact=True)).to_be_visible()
    page.locator("#undo").click()
    expect(page.get_by_role("link", name="Cedar", exact=True)).to_be_visible()


ERRORS = """dash_clientside.set_props("toast-inbox", {data: [
  {id: "a", kind: "danger", message: "One", hint: null}, {id: "b", kind: "danger", message: "Two", hint: null},
  {id: "c", kind: "danger", message: "One", hint: null}, {id: "d", kind: "danger", message: "Along", hint: null, along: true}]})"""


def test_errors_are_dismissed_together_and_do_not_follow_to_the_next_page(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.evaluate(ERRORS)
    expect(page.get_by_role("alert")).to_have_count(3)
    page.get_by_role("link", name="Help").click()
    expect(page.get_by_role("heading", name="Help")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text(["Along"])
    page.get_by_role("link", name="Models", exact=True).click()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.evaluate(ERRORS.replace('id: "', 'id: "again-'))
    page.get_by_role("button", name="Dismiss all").click()
    expect(page.get_by_role("alert")).to_have_count(0)


def test_tags_can_be_given_and_filtered_by(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Tags of Dogwood").click()
    page.keyboard.type("paper, <b>bold</b>")
    page.keyboard.press("Enter")
    expect(card(page, "Dogwood").locator(".card-tags")).to_contain_text("<b>bold</b>")
    page.reload()
    page.locator("#models-tag").select_option("paper")
    expect(page.locator(".model-card")).to_have_count(1)


def test_a_deleted_model_comes_back_by_undo(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Delete Birch").click()
    expect(card(page, "Birch")).to_have_count(0)
    page.locator("#undo").click()
    expect(card(page, "Birch")).to_be_visible()


def test_a_model_with_a_waiting_run_is_stopped_before_it_is_deleted_and_only_after_asking(server: Any, visit: Any) -> None:
    model = server.model("Elm", config={"max_epochs": 100_000})
    server.api("/runs", {"model_id": model})
    page = visit(server)
    page.get_by_role("button", name="Stop and delete Elm").click()
    page.get_by_role("button", name="Cancel").click()
    expect(card(page, "Elm")).to_be_visible()
    page.get_by_role("button", name="Stop and delete Elm").click()
    page.get_by_role("dialog").get_by_role("button", name="Stop and delete").click()
    expect(card(page, "Elm")).to_have_count(0, timeout=60_000)
    assert server.api(f"/runs?model_id={model}")["items"][0]["state"] not in ("queued", "starting", "running")


def test_the_table_is_remembered_and_offers_the_same_actions(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server)
    page.get_by_role("button", name="Table").click()
    expect(page.locator(".ag-row").first).to_be_visible()
    page.goto(server.url)
    expect(page.locator(".ag-row").first).to_be_visible()
    page.locator(".ag-row").filter(has_text="Cedar").first.get_by_role("link", name="Cedar").click()
    expect(page.get_by_role("heading", name="Cedar", level=1)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Delete Cedar").click()
    expect(page.locator(".toast-note")).to_contain_text("Deleted Cedar")
    page.locator("#undo").click()
    expect(page.get_by_role("link", name="Cedar", exact=True)).to_be_visible()


def test_two_browsers_undo_only_what_they_did_themselves(server: Any, models: list[str], visit: Any) -> None:
    one, two = visit(server), visit(server)
    one.get_by_role("button", name="Rename Ash").click()
    one.keyboard.type("Alder")
    one.keyboard.press("Enter")
    expect(card(one, "Alder")).to_be_visible()
    two.reload()
    expect(card(two, "Alder")).to_be_visible()
    expect(two.locator("#undo")).to_be_disabled()
    two.get_by_placeholder("Search models").fill("Birch")
    expect(two.locator(".model-card")).to_have_count(1)
    expect(one.locator(".model-card")).not_to_have_count(1)
    one.locator("#undo").click()
    expect(card(one, "Ash")).to_be_visible()


@pytest.mark.parametrize("view", ["cards", "table"])
def test_the_list_can_be_read_by_everyone(server: Any, models: list[str], visit: Any, view: str) -> None:
    for dark in (False, True):
        page = visit(server, f"/?view={view}", dark=dark)
        page.get_by_role("link", name="Dogwood", exact=True).wait_for()
        page.get_by_role("button", name="Delete Dogwood").wait_for()
        assert accessibility_problems(page) == []


FIRST_PAGE_KB = 600
"""What the first page may weigh packed, everything that it asks for taken together, but for Plotly, which is loaded once it stands."""


def test_the_first_page_is_light_and_a_grid_brings_its_library(server: Any, models: list[str], visit: Any) -> None:
    page = visit(server, "/help")
    page.wait_for_load_state("networkidle")
    asked = page.evaluate(
        "url => ['/help', ...performance.getEntriesByType('resource').map(entry => entry.name.replace(url, ''))]", server.url
    )
    files = {address for address in asked if not address.startswith(("/_dash-update", "/live"))}
    assert not [address for address in files if "ag_grid" in address or "polyfill" in address]
    weights = {}
    for address in files:
        if "plotly" not in address:
            with urllib.request.urlopen(server.url + address, timeout=60) as answer:
                weights[address] = len(gzip.compress(answer.read()))
    assert sum(weights.values()) < FIRST_PAGE_KB * 1000, sorted(weights.items(), key=lambda entry: -entry[1])[:5]
    page.goto(f"{server.url}/?view=table")
    expect(page.locator(".grid .ag-row").first).to_be_visible()
