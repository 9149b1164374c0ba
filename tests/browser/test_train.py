"""The training hub in a browser, on real training of the digits."""

from __future__ import annotations

from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import LONG, PATIENCE_SECONDS, points, settled, start, trained, wait_for, wait_for_points

TRAINING_MS = PATIENCE_SECONDS * 1000
CALLBACKS = "**/_dash-update-component?*"


def setting(page: Page, name: str) -> Any:
    return page.locator(f'.field[data-form="hub"][data-field="{name}"]')


def entry(page: Page, name: str) -> Any:
    return setting(page, name).locator("input.field-input")


@pytest.fixture(scope="module")
def ready(server: Any) -> tuple[str, str]:
    """A model with one completed run."""
    return trained(server, "Ready")


def test_a_run_is_started_reloaded_in_the_middle_stopped_and_resumed(server: Any, visit: Any) -> None:
    model = server.model("Middle", config=LONG)
    page = visit(server, f"/model/{model}")
    expect(page.locator("#live-metrics")).to_contain_text("Not trained yet")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#launch-line")).to_be_visible()
    expect(page.locator("#live-words")).to_contain_text("Epoch", timeout=TRAINING_MS)
    expect(page.locator("#live-progress")).to_be_visible(timeout=TRAINING_MS)
    wait_for_points(page, 3)
    (run,) = server.api(f"/runs?model_id={model}")["items"]

    page.reload()
    shown = wait_for_points(page, 3)
    assert page.evaluate("document.querySelector('#live-loss .js-plotly-plot').data[0].x[0]") == 1
    wait_for_points(page, shown + 2)
    expect(page.locator("#live-words")).to_contain_text("Epoch")
    expect(page.locator("#live-metrics")).to_contain_text("Training")
    expect(page.locator("#live-log-lines")).to_contain_text("training images")

    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#live-metrics")).to_contain_text("Stopped", timeout=TRAINING_MS)
    expect(page.locator("#live-progress")).to_be_hidden()
    expect(page.get_by_role("button", name="Train on")).to_be_enabled()
    before = server.api(f"/runs/{run['id']}")["epochs_done"]

    page.get_by_role("button", name="Resume").click()
    wait_for_points(page, before + 2)
    xs = page.evaluate("document.querySelector('#live-loss .js-plotly-plot').data[0].x")
    assert xs == sorted(set(xs)), "an epoch is drawn twice after a resume"
    assert len(server.api(f"/runs?model_id={model}")["items"]) == 1
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#live-metrics")).to_contain_text("Stopped", timeout=TRAINING_MS)


def test_a_second_run_after_an_edit_moves_the_bar_forward_and_no_process_stays_with_the_server(server: Any, visit: Any) -> None:
    model, _ = trained(server, "Trained on")
    page = visit(server, f"/model/{model}")
    wait_for_points(page, 2)
    entry(page, "max_epochs").fill("400")
    page.get_by_role("button", name="Save and train on").click()
    expect(page.locator("#launch-line")).to_be_visible()
    expect(page.locator("#live-words")).to_contain_text("of 400", timeout=TRAINING_MS)
    expect(page.locator("#live-progress")).to_be_visible(timeout=TRAINING_MS)
    seen = page.evaluate(
        """async () => {
          const seen = [];
          while (true) {
            const words = document.getElementById('live-words').textContent;
            const hidden = getComputedStyle(document.getElementById('live-progress')).display === 'none';
            if (hidden || words.includes('diagnostics')) return seen;
            seen.push(Number((words.match(/Epoch (\\d+) of 400/) || [0, -1])[1]));
            await new Promise(done => setTimeout(done, 50));
          }
        }"""
    )
    assert seen == sorted(seen)
    assert seen[0] > 0
    expect(page.locator("#live-metrics")).to_contain_text("Completed", timeout=TRAINING_MS)
    assert server.api(f"/models/{model}")["training"]["max_epochs"] == 400
    assert psutil.Process(server.process.pid).children() == []


def test_a_launch_is_cancelled_before_it_trains(server: Any, visit: Any) -> None:
    first = start(server, server.model("In the way", config=LONG))
    wait_for(server, first, "running")
    model = server.model("Cancelled", config=LONG)
    page = visit(server, f"/model/{model}")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#launch-words")).to_contain_text("Queued")
    page.locator("#launch-line").get_by_role("button", name="Cancel").click()
    expect(page.locator("#launch-line")).to_be_hidden()
    expect(page.get_by_role("button", name="Start training")).to_be_enabled()
    assert {run["state"] for run in server.api(f"/runs?model_id={model}")["items"]} == {"stopped"}
    server.api(f"/runs/{first}/stop", {})
    wait_for(server, first, "stopped")


def test_a_run_started_elsewhere_appears_on_an_open_page(server: Any, visit: Any) -> None:
    model = server.model("Elsewhere")
    page = visit(server, f"/model/{model}")
    expect(page.locator("#live-metrics")).to_contain_text("Not trained yet")
    run = start(server, model)
    expect(page.locator("#live-metrics")).to_contain_text("Completed", timeout=TRAINING_MS)
    wait_for(server, run, "completed")
    expect(page.locator("#live-recent")).to_contain_text("Completed")
    assert wait_for_points(page, 2) == 2


def test_a_run_that_began_and_ended_between_two_looks_appears_too(server: Any, visit: Any) -> None:
    model = server.model("Between looks")
    page = visit(server, f"/model/{model}")
    expect(page.locator("#live-metrics")).to_contain_text("Not trained yet")
    with page.expect_response("**/live-look"):
        page.reload()
    held: list[Route] = []
    page.route(CALLBACKS, lambda route: held.append(route) if "shell-seen.data" in (route.request.post_data or "") else route.continue_())
    wait_for(server, start(server, model), "completed")
    page.unroute(CALLBACKS)
    for route in held:
        route.continue_()
    expect(page.locator("#live-metrics")).to_contain_text("Completed")
    assert wait_for_points(page, 2) == 2


def test_curves_are_drawn_in_sight_keep_a_zoom_and_show_everything_at_the_end(server: Any, visit: Any) -> None:
    model = server.model("Looked at", config=LONG)
    run = start(server, model)
    wait_for(server, run, "running")
    page = visit(server, f"/model/{model}")
    plot = "document.querySelector('#live-loss .js-plotly-plot')"
    drawn = wait_for_points(page, 5)
    place = settled(page.locator("#live-loss .nsewdrag"))
    middle = place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + 0.2 * place["width"], middle)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.6 * place["width"], middle + 2, steps=5)
    page.mouse.up()
    page.wait_for_function(f"{plot}.layout.xaxis.autorange === false")
    zoomed = page.evaluate(f"{plot}.layout.xaxis.range")
    wait_for_points(page, drawn + 3)
    assert page.evaluate(f"{plot}._fullLayout.xaxis.range") == zoomed

    page.locator("#live-log-lines").scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    words = page.locator("#live-words").text_content()
    page.wait_for_timeout(1000)  # what was in sight may still be drawn
    unseen = page.evaluate(f"{plot}.data[0].x.length")
    for _ in range(2):
        page.wait_for_function("words => document.getElementById('live-words').textContent !== words", arg=words)
        words = page.locator("#live-words").text_content()
    assert page.evaluate(f"{plot}.data[0].x.length") == unseen, "a curve was drawn that nobody sees"

    server.api(f"/runs/{run}/stop", {})
    done = wait_for(server, run, "stopped")["epochs_done"]
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for_function(f"done => {plot}.data[0].x.at(-1) === done", arg=done)
    epochs = page.evaluate(f"{plot}.data[0].x")
    assert epochs == sorted(set(epochs))
    assert page.evaluate(f"{plot}._fullLayout.xaxis.range") == zoomed
    expect(page.locator("#live-metrics")).to_contain_text("Stopped", timeout=TRAINING_MS)


def test_a_curve_that_a_pointer_holds_is_not_drawn_until_it_is_let_go(server: Any, visit: Any) -> None:
    model = server.model("Held", config=LONG)
    wait_for(server, start(server, model), "running")
    page = visit(server, f"/model/{model}")
    plot = "document.querySelector('#live-loss .js-plotly-plot')"
    wait_for_points(page, 5)
    place = settled(page.locator("#live-loss .nsewdrag"))
    middle = place["y"] + place["height"] / 2
    page.evaluate(f"window.drawn = 0; {plot}.on('plotly_afterplot', () => {{ window.drawn += 1; }})")
    page.mouse.move(place["x"] + 0.2 * place["width"], middle)
    page.mouse.down()
    page.mouse.move(place["x"] + 0.4 * place["width"], middle + 1, steps=3)
    drawn, held = page.evaluate("window.drawn"), points(page)
    words = page.locator("#live-words").text_content()
    page.wait_for_timeout(2000)
    page.wait_for_function("words => document.getElementById('live-words').textContent !== words", arg=words)
    assert page.evaluate("window.drawn") == drawn
    assert points(page) == held
    page.mouse.move(place["x"] + 0.6 * place["width"], middle + 2, steps=3)
    page.mouse.up()
    page.wait_for_function(f"{plot}.layout.xaxis.autorange === false")
    wait_for_points(page, held + 1)


def test_curves_keep_how_they_are_looked_at_over_a_reload(server: Any, ready: tuple[str, str], visit: Any) -> None:
    page = visit(server, f"/model/{ready[0]}")
    wait_for_points(page, 2)
    axis = "document.querySelector('#live-loss .js-plotly-plot').layout.yaxis.type"
    page.locator("#live-log").check()
    page.wait_for_function(f"{axis} === 'log'")
    page.reload()
    wait_for_points(page, 2)
    assert page.evaluate(axis) == "log"
    assert page.locator("#live-log").is_checked()


def test_another_run_is_laid_over_the_curves_and_taken_off_again(server: Any, visit: Any) -> None:
    model, first = trained(server, "Twice")
    wait_for(server, start(server, model), "completed")
    page = visit(server, f"/model/{model}")
    wait_for_points(page, 2)
    names = "document.querySelector('#live-loss .js-plotly-plot').data.map(t => t.name)"
    number = server.api(f"/runs/{first}")["number"]
    page.get_by_role("button", name=f"Lay run #{number} over the curves").click()
    page.locator("#live-loss").scroll_into_view_if_needed()
    page.wait_for_function(f"{names}.includes('#{number}')")
    page.get_by_role("button", name=f"Take run #{number} off the curves").click()
    page.locator("#live-loss").scroll_into_view_if_needed()
    page.wait_for_function(f"!{names}.includes('#{number}')")


def test_settings_are_edited_refused_in_place_saved_and_taken_back(server: Any, visit: Any) -> None:
    model = server.model("Settings")
    page = visit(server, f"/model/{model}")
    save, changes = page.locator("#hub-save"), page.locator("#hub-changes")
    expect(changes).to_have_text("Everything is saved")
    expect(save).to_be_disabled()
    entry(page, "learning_rate").fill("fast")
    expect(setting(page, "learning_rate").locator(".field-message")).to_contain_text("number")
    expect(changes).to_have_text("1 setting needs attention")
    expect(save).to_be_disabled()
    entry(page, "learning_rate").fill("0.004")
    expect(setting(page, "learning_rate").locator(".field-was")).to_contain_text("was 0.002")
    expect(changes).to_have_text("1 change not saved")
    save.click()
    expect(changes).to_have_text("Everything is saved")
    assert server.api(f"/models/{model}")["training"]["learning_rate"] == 0.004
    expect(setting(page, "learning_rate").locator(".field-was")).to_be_hidden()
    entry(page, "max_epochs").fill("9")
    expect(changes).to_have_text("1 change not saved")
    page.locator("#hub-revert").click()
    expect(entry(page, "max_epochs")).to_have_value("2")
    page.locator(".toast-note").get_by_role("button", name="Undo").click()
    expect(entry(page, "learning_rate")).to_have_value("0.002")
    assert server.api(f"/models/{model}")["training"]["learning_rate"] == 0.002


def test_no_part_of_the_architecture_can_be_edited_here(server: Any, ready: tuple[str, str], visit: Any) -> None:
    page = visit(server, f"/model/{ready[0]}")
    expect(page.locator("#architecture")).to_contain_text("Latent space")
    assert page.locator("#architecture input, #architecture select, #architecture textarea").count() == 0
    page.get_by_role("link", name="Clone with another architecture").click()
    page.wait_for_url(f"**/create?from={ready[0]}")


def test_every_figure_that_applies_is_drawn_and_the_others_say_why_not(server: Any, ready: tuple[str, str], visit: Any) -> None:
    page = visit(server, f"/model/{ready[0]}/diagnose")
    cards = page.locator(".figure-card")
    expect(cards.first.locator(".js-plotly-plot")).to_be_visible(timeout=TRAINING_MS)
    assert cards.count() > 5
    for card in cards.all():
        card.scroll_into_view_if_needed()
        expect(card.locator(".js-plotly-plot, .figure-failed").first).to_be_visible(timeout=TRAINING_MS)
    assert page.locator(".figure-failed").count() == 0
    with page.expect_download() as download:
        cards.first.get_by_role("button", name="as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")
    with page.expect_download() as picture:
        cards.first.get_by_role("button", name="as SVG").click()
    assert picture.value.suggested_filename.endswith(".svg")


def test_diagnose_follows_labels_at_once_and_its_ood_figures_the_share_of_the_reconstruction(server: Any, visit: Any) -> None:
    model, _ = trained(server, "Relabelled")
    row = server.api(f"/models/{model}/suggestions?strategy=random&n=1")["items"][0]["index"]
    server.api(f"/models/{model}/labels", {"set": {str(row): 3}}, "PATCH")
    page = visit(server, f"/model/{model}/diagnose")
    expect(page.locator("#figure-labels")).to_contain_text("tau recounted with 1 label changed since run #", timeout=TRAINING_MS)
    card, other = (page.locator(f"[data-lazy-figure={name}]") for name in ("ood_histogram", "latent_by_ood"))
    card.scroll_into_view_if_needed()
    expect(card).to_contain_text("OOD score (1 - certainty)", timeout=TRAINING_MS)
    card.get_by_role("slider", name="Reconstruction's share").focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(card).to_contain_text("20% of the reconstruction's percentile", timeout=TRAINING_MS)
    expect(other.get_by_role("slider")).to_have_value("0.2")


def test_history_says_what_was_done_and_takes_it_back(server: Any, visit: Any) -> None:
    model = server.model("Remembered")
    page = visit(server, f"/model/{model}")
    entry(page, "learning_rate").fill("0.004")
    page.locator("#hub-save").click()
    expect(page.locator("#hub-changes")).to_have_text("Everything is saved")
    page.get_by_role("navigation", name="Pages of this model").get_by_role("link", name="History").click()
    newest = page.locator(".timeline > li").first
    expect(newest).to_contain_text("Learning rate: 0.002 became 0.004")
    expect(newest).to_contain_text("by you")
    page.locator(".timeline").locator("xpath=..").locator("xpath=..").get_by_role("button", name="Undo").click()
    expect(page.locator(".timeline > li").first).to_contain_text("Learning rate: 0.004 became 0.002")


@pytest.mark.parametrize("tab", ["train", "diagnose", "history"])
def test_a_models_pages_can_be_read_by_everyone_in_both_themes(server: Any, ready: tuple[str, str], visit: Any, tab: str) -> None:
    for dark in (False, True):
        page = visit(server, f"/model/{ready[0]}/{tab}", dark=dark)
        if tab != "history":
            page.locator(".js-plotly-plot .main-svg").first.wait_for()
        page.evaluate("document.querySelectorAll('#page details').forEach(d => { d.open = true })")
        assert accessibility_problems(page) == []


def test_the_hub_has_room_at_1280_by_800(server: Any, ready: tuple[str, str], visit: Any) -> None:
    page = visit(server, f"/model/{ready[0]}")
    wait_for_points(page, 2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_notice_that_comes_while_a_run_goes_on_moves_nothing_that_is_looked_at(server: Any, visit: Any) -> None:
    model = server.model("Noticed", config=LONG)
    start(server, model)
    page: Page = visit(server, f"/model/{model}/train")
    expect(page.locator("#live-progress")).to_be_visible(timeout=TRAINING_MS)
    before = page.locator("#live-loss").evaluate("place => place.getBoundingClientRect().top + window.scrollY")
    page.evaluate(
        """() => { document.getElementById("live-notices").innerHTML = '<div class="note note-warning"><div>3 of 10 unused</div></div>'.repeat(2); }"""
    )
    notices = page.locator("#live-notices")
    expect(notices).to_be_in_viewport()
    assert page.locator("#live-loss").evaluate("place => place.getBoundingClientRect().top + window.scrollY") == before
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(notices).to_be_in_viewport()
