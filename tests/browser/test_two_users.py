"""Two browsers on one server: each sees what was done, and nobody sees what the other looks at."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.training import LONG, start, trained, wait_for, wait_for_points


@pytest.fixture(scope="module")
def twice(server: Any) -> tuple[str, str]:
    """A model with two completed runs, and the first one's id."""
    model, first = trained(server, "Shared")
    wait_for(server, start(server, model), "completed")
    return model, first


def test_what_one_looks_at_never_shows_on_the_others_page(server: Any, twice: tuple[str, str], visit: Any) -> None:
    model, first = twice
    ann, ben = visit(server, f"/model/{model}"), visit(server, f"/model/{model}")
    for page in (ann, ben):
        wait_for_points(page, 2)
    number = server.api(f"/runs/{first}")["number"]
    axis = "document.querySelector('#live-loss .js-plotly-plot').layout.yaxis.type"
    traces = "document.querySelector('#live-loss .js-plotly-plot').data.length"
    before = ben.evaluate(traces)
    ann.locator("#live-log").check()
    ann.get_by_role("button", name=f"Lay run #{number} over the curves").click()
    ann.locator("#live-loss").scroll_into_view_if_needed()
    ann.wait_for_function(f"{axis} === 'log' && {traces} === {before + 1}")
    ann.locator('.field[data-field="learning_rate"] input').fill("0.123")
    expect(ann.locator("#hub-changes")).to_have_text("1 change not saved")
    ben.reload()
    wait_for_points(ben, 2)
    assert ben.evaluate(axis) != "log"
    assert ben.evaluate(traces) == before
    expect(ben.locator('.field[data-field="learning_rate"] input')).to_have_value("0.002")
    expect(ben.locator("#hub-changes")).to_have_text("Everything is saved")


def test_searches_and_columns_are_each_browsers_own(server: Any, twice: tuple[str, str], visit: Any) -> None:
    ann, ben = visit(server, "/runs"), visit(server, "/runs")
    ann.get_by_placeholder("Search name, state").fill("nothing like it")
    expect(ann.locator(".runs-grid")).to_contain_text("No run matches.")
    ann.get_by_text("Columns", exact=True).click()
    ann.locator("#runs-column-list").get_by_text("State", exact=True).click()
    expect(ann.locator(".ag-header")).not_to_contain_text("State")
    ben.reload()
    expect(ben.locator(".ag-center-cols-container .ag-row").first).to_be_visible()
    expect(ben.locator(".ag-header")).to_contain_text("State")


def test_both_follow_one_run_and_either_may_stop_it(server: Any, visit: Any) -> None:
    model = server.model("Both", config=LONG)
    ann, ben = visit(server, f"/model/{model}"), visit(server, f"/model/{model}")
    ann.get_by_role("button", name="Start training").click()
    for page in (ann, ben):
        wait_for_points(page, 3)
        expect(page.locator("#live-words")).to_contain_text("Epoch")
    ben.get_by_role("button", name="Stop", exact=True).click()
    for page in (ann, ben):
        expect(page.locator("#live-metrics")).to_contain_text("Stopped", timeout=120_000)
        expect(page.get_by_role("button", name="Resume")).to_be_visible()


def test_undo_takes_back_only_what_this_browser_did(server: Any, visit: Any) -> None:
    model = server.model("Yours and mine")
    ann, ben = visit(server, f"/model/{model}"), visit(server, f"/model/{model}")
    ann.locator('.field[data-field="learning_rate"] input').fill("0.004")
    ann.locator("#hub-save").click()
    expect(ann.locator("#hub-changes")).to_have_text("Everything is saved")
    ben.reload()
    expect(ben.locator('.field[data-field="learning_rate"] input')).to_have_value("0.004")
    expect(ben.locator("#undo")).to_be_disabled()
    expect(ann.locator("#undo")).to_be_enabled()


def test_who_saves_the_same_setting_later_is_told_and_overwrites_nothing(server: Any, visit: Any) -> None:
    model = server.model("Contested")
    ann, ben = visit(server, f"/model/{model}"), visit(server, f"/model/{model}")
    for page, value in ((ann, "0.004"), (ben, "0.009")):
        page.locator('.field[data-field="learning_rate"] input').fill(value)
        expect(page.locator("#hub-changes")).to_have_text("1 change not saved")
    ann.locator("#hub-save").click()
    expect(ann.locator("#hub-changes")).to_have_text("Everything is saved")
    ben.locator("#hub-save").click()
    expect(ben.get_by_role("alert")).to_contain_text("somebody else has meanwhile changed Learning rate")
    assert server.api(f"/models/{model}")["training"]["learning_rate"] == 0.004
    ben.locator("#hub-revert").click()
    expect(ben.locator('.field[data-field="learning_rate"] input')).to_have_value("0.004")
