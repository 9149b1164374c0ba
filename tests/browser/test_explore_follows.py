"""What follows on the Explore tab: answers follow labels, the cloud its room, words what was lost; and errors stand in one place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from rcmvae.explore.projection import MIN_DISTANCE, NEIGHBOURS, SEED
from tests.browser.conftest import GONE, accessibility_problems
from tests.browser.test_explore_cloud import CLOUD, EXPLORE, opened
from tests.browser.test_explore_labels import explored, labels, safe, suggested, type_keys
from tests.browser.training import start, trained, wait_for
from workbench.artefacts import pack_arrays


@pytest.fixture(scope="module")
def model(server: Any) -> str:
    return trained(server, "Followed", latent_dim=3)[0]


def test_what_the_model_says_of_the_points_follows_labels_without_a_reload(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.get_by_label("Colour by").select_option("predicted")
    drawn = page.evaluate(f"[...{CLOUD}.data[0].marker.color]")
    said = page.evaluate(f"[...{EXPLORE}.points.predicted]")
    # a hundred images all of one class: what stands for them now stands for that
    page.evaluate(f"{EXPLORE}.label({EXPLORE}.points.rows.filter((_, at) => {EXPLORE}.points.split[at] === 0).slice(0, 100), 4)")
    page.wait_for_function(f"before => [...{EXPLORE}.points.predicted].join() !== before.join()", arg=said)
    assert same_as_opened(page, model)
    page.wait_for_function(f"before => [...{CLOUD}.data[0].marker.color].join() !== before.join()", arg=drawn)
    page.keyboard.press("z")
    page.wait_for_function(f"before => [...{EXPLORE}.points.predicted].join() === before.join()", arg=said)


def test_after_labels_and_undo_in_two_tabs_a_page_has_to_the_bit_what_one_has_that_opens(server: Any, model: str, visit: Any) -> None:
    pages = [opened(server, visit, model) for _ in range(2)]
    for page in pages:
        page.evaluate(f"{EXPLORE}.on('answers', () => {{ window.__followed = (window.__followed || 0) + 1; }})")
    first, second = pages
    for number, page in enumerate((first, first, second, first, second), start=1):
        followed = page.evaluate("window.__followed || 0")
        page.evaluate(f"n => {EXPLORE}.label({EXPLORE}.points.rows.slice(7 * n, 7 * n + 7), n)", number)
        page.wait_for_function("before => window.__followed > before", arg=followed)
        assert page.evaluate(f"{EXPLORE}.points.meta.steps") == 1000, "what came were no differences"
        assert same_as_opened(page, model)
    for _ in range(2):
        followed = second.evaluate("window.__followed")
        second.keyboard.press("z")
        second.wait_for_function("before => window.__followed > before", arg=followed)
        assert same_as_opened(second, model)


def test_after_a_restart_of_the_server_a_page_hears_all_and_then_differences_again(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    steps = page.evaluate(
        f"""async () => {{
          const asked = async (mark) => (await window.trellis.ask(`/explore/{model}/answers?mark=${{mark}}`)).meta;
          const whole = await asked("of an earlier server");
          {EXPLORE}.points.meta.mark = "of an earlier server";
          return [whole.steps, (await asked(whole.mark)).steps];
        }}"""
    )
    assert steps == [None, 1000]
    followed = f"{EXPLORE}.on('answers', () => {{ window.__followed = true; }})"
    page.evaluate(followed)
    page.evaluate(f"{EXPLORE}.label({EXPLORE}.points.rows.slice(50, 80), 2)")
    page.wait_for_function("window.__followed")
    assert page.evaluate(f"{EXPLORE}.points.meta.mark") != "of an earlier server"
    assert same_as_opened(page, model)


def same_as_opened(page: Page, model: str) -> bool:
    """Whether the points of a page are to the bit what one has that opens now."""
    return page.evaluate(
        f"""async () => {{
          const {{ meta, columns }} = await window.trellis.ask('/explore/{model}/points');
          const bits = (values) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength).join();
          return meta.mark === {EXPLORE}.points.meta.mark && Object.keys(columns).every(name => bits(columns[name]) === bits({EXPLORE}.points[name]));
        }}"""
    )


def test_the_cloud_fits_its_room_again_and_keeps_a_closer_look(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    ranges = f"[{CLOUD}._fullLayout.xaxis.range, {CLOUD}._fullLayout.yaxis.range].flat()"
    inside = f"{EXPLORE}.places.y.every(y => y > {CLOUD}._fullLayout.yaxis.range[0] && y < {CLOUD}._fullLayout.yaxis.range[1])"

    def margin() -> float:
        """How much of the plane lies around the points, as a share of their own extent, where it is least."""
        return page.evaluate(
            f"""() => Math.min(...['x', 'y'].map(name => {{
              const values = [...{EXPLORE}.places[name]], [low, high] = {CLOUD}._fullLayout[name + 'axis'].range;
              return (high - low) / (Math.max(...values) - Math.min(...values));
            }}))"""
        )

    assert margin() < 1.2
    for width in (1000, 1500, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(400)
        assert page.evaluate(inside)
        assert margin() < 1.2, width
    page.get_by_role("button", name="Nearer").click()
    page.wait_for_timeout(200)
    before = page.evaluate(ranges)
    page.set_viewport_size({"width": 1500, "height": 800})
    page.wait_for_timeout(400)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.wait_for_timeout(400)
    assert page.evaluate(ranges) == pytest.approx(before, rel=0.02, abs=0.02)
    page.get_by_role("button", name="Show all points").click()
    page.wait_for_timeout(300)
    assert margin() < 1.2


def test_replaced_labels_are_told_of_with_the_way_back(server: Any, visit: Any) -> None:
    model_id = server.model("Replaced")
    page = explored(visit, server, model_id)
    before = labels(server, model_id)
    page.evaluate(f"{EXPLORE}.show_view('grid')")
    page.get_by_label("Show", exact=True).select_option("labelled")
    tiles = page.locator(".grid-tile")
    tiles.nth(0).click()
    tiles.nth(5).click(modifiers=["Shift"])
    chosen = page.evaluate(f"[...{EXPLORE}.selection]")
    value = next(number for number in range(10) if number not in {before[row] for row in chosen[:1]})
    page.keyboard.press(str(value))
    other = sum(before[row] != value for row in chosen)
    expect(page.locator("#toasts")).to_contain_text(f"6 images are labelled {value}; {other} labels were another before.")
    expect(page.locator("#toasts")).to_contain_text("Z takes it back.")
    page.keyboard.press("z")
    safe(page)
    assert labels(server, model_id) == before


def test_digits_stay_with_their_classes_whatever_these_are_called_later(server: Any, visit: Any) -> None:
    page = explored(visit, server, model_id := server.model("Renamed digits"))
    names, first = ["zero", "three", "2", "1", "3"], ["0", "1", "2", "3", None]
    assert page.evaluate("([names, first]) => window.trellis.explore.keys_for(names, first)", [names, first]) == ["0", "1", "2", "3", "4"]
    page.evaluate(
        "async () => void await window.trellis.ask(`/explore/${window.trellis.explore.model}/classes`, { since: 0, rename: [3, 'drei'] })"
    )
    expect(page.locator("#explore-labelling").get_by_role("button", name="drei")).to_contain_text("3")
    row = suggested(page)[0]
    type_keys(page, "3")
    safe(page)
    assert labels(server, model_id)[row] == 3


def keep_umap(server: Any, page: Page) -> None:
    """Keep a projection of the model's present weights, as if UMAP had been computed."""
    digest = page.evaluate(f"{EXPLORE}.points.meta.weights").split()[1]
    x, y = (np.array(page.evaluate(f"[...{EXPLORE}.places.{name}]"), np.float32) for name in "xy")
    path = server.home / "cache" / "projections" / f"{digest[:40]}-{NEIGHBOURS}-{MIN_DISTANCE:g}-{SEED}.umap"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack_arrays({"x": x, "y": y, "said": np.array([0.9, len(x), 10], np.float64)}))


def test_umap_and_suggestions_of_the_weights_before_are_told_of_even_if_the_run_was_never_seen(server: Any, visit: Any) -> None:
    model_id = trained(server, "Projected twice", latent_dim=3)[0]
    page = opened(server, visit, model_id)
    keep_umap(server, page)
    page.reload()
    page.get_by_label("Place by").select_option("umap")
    page.wait_for_selector("#explore-cloud[data-drawn=umap]")
    page.wait_for_function(f"{EXPLORE}.suggestions().length > 0")
    expect(page.locator(".suggest-says")).to_have_text("20 of 20 suggestions left.")
    # the run begins and ends between two looks of the page
    seen = page.evaluate(f"window.trellis.ask('/explore/{model_id}/epochs')")
    page.route("**/epochs", lambda route: route.fulfill(json=seen))
    wait_for(server, start(server, model_id), "completed")
    page.unroute("**/epochs")
    placing = page.locator("#explore-placing")
    expect(placing).to_contain_text("A run has ended: UMAP was of the weights before.")
    expect(page.locator(".suggest-says")).to_contain_text("A run has ended: what it left asks for these now.")
    page.wait_for_selector("#explore-cloud[data-drawn=pca]")
    placing.get_by_role("button", name="UMAP again").click()
    expect(placing).to_contain_text("UMAP:")
    placing.get_by_role("button", name="Cancel").click()


def test_list_and_panel_say_what_the_model_said_before_the_latest_labels(server: Any, model: str, visit: Any) -> None:
    page = explored(visit, server, model)
    page.wait_for_selector("#explore-cloud[data-drawn]")
    row = suggested(page)[0]
    page.evaluate(f"row => {EXPLORE}.look_at(row)", row)
    facts, line = page.locator("#explore-sample .sample-facts"), page.locator(f"#explore-suggestions li[data-row='{row}']")
    expect(facts).to_contain_text("Predicted")
    why = line.locator(".suggest-why").inner_text()
    said = page.evaluate(f"row => {EXPLORE}.points.predicted[{EXPLORE}.position.get(row)]", row)
    other = (said + 1) % 10
    page.evaluate(f"([row, to]) => {EXPLORE}.label([...{EXPLORE}.points.rows].filter(one => one !== row), to)", [row, other])
    expect(line.locator("b")).to_have_text(f"{other}?")
    expect(line.locator(".suggest-why")).to_have_text(f"{said} before the latest labels.")
    expect(facts).to_contain_text(f"{said} before the latest labels")
    page.keyboard.press("z")
    expect(line.locator("b")).to_have_text(f"{said}?")
    expect(line.locator(".suggest-why")).to_have_text(why)
    safe(page)


def test_the_image_that_is_looked_at_stays_while_the_server_is_away(server: Any, model: str, visit: Any) -> None:
    visit.expects(*GONE)
    page = opened(server, visit, model)
    page.evaluate(f"{EXPLORE}.look_at({EXPLORE}.points.rows[3])")
    expect(page.locator("#explore-sample .sample-facts")).to_contain_text("Predicted")
    page.route("**/explore/**", lambda route: route.abort())
    page.keyboard.press("5")
    page.evaluate(f"{EXPLORE}.look_at({EXPLORE}.points.rows[3])")
    page.wait_for_timeout(700)
    expect(page.locator("#explore-sample .sample-facts")).to_contain_text("Label")
    expect(page.locator("#explore-sample canvas").first).to_be_visible()
    page.unroute("**/explore/**")
    safe(page)


def told(page: Page, message: str, kind: str = "danger") -> None:
    page.evaluate(
        "([message, kind]) => window.dash_clientside.set_props('toast-inbox', { data: [{ id: String(Math.random()), kind, message }] })",
        [message, kind],
    )


def test_errors_stand_in_one_place_counted(server: Any, visit: Any) -> None:
    page = visit(server, "/")
    for _ in range(3):
        told(page, "The disk is full.")
    expect(page.locator(".toast-danger:visible")).to_have_count(1)
    expect(page.locator(".toast-danger")).to_contain_text("3 times")
    for number in range(5):
        told(page, f"Error {number}")
    expect(page.locator(".toast-danger:visible")).to_have_count(3)
    expect(page.locator(".toast-all")).to_have_text("Dismiss all, 3 earlier too")
    page.locator(".toast-danger:visible .toast-close").last.click()
    expect(page.locator(".toast-danger:visible")).to_have_count(3)
    page.locator(".toast-all").click()
    expect(page.locator(".toast-danger")).to_have_count(0)


def test_every_part_explains_its_controls_and_stays_open_while_it_is_drawn_anew(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.evaluate(f"{EXPLORE}.look_at({EXPLORE}.points.rows[3])")
    buttons = page.locator(".explore .help-ask:visible")
    page.locator("#explore-components .help-ask").wait_for()
    names = buttons.evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert set(names) >= {
        f"Help: {about}" for about in ("suggestions", "classes", "components", "views", "points", "the selected image", "labelling")
    }
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()
    page.evaluate(f"{EXPLORE}.look_at({EXPLORE}.points.rows[4])")
    page.evaluate(f"{EXPLORE}.tell('classes')")
    expect(page.locator(".help-lines:visible")).to_have_count(len(names))
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Help: classes").click()
    expect(page.locator(".help-lines:visible")).to_have_count(len(names) - 1)
