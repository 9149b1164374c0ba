"""The latent space of the Explore tab: colours, legend, selection, search, and what survives a reload."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import PATIENCE_SECONDS, trained

CLOUD = "document.querySelector('#explore-cloud .cloud-plot')"
EXPLORE = "window.trellis.explore"


@pytest.fixture(scope="module")
def model(server: Any) -> str:
    """A small model with two latent dimensions and no claim to quality."""
    return trained(server, "Seen")[0]


def opened(server: Any, visit: Any, model_id: str, **more: Any) -> Page:
    page = visit(server, f"/model/{model_id}/explore", **more)
    page.wait_for_selector("#explore-cloud[data-drawn]")
    return page


def drag(page: Page, *shares: tuple[float, float]) -> None:
    """Drag over the cloud, corners as shares of its box."""
    box = page.locator("#explore-cloud .nsewdrag").bounding_box()
    assert box is not None
    corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shares]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=4)
    page.mouse.up()


def at_point(page: Page, position: int) -> tuple[float, float]:
    """Where a point stands in the window."""
    x, y = page.evaluate(
        f"""at => {{
          const {{ sx, sy, tx, ty }} = {EXPLORE}.cloud_scales();
          const {{ x, y }} = {EXPLORE}.cloud_places();
          const {{ left, top }} = document.getElementById('explore-cloud').getBoundingClientRect();
          return [left + x[at] * sx + tx, top + y[at] * sy + ty];
        }}""",
        position,
    )
    return x, y


def test_another_colouring_looks_as_plotly_would_draw_it_and_computes_no_point_anew(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.evaluate(f"window.computed = []; {CLOUD}.on('plotly_restyle', () => window.computed.push('all points'))")
    pixels = f"{CLOUD}.querySelector('canvas.gl-canvas-context').toDataURL()"
    before = page.evaluate(pixels)
    for key in ("predicted", "certainty", "label", "component"):
        page.evaluate(f"key => {EXPLORE}.colour_by(key)", key)
        page.wait_for_selector(f"#explore-cloud[data-colour={key}]")
        drawn = page.evaluate(pixels)
        assert drawn != before, key
        assert page.evaluate("window.computed") == [], key
        # from what its data say by now, Plotly draws the same
        page.evaluate(f"async () => {{ await Plotly.redraw({CLOUD}); }}")
        assert page.evaluate(pixels) == drawn, key
        before = drawn


def test_the_cloud_has_room_and_every_colouring_says_what_it_means(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    box = page.locator("#explore-cloud").bounding_box()
    assert box is not None
    assert box["height"] >= 480
    assert box["y"] + box["height"] <= 800
    expect(page.get_by_role("button", name="Train on")).to_be_in_viewport()
    chooser = page.get_by_label("Colour by")
    for key, title in (
        ("predicted", "Prediction"),
        ("correct", "Right or wrong"),
        ("ood", "Out of distribution"),
        ("component", "Component"),
    ):
        chooser.select_option(key)
        page.wait_for_selector(f"#explore-cloud[data-colour={key}]")
        expect(page.locator("#explore-legend")).to_contain_text(title)
        shown = page.evaluate(f"Array.from({CLOUD}.data[0].marker.color)")
        assert shown == page.evaluate(f"Array.from({EXPLORE}.coloured().codes)")
        assert len(set(shown)) > 1
    chooser.select_option("correct")
    counts = page.evaluate("[...document.querySelectorAll('.cloud-chip .number')].reduce((sum, chip) => sum + Number(chip.textContent), 0)")
    assert counts == 200


def test_a_label_is_shown_without_drawing_the_points_anew(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    unlabelled = page.evaluate(f"[...{EXPLORE}.points.rows].find(row => !{EXPLORE}.labels.has(row))")
    at = page.evaluate(f"{EXPLORE}.position.get({unlabelled})")
    page.evaluate(
        f"window.draws = 0; window.drawn_at = Date.now(); {CLOUD}.on('plotly_afterplot', () => {{ window.draws += 1; window.drawn_at = Date.now(); }})"
    )
    page.wait_for_function("Date.now() - window.drawn_at > 500")
    page.evaluate("window.draws = 0")
    before = page.evaluate("document.querySelector('.cloud-over').toDataURL()")
    page.evaluate(f"{EXPLORE}.show_labels([[{unlabelled}, 3]])")
    page.wait_for_function("before => document.querySelector('.cloud-over').toDataURL() !== before", arg=before)
    assert page.evaluate("window.draws") == 0
    assert page.evaluate(f"{EXPLORE}.coloured().codes[{at}]") == 4


def test_lasso_and_box_select_and_the_selection_survives_colours_and_a_reload(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.get_by_role("button", name="Lasso", exact=True).click()
    drag(page, (0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.05))
    expect(page.locator("#explore-tools")).to_contain_text("200 images selected")
    page.get_by_role("button", name="Box", exact=True).click()
    drag(page, (0.02, 0.02), (0.5, 0.98))
    chosen = page.evaluate(f"[...{EXPLORE}.selection]")
    assert 0 < len(chosen) < 200
    middle = page.evaluate(f"{CLOUD}._fullLayout.xaxis.range.reduce((a, b) => (a + b) / 2)")
    left = page.evaluate(f"[...{EXPLORE}.points.rows].filter((row, at) => {EXPLORE}.places.x[at] < {middle})")
    assert sorted(chosen) == sorted(left)

    page.get_by_role("button", name="Nearer", exact=True).click()
    zoomed = page.evaluate(f"{CLOUD}._fullLayout.xaxis.range")
    page.get_by_label("Colour by").select_option("certainty")
    page.wait_for_selector("#explore-cloud[data-colour=certainty]")
    page.wait_for_function(
        f"zoomed => {{ const [a, b] = {CLOUD}._fullLayout.xaxis.range; return Math.abs((b - a) * 1.5 - (zoomed[1] - zoomed[0])) < 1e-6 "
        f"|| JSON.stringify([a, b]) === JSON.stringify(zoomed); }}",
        arg=zoomed,
    )
    zoomed = page.evaluate(f"{CLOUD}._fullLayout.xaxis.range")
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_selector("#explore-cloud[data-drawn]")
    expect(page.get_by_label("Colour by")).to_have_value("certainty")
    assert page.evaluate(f"[...{EXPLORE}.selection]") == chosen
    assert page.evaluate(f"{CLOUD}._fullLayout.xaxis.range") == pytest.approx(zoomed)
    page.keyboard.press("Escape")
    assert page.evaluate(f"{EXPLORE}.selection.length") == 0


def test_a_point_tells_of_itself_under_the_pointer_and_is_looked_at_by_a_click(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    alone = page.evaluate(f"{EXPLORE}.places.y.indexOf(Math.max(...{EXPLORE}.places.y))")
    x, y = at_point(page, alone)
    page.mouse.move(x - 6, y - 6)
    page.mouse.move(x, y, steps=4)
    row = page.evaluate(f"{EXPLORE}.points.rows[{alone}]")
    card = page.locator(".cloud-card")
    expect(card).to_contain_text(f"#{row}")
    expect(card).to_contain_text("component")
    page.wait_for_function("document.querySelector('.cloud-card canvas').width === 8")
    page.mouse.click(x, y)
    page.wait_for_function(f"{EXPLORE}.current === {row}")


def test_chips_and_components_show_one_group_alone_by_keyboard_too(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.get_by_label("Colour by").select_option("predicted")
    chip = page.locator(".cloud-chip").first
    chip.focus()
    page.keyboard.press("Enter")
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    value = int(chip.get_attribute("data-value") or "")
    shown = page.evaluate(f"{EXPLORE}.passing().reduce((sum, one) => sum + one, 0)")
    assert shown == page.evaluate(f"[...{EXPLORE}.points.predicted].filter(one => one === {value}).length")
    page.get_by_role("button", name="Lasso", exact=True).click()
    drag(page, (0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.05))
    assert page.evaluate(f"{EXPLORE}.selection.length") == shown, "a lasso took images that are not shown"
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show all", exact=True).click()
    assert page.evaluate(f"{EXPLORE}.passing()") is None
    row = page.locator(".component-row").first
    row.click()
    expect(row).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#explore-legend")).to_contain_text("Only component 0")


def test_the_search_finds_by_number_class_component_and_wrong_ones(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    said = page.locator("#explore-tools [role=status]")
    row = page.evaluate(f"{EXPLORE}.points.rows[7]")
    page.keyboard.press("/")
    page.keyboard.type(f"#{row}")
    page.keyboard.press("Enter")
    page.wait_for_function(f"{EXPLORE}.current === {row}")
    component = page.evaluate(f"{EXPLORE}.points.component[0]")
    for text, test in (
        ("3", "(row, at) => (e.labels.get(row) ?? e.points.predicted[at]) === 3"),
        (f"c{component}", f"(row, at) => e.points.component[at] === {component}"),
        ("wrong", "(row, at) => e.points.predicted[at] !== e.points.true[at]"),
    ):
        page.keyboard.press("/")
        page.locator(".cloud-search input").fill(text)
        page.keyboard.press("Enter")
        wanted = page.evaluate(f"(() => {{ const e = {EXPLORE}; return [...e.points.rows].filter({test}); }})()")
        assert wanted
        assert page.evaluate(f"[...{EXPLORE}.selection]") == wanted
        expect(said).to_contain_text(f"{len(wanted)} image")
    page.locator(".cloud-search input").fill("#99999")
    page.keyboard.press("Enter")
    expect(said).to_contain_text("is not among the training and validation images")


def test_colours_follow_the_theme_and_keep_the_zoom(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.get_by_label("Colour by").select_option("predicted")
    page.wait_for_selector("#explore-cloud[data-colour=predicted]")
    page.get_by_role("button", name="Nearer", exact=True).click()
    page.wait_for_timeout(500)
    seen, zoomed = page.evaluate(f"[{CLOUD}.data[0].marker.colorscale[3][1], {CLOUD}._fullLayout.xaxis.range]")
    page.evaluate("window.trellisTheme.choose('dark')")
    page.wait_for_function(f"seen => {CLOUD}.data[0].marker.colorscale[3][1] !== seen", arg=seen)
    assert page.evaluate(f"{CLOUD}._fullLayout.xaxis.range") == pytest.approx(zoomed)


def test_an_epochs_places_move_the_points_and_keep_the_zoom_and_the_kept_weights_bring_them_back(
    server: Any, model: str, visit: Any
) -> None:
    page = opened(server, visit, model)
    page.get_by_role("button", name="Nearer", exact=True).click()
    page.wait_for_timeout(500)
    page.get_by_label("Colour by").select_option("component")
    page.wait_for_selector("#explore-cloud[data-colour=component]")
    zoomed, kept = page.evaluate(f"[{CLOUD}._fullLayout.xaxis.range, [...{CLOUD}.data[0].x]]")
    frame = (
        f"{{ epoch: 1, x: {EXPLORE}.places.x.map(v => v / 2), y: {EXPLORE}.places.y.slice(), "
        f"predicted: {EXPLORE}.points.predicted, component: {EXPLORE}.points.component.map(() => 3), meta: META }}"
    )
    page.evaluate(f"{EXPLORE}.tell('frame', {frame.replace('META', f'{EXPLORE}.places.meta')})")
    page.wait_for_function(f"kept => {CLOUD}.data[0].x[5] !== kept[5]", arg=kept)
    assert page.evaluate(f"[...{CLOUD}.data[0].x]") == pytest.approx([value / 2 for value in kept], rel=1e-6)
    assert set(page.evaluate(f"[...{CLOUD}.data[0].marker.color]")) == {4}
    assert page.evaluate(f"{CLOUD}._fullLayout.xaxis.range") == pytest.approx(zoomed)
    other = "{ ...META_, method: 'pca', x_title: 'epoch 1' }".replace("META_", f"{EXPLORE}.places.meta")
    page.evaluate(f"{EXPLORE}.tell('frame', {frame.replace('META', other)})")
    page.wait_for_function(f"{CLOUD}._fullLayout.xaxis.title.text === 'epoch 1'")
    page.evaluate(f"{EXPLORE}.tell('frame', null)")
    page.wait_for_function(f"{CLOUD}._fullLayout.xaxis.title.text === 'z₁'")
    assert page.evaluate(f"[...{CLOUD}.data[0].x]") == kept
    assert page.evaluate(f"{CLOUD}._fullLayout.xaxis.range") == pytest.approx(zoomed)


@pytest.mark.parametrize("config", [{"latent_dim": 1}, {"latent_dim": 5}, {"latent_layout": "decentralized"}, {"prior_type": "standard"}])
def test_every_kind_of_latent_space_has_honest_axes(server: Any, visit: Any, config: dict[str, Any]) -> None:
    page = opened(server, visit, trained(server, f"Latent {config}", **config)[0])
    title = page.evaluate(f"{CLOUD}._fullLayout.xaxis.title.text")
    wanted = {1: "z", 5: "principal component 1 ("}.get(config.get("latent_dim", 2))
    if wanted:
        assert title.startswith(wanted)
    if "latent_layout" in config:
        assert title == "z₁, components apart"
        assert page.evaluate(f"{CLOUD}.layout.shapes.length") > 1
    if "prior_type" in config:
        expect(page.locator(".component-row")).to_have_count(0)
        assert page.locator("#explore-tools option[value=component]").is_disabled()


def test_a_model_that_was_not_trained_shows_its_images_by_their_pixels(server: Any, visit: Any) -> None:
    page = opened(server, visit, server.model("Untrained"))
    expect(page.locator("#explore-tools")).to_contain_text("Until a run of this model has ended")
    assert "of the pixels" in page.evaluate(f"{CLOUD}._fullLayout.xaxis.title.text")
    assert page.locator("#explore-tools option:not([disabled])").all_text_contents() == ["Label"]
    page.get_by_role("button", name="Lasso", exact=True).click()
    drag(page, (0.02, 0.02), (0.98, 0.02), (0.98, 0.98), (0.02, 0.98), (0.02, 0.05))
    assert page.evaluate(f"{EXPLORE}.selection.length") == 200


def test_umap_is_computed_in_the_background_can_be_cancelled_and_is_there_after_a_reload(server: Any, visit: Any) -> None:
    page = opened(server, visit, trained(server, "Projected", latent_dim=3)[0])
    placing = page.locator("#explore-placing")
    placing.get_by_role("button", name="UMAP").click()
    expect(placing).to_contain_text("UMAP:")
    placing.get_by_role("button", name="Cancel").click()
    expect(placing.get_by_role("button", name="UMAP")).to_be_visible()
    placing.get_by_role("button", name="UMAP").click()
    page.wait_for_selector("#explore-cloud[data-drawn=umap]", timeout=PATIENCE_SECONDS * 1000)
    expect(page.locator("#explore-tools")).to_contain_text("distances between groups mean little")
    expect(page.locator("#explore-tools")).to_contain_text("Trustworthiness")
    before = page.evaluate(f"[...{EXPLORE}.places.x]")
    page.wait_for_timeout(300)
    page.reload()
    page.wait_for_selector("#explore-cloud[data-drawn=umap]")
    assert page.evaluate(f"[...{EXPLORE}.places.x]") == before
    page.get_by_label("Place by").select_option("pca")
    page.wait_for_selector("#explore-cloud[data-drawn=pca]")


def test_a_model_whose_files_are_damaged_says_so_where_the_cloud_would_be(server: Any, visit: Any) -> None:
    visit.expects("Failed to load resource")
    model_id, run = trained(server, "Damaged")
    for file in [path for path in server.home.rglob("*") if run in str(path) and path.suffix in (".npz", ".msgpack")]:
        file.write_bytes(b"nothing")
    page = visit(server, f"/model/{model_id}/explore")
    words = page.locator("#explore-cloud .cloud-words")
    expect(words).to_contain_text("damaged", timeout=PATIENCE_SECONDS * 1000, ignore_case=True)


@pytest.mark.parametrize("dark", [False, True])
def test_the_tab_is_accessible(server: Any, model: str, visit: Any, dark: bool) -> None:
    page = opened(server, visit, model, dark=dark)
    page.locator(".cloud-chip").first.click()
    page.evaluate(f"{EXPLORE}.select([...{EXPLORE}.points.rows].slice(0, 5))")
    assert accessibility_problems(page) == []


def test_an_epoch_that_shows_a_part_of_the_images_counts_that_part(server: Any, model: str, visit: Any) -> None:
    page = opened(server, visit, model)
    page.get_by_label("Colour by").select_option("predicted")
    page.wait_for_selector("#explore-cloud[data-colour=predicted]")
    counts = "[...document.querySelectorAll('.cloud-chip .number')].reduce((sum, chip) => sum + Number(chip.textContent), 0)"
    assert page.evaluate(counts) == 200
    page.evaluate(
        f"""() => {{
          const own = {EXPLORE};
          const half = (column) => Float32Array.from(column, (value, at) => at % 2 ? NaN : value);
          const classes = Int16Array.from(own.points.predicted, (value, at) => at % 2 ? -1 : value);
          own.tell("frame", {{ epoch: 1, rows: own.points.rows, x: half(own.places.x), y: half(own.places.y), predicted: classes, component: classes }});
        }}"""
    )
    page.wait_for_function(f"{counts} === 100")
    page.evaluate(f"{EXPLORE}.tell('frame', null)")
    page.wait_for_function(f"{counts} === 200")
