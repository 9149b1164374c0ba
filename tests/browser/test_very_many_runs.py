"""The Runs page where a grid does not hold all runs: the server sorts and searches them, and the grid follows."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bench.seeding import add_runs, first_model
from dashboard.pages.runs.listed import MOST_ROWS
from workbench.settings import Settings
from workbench.workbench import Workbench

RUNS = MOST_ROWS + 200


@pytest.fixture(scope="module")
def filled(server: Any) -> Any:
    """The server with more runs than a grid holds; the best of them are among its oldest."""
    bench = Workbench.open(Settings.load(home=server.home))
    add_runs(bench, first_model(bench), RUNS, varied=True)
    oldest = min(bench.state().runs.values(), key=lambda run: run.number)
    bench.runs.tag(actor="user:bench", run_id=oldest.id, tags=("needle",))
    bench.close()
    return server


def first_row(page: Page) -> Any:
    return page.locator('.ag-center-cols-container .ag-row[row-index="0"]')


def test_all_runs_are_searched_and_sorted_though_the_grid_holds_the_newest(filled: Any, visit: Any) -> None:
    page = visit(filled, "/runs")
    says = f"The grid holds {MOST_ROWS:,} of {RUNS:,} runs"
    expect(page.locator("#runs-cut-says")).to_contain_text(says)
    expect(page.locator("#runs-count")).to_have_text(f"{MOST_ROWS:,} of {RUNS:,} runs")
    expect(page.locator('.ag-row[row-index="0"]').filter(has_text=f"#{RUNS}")).to_have_count(1)

    page.get_by_placeholder("Search name, state").fill("NEEDLE completed")
    expect(page.locator("#runs-count")).to_have_text(f"1 of {RUNS:,} runs")
    expect(page.locator('.ag-row[row-index="0"]').filter(has_text="#1")).to_have_count(1)
    page.get_by_placeholder("Search name, state").fill("")
    expect(page.locator("#runs-count")).to_have_text(f"{MOST_ROWS:,} of {RUNS:,} runs")

    page.locator('.ag-header-cell[col-id="number"]').click()
    expect(page.locator('.ag-row[row-index="0"]').filter(has_text="#1")).to_have_count(1)
    expect(first_row(page)).to_contain_text("needle")

    page.locator("#runs-where").fill("tag = needle")
    page.locator("#runs-where").press("Enter")
    expect(page.locator("#runs-count")).to_have_text(f"1 of {RUNS:,} runs")
    expect(page.locator("#runs-cut-says")).to_have_text("")


def test_a_run_that_is_added_stands_first_and_the_last_one_leaves_the_grid(filled: Any, visit: Any) -> None:
    page = visit(filled, "/runs")
    expect(page.locator("#runs-count")).to_have_text(f"{MOST_ROWS:,} of {RUNS:,} runs")
    bench = Workbench.open(Settings.load(home=filled.home))
    add_runs(bench, next(iter(bench.state().models.values())), 1, varied=True)
    bench.close()
    expect(page.locator('.ag-row[row-index="0"]').filter(has_text=f"#{RUNS + 1}")).to_have_count(1)
    expect(page.locator("#runs-count")).to_have_text(f"{MOST_ROWS:,} of {RUNS + 1:,} runs")
