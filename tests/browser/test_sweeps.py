"""Searching settings in a browser: the form from a model's Train page, a sweep as it searches, and what it found taken over."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import PATIENCE_SECONDS
from workbench.sweeps.rows import ORDER


def wait_for(server: Any, sweep_id: str, *states: str) -> dict[str, Any]:
    """The sweep once it is in one of the states."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        sweep = server.api(f"/sweeps/{sweep_id}")
        if sweep["state"] in states:
            return sweep
        time.sleep(0.3)
    raise TimeoutError(f"sweep {sweep_id} is {sweep['state']}")


def begin(server: Any, model_id: str, **more: Any) -> str:
    """Start a short sweep and return its id."""
    body = {
        "model_id": model_id,
        "space": ["learning_rate=0.0005..0.05:log", "dropout_rate=0.1,0.2"],
        "trials": 2,
        "pruner": "none",
        **more,
    }
    return server.api("/sweeps", body)["id"]


@pytest.fixture(scope="module")
def finished(server: Any) -> tuple[str, str]:
    """(model, sweep) of a sweep that is over."""
    model = server.model("Searched", config={"max_epochs": 2, "hidden_dims": [16]})
    sweep = begin(server, model)
    assert wait_for(server, sweep, "completed", "failed")["state"] == "completed"
    return model, sweep


def part(page: Page, path: str, name: str) -> Any:
    """A control of a setting that is searched."""
    return page.locator(f'[id=\'{{"path":"{path}","sweep":"{name}"}}\']')


def field(page: Page, name: str) -> Any:
    """A control of how it is searched."""
    return page.locator(f'[id=\'{{"field":"{name}","form":"sweep-form"}}\']')


def test_a_sweep_is_started_from_a_models_train_page_and_watched_to_its_end(server: Any, visit: Any) -> None:
    model = server.model("Oak", config={"max_epochs": 2, "hidden_dims": [16]})
    page = visit(server, f"/model/{model}/train")
    page.get_by_role("link", name="Search settings").click()
    expect(page.locator("h1")).to_have_text("Search settings")
    # nothing is searched yet, which the answer to Start says
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.locator("#sweep-problems")).to_contain_text("names no setting to search")
    # a range is proposed around the present value, and every mistake is told
    page.locator("#sweep-add").select_option("learning_rate")
    expect(part(page, "learning_rate", "low")).to_have_value("0.0002")
    expect(part(page, "learning_rate", "high")).to_have_value("0.02")
    page.locator("#sweep-add").select_option("use_contrastive")
    expect(part(page, "use_contrastive", "choices")).to_have_value("false,true")
    part(page, "learning_rate", "low").fill("0.5")
    field(page, "trials").fill("none")
    page.get_by_role("button", name="Start the sweep").click()
    expect(page.locator("#sweep-problems li")).to_have_count(2)
    expect(page.locator("#sweep-problems")).to_contain_text("must begin below its end")
    # what was typed stays while settings come and go
    page.get_by_role("button", name=re.compile("^Search without .*ontrastive")).click()
    expect(part(page, "use_contrastive", "choices")).to_have_count(0)
    expect(part(page, "learning_rate", "low")).to_have_value("0.5")
    part(page, "learning_rate", "low").fill("0.001")
    field(page, "trials").fill("2")
    field(page, "pruner").select_option("none")
    page.get_by_role("button", name="Start the sweep").click()
    page.wait_for_url(re.compile(r"/sweeps/sweep_"))
    expect(page.locator("h1")).to_contain_text("Oak, sweep")
    expect(page.locator("h1")).to_contain_text("Searching")
    # live, without a reload
    expect(page.locator("h1")).to_contain_text("Completed", timeout=PATIENCE_SECONDS * 1e3)
    expect(page.locator(".sweep-trials tbody tr")).to_have_count(2)
    expect(page.locator(".sweep-trials .is-best")).to_have_count(1)
    expect(page.locator("#sweep-progress .js-plotly-plot")).to_be_visible()
    expect(page.locator("#sweep-lines .js-plotly-plot")).to_be_visible()
    expect(page.locator("#sweep-importance")).to_contain_text("It takes ten trials")
    # the model takes over what was best, and that can be undone
    page.get_by_role("button", name="Use the best settings").click()
    expect(page.locator(".toasts")).to_contain_text("best settings")
    best = next(trial for trial in server.api(f"/sweeps/{page.url.rpartition('/')[2]}/trials")["items"] if trial["best"])
    assert server.api(f"/models/{model}")["training"]["learning_rate"] == best["values"]["learning_rate"]
    page.locator(".sweep-trials tbody tr").first.get_by_role("link").click()
    expect(page.get_by_role("link", name="trial 2 of a sweep")).to_be_visible()


def test_a_sweep_is_stopped_resumed_and_searches_on(server: Any, visit: Any) -> None:
    model = server.model("Pine", config={"max_epochs": 3, "hidden_dims": [16]})
    sweep = begin(server, model, trials=3)
    page = visit(server, f"/sweeps/{sweep}")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("h1")).to_contain_text("Stopped")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("h1")).to_contain_text("Searching")
    expect(page.locator("h1")).to_contain_text("Completed", timeout=PATIENCE_SECONDS * 1e3)
    page.get_by_role("button", name="More trials").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("4")
    dialog.get_by_role("button", name="Search on").click()
    expect(page.locator(".sweep-trials tbody tr")).to_have_count(4, timeout=PATIENCE_SECONDS * 1e3)
    expect(page.locator("h1")).to_contain_text("Completed", timeout=PATIENCE_SECONDS * 1e3)


def test_sweeps_are_listed_and_one_that_is_deleted_says_so_where_it_is_open(server: Any, visit: Any) -> None:
    model = server.model("Elm", config={"max_epochs": 2, "hidden_dims": [16]})
    sweep = begin(server, model, trials=1, name="Soon gone")
    wait_for(server, sweep, "completed")
    visit.expects("404")  # the page of what was deleted
    page = visit(server, "/sweeps")
    row = page.locator(".sweeps-table tbody tr", has_text="Soon gone")
    expect(row).to_contain_text("1 of 1 trials: 1 completed")
    row.get_by_role("link", name="Soon gone").click()
    expect(page.locator("h1")).to_contain_text("Soon gone")
    server.api(f"/sweeps/{sweep}", method="DELETE")
    expect(page.locator("#page-gone")).to_contain_text("was deleted")
    page.goto(f"{server.url}/sweeps/{sweep}")
    expect(page.locator("#page")).to_contain_text("was deleted")


def test_a_page_without_sweeps_and_a_form_without_a_model_say_what_to_do(fresh_server: Any, visit: Any) -> None:
    visit.expects("404")
    page = visit(fresh_server, "/sweeps")
    expect(page.locator("#page")).to_contain_text("No sweeps yet")
    page.goto(f"{fresh_server.url}/sweeps/new")
    expect(page.locator("#page")).to_contain_text("names no model")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_page_of_sweeps_is_accessible(server: Any, finished: tuple[str, str], visit: Any, dark: bool) -> None:
    model, sweep = finished
    page = visit(server, f"/sweeps/{sweep}", dark=dark)
    expect(page.locator("#sweep-lines .js-plotly-plot")).to_be_visible()
    assert accessibility_problems(page) == []
    page.goto(f"{server.url}/sweeps")
    expect(page.locator(".sweeps-table")).to_be_visible()
    assert accessibility_problems(page) == []
    page.goto(f"{server.url}/sweeps/new?model={model}")
    page.locator("#sweep-add").select_option("learning_rate")
    expect(part(page, "learning_rate", "low")).to_be_visible()
    page.locator("#sweep-add").select_option("use_contrastive")
    expect(part(page, "use_contrastive", "choices")).to_be_visible()
    assert accessibility_problems(page) == []


@pytest.mark.parametrize("width", [400, 360])
def test_pages_of_sweeps_fit_a_small_screen(server: Any, finished: tuple[str, str], visit: Any, width: int) -> None:
    model, sweep = finished
    for address in ("/sweeps", f"/sweeps/{sweep}", f"/sweeps/new?model={model}"):
        page = visit(server, address, width=width)
        expect(page.locator("h1")).to_be_visible()
        page.wait_for_function("width => document.documentElement.scrollWidth === width", arg=width)


def test_every_state_of_a_trial_is_counted() -> None:
    from dashboard.components import RUN_STATES
    from dashboard.pages.sweeps.layout import TRIALS

    assert set(ORDER) == {*map(str, RUN_STATES), *TRIALS}
