"""The Runs page, a run's page, Settings and Help in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import PATIENCE_SECONDS, start, trained, wait_for


@pytest.fixture(scope="module")
def runs(server: Any) -> list[str]:
    """Three completed runs of two models, oldest first; the newest of each model gave it its weights."""
    oak, first = trained(server, "Oak")
    second = start(server, oak)
    wait_for(server, second, "completed")
    _, third = trained(server, "Pine", latent_dim=3)
    return [first, second, third]


def number(server: Any, run_id: str) -> str:
    return f"#{server.api(f'/runs/{run_id}')['number']}"


def row(page: Page, text: str) -> Any:
    return page.locator(f'.ag-center-cols-container .ag-row[row-id="{text}"]')


def pinned(page: Page, run_id: str) -> Any:
    return page.locator(f'.ag-row[row-id="{run_id}"]')


def test_runs_are_listed_newest_first_and_searched(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    expect(row(page, runs[2])).to_contain_text("Pine")
    expect(row(page, runs[2])).to_contain_text("Completed")
    listed = page.locator(".ag-center-cols-container .ag-row")
    expect(listed.first).to_have_attribute("row-id", runs[2])
    page.get_by_placeholder("Search name, state").fill("oak")
    expect(page).to_have_url(re.compile(r"/runs\?search=oak$"))
    expect(row(page, runs[2])).to_have_count(0)
    page.reload()
    expect(page.get_by_placeholder("Search name, state")).to_have_value("oak")
    expect(row(page, runs[2])).to_have_count(0)
    expect(row(page, runs[0])).to_be_visible()
    page.get_by_placeholder("Search name, state").fill("nothing like it")
    expect(page.locator(".runs-grid")).to_contain_text("No run matches.")
    expect(page.locator("#runs-count")).to_have_text("0 of 3 runs")
    page.get_by_placeholder("Search name, state").fill("")
    expect(page.locator("#runs-count")).to_have_text("3 runs")
    expect(page).to_have_url(re.compile(r"/runs$"))


def test_cards_of_a_small_screen_are_sorted_by_what_is_chosen_and_either_way(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs", width=400)
    as_seen = """wanted => [...document.querySelectorAll('.run-card .card-link')].map(link => [link.getBoundingClientRect().top, link.textContent])
      .sort(([one], [other]) => one - other).map(([, words]) => words).join() === wanted"""
    upwards = [number(server, run) for run in runs]
    expect(page.get_by_label("Sort by")).to_have_value("")
    page.wait_for_function(as_seen, arg=",".join(reversed(upwards)))
    page.get_by_label("Sort by").select_option(label="Run")
    page.get_by_role("button", name="sort upwards").click()
    page.wait_for_function(as_seen, arg=",".join(upwards))
    page.get_by_role("button", name="sort downwards").click()
    page.wait_for_function(as_seen, arg=",".join(reversed(upwards)))
    page.get_by_role("button", name="sort upwards").click()
    page.wait_for_function(as_seen, arg=",".join(upwards))
    page.get_by_label("Sort by").select_option(label="Newest first")
    page.wait_for_function(as_seen, arg=",".join(reversed(upwards)))
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.get_by_label("Sort by")).to_be_hidden()


def test_columns_are_chosen_and_remembered(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    header = page.locator(".ag-header")
    expect(header).to_contain_text("Duration")
    page.get_by_text("Columns", exact=True).click()
    page.locator("#runs-column-list").get_by_text("Duration", exact=True).click()
    expect(header).not_to_contain_text("Duration")
    page.reload()
    expect(row(page, runs[0])).to_be_visible()
    expect(page.locator(".ag-header")).not_to_contain_text("Duration")
    plain = visit(server, "/runs")
    expect(plain.locator(".ag-header")).to_contain_text("Duration")


def test_columns_are_remembered_by_the_browser_that_chose_them(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    page.get_by_text("Columns", exact=True).click()
    page.locator("#runs-column-list").get_by_text("Latent dimension", exact=True).click()
    expect(page.locator(".ag-header")).to_contain_text("Latent dimension")
    page.goto(f"{server.url}/runs")
    expect(row(page, runs[2]).locator('[col-id="s:latent_dim"]')).to_have_text("3")


def test_a_filter_typed_wrong_is_marked_and_once_mended_chooses_and_is_shared(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    box = page.get_by_role("textbox", name="Filter runs")
    box.click()
    page.keyboard.type("latent_dmi = 3")
    page.keyboard.press("Enter")
    expect(page.locator("#runs-where-says")).to_contain_text("Did you mean latent_dim?")
    expect(page.locator("#runs-where-says mark")).to_have_text("latent_dmi")
    expect(page.locator("#runs-count")).to_have_text("3 runs")
    page.locator("#runs-where").fill("")
    page.locator("#runs-where").press_sequentially("latent di")
    expect(page.get_by_role("option")).to_contain_text(["latent_dim"])
    page.keyboard.press("Tab")
    expect(page.locator("#runs-where")).to_have_value("latent_dim ")
    page.keyboard.type("> 2 and state = completed")
    page.keyboard.press("Enter")
    expect(page.locator("#runs-count")).to_have_text("1 of 3 runs")
    expect(page.locator("#runs-where-says")).to_have_text("")
    expect(row(page, runs[2])).to_be_visible()
    expect(row(page, runs[0])).to_have_count(0)
    other = visit(server, page.url.removeprefix(server.url))
    expect(other.locator("#runs-count")).to_have_text("1 of 3 runs")
    expect(row(other, runs[2])).to_be_visible()


def test_runs_are_grouped_and_a_group_opened(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    page.locator("#runs-group").select_option(label="Group by Latent dimension")
    groups = page.locator("#groups .ag-center-cols-container .ag-row")
    expect(groups).to_have_count(2)
    expect(page.locator("#groups")).to_contain_text("±")
    page.locator("#groups").get_by_role("button", name="3", exact=True).click()
    expect(page.locator("#groups")).to_have_count(0)
    expect(page.locator("#runs-where")).to_have_value("latent_dim = 3")
    expect(page.locator("#runs-count")).to_have_text("1 of 3 runs")


def test_a_view_that_one_saves_another_opens_changes_and_undoes(server: Any, runs: list[str], visit: Any) -> None:
    mine, theirs = visit(server, "/runs?where=latent_dim+%3D+3"), visit(server, "/runs")
    expect(mine.locator("#runs-count")).to_have_text("1 of 3 runs")
    mine.locator("#runs-views summary").click()
    mine.get_by_role("button", name="Save as a view").click()
    mine.keyboard.type("Three wide")
    mine.keyboard.press("Enter")
    mine.wait_for_url("**/runs?view=view_*")
    expect(mine.locator("#runs-views summary")).to_have_text("Three wide")
    expect(mine.locator("#runs-count")).to_have_text("1 of 3 runs")
    theirs.reload()
    expect(theirs.locator("#runs-count")).to_have_text("3 runs")
    theirs.locator("#runs-views summary").click()
    theirs.get_by_role("link", name="Three wide").click()
    expect(theirs.locator("#runs-where")).to_have_value("latent_dim = 3")
    theirs.locator("#runs-where").fill("latent_dim > 0")
    theirs.keyboard.press("Enter")
    expect(theirs.locator("#runs-views summary")).to_have_text("Three wide (changed)")
    assert "where=latent_dim+%3E+0" in theirs.url
    theirs.locator("#runs-views summary").click()
    theirs.get_by_role("button", name="Save changes").click()
    expect(theirs.locator("#runs-views summary")).to_have_text("Three wide")
    expect(mine.locator("#runs-count")).to_have_text("1 of 3 runs")
    mine.reload()
    expect(mine.locator("#runs-count")).to_have_text("3 runs")
    theirs.locator(".toast-note").get_by_role("button", name="Undo").click()
    expect(theirs.locator("#runs-where")).to_have_value("latent_dim = 3")
    assert server.api("/views")["items"][0]["query"] == {"where": "latent_dim = 3"}


def test_the_order_of_the_grid_stands_in_the_address(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    page.locator(".ag-header-cell[col-id='number']").click()
    page.wait_for_url("**/runs?sort=number")
    page.reload()
    expect(page.locator(".ag-center-cols-container .ag-row").first).to_have_attribute("row-id", runs[0])


def test_a_click_on_a_row_and_enter_open_its_run(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    row(page, runs[2]).locator('[col-id="duration"]').click()
    page.wait_for_url(f"**/run/{runs[2]}")
    # the address changes before the page does: without this the grid that is about to go would get the key
    expect(page.get_by_role("heading", name="Run #")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Run #")).to_have_count(0)
    row(page, runs[0]).locator('[col-id="state"]').press("Enter")
    page.wait_for_url(f"**/run/{runs[0]}")
    expect(page.get_by_role("heading", name="Run #")).to_contain_text(number(server, runs[0]))


def test_tags_and_notes_are_typed_in_the_grid(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    row(page, runs[0]).locator('[col-id="tags"]').dblclick()
    page.keyboard.type("paper, <i>x</i>")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note")).to_contain_text("is tagged")
    assert server.api(f"/runs/{runs[0]}")["tags"] == ["paper", "<i>x</i>"]
    expect(row(page, runs[0]).locator('[col-id="tags"]')).to_have_text("paper, <i>x</i>")


def test_several_runs_are_tagged_at_once(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    for run_id in runs[:2]:
        pinned(page, run_id).locator('input[type="checkbox"]').check()
    expect(page.locator("#runs-selected")).to_have_text("2 selected")
    page.locator("#runs-tag").click()
    page.keyboard.type("both")
    page.keyboard.press("Enter")
    expect(row(page, runs[0]).locator('[col-id="tags"]')).to_contain_text("both")
    assert all("both" in server.api(f"/runs/{run_id}")["tags"] for run_id in runs[:2])


def test_a_run_is_deleted_and_brought_back(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    page.get_by_role("button", name=f"Delete run {number(server, runs[0])}", exact=True).click()
    expect(row(page, runs[0])).to_have_count(0)
    page.locator(".toast-note").get_by_role("button", name="Undo").click()
    expect(row(page, runs[0])).to_be_visible()


def test_a_run_whose_weights_are_used_stays_and_says_why(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    page.get_by_role("button", name=f"Delete run {number(server, runs[1])}", exact=True).click()
    expect(page.get_by_role("region", name="Messages").get_by_role("alert")).to_contain_text("uses the weights")
    expect(row(page, runs[1])).to_be_visible()


def test_a_runs_page_has_its_metrics_report_settings_and_files(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, f"/run/{runs[2]}")
    expect(page.locator("#metrics")).to_contain_text("Accuracy")
    expect(page.locator("#settings")).to_contain_text("Learning rate")
    expect(page.locator("#environment")).to_contain_text("jax")
    page.locator(".report-frame").scroll_into_view_if_needed()
    report = page.frame_locator(".report-frame")
    expect(report.locator("body")).to_contain_text("Pine", timeout=PATIENCE_SECONDS * 1000)
    with page.expect_download() as download:
        page.locator("#files").get_by_role("link", name="Download summary.json").click()
    assert download.value.suggested_filename == f"{runs[2]}-summary.json"


def test_a_run_is_run_again_from_its_page(server: Any, visit: Any) -> None:
    model, run = trained(server, "Again")
    page = visit(server, f"/run/{run}")
    page.get_by_role("button", name="Run again").click()
    page.wait_for_url(f"**/model/{model}/train")
    # Runs are counted over all models, so the new one's number depends on the tests before.
    number = server.api(f"/runs/{run}")["number"] + 1
    expect(page.locator("#live-metrics")).to_contain_text(f"#{number}", timeout=PATIENCE_SECONDS * 1000)
    again, first = server.api(f"/runs?model_id={model}")["items"]
    assert (first["id"], again["number"]) == (run, number)
    wait_for(server, again["id"], "completed")
    expect(page.locator("#live-metrics")).to_contain_text("Completed", timeout=PATIENCE_SECONDS * 1000)
    expect(page.locator("#live-metrics")).to_contain_text("Accuracy")


def test_figures_of_two_runs_of_a_model_stand_side_by_side_in_both_themes(server: Any, runs: list[str], visit: Any) -> None:
    model = server.api(f"/runs/{runs[0]}")["model_id"]
    page = visit(server, f"/model/{model}/diagnose")
    page.locator("#figure-beside").select_option(label=f"{number(server, runs[0])}, completed")
    page.wait_for_url(f"**/diagnose?run={runs[1]}&beside={runs[0]}")
    for run_id in (runs[1], runs[0]):
        expect(page.locator(f"#figure-loss_curves-{run_id} .js-plotly-plot")).to_be_visible()
    left, right = (page.locator(f"#figure-loss_curves-{run_id}").bounding_box() for run_id in (runs[1], runs[0]))
    assert left is not None
    assert right is not None
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)
    with page.expect_download() as download:
        page.locator(f"#figure-loss_curves-{runs[0]}").get_by_role("button", name="as PNG").click()
    assert download.value.suggested_filename == f"run-{number(server, runs[0])[1:]}-loss_curves.png"
    dark = visit(server, f"/model/{model}/diagnose?run={runs[1]}&beside={runs[0]}", dark=True)
    expect(dark.locator(f"#figure-loss_curves-{runs[0]} .js-plotly-plot")).to_be_visible()
    assert dark.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_model_is_shown_as_it_was_and_what_one_did_last_is_undone_from_there(server: Any, visit: Any) -> None:
    model = server.model("Was")
    page = visit(server, f"/model/{model}/train")
    page.locator("#hub-buttons").wait_for()
    page.goto(f"{server.url}/")
    page.get_by_role("button", name="Rename Was").click()
    page.keyboard.type("Is")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note")).to_contain_text("Renamed to Is")
    for dark in (False, True):
        looked = visit(server, f"/model/{model}/history", dark=dark)
        looked.locator(".timeline li", has_text="Create Was").get_by_role("link", name="Show as it was").click()
        expect(looked.locator("#past-differs")).to_contain_text("Name")
        expect(looked.locator("#past-settings")).to_contain_text("Learning rate")
        assert accessibility_problems(looked) == []
        assert looked.evaluate("document.documentElement.scrollWidth") <= 1280
    page.goto(looked.url)
    expect(page.locator("#past-differs tbody")).to_contain_text("Was")
    page.locator("#past-differs").get_by_role("button", name="Undo: Rename the model to Is").click()
    expect(page.locator("#past-differs")).to_contain_text("are as they are now")
    assert server.api(f"/models/{model}")["name"] == "Was"


def test_an_unknown_run_says_that_nothing_is_there(server: Any, visit: Any) -> None:
    visit.expects("404")
    page = visit(server, "/run/run_0000000000000")
    expect(page.get_by_role("heading", name="Nothing here")).to_be_visible()


@pytest.mark.parametrize("path", ["/runs", "/run/{run}", "/settings", "/help"])
def test_these_pages_can_be_read_by_everyone_in_both_themes(server: Any, runs: list[str], visit: Any, path: str) -> None:
    for dark in (False, True):
        page = visit(server, path.replace("{run}", runs[2]), dark=dark)
        if path == "/runs":
            row(page, runs[2]).wait_for()
        page.evaluate("document.querySelectorAll('#page details').forEach(d => { d.open = true })")
        assert accessibility_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_display_name_is_chosen_with_enter_and_shows_in_history(server: Any, visit: Any) -> None:
    page = visit(server, "/settings")
    page.locator("#settings-name").fill("Ann  Lee")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-note")).to_contain_text("You are Ann Lee")
    page.reload()
    expect(page.locator("#settings-name")).to_have_value("Ann Lee")


def test_selected_runs_are_compared_grouped_and_left_out(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, "/runs")
    compare = page.get_by_role("button", name="Compare")
    expect(compare).to_be_disabled()
    for run_id in runs:
        pinned(page, run_id).locator('input[type="checkbox"]').check()
    compare.click()
    page.wait_for_url(f"**/runs/compare?ids={','.join(runs)}")
    expect(page.get_by_role("heading", name="Compare 3 runs")).to_be_visible()
    expect(page.locator("#metrics thead").first).to_contain_text("Pine")
    expect(page.locator("#settings tbody").first).to_contain_text("Latent dimension")
    expect(page.locator("#compare-curves .js-plotly-plot").first).to_be_visible()
    page.locator("#compare-group").select_option(label="Latent dimension")
    expect(page.locator("#means table")).to_contain_text("±")
    page.reload()
    expect(page.locator("#means table")).to_contain_text("±")
    page.locator("#compare-figure").select_option(label="Confusion matrix")
    for run_id in runs:
        card = page.locator(f"#figure-confusion-{run_id}")
        card.scroll_into_view_if_needed()
        expect(card.locator(".js-plotly-plot")).to_be_visible()
    assert "figure=confusion" in page.url
    with page.expect_download() as download:
        page.locator(f"#figure-confusion-{runs[0]}").get_by_role("button", name="Data of").click()
    assert download.value.suggested_filename == f"run-{number(server, runs[0])[1:]}-confusion.csv"
    page.reload()
    expect(page.locator("#compare-figure")).to_have_value("confusion")
    page.get_by_role("link", name=f"Leave out run {number(server, runs[0])}").first.click()
    expect(page.get_by_role("heading", name="Compare 2 runs")).to_be_visible()


def test_lines_lead_across_the_settings_that_differ_to_the_metrics(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, f"/runs/compare?ids={','.join(runs)}")
    axes = page.locator("#compare-parallel .axis-title")
    expect(axes.first).to_have_text("Run")
    expect(axes).to_contain_text(["Run", "Latent dimension", "Accuracy"])
    expect(page.locator("#compare-parallel .y-axis").first.locator(".tick")).to_have_text([number(server, run_id) for run_id in runs])


def test_a_comparison_is_saved_as_a_view_with_its_figure(server: Any, runs: list[str], visit: Any) -> None:
    page = visit(server, f"/runs/compare?ids={runs[0]},{runs[2]}")
    page.locator("#compare-figure").select_option(label="Confusion matrix")
    expect(page.locator("#compare-figures .figure-card")).to_have_count(2)
    page.locator("#compare-views summary").click()
    page.evaluate("window.held = document.querySelector('#compare-views details')")
    page.locator("#compare-figure").select_option(label="none")
    expect(page.locator("#compare-figures .figure-card")).to_have_count(0)
    page.locator("#compare-figure").select_option(label="Confusion matrix")
    expect(page.locator("#compare-figures .figure-card")).to_have_count(2)
    assert page.evaluate("window.held.isConnected && window.held.open"), "a menu that is open stays open while the page changes"
    page.get_by_role("button", name="Save as a view").click()
    page.keyboard.type("Two of them")
    page.keyboard.press("Enter")
    expect(page.locator("#compare-views summary")).to_have_text("Two of them")
    (view,) = server.api("/views?page=compare")["items"]
    assert view["query"] == {"ids": f"{runs[0]},{runs[2]}", "figure": "confusion"}
    other = visit(server, f"/runs/compare?view={view['id']}")
    expect(other.locator("#compare-figure")).to_have_value("confusion")
    expect(other.get_by_role("heading", name="Compare 2 runs")).to_be_visible()


def test_a_comparison_can_be_read_by_everyone_in_both_themes(server: Any, runs: list[str], visit: Any) -> None:
    for dark in (False, True):
        page = visit(server, f"/runs/compare?ids={','.join(runs)}", dark=dark)
        expect(page.locator("#compare-parallel .js-plotly-plot")).to_be_visible()
        page.evaluate("document.querySelectorAll('#page details').forEach(d => { d.open = true })")
        assert accessibility_problems(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
