"""Forecasting in the browser: files chosen, seen together, changed, saved and run; a day replayed; runs compared."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import start, wait_for

RUN_MS = 240_000
"""The longest that a small model may take to train and be measured on a busy machine."""
DRAW_MS = 120_000
QUICK = "/forecasting?experiment=quick_smoke_test"


def line(page: Page, text: str) -> Locator:
    """The line of the merged configuration that says this."""
    return page.locator(".merged tr").filter(has=page.get_by_text(text, exact=True))


def drawn(page: Page, id: str) -> Locator:
    """A graph once it is drawn."""
    graph = page.locator(f"#{id} .js-plotly-plot .main-svg").first
    expect(graph).to_be_visible(timeout=DRAW_MS)
    return graph


@pytest.fixture(scope="module")
def trained(server: Any) -> list[str]:
    """Two runs of a small model on three simulated days, alike but for their seeds."""
    found = []
    dataset = server.api("/datasets", {"family": "traffic", "source": "corridor_simulator", "name": "Three days", "params": {"days": 3}})[
        "id"
    ]
    for seed in (42, 43):
        config = {"epochs": 1, "seed": seed, "max_train_windows": 256}
        sample = {
            "num_vds": 4,
            "multi_vd_mode": True,
            "share_weights_across_vds": True,
            "targets": ["speed"],
            "window.prediction_length": 12,
            "window.sequence_length": 12,
        }
        model = server.api(
            "/models",
            {
                "name": f"Small, seed {seed}",
                "family": "traffic",
                "model_type": "lstm",
                "dataset": dataset,
                "preset": "lstm_small",
                "config": config,
                "sample": sample,
            },
        )["id"]
        run = start(server, model)
        wait_for(server, run, "completed")
        found.append(run)
    return found


def test_from_files_to_a_forecast(fresh_server: Any, visit: Any) -> None:
    page: Page = visit(fresh_server, "/forecasting")

    # Three files make a configuration whose lines say where they come from; another file changes them at once, and the address with them.
    expect(line(page, "name: TrafficLSTM")).to_contain_text("models/lstm_small.yaml:")
    page.get_by_label("Model", exact=True).select_option("xlstm_small")
    expect(line(page, "name: TrafficXLSTM")).to_contain_text("models/xlstm_small.yaml:")
    expect(page).to_have_url(re.compile(r"model=xlstm_small"))

    # An experiment is one file; what is wrong with an override is said beside it, and keeps Run off.
    page.get_by_role("link", name="An experiment").click()
    page.get_by_label("Experiment", exact=True).select_option("quick_smoke_test")
    expect(line(page, "name: TrafficLSTM")).to_be_visible()
    overrides, run = page.get_by_label("Overrides", exact=True), page.get_by_role("button", name="Run", exact=True)
    overrides.fill("training.epoch=1")
    expect(page.locator("#layered-messages")).to_contain_text("Did you mean training.epochs?")
    expect(run).to_be_disabled()
    overrides.fill("training.epochs=1\ntraining.seed=7")
    expect(line(page, "epochs: 1")).to_contain_text("override 1")
    expect(run).to_be_enabled()

    # What was overridden is shown on demand, struck through.
    expect(page.locator(".merged del")).to_have_count(0)
    page.get_by_label("Overridden values").check()
    struck = page.locator(".merged-beaten").filter(has_text="epochs: 2")
    expect(struck).to_contain_text("training/fast_dev.yaml")
    expect(page).to_have_url(re.compile(r"overridden=1"))
    assert accessibility_problems(page) == []

    # It is kept as an experiment of one's own, which can be chosen from then on, also by address.
    page.get_by_role("button", name="Save as experiment").click()
    page.get_by_role("textbox", name="Name of the experiment").fill("My forecast")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(re.compile(r"experiment=my_forecast"))
    expect(page.get_by_label("Experiment", exact=True)).to_have_value("my_forecast")
    page.reload()
    expect(line(page, "epochs: 1")).to_contain_text("experiments/my_forecast.yaml:")
    kept = fresh_server.home / "configs" / "experiments" / "my_forecast.yaml"
    assert kept.is_file()

    # Saved under the same name it is replaced after a question, and still includes what the first was made of.
    before = kept.read_text()
    page.get_by_role("button", name="Save as experiment").click()
    expect(page.get_by_role("textbox", name="Name of the experiment")).to_have_value("My forecast")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("There is an experiment my_forecast. Replace it?")).to_be_visible()
    page.get_by_role("button", name="Replace", exact=True).click()
    expect(page.get_by_text("Saved as my_forecast.yaml.")).to_be_visible()
    assert [path.name for path in kept.parent.iterdir()] == ["my_forecast.yaml"]
    assert kept.read_text() == before

    # It runs like every model, once however it is clicked, and its errors stand beside the baselines' when it ends.
    page.get_by_role("button", name="Run", exact=True).dblclick()
    expect(page).to_have_url(re.compile(r"/model/\w+/train"))
    assert len(fresh_server.api("/models")["items"]) == 1
    expect(page.get_by_role("heading", name="My forecast")).to_be_visible()
    expect(page.locator(".page-header, .header").get_by_text("Completed").first.or_(page.get_by_text("Completed").first)).to_be_visible(
        timeout=RUN_MS
    )
    page.get_by_role("link", name="Forecasting").first.click()
    page.get_by_role("link", name="Results", exact=True).click()
    row = page.locator(".errors-table tbody tr").filter(has_text="My forecast")
    expect(row.locator(".num").nth(1)).to_have_text(re.compile(r"\d+\.\d\d"))
    for baseline in ("Last value", "Historical average", "Ridge"):
        expect(page.get_by_role("rowheader", name=baseline, exact=True)).to_be_visible()
    row.get_by_role("link", name="My forecast").click()
    drawn(page, "forecast-fan")


def test_a_day_is_replayed_by_keys_and_clicks_at_an_address_that_keeps_it(server: Any, trained: list[str], visit: Any) -> None:
    page: Page = visit(server, f"/forecasting/results/{trained[0]}")
    for id in (
        "forecast-fan",
        "forecast-map",
        "forecast-road",
        "forecast-ahead",
        "forecast-horizon",
        "forecast-hours",
        "forecast-sensors",
        "forecast-beside",
    ):
        drawn(page, id)
    slider, at = page.get_by_label("Forecast made at"), page.locator("#forecast-at-words")
    before = at.inner_text()
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    expect(at).not_to_have_text(before)
    after = at.inner_text()
    expect(page).to_have_url(re.compile("at=" + after.replace(":", "%3A")))

    # It plays on by itself, until it is paused.
    page.get_by_role("button", name="Play", exact=True).click()
    expect(at).not_to_have_text(after)
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    slider.press("Home")
    expect(at).not_to_have_text(after)
    slider.press("End")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(slider).not_to_have_value(slider.get_attribute("max") or "")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
    page.wait_for_timeout(1500)  # The answer to the last step of play.
    after = at.inner_text()

    page.get_by_label("Detector", exact=True).select_option(index=2)
    name = page.get_by_label("Detector", exact=True).locator("option").nth(2).inner_text()
    expect(page.locator("#forecast-fan")).to_contain_text(name)
    expect(page).to_have_url(re.compile(f"sensor={name}"))
    page.get_by_label("Error", exact=True).select_option("rmse")
    expect(page.locator("#forecast-horizon")).to_contain_text("RMSE")
    page.reload()
    expect(page.locator("#forecast-fan")).to_contain_text(name, timeout=DRAW_MS)
    expect(at).to_have_text(after)
    drawn(page, "forecast-horizon")
    assert accessibility_problems(page) == []


def test_a_click_on_the_map_chooses_the_detector(server: Any, trained: list[str], visit: Any) -> None:
    page: Page = visit(server, f"/forecasting/results/{trained[0]}?sensor=VD049")
    drawn(page, "forecast-map")
    drawn(page, "forecast-fan")
    point = page.locator("#forecast-map .scatterlayer .trace").first.locator("path.point").last
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile(r"sensor=VD(?!049)\d+"))


def test_runs_are_marked_and_compared_and_seeds_share_a_row(server: Any, trained: list[str], visit: Any) -> None:
    page: Page = visit(server, "/forecasting/results")
    page.get_by_role("link", name="Seeds together").click()
    row = page.locator(".errors-table tbody tr").filter(has_text="Small")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("±")
    page.get_by_role("link", name="Each run").click()
    expect(page.locator(".errors-pick")).to_have_count(2)
    page.get_by_role("link", name=re.compile("^Mark #")).first.click()
    expect(page.get_by_role("link", name=re.compile("^Leave #"))).to_have_count(1)
    page.get_by_role("link", name=re.compile("^Leave #")).click()
    expect(page.get_by_role("link", name=re.compile("^Leave #"))).to_have_count(0)
    # Both at once, before anything has been answered; a step back takes the second back.
    page.locator(".errors-pick").evaluate_all("found => found.forEach(mark => mark.click())")
    expect(page.get_by_role("link", name=re.compile("^Leave #"))).to_have_count(2)
    page.go_back()
    expect(page.get_by_role("link", name=re.compile("^Leave #"))).to_have_count(1)
    page.go_forward()
    expect(page.get_by_role("link", name=re.compile("^Leave #"))).to_have_count(2)
    page.get_by_role("link", name="Compare 2 runs").click()
    expect(page).to_have_url(re.compile("/forecasting/compare"))
    expect(page.locator(".errors-table tbody tr").first).to_contain_text("±")
    expect(page.locator(".forecast-graph .js-plotly-plot .main-svg").first).to_be_visible(timeout=DRAW_MS)
    assert accessibility_problems(page) == []


@pytest.mark.parametrize(
    "path", ["/forecasting", QUICK, "/forecasting/results", "/forecasting/results/{run}", "/forecasting/compare?ids={run},{second}"]
)
def test_no_page_of_forecasting_is_wider_than_a_small_screen(server: Any, trained: list[str], visit: Any, path: str) -> None:
    page: Page = visit(server, path.format(run=trained[0], second=trained[1]), width=400, dark=True)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == 400
    assert accessibility_problems(page) == []


@pytest.mark.parametrize(
    "path",
    ["/forecasting/results", "/forecasting/results?rows=seeds", "/forecasting/results/{run}", "/forecasting/compare?ids={run},{second}"],
)
def test_every_error_of_a_table_is_in_sight_on_a_small_screen_with_its_metric_and_horizon(
    server: Any, trained: list[str], visit: Any, path: str
) -> None:
    page: Page = visit(server, path.format(run=trained[0], second=trained[1]), width=400)
    cells = page.locator(".errors-table tbody td:not(.errors-seeds)")
    expect(cells.first).to_be_visible()
    boxes = cells.evaluate_all("found => found.map(cell => cell.getBoundingClientRect()).map(box => [box.left, box.right])")
    assert len(boxes) >= 4 * 12
    assert all(0 <= left < right <= 400 for left, right in boxes), boxes
    # A card's first line says the horizons, and each of its lines begins with a metric, which no number covers.
    for pseudo, name in (("::before", "when"), ("::after", "metric")):
        shown = page.locator(f".errors-table td[data-{name}]").evaluate_all(
            "(found, pseudo) => found.map(cell => getComputedStyle(cell, pseudo).content)", pseudo
        )
        assert all(words.strip('"') for words in shown), shown
    lefts = page.locator(".errors-table td[data-metric]").evaluate_all(
        """found => found.map(cell => [parseFloat(getComputedStyle(cell, '::after').width), cell.offsetLeft])"""
    )
    assert all(width <= left for width, left in lefts), lefts


def test_the_data_of_a_model_is_shown_detector_by_detector_and_a_click_chooses_one(server: Any, trained: list[str], visit: Any) -> None:
    model = server.api(f"/runs/{trained[0]}")["model_id"]
    page: Page = visit(server, f"/model/{model}/data")
    expect(page.locator("#traffic-data-facts")).to_contain_text("This model sees 4 detectors of Three days", timeout=DRAW_MS)
    expect(page.locator("#traffic-data-facts")).to_contain_text("Last target")
    drawn(page, "traffic-data-where")
    drawn(page, "traffic-data-series")
    chosen = page.get_by_label("Detector", exact=True)
    before = chosen.input_value()
    point = page.locator("#traffic-data-where .barlayer path").last
    point.scroll_into_view_if_needed()
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] - 2)
    expect(chosen).not_to_have_value(before)
    expect(page.locator("#traffic-data-series")).to_contain_text(chosen.input_value())
    assert accessibility_problems(page) == []
    page.get_by_label("Feature", exact=True).select_option("flow")
    expect(page.locator("#traffic-data-series")).to_contain_text("flow (veh/h)")
    page.set_viewport_size({"width": 400, "height": 800})
    page.wait_for_function("document.documentElement.scrollWidth === 400")


def test_every_file_of_every_family_can_be_chosen_here(server: Any, visit: Any) -> None:
    page: Page = visit(server, "/forecasting?family=rcmvae&experiment=rcmvae_priors&variant=vamp")
    expect(page.get_by_label("Variant")).to_have_value("vamp")
    expect(line(page, "prior_type: vamp")).to_contain_text("models/rcmvae_vamp_prior.yaml:")
    expect(page.get_by_role("button", name="Run all 4")).to_be_enabled()
    page.get_by_label("Variant").select_option("mixture")
    expect(line(page, "prior_type: mixture")).to_be_visible()
    expect(page).to_have_url(re.compile("variant=mixture"))
    page.get_by_label("Experiment", exact=True).select_option("rcmvae_quick")
    expect(page.get_by_label("Variant")).to_be_hidden()
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_enabled()


@pytest.mark.parametrize("width", [360, 400])
def test_the_bar_of_a_small_screen_has_room_for_active_runs(server: Any, visit: Any, width: int) -> None:
    page: Page = visit(server, "/forecasting")
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator("#active-summary .active")).to_be_visible()
    # As the bar shows a dozen runs while the first of them trains.
    page.evaluate("""() => { document.getElementById("active-summary").innerHTML =
        '<span class="active"><i class="bi bi-activity"></i><span class="active-column"><span class="active-words">12<span class="active-rest">'
        + ' active runs</span></span><div class="progress" style="height: 4px"></div></span></span>'; }""")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
