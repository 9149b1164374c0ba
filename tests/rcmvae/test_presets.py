"""The presets: which there are, what they give, and that they are valid on the built-in datasets."""

from __future__ import annotations

import pytest

from bench.harness import RESULTS, load_section
from rcmvae.config import SPECS, Architecture, SampleSettings, Training, resolve
from rcmvae.data.catalogue import DIGITS_FACTS, MNIST_FACTS
from rcmvae.facts import ImageFacts
from rcmvae.family import FAMILY, RCMVAE
from rcmvae.presets import PRESETS, apply_preset
from workbench.families import Preset
from workbench.values import validate, validate_sample

BY_NAME = {preset.name: preset for preset in PRESETS}
LETTERS = ImageFacts(shape=(28, 28, 1), n=1000, class_names=tuple("abcdefghijklmnopqrstuvwxyz"), n_train=800, n_test=200)


def by_name(preset: Preset) -> str:
    return preset.name


def test_the_presets_are_those_of_the_specification_and_a_custom_start() -> None:
    assert list(BY_NAME) == [
        "standard_baseline", "mixture_10", "vamp_prior", "geometric_diagnostic", "decentralized_specialists",
        "semi_supervised_digits", "semi_supervised_mnist", "clustering_mnist", "custom",
    ]  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS, ids=by_name)
def test_a_preset_sets_known_fields_to_values_in_range_and_says_what_it_is(preset: Preset) -> None:
    structural = {n: v for n, v in preset.values.items() if n in Architecture.model_fields}
    Architecture(input_shape=(8, 8, 1), num_classes=10, **structural)
    Training(**{n: v for n, v in preset.values.items() if n not in structural})
    SampleSettings(**preset.sample)
    assert preset.sentence.endswith(".")


@pytest.mark.parametrize("facts", [DIGITS_FACTS, MNIST_FACTS], ids=["digits", "mnist"])
@pytest.mark.parametrize("preset", PRESETS, ids=by_name)
def test_a_preset_is_valid_on_the_built_in_datasets(preset: Preset, facts: ImageFacts) -> None:
    result = validate(RCMVAE, apply_preset(preset, facts), facts)
    assert result.problems == ()
    assert validate_sample(RCMVAE, dict(preset.sample), facts)[1] == []


def test_networks_are_convolutional_from_sixteen_pixels_on() -> None:
    for size, network in ((8, "dense"), (15, "dense"), (16, "conv"), (28, "conv")):
        facts = ImageFacts(shape=(size, 40, 1), n=100, class_names=("a", "b"), n_train=80, n_test=20)
        values = apply_preset(BY_NAME["mixture_10"], facts)
        assert (values["encoder_type"], values["decoder_type"]) == (network, network)


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
