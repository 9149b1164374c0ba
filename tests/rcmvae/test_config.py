"""Autos, older names, summaries, names and what is not yet available."""

from __future__ import annotations

from typing import Any

import pytest

from rcmvae.config import SPECS, Architecture, Training, aliases, resolve, suggest_name
from rcmvae.data.catalogue import DIGITS_FACTS
from rcmvae.family import RCMVAE
from workbench.fields import AUTO, ConfigError, FieldProblem, applicability_problems, architecture_summary, fingerprint, reset_inapplicable
from workbench.values import validate

DATA: dict[str, Any] = {"input_shape": (8, 8, 1), "num_classes": 10}


def problems(**values: Any) -> list[FieldProblem]:
    flat = {spec.name: spec.default for spec in SPECS if not spec.required} | DATA | values
    return applicability_problems(SPECS, flat, resolve(flat))


def summary(**values: Any) -> dict[str, str]:
    config = Architecture(**(DATA | values))
    return dict(architecture_summary([type(config)], resolve(config.model_dump())))


@pytest.mark.parametrize(("classes", "components"), [(0, 10), (8, 10), (10, 12), (26, 28)])
def test_auto_components_are_ten_or_two_more_than_classes(classes: int, components: int) -> None:
    assert resolve({"num_classes": classes})["num_components"] == components


def test_auto_conditioning_is_component_aware_where_components_are_decoded() -> None:
    found = {
        prior: resolve(DATA | {"prior_type": prior})["decoder_conditioning"] for prior in ("standard", "mixture", "vamp", "geometric_mog")
    }
    assert found == {"standard": "none", "mixture": "component_aware", "vamp": "none", "geometric_mog": "component_aware"}


@pytest.mark.parametrize(("latent", "width"), [(2, 16), (16, 16), (40, 40)])
def test_auto_embedding_is_sixteen_or_the_latent_dimension(latent: int, width: int) -> None:
    assert resolve(DATA | {"latent_dim": latent})["component_embedding_dim"] == width


def test_auto_tau_is_on_with_components_and_off_without() -> None:
    assert resolve(DATA)["use_tau_classifier"] is True
    assert resolve(DATA | {"prior_type": "standard"})["use_tau_classifier"] is False


def test_resolved_values_hold_no_auto_but_those_that_are_answered_at_training() -> None:
    for prior in ("standard", "mixture"):
        left = [name for name, value in resolve(DATA | {"prior_type": prior}).items() if value == AUTO]
        assert left == ["monitor_metric", "devices"]


def test_resolving_keeps_explicit_values_and_does_not_change_its_argument() -> None:
    given = {"num_components": 7, "hidden_dims": [5, 4]} | DATA
    before = dict(given)
    full = resolve(given)
    assert (full["num_components"], full["hidden_dims"]) == (7, (5, 4))
    assert given == before


def test_defaults_of_every_available_prior_are_accepted() -> None:
    assert problems() == []
    assert problems(prior_type="standard") == []


def test_off_values_are_accepted_where_a_field_does_not_apply() -> None:
    assert (
        problems(prior_type="standard", decoder_conditioning="none", use_tau_classifier=False, routing_warmup_epochs=0, usage_ema_decay=0.0)
        == []
    )
    assert problems(prior_type="standard", num_components=None, use_straight_through_gumbel=False, vamp_num_samples_kl=0) == []


@pytest.mark.parametrize(
    ("values", "name", "words"),
    [
        (
            {"prior_type": "standard", "latent_layout": "decentralized"},
            "latent_layout",
            ("decentralized", "prior_type=standard", "mixture or geometric_mog"),
        ),
        (
            {"prior_type": "standard", "decoder_conditioning": "film"},
            "decoder_conditioning",
            ("film", "prior_type=standard", "can only be conditioned"),
        ),
        ({"use_heteroscedastic_decoder": True}, "use_heteroscedastic_decoder", ("reconstruction_loss=bce", "reconstruction_loss is mse")),
        ({"prior_type": "standard", "use_tau_classifier": True}, "use_tau_classifier", ("prior_type=standard", "tau")),
        ({"prior_type": "standard", "num_components": 5}, "num_components", ("5", "prior_type=standard")),
        ({"observation_sigma": 0.5}, "observation_sigma", ("0.5", "reconstruction_loss=bce")),
        ({"consistency_threshold": 0.5}, "consistency_threshold", ("0.5", "consistency_weight=0")),
        ({"dirichlet_weight": 2.0}, "dirichlet_weight", ("2", "dirichlet_alpha=none")),
        ({"decentralized_kl": "all"}, "decentralized_kl", ("all", "latent_layout=shared")),
        ({"prior_type": "standard", "routing_warmup_epochs": 7}, "routing_warmup_epochs", ("7", "prior_type=standard")),
        ({"conv_channels": (8,)}, "conv_channels", ("8", "encoder_type=dense", "decoder_type=dense")),
        ({"use_tau_classifier": False, "tau_smoothing_alpha": 0.5}, "tau_smoothing_alpha", ("0.5", "use_tau_classifier=no")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_that_cannot_act_is_refused_with_the_field_it_depends_on(values: dict[str, Any], name: str, words: tuple[str, ...]) -> None:
    found = problems(**values)
    assert [p.path for p in found] == [name]
    assert all(word in found[0].message for word in words), found[0].message
    assert found[0].hint


def test_everything_unavailable_is_at_a_default_that_leaves_it_out() -> None:
    assert not [p for p in problems() if "available" in p.message]


def test_fields_that_no_longer_apply_go_back_to_their_defaults() -> None:
    values = DATA | {"prior_type": "standard", "routing_warmup_epochs": 7, "label_weight": 3.0}
    assert reset_inapplicable(SPECS, values, resolve(values)) == {"routing_warmup_epochs": 2}


def test_the_older_switch_chooses_a_conditioning_or_agrees_with_one() -> None:
    assert aliases({"use_component_aware_decoder": True}) == {"decoder_conditioning": "component_aware"}
    assert aliases({"use_component_aware_decoder": True, "decoder_conditioning": "auto"}) == {"decoder_conditioning": "component_aware"}
    assert aliases({"use_component_aware_decoder": False}) == {"decoder_conditioning": "none"}
    assert aliases({"use_component_aware_decoder": True, "decoder_conditioning": "film"}) == {"decoder_conditioning": "film"}
    assert aliases({"use_component_aware_decoder": False, "decoder_conditioning": "none"}) == {"decoder_conditioning": "none"}
    assert aliases({"use_component_aware_decoder": "false"}) == {"decoder_conditioning": "none"}
    assert aliases({"latent_dim": 3}) == {"latent_dim": 3}


@pytest.mark.parametrize(
    "values",
    [
        {"prior_type": "standard", "num_components": 0}, {"prior_type": "standard", "num_components": None},
        {"prior_type": "standard", "latent_layout": "none", "c_regularizer": None, "use_tau_classifier": False},
        {"geometric_radius": 0, "vamp_num_samples_kl": 0}, {"observation_sigma": None}, {"sigma_min": False, "sigma_max": "none"},
        {"encoder_type": "dense", "decoder_type": "dense", "conv_channels": None},
    ],
)  # fmt: skip
def test_none_false_and_0_mean_the_default_where_a_field_does_not_apply(values: dict[str, Any]) -> None:
    found = validate(RCMVAE, values, DIGITS_FACTS)
    assert found.problems == ()
    same = validate(RCMVAE, {n: v for n, v in values.items() if n in ("prior_type", "encoder_type", "decoder_type")}, DIGITS_FACTS)
    assert found.resolved == same.resolved


@pytest.mark.parametrize(
    "values",
    [
        {"num_components": 0},
        {"latent_layout": None},
        {"observation_sigma": 0, "reconstruction_loss": "mse"},
        {"conv_channels": None, "encoder_type": "conv"},
    ],
)
def test_none_and_0_are_refused_where_a_field_applies_and_does_not_hold_them(values: dict[str, Any]) -> None:
    assert [p.path for p in validate(RCMVAE, values, DIGITS_FACTS).problems] == [next(iter(values))]


@pytest.mark.parametrize(("wanted", "given"), [(True, "none"), (False, "film"), (False, "component_aware")])
def test_the_older_switch_may_not_contradict_the_conditioning(wanted: bool, given: str) -> None:
    with pytest.raises(ConfigError, match=f"contradicts decoder_conditioning={given}"):
        aliases({"use_component_aware_decoder": wanted, "decoder_conditioning": given})


def test_the_older_switch_takes_no_text() -> None:
    with pytest.raises(ConfigError, match="must be true or false"):
        aliases({"use_component_aware_decoder": "si"})


def test_an_architecture_reads_in_words() -> None:
    found = summary(num_components=10, encoder_type="conv", decoder_type="conv", decoder_conditioning="film")
    assert found["Prior"] == "Mixture (10 components)"
    assert found["Encoder / decoder"] == "convolutional"
    assert found["Component-aware decoder"] == "yes (FiLM)"
    assert found["Latent space"] == "2 dimensions, shared by all components"
    assert "Hidden layers" not in found


def test_a_standard_architecture_says_nothing_of_components() -> None:
    found = summary(prior_type="standard", latent_dim=1, encoder_type="conv")
    assert found["Prior"] == "Standard normal"
    assert found["Latent space"] == "1 dimension"
    assert found["Encoder / decoder"] == "convolutional / dense"
    assert not [line for line in found.items() if "omponent" in " ".join(line)]


def test_a_decoder_that_does_not_know_components_says_no() -> None:
    found = summary(latent_layout="decentralized", decoder_conditioning="none")
    assert found["Component-aware decoder"] == "no"
    assert "Component embedding" not in found


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({}, "Mixture 12, latent 2, dense"),
        ({"prior_type": "standard", "latent_dim": 8}, "Standard, latent 8, dense"),
        (
            {"decoder_conditioning": "film", "latent_layout": "decentralized", "num_components": 10},
            "Mixture 10 FiLM decentralized, latent 2, dense",
        ),
        ({"encoder_type": "conv"}, "Mixture 12, latent 2, conv/dense"),
    ],
)
def test_a_name_is_made_up_from_the_architecture(values: dict[str, Any], name: str) -> None:
    assert suggest_name(DATA | values) == name


def test_the_fingerprint_sees_the_architecture_and_nothing_that_does_not_apply() -> None:
    def print_of(**values: Any) -> str:
        config = Architecture(**(DATA | values))
        return fingerprint("rcmvae", config, resolve(config.model_dump()))

    assert print_of() == print_of(latent_dim=2)
    assert print_of() != print_of(latent_dim=3)
    assert print_of(prior_type="standard") != print_of()
    assert print_of(conv_channels=(8,)) == print_of()


def test_configs_are_frozen_and_refuse_unknown_names() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Training().label_weight = 2.0  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValueError, match="Extra inputs"):
        Training.model_validate({"lable_weight": 2.0})
