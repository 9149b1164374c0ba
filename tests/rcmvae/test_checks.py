"""Every rule across fields, with its message; and the settings that keep every rule quiet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rcmvae.checks import check, check_sample, preflight, validation_size
from rcmvae.config import Architecture, SampleSettings, Training
from rcmvae.data.catalogue import DIGITS_FACTS, MNIST_FACTS
from rcmvae.facts import ImageFacts
from workbench.fields import FieldProblem

Checks = list[FieldProblem]


def run(which: Any = check, facts: ImageFacts = DIGITS_FACTS, **values: Any) -> Checks:
    data = {"input_shape": facts.shape, "num_classes": len(facts.class_names)}
    structural = {name: value for name, value in values.items() if name in Architecture.model_fields}
    modifiable = {name: value for name, value in values.items() if name in Training.model_fields}
    assert len(structural) + len(modifiable) == len(values)
    return which(Architecture(**(data | structural)), Training(**modifiable), facts)


TINY = replace(DIGITS_FACTS, shape=(6, 9, 1))
BRIGHT = replace(DIGITS_FACTS, value_range=(-1.0, 255.0))
LABELLED = replace(DIGITS_FACTS, n_labelled=128, n_validation=100)

ERRORS: list[tuple[str, ImageFacts, dict[str, Any], str, tuple[str, ...]]] = [
    (
        "components that nothing tells apart", DIGITS_FACTS, {"decoder_conditioning": "none"}, "decoder_conditioning",
        ("none", "prior_type=mixture", "latent_layout=shared", "same image"),
    ),
    (
        "a grid of a number that is not square", DIGITS_FACTS,
        {"prior_type": "geometric_mog", "geometric_arrangement": "grid", "num_components": 10}, "num_components", ("9 or 16 rather than 10",),
    ),
    (
        "a grid of an automatic number", DIGITS_FACTS, {"prior_type": "geometric_mog", "geometric_arrangement": "grid"}, "geometric_arrangement",
        ("9 or 16 rather than 12",),
    ),
    (
        "a circle on a line", DIGITS_FACTS, {"prior_type": "geometric_mog", "latent_dim": 1}, "latent_dim", ("circle", "at least 2", "got 1"),
    ),
    (
        "tau with fewer components than classes", DIGITS_FACTS, {"num_components": 8}, "num_components",
        ("every class needs a component of its own", "10 classes", "8 components"),
    ),
    (
        "tau with fewer components than the classes known by now", replace(DIGITS_FACTS, vocabulary=13), {"num_components": 12}, "num_components",
        ("13 classes", "12 components"),
    ),
    (
        "a head with fewer outputs than classes known by now", replace(DIGITS_FACTS, vocabulary=11), {"use_tau_classifier": False},
        "use_tau_classifier", ("10 outputs", "11 classes"),
    ),
    (
        "a standard prior's head with fewer outputs than classes known by now", replace(DIGITS_FACTS, vocabulary=11), {"prior_type": "standard"},
        "num_classes", ("10 outputs", "11 classes"),
    ),
    ("convolutions on tiny images", TINY, {"encoder_type": "conv"}, "encoder_type", ("at least 8x8 pixels", "6x9")),
    ("a convolutional decoder on tiny images", TINY, {"decoder_type": "conv"}, "decoder_type", ("at least 8x8 pixels", "6x9")),
    ("consistency without an augmented view", DIGITS_FACTS, {"consistency_weight": 10.0}, "consistency_weight", ("10", "augment_shift=0")),
    ("fewer outputs than classes in the data", DIGITS_FACTS, {"num_classes": 9}, "num_classes", ("9", "10 classes")),
    ("another image shape than the data's", DIGITS_FACTS, {"input_shape": (28, 28, 1)}, "input_shape", ("28x28x1", "8x8x1")),
    ("cross-entropy of values outside 0 to 1", BRIGHT, {}, "reconstruction_loss", ("bce", "-1 to 255")),
    (
        "noise bounds the wrong way round", DIGITS_FACTS,
        {"reconstruction_loss": "mse", "use_heteroscedastic_decoder": True, "sigma_min": 0.5, "sigma_max": 0.5}, "sigma_min",
        ("sigma_max", "0.5 is not below 0.5"),
    ),
    (
        "a temperature below its minimum", DIGITS_FACTS, {"use_gumbel_softmax": True, "gumbel_temperature": 0.4}, "gumbel_temperature",
        ("0.4", "gumbel_temperature_min=0.5"),
    ),
    ("more decoded components than there are", DIGITS_FACTS, {"top_m_gating": 13}, "top_m_gating", ("13", "num_components=12")),
    (
        "more decoded components than a curriculum opens", DIGITS_FACTS, {"top_m_gating": 3, "curriculum_enabled": True}, "top_m_gating",
        ("3", "curriculum_start=2"),
    ),
    (
        "a curriculum that starts with more components than there are", DIGITS_FACTS, {"curriculum_enabled": True, "curriculum_start": 13},
        "curriculum_start", ("13", "num_components=12"),
    ),
    (
        "a curriculum without validation", replace(DIGITS_FACTS, n_validation=0), {"curriculum_enabled": True}, "curriculum_enabled",
        ("validation", "val_split=0"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "values", "name", "words"), [pytest.param(*row[1:], id=row[0]) for row in ERRORS])
def test_an_invalid_combination_gives_its_message(facts: ImageFacts, values: dict[str, Any], name: str, words: tuple[str, ...]) -> None:
    found = [p for p in run(facts=facts, **values) if not p.warning]
    assert [p.path for p in found] == [name]
    assert all(word in found[0].message for word in words), found[0].message
    assert found[0].hint
    assert found[0].hint.endswith(".")


@pytest.mark.parametrize(
    ("facts", "values"),
    [
        (DIGITS_FACTS, {}),
        (MNIST_FACTS, {"encoder_type": "conv", "decoder_type": "conv"}),
        (DIGITS_FACTS, {"prior_type": "standard"}),
        (replace(DIGITS_FACTS, vocabulary=12), {}),
        (DIGITS_FACTS, {"latent_layout": "decentralized", "decoder_conditioning": "none"}),
        (DIGITS_FACTS, {"num_components": 8, "use_tau_classifier": False}),
        (DIGITS_FACTS, {"num_components": 10}),
        (DIGITS_FACTS, {"num_classes": 12}),
        (DIGITS_FACTS, {"encoder_type": "conv"}),
        (TINY, {}),
        (BRIGHT, {"reconstruction_loss": "mse"}),
        (DIGITS_FACTS, {"consistency_weight": 1.0, "augment_rotation": 5.0}),
        (DIGITS_FACTS, {"reconstruction_loss": "mse", "sigma_min": 0.5, "sigma_max": 0.5}),
        (DIGITS_FACTS, {"use_gumbel_softmax": True, "gumbel_temperature": 0.5}),
        (DIGITS_FACTS, {"gumbel_temperature": 0.4}),
        (DIGITS_FACTS, {"top_m_gating": 12}),
        (DIGITS_FACTS, {"top_m_gating": 2, "curriculum_enabled": True}),
        (replace(DIGITS_FACTS, n_validation=0), {}),
        (DIGITS_FACTS, {"label_weight": 0.0}),
        (DIGITS_FACTS, {"monitor_metric": "accuracy"}),
    ],
)
def test_a_sound_combination_passes(facts: ImageFacts, values: dict[str, Any]) -> None:
    assert run(facts=facts, **values) == []


@pytest.mark.parametrize("components", [4, 9, 16, 100])
def test_a_square_number_of_components_makes_a_grid(components: int) -> None:
    found = run(prior_type="geometric_mog", geometric_arrangement="grid", num_components=components, use_tau_classifier=False)
    assert [p for p in found if not p.warning] == []


def test_tau_that_was_asked_for_is_named_beside_the_components() -> None:
    found = run(num_components=8, use_tau_classifier=True)
    assert [p.path for p in found] == ["num_components", "use_tau_classifier"]


def test_a_geometric_prior_carries_its_note() -> None:
    found = run(prior_type="geometric_mog")
    assert [(p.path, p.warning) for p in found] == [("prior_type", True)]
    assert "the chosen arrangement induces a topology" in found[0].message


def test_classes_that_nobody_labelled_are_named_once_others_are_labelled() -> None:
    found = run(facts=replace(LABELLED, unlabelled=("3", "7")))
    assert [(p.path, p.message, p.warning) for p in found] == [("label_weight", "no label for: 3, 7", True)]
    assert run(facts=replace(LABELLED, n_labelled=0, unlabelled=("3", "7"))) == []
    many = run(facts=replace(LABELLED, unlabelled=tuple(map(str, range(23)))))
    assert many[0].message.endswith("18, 19 and 3 more")


def test_labels_that_weigh_nothing_are_a_warning_and_no_error() -> None:
    found = run(facts=LABELLED, label_weight=0.0)
    assert [(p.path, p.warning) for p in found] == [("label_weight", True)]
    assert "128" in found[0].message


@pytest.mark.parametrize("metric", ["accuracy", "classification_loss"])
def test_a_metric_of_labelled_validation_images_is_refused_at_start_without_any(metric: str) -> None:
    assert run(facts=LABELLED, monitor_metric=metric) == []
    found = run(preflight, facts=LABELLED, monitor_metric=metric)
    assert [p.path for p in found] == ["monitor_metric"]
    assert metric in found[0].message
    assert "monitor_metric=loss" in (found[0].hint or "")


def test_a_metric_of_labelled_validation_images_is_accepted_with_some_or_without_validation() -> None:
    assert run(preflight, facts=replace(LABELLED, n_labelled_validation=3), monitor_metric="accuracy") == []
    assert [p.warning for p in run(preflight, facts=replace(LABELLED, n_validation=0), monitor_metric="accuracy")] == [True]
    assert run(preflight, facts=LABELLED, monitor_metric="loss") == []


@pytest.mark.parametrize("metric", ["accuracy", "classification_loss", "loss"])
def test_a_metric_to_monitor_without_validation_is_a_warning_that_it_has_no_effect(metric: str) -> None:
    facts = replace(LABELLED, n_validation=0)
    (found,) = run(facts=facts, monitor_metric=metric)
    assert (found.path, found.warning) == ("monitor_metric", True)
    assert f"{metric} has no effect" in found.message
    assert "val_split=0" in found.message
    assert run(facts=facts, monitor_metric="auto") == []
    assert run(facts=LABELLED, monitor_metric=metric) == []


@pytest.mark.parametrize("prior", ["mixture", "standard"])
def test_agreeing_on_classes_that_nobody_named_is_a_warning_at_start(prior: str) -> None:
    values: dict[str, Any] = {"prior_type": prior, "consistency_weight": 1.0, "augment_shift": 1}
    assert run(facts=DIGITS_FACTS, **values) == []
    (found,) = run(preflight, facts=DIGITS_FACTS, **values)
    assert (found.path, found.warning) == ("consistency_target", True)
    assert ("components" in (found.hint or "")) is (prior == "mixture")
    assert run(preflight, facts=LABELLED, **values) == []


def test_agreeing_on_components_needs_no_labels() -> None:
    assert run(preflight, facts=DIGITS_FACTS, consistency_weight=1.0, augment_shift=1, consistency_target="components") == []


def test_start_is_refused_for_every_error_of_the_config_too() -> None:
    assert [p.path for p in run(preflight, num_components=8)] == ["num_components"]


SAMPLES: list[tuple[str, ImageFacts, dict[str, Any], str, tuple[str, ...]]] = [
    ("more labelled than total", MNIST_FACTS, {"num_samples": 100, "num_labeled": 128}, "num_labeled", ("128", "100 samples in total")),
    (
        "more labelled than training images",
        MNIST_FACTS,
        {"num_samples": 130},
        "num_labeled",
        ("128", "117 training images", "val_split=0.1"),
    ),
    ("more than there are", DIGITS_FACTS, {"num_samples": 1438}, "num_samples", ("1438", "1437")),
    ("fewer samples than classes", DIGITS_FACTS, {"num_samples": 9, "num_labeled": 0}, "num_samples", ("9 samples", "10 classes")),
    ("labels of unlabelled data", replace(DIGITS_FACTS, has_labels=False), {}, "num_labeled", ("128", "without labels")),
]


@pytest.mark.parametrize(("facts", "values", "name", "words"), [pytest.param(*row[1:], id=row[0]) for row in SAMPLES])
def test_a_sample_that_cannot_be_is_refused_before_it_is_drawn(
    facts: ImageFacts, values: dict[str, Any], name: str, words: tuple[str, ...]
) -> None:
    found = check_sample(SampleSettings(**values), facts)
    assert [p.path for p in found] == [name]
    assert all(word in found[0].message for word in words), found[0].message
    assert found[0].hint


def test_samples_up_to_the_last_image_pass() -> None:
    assert check_sample(SampleSettings(num_samples=1437), DIGITS_FACTS) == []
    assert check_sample(SampleSettings(num_samples="auto", num_labeled=1293), DIGITS_FACTS) == []
    assert check_sample(SampleSettings(num_samples=10, num_labeled=10, val_split=0.0), DIGITS_FACTS) == []


@pytest.mark.parametrize(
    ("total", "share", "size"), [(1437, 0.1, 144), (1024, 0.1, 102), (10, 0.0, 0), (10, 0.01, 1), (1, 0.5, 0), (2, 0.5, 1)]
)
def test_the_validation_part_is_the_nearest_whole_number_and_at_least_one(total: int, share: float, size: int) -> None:
    assert validation_size(total, share) == size
