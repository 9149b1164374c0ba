from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import accessibility_problems
from tests.browser.training import PATIENCE_SECONDS
from workbench.families import all_families

MODEL_TYPE = all_families()[0].models[0]
AVAILABLE = [p for p in MODEL_TYPE.presets if p.unavailable is None]


def row(page: Page, name: str, form: str = "create") -> Any:
    return page.locator(f'.field[data-form="{form}"][data-field="{name}"]')


def value(page: Page, name: str, form: str = "create") -> Any:
    return row(page, name, form).locator("input, select").first


def ready(page: Page) -> Page:
    page.locator("#create-strip .strip").wait_for()
    return page


@pytest.mark.parametrize("preset", AVAILABLE, ids=lambda p: p.name)
def test_every_available_preset_creates_a_model(server: Any, visit: Any, preset: Any) -> None:
    page = ready(visit(server, "/create"))
    page.locator("#create-preset").get_by_text(preset.title, exact=True).click()
    expect(page.locator("#create-train")).to_have_text("Create and train")
    page.locator("#create-name").fill(f"From {preset.name}")
    page.locator("#create-only").click()
    page.wait_for_url("**/model/*/train")
    model = server.api(f"/models/{page.url.split('/')[-2]}")
    assert model["name"] == f"From {preset.name}"
    fitting = MODEL_TYPE.apply_preset(preset, all_families()[0].dataset(model["dataset_id"]).facts)
    for name, wanted in ((name, wanted) for name, wanted in preset.values.items() if name in fitting):
        found = model["architecture"].get(name, model["training"].get(name))
        if wanted == "auto":
            assert found not in (None, "auto"), name
            continue
        assert found == (list(wanted) if isinstance(wanted, tuple) else wanted), name


def test_create_waits_for_the_preset_just_chosen(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))

    page.evaluate("""() => {
        const fetched = window.fetch;
        window.fetch = async (...given) => {
            if (String(given[1]?.body).includes("create-base.data")) await new Promise((go) => setTimeout(go, 1500));
            return fetched(...given);
        };
    }""")
    page.locator("#create-preset").get_by_text("Standard", exact=True).click()
    page.locator("#create-only").click()
    page.wait_for_url("**/model/*/train")
    model = server.api(f"/models/{page.url.split('/')[-2]}")
    assert model["architecture"]["prior_type"] == "standard"


def test_fields_come_and_go_with_the_choices_they_depend_on(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    expect(row(page, "num_components")).to_be_visible()
    row(page, "prior_type").get_by_text("Standard", exact=True).click()
    expect(row(page, "num_components")).to_be_hidden()
    expect(row(page, "decoder_conditioning")).to_be_hidden()
    row(page, "prior_type").get_by_text("Mixture", exact=True).click()
    expect(row(page, "num_components")).to_be_visible()
    page.get_by_text("Advanced").click()
    expect(row(page, "use_heteroscedastic_decoder")).to_be_hidden()
    row(page, "reconstruction_loss").locator("select").select_option("mse")
    expect(row(page, "use_heteroscedastic_decoder")).to_be_visible()


def test_the_component_aware_decoder_is_a_checkbox_with_how_beside_it(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    field = row(page, "decoder_conditioning")
    field.get_by_label("Component-aware decoder", exact=True).uncheck()
    expect(field.locator("select")).to_be_hidden()
    expect(page.locator("#create-train")).not_to_have_text("Create and train")
    field.get_by_label("Component-aware decoder", exact=True).check()
    expect(field.locator("select")).to_have_value("component_aware")
    expect(page.locator("#create-train")).to_have_text("Create and train")


def test_with_a_vamp_prior_the_component_aware_decoder_is_there_but_off_with_its_reason(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    row(page, "prior_type").get_by_text("VampPrior", exact=True).click()
    field = row(page, "decoder_conditioning")
    switch = field.get_by_label("Component-aware decoder", exact=True)
    expect(switch).to_be_disabled()
    expect(switch).not_to_be_checked()
    expect(field.locator(".field-message")).to_contain_text("can only be conditioned on components")
    expect(row(page, "vamp_pseudo_init_method")).to_be_visible()
    expect(row(page, "geometric_radius")).to_be_hidden()
    row(page, "prior_type").get_by_text("Geometric", exact=True).click()
    expect(switch).to_be_enabled()
    expect(row(page, "vamp_pseudo_init_method")).to_be_hidden()
    expect(row(page, "geometric_radius")).to_be_visible()
    assert accessibility_problems(page) == []


def test_a_change_is_marked_with_what_it_was_and_taken_back_by_a_click(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    value(page, "latent_dim").fill("7")
    marker = row(page, "latent_dim").get_by_role("button", name="was 2")
    expect(marker).to_be_visible()
    expect(page.locator("#create-summary")).to_contain_text("7 dimensions")
    marker.click()
    expect(value(page, "latent_dim")).to_have_value("2")
    expect(marker).to_be_hidden()


def test_an_invalid_form_says_what_is_missing_and_a_click_leads_to_it(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    page.get_by_text("More settings").click()
    value(page, "weight_decay").fill("much")
    page.get_by_text("More settings").click()
    button = page.locator("#create-train")
    expect(button).to_have_text("Fix Weight decay")
    button.click()
    expect(value(page, "weight_decay")).to_be_focused()
    expect(value(page, "weight_decay")).to_have_attribute("aria-invalid", "true")
    expect(row(page, "weight_decay")).to_contain_text("must be a number")
    assert page.url.endswith("/create?preset=mixture_10")


@pytest.mark.parametrize(
    ("form", "name", "text", "message"),
    [
        ("create-sample", "num_labeled", "5000", "Labelled samples"),
        ("create-sample", "num_samples", "1e9", "Total samples"),
        ("create", "num_components", "5", "Components"),
        ("create", "hidden_dims", "10, -3", "Hidden layers"),
        ("create", "learning_rate", "0", "Learning rate"),
        ("create", "latent_dim", "<script>alert(1)</script>", "Latent dimension"),
    ],
)
def test_what_cannot_be_is_refused_at_its_control(server: Any, visit: Any, form: str, name: str, text: str, message: str) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    if name == "hidden_dims":
        page.get_by_text("Advanced").click()
    value(page, name, form).fill(text)
    expect(row(page, name, form).locator(".field-message")).not_to_be_empty()
    expect(page.locator("#create-train")).to_have_text(f"Fix {message}")
    page.locator("#create-only").click()
    expect(value(page, name, form)).to_be_focused()


def test_a_taken_name_is_refused_at_its_control(server: Any, visit: Any) -> None:
    server.model("Taken")
    page = ready(visit(server, "/create"))
    page.locator("#create-name").fill("taken")
    expect(page.locator("#create-name-message")).to_contain_text("exists already")


def test_what_was_typed_survives_a_reload_and_belongs_to_this_browser_only(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create"))
    page.locator("#create-preset").get_by_text("Mixture (10)", exact=True).click()
    expect(value(page, "num_components")).to_have_value("10")
    value(page, "num_components").fill("17")
    page.locator("#create-name").fill("Half done")
    expect(row(page, "num_components").locator(".field-was")).to_have_text("was 10")
    page.wait_for_function("(sessionStorage.getItem('trellis.create') || '').includes('Half done')")
    page.reload()
    expect(value(page, "num_components")).to_have_value("17")
    expect(page.locator("#create-name")).to_have_value("Half done")
    expect(page.locator("#create-preset input:checked")).to_have_value("mixture_10")
    other = ready(visit(server, "/create"))
    expect(other.locator("#create-name")).to_have_value("")


def test_another_dataset_keeps_what_was_changed_and_moves_the_rest(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=semi_supervised"))
    expect(row(page, "max_epochs")).to_contain_text("From the data: 3,000 steps for 1,000 images")
    before = value(page, "max_epochs").input_value()
    value(page, "latent_dim").fill("9")
    expect(row(page, "latent_dim").locator(".field-was")).to_be_visible()
    page.locator("#create-dataset").select_option("mnist")
    expect(value(page, "max_epochs")).not_to_have_value(before)
    expect(value(page, "latent_dim")).to_have_value("9")
    expect(page.locator("#create-summary")).to_contain_text("28 x 28")


def test_what_follows_from_the_sample_moves_with_it_and_what_a_person_changed_stays(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=semi_supervised"))
    before = int(value(page, "max_epochs").input_value())
    value(page, "num_samples", "create-sample").fill("300")
    expect(value(page, "max_epochs")).not_to_have_value(str(before))
    assert int(value(page, "max_epochs").input_value()) > before
    expect(row(page, "max_epochs").locator(".field-was")).to_be_hidden()
    value(page, "max_epochs").fill("7")
    expect(row(page, "max_epochs").locator(".field-was")).to_be_visible()
    value(page, "num_samples", "create-sample").fill("600")
    expect(row(page, "num_samples", "create-sample").locator(".field-was")).to_be_visible()
    page.wait_for_timeout(500)
    expect(value(page, "max_epochs")).to_have_value("7")
    page.locator("#create-only").click()
    page.wait_for_url("**/model/*/train")
    model = server.api(f"/models/{page.url.split('/')[-2]}")
    assert (model["training"]["max_epochs"], model["sample"]["settings"]["num_samples"]) == (7, 600)


def test_create_and_train_starts_a_run(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=standard_baseline"))
    value(page, "max_epochs").fill("1")
    value(page, "num_samples", "create-sample").fill("200")
    expect(row(page, "num_samples", "create-sample").locator(".field-was")).to_be_visible()
    page.locator("#create-train").click()
    page.wait_for_url("**/model/*/train")
    model = page.url.split("/")[-2]
    expect(page.locator("#live-metrics")).to_contain_text("Completed", timeout=PATIENCE_SECONDS * 1000)
    assert len(server.api(f"/runs?model_id={model}")["items"]) == 1


def test_a_clone_shares_data_and_labels_and_has_its_own_architecture(server: Any, visit: Any) -> None:
    source = server.model("Source")
    page = visit(server, f"/create?from={source}")
    expect(page.get_by_role("heading", name="Clone with another architecture")).to_be_visible()
    expect(page.locator("#page")).to_contain_text("Shared with Source")
    value(page, "latent_dim").fill("6")
    expect(row(page, "latent_dim").locator(".field-was")).to_be_visible()
    page.locator("#create-only").click()
    page.wait_for_url("**/model/*/train")
    clone = server.api(f"/models/{page.url.split('/')[-2]}")
    assert clone["architecture"]["latent_dim"] == 6
    assert clone["cloned_from"] == source
    assert clone["sample"] == server.api(f"/models/{source}")["sample"]


def test_the_whole_form_can_be_filled_by_keyboard(server: Any, visit: Any) -> None:
    page = ready(visit(server, "/create?preset=mixture_10"))
    page.locator("#create-preset input:checked").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#create-preset input:checked")).to_have_value("standard_baseline")
    expect(row(page, "num_components")).to_be_hidden()
    page.locator("#create-name").focus()
    page.keyboard.type("By keyboard")
    page.locator("#create-only").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/model/*/train")
    expect(page.get_by_role("heading", name="By keyboard")).to_be_visible()


def test_controls_have_names_before_anything_was_typed(server: Any, visit: Any) -> None:
    page = visit(server, "/create?preset=mixture_10")
    expect(row(page, "decoder_conditioning").locator("select")).to_have_attribute("aria-label", re.compile("how$"))


def test_the_form_can_be_read_by_everyone_with_everything_open(server: Any, visit: Any) -> None:
    for dark in (False, True):
        page = ready(visit(server, "/create?preset=mixture_10", dark=dark))
        value(page, "latent_dim").fill("0")
        expect(row(page, "latent_dim").locator(".field-message")).not_to_be_empty()
        page.evaluate("document.querySelectorAll('#page details').forEach(d => { d.open = true })")
        assert accessibility_problems(page) == []


def test_an_uploaded_file_becomes_the_dataset_of_the_new_model(server: Any, visit: Any, tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(0, 256, (60, 8, 8), dtype=np.uint8)
    np.savez_compressed(tmp_path / "my bugs.npz", images=images, labels=np.arange(60) % 3, names=np.array(["ant", "bee", "cat"]))
    page = ready(visit(server, "/create"))
    button = page.get_by_role("button", name="Upload .npz")
    button.focus()
    with page.expect_file_chooser() as chosen:
        button.press("Enter")
    chosen.value.set_files(tmp_path / "my bugs.npz")
    expect(page.locator("#create-dataset")).to_have_value("my_bugs")
    expect(page.locator("#create-dataset-words")).to_contain_text("60 images of 3 classes, 8x8 pixels")
    expect(page.locator("#create-strip")).to_contain_text("12 held out for testing")
    assert accessibility_problems(page) == []
    page.locator("#create-only").click()
    page.wait_for_url("**/model/*/train")
    model = server.api(f"/models/{page.url.split('/')[-2]}")
    assert (model["dataset_id"], model["class_names"]) == ("my_bugs", ["ant", "bee", "cat"])


def test_a_file_that_cannot_be_read_is_refused_in_words_and_the_form_stays(server: Any, visit: Any, tmp_path: Path) -> None:
    (tmp_path / "broken.npz").write_bytes(b"PK")
    page = ready(visit(server, "/create"))
    page.locator("#create-upload input[type=file]").set_input_files(tmp_path / "broken.npz")
    expect(page.get_by_text("broken.npz is not an .npz file, or it is truncated")).to_be_visible()
    expect(page.locator("#create-dataset")).to_have_value("digits")
