"""The presets: which there are, what they give, and that they are valid on the built-in datasets."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from bench.harness import RESULTS, load_section
from rcmvae.config import SPECS, Architecture, SampleSettings, Training, resolve
from rcmvae.counting import operations_per_epoch
from rcmvae.data.catalogue import DIGITS_FACTS, MNIST_FACTS
from rcmvae.facts import ImageFacts
from rcmvae.family import FAMILY, RCMVAE
from rcmvae.following import BUDGET, LEAST_EPOCHS
from rcmvae.presets import PRESETS, apply_preset
from workbench.families import Preset
from workbench.fields import AUTO
from workbench.values import sources, validate, validate_sample
from workbench.values.rules import answers_auto

BY_NAME = {preset.name: preset for preset in PRESETS}
LETTERS = ImageFacts(shape=(28, 28, 1), n=1000, class_names=tuple("abcdefghijklmnopqrstuvwxyz"), n_train=800, n_test=200)


def by_name(preset: Preset) -> str:
    return preset.name


def test_the_presets_are_those_of_the_specification_and_a_custom_start() -> None:
    assert list(BY_NAME) == [
        "semi_supervised", "standard_baseline", "mixture_10", "vamp_prior", "geometric_diagnostic", "decentralized_specialists",
        "semi_supervised_digits", "semi_supervised_mnist", "clustering_mnist", "custom",
    ]  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS, ids=by_name)
def test_a_preset_sets_known_fields_to_values_in_range_and_says_what_it_is(preset: Preset) -> None:
    given: dict[str, Any] = {n: v for n, v in preset.values.items() if v != AUTO or n not in answers_auto(RCMVAE.rules)}
    structural = {n: v for n, v in given.items() if n in Architecture.model_fields}
    Architecture(input_shape=(8, 8, 1), num_classes=10, **structural)
    Training(**{n: v for n, v in given.items() if n not in structural})
    SampleSettings(**preset.sample)
    assert preset.sentence.endswith(".")


@pytest.mark.parametrize("facts", [DIGITS_FACTS, MNIST_FACTS], ids=["digits", "mnist"])
@pytest.mark.parametrize("preset", PRESETS, ids=by_name)
def test_a_preset_is_valid_on_the_built_in_datasets(preset: Preset, facts: ImageFacts) -> None:
    result = validate(RCMVAE, apply_preset(preset, facts), facts)
    assert result.problems == ()
    assert validate_sample(RCMVAE, dict(preset.sample), facts)[1] == []


def test_only_colour_images_from_sixteen_pixels_on_get_a_convolutional_encoder_and_none_such_a_decoder() -> None:
    for size, channels, network in ((8, 3, "dense"), (15, 3, "dense"), (16, 3, "conv"), (28, 1, "dense"), (32, 3, "conv")):
        facts = ImageFacts(shape=(size, 40, channels), n=100, class_names=("a", "b"), n_train=80, n_test=20)
        values = apply_preset(BY_NAME["mixture_10"], facts)
        assert (values["encoder_type"], values["decoder_type"]) == (network, "dense")


def test_every_auto_of_the_recipe_is_answered_by_the_data() -> None:
    recipe = BY_NAME["semi_supervised"]
    asked = {name for name, value in recipe.values.items() if value == AUTO}
    assert asked
    for facts in (DIGITS_FACTS, MNIST_FACTS, LETTERS, replace(LETTERS, shape=(64, 48, 3), n_sampled=300, n_labelled=260, variance=0.02)):
        values = apply_preset(recipe, facts)
        assert AUTO not in values.values()
        result = validate(RCMVAE, values, facts)
        assert result.problems == ()
        assert {name for name in asked if name in values} <= set(sources(RCMVAE, result.resolved, facts))


def test_the_recipe_follows_the_datas_size_labels_and_spread() -> None:
    recipe = BY_NAME["semi_supervised"]
    few, many = (apply_preset(recipe, replace(MNIST_FACTS, n_sampled=n, n_labelled=labels)) for n, labels in ((900, 50), (54_000, 1_000)))
    steps = [math.ceil(n / 128) * values["max_epochs"] for n, values in ((900, few), (54_000, many))]
    assert 2_900 <= steps[0] <= 3_100
    assert 8_000 <= steps[1] <= 12_000
    for values in (few, many):
        assert values["consistency_warmup_epochs"] + values["consistency_ramp_epochs"] < values["max_epochs"] / 2
    assert (few["tau_claim_strength"], many["tau_claim_strength"]) == (5.0, 100.0)
    flat = apply_preset(recipe, replace(MNIST_FACTS, variance=0.06696 / 4))
    assert flat["observation_sigma"] == pytest.approx(apply_preset(recipe, MNIST_FACTS)["observation_sigma"] / 2, rel=0.03)


def test_what_a_training_costs_is_bounded_whatever_the_images() -> None:
    facts = replace(LETTERS, shape=(96, 96, 3), n=21_000, n_train=20_000, n_sampled=20_000)
    values = apply_preset(BY_NAME["semi_supervised"], facts)
    resolved = validate(RCMVAE, values, facts).resolved
    assert values["max_epochs"] >= LEAST_EPOCHS
    assert operations_per_epoch(resolved, 20_000) * values["max_epochs"] <= max(
        1.3 * BUDGET, LEAST_EPOCHS * operations_per_epoch(resolved, 20_000)
    )


def test_a_preset_that_names_its_networks_keeps_them() -> None:
    assert apply_preset(BY_NAME["semi_supervised_mnist"], MNIST_FACTS)["encoder_type"] == "dense"


def test_ten_components_for_twenty_six_classes_are_refused_with_the_reason() -> None:
    problems = validate(RCMVAE, apply_preset(BY_NAME["mixture_10"], LETTERS), LETTERS).problems
    assert {p.path for p in problems} == {"num_components", "use_tau_classifier"}
    assert all("26 classes, 10 components" in p.message for p in problems)


def test_the_custom_start_is_the_tables_defaults() -> None:
    resolved = resolve(apply_preset(BY_NAME["custom"], DIGITS_FACTS))
    defaults = {spec.name: spec.default for spec in SPECS if not spec.required}
    assert {n: v for n, v in resolved.items() if n in defaults and defaults[n] != v} == {
        "num_components": 10, "decoder_conditioning": "component_aware", "component_embedding_dim": 16, "use_tau_classifier": True,
    }  # fmt: skip


def test_the_first_visits_click_uses_a_preset_that_exists() -> None:
    dataset, model_type, preset = FAMILY.try_it
    assert FAMILY.dataset(dataset).needs_download is False
    assert FAMILY.model(model_type) is RCMVAE
    assert preset in BY_NAME


MEASURED = {
    "semi_supervised": ("panel_semi_supervised", "Digits, 128 labels"),
    "standard_baseline": ("presets", "standard_baseline: held-out accuracy"), "mixture_10": ("presets", "mixture_10: held-out accuracy"),
    "vamp_prior": ("presets", "vamp_prior: held-out accuracy"), "geometric_diagnostic": ("presets", "geometric_diagnostic: held-out accuracy"),
    "decentralized_specialists": ("specialists", "Held-out accuracy"), "semi_supervised_digits": ("digits_quality", "Held-out accuracy"),
    "semi_supervised_mnist": ("mnist_quality", "Test error"), "clustering_mnist": ("clustering", "Clustering accuracy, mean of all starts"),
}  # fmt: skip
"""Preset -> the benchmark and the row that its expected result is from."""


@pytest.mark.parametrize("preset", [p for p in PRESETS if p.expected], ids=by_name)
def test_an_expected_result_is_the_one_last_measured(preset: Preset) -> None:
    section, row = MEASURED[preset.name]
    (value,) = {r.value for r in load_section(RESULTS / f"{section}.json").rows if r.name == row}
    assert value is not None
    assert f"{value:.1f} %" in preset.expected
