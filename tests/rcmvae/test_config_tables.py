"""Every field of the config types: its default, range, choices and the condition under which it applies."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from rcmvae.config import SPECS, Architecture, SampleSettings, Training, resolve
from workbench.fields import AUTO, ConfigModel, FieldSpec, applies, modifiable_fields, range_problem, spec_of, structural_fields

DATA: dict[str, Any] = {"input_shape": (8, 8, 1), "num_classes": 10}
REQUIRED = object()
MIXTURE: dict[str, Any] = {"prior_type": "mixture"}
STANDARD: dict[str, Any] = {"prior_type": "standard"}
VAMP: dict[str, Any] = {"prior_type": "vamp"}
GEOMETRIC: dict[str, Any] = {"prior_type": "geometric_mog"}
GUMBEL = MIXTURE | {"use_gumbel_softmax": True}
CURRICULUM = MIXTURE | {"curriculum_enabled": True}
LOGIT = MIXTURE | {"c_regularizer": "logit_mog"}
HETERO: dict[str, Any] = {"reconstruction_loss": "mse", "use_heteroscedastic_decoder": True}
ALWAYS: list[dict[str, Any]] = [STANDARD, MIXTURE, VAMP, GEOMETRIC]

Row = tuple[Any, list[Any], list[Any], list[dict[str, Any]], list[dict[str, Any]]]
# name: (default, accepted values at the ends of the range, refused ones just outside, applies under, does not apply under)
ARCHITECTURE: dict[str, Row] = {
    "input_shape": (REQUIRED, [(4, 4, 1), (256, 256, 3)], [(3, 8, 1), (8, 257, 1), (8, 8, 2), (8, 8)], ALWAYS, []),
    "num_classes": (REQUIRED, [0, 1000], [-1, 1001], ALWAYS, []),
    "init_seed": (0, [0, 2**32 - 1], [-1], ALWAYS, []),
    "prior_type": ("mixture", ["standard", "mixture", "vamp", "geometric_mog"], ["gaussian"], ALWAYS, []),
    "num_components": (AUTO, [AUTO, 2, 1000], [1, 1001], [MIXTURE, VAMP, GEOMETRIC], [STANDARD]),
    "latent_layout": ("shared", ["shared", "decentralized"], ["other"], [MIXTURE, GEOMETRIC], [STANDARD, VAMP]),
    "latent_dim": (2, [1, 512], [0, 513], ALWAYS, []),
    "encoder_type": ("dense", ["dense", "conv"], ["rnn"], ALWAYS, []),
    "decoder_type": ("dense", ["dense", "conv"], ["rnn"], ALWAYS, []),
    "hidden_dims": (
        (256, 128, 64), [(1,), (4096,) * 6], [(), (1,) * 7, (0,), (4097,)],
        [MIXTURE, {"encoder_type": "conv"}, {"decoder_type": "conv"}], [{"encoder_type": "conv", "decoder_type": "conv"}],
    ),
    "conv_channels": ((32, 64, 128), [(1,), (512,) * 5], [(), (1,) * 6, (0,), (513,)], [{"encoder_type": "conv"}, {"decoder_type": "conv"}], [MIXTURE]),
    "normalization": ("layer", ["layer", "none"], ["batch"], ALWAYS, []),
    "decoder_conditioning": (AUTO, [AUTO, "component_aware", "film", "cin", "concat", "none"], ["bias"], [MIXTURE, GEOMETRIC], [STANDARD, VAMP]),
    "component_embedding_dim": (AUTO, [AUTO, 1, 512], [0, 513], [MIXTURE], [STANDARD, MIXTURE | {"decoder_conditioning": "none"}]),
    "reconstruction_loss": ("bce", ["bce", "mse"], ["mae"], ALWAYS, []),
    "use_heteroscedastic_decoder": (False, [False, True], ["maybe"], [{"reconstruction_loss": "mse"}], [{"reconstruction_loss": "bce"}]),
    "vamp_pseudo_init_method": ("kmeans", ["kmeans", "random"], ["zeros"], [VAMP], [STANDARD, MIXTURE, GEOMETRIC]),
    "geometric_arrangement": ("circle", ["circle", "grid"], ["line"], [GEOMETRIC], [STANDARD, MIXTURE, VAMP]),
    "geometric_radius": (2.0, [1e-6, 100.0], [0.0, 100.1], [GEOMETRIC], [STANDARD, MIXTURE, VAMP]),
}  # fmt: skip
EPOCHS = ([0, 100_000], [-1])
SHAPES = (["constant", "linear", "exponential", "cosine"], ["step"])
WEIGHT = ([0.0, 1e6], [-0.1])
POSITIVE = ([1e-9, 1e6], [0.0, -1.0])
SIGMA = ([1e-9, 100.0], [0.0])
SWITCH = ([True, False], ["perhaps"])
CONSISTENT: dict[str, Any] = {"consistency_weight": 1.0}
KL_C = [MIXTURE, GEOMETRIC, MIXTURE | {"c_regularizer": "both"}], [STANDARD, VAMP, LOGIT]
ROUTED = [MIXTURE, GEOMETRIC], [STANDARD, VAMP]
BASED = [MIXTURE, VAMP, GEOMETRIC], [STANDARD]
UNDER_GUMBEL = [GUMBEL], [MIXTURE, STANDARD]
UNDER_CURRICULUM = [CURRICULUM], [MIXTURE, STANDARD]
UNDER_TAU = [MIXTURE, VAMP], [STANDARD, MIXTURE | {"use_tau_classifier": False}]
UNDER_CONSISTENCY = [CONSISTENT], [MIXTURE]
FIXED = ALWAYS, []

TRAINING: dict[str, Row] = {
    "batch_size": (64, [1, 8192], [0, 8193], *FIXED),
    "labelled_batch_size": (32, [1, 4096], [0, 4097], *FIXED),
    "learning_rate": (2e-3, [1e-9, 1.0], [0.0, 1.1], *FIXED),
    "learning_rate_schedule": ("cosine", ["constant", "cosine"], ["linear"], *FIXED),
    "max_epochs": (100, [1, 100_000], [0, 100_001], *FIXED),
    "patience": (50, [0, 100_000], [-1, 100_001], *FIXED),
    "min_delta": (0.0, *WEIGHT, *FIXED),
    "monitor_metric": ("auto", ["auto", "none", "loss", "elbo", "reconstruction_loss", "classification_loss", "accuracy"], ["f1"], *FIXED),
    "random_seed": (42, [0, 2**32 - 1], [-1], *FIXED),
    "dropout_rate": (0.1, [0.0, 0.949], [0.95, -0.1], *FIXED),
    "weight_decay": (1e-4, *WEIGHT, *FIXED),
    "l1_weight": (0.0, *WEIGHT, *FIXED),
    "grad_clip_norm": (5.0, [None, *POSITIVE[0]], POSITIVE[1], *FIXED),
    "augment_shift": (0, [0, 8], [-1, 9], *FIXED),
    "augment_rotation": (0.0, [0.0, 45.0], [-1.0, 45.1], *FIXED),
    "augment_scale": (0.0, [0.0, 0.5], [-0.1, 0.51], *FIXED),
    "augment_colour": (0.0, [0.0, 1.0], [-0.1, 1.01], *FIXED),
    "augment_flip": (False, [True, False], ["maybe"], *FIXED),
    "recon_weight": (1.0, *WEIGHT, *FIXED),
    "observation_sigma": (0.3, [0.01, 10.0], [0.009, 10.1], [{"reconstruction_loss": "mse"}], [MIXTURE, HETERO]),
    "sigma_min": (0.05, *SIGMA, [HETERO], [MIXTURE, {"reconstruction_loss": "mse"}]),
    "sigma_max": (0.5, *SIGMA, [HETERO], [MIXTURE, {"reconstruction_loss": "mse"}]),
    "kl_weight": (1.0, *WEIGHT, *FIXED),
    "kl_z_anneal_epochs": (50, *EPOCHS, *FIXED),
    "kl_anneal_schedule": ("linear", *SHAPES, *FIXED),
    "kl_c_weight": (1.0, *WEIGHT, *KL_C),
    "kl_c_anneal_epochs": (0, *EPOCHS, *ROUTED),
    "decentralized_kl": ("responsibility", ["responsibility", "all"], ["some"], [MIXTURE | {"latent_layout": "decentralized"}], [MIXTURE, STANDARD]),
    "label_weight": (10.0, *WEIGHT, *FIXED),
    "use_tau_classifier": (AUTO, [AUTO, True, False], ["perhaps"], *BASED),
    "tau_smoothing_alpha": (0.01, *POSITIVE, *UNDER_TAU),
    "tau_claim_strength": (1.0, *WEIGHT, *UNDER_TAU),
    "learnable_pi": (True, *SWITCH, [MIXTURE, VAMP], [STANDARD, GEOMETRIC, LOGIT]),
    "dirichlet_alpha": (None, [None, 1.0, 50.0], [0.9], [MIXTURE, VAMP], [STANDARD, GEOMETRIC, LOGIT, MIXTURE | {"learnable_pi": False}]),
    "dirichlet_weight": (1.0, *WEIGHT, [MIXTURE | {"dirichlet_alpha": 2.0}], [STANDARD, MIXTURE]),
    "component_diversity_weight": (1.0, [-5.0, 0.0, 5.0], ["much"], *BASED),
    "usage_ema_decay": (0.95, [0.0, 0.999], [1.0, -0.1], [MIXTURE, VAMP], [STANDARD, MIXTURE | {"component_diversity_weight": 0.0}]),
    "c_regularizer": ("categorical", ["categorical", "logit_mog", "both"], ["none"], *ROUTED),
    "c_logit_prior_weight": (1.0, *WEIGHT, [LOGIT], [MIXTURE]),
    "c_logit_prior_mean": (5.0, [-100.0, 100.0], ["high"], [LOGIT], [MIXTURE]),
    "c_logit_prior_sigma": (1.0, *POSITIVE, [LOGIT], [MIXTURE]),
    "use_gumbel_softmax": (False, *SWITCH, *ROUTED),
    "use_straight_through_gumbel": (True, *SWITCH, *UNDER_GUMBEL),
    "gumbel_temperature": (1.0, *POSITIVE, *UNDER_GUMBEL),
    "gumbel_temperature_min": (0.5, *POSITIVE, *UNDER_GUMBEL),
    "gumbel_temperature_anneal_epochs": (50, *EPOCHS, *UNDER_GUMBEL),
    "gumbel_temperature_schedule": ("linear", *SHAPES, *UNDER_GUMBEL),
    "routing_warmup_epochs": (2, *EPOCHS, *ROUTED),
    "top_m_gating": (0, [0, 1000], [-1], *ROUTED),
    "soft_embedding_warmup_epochs": (0, *EPOCHS, [MIXTURE], [STANDARD, MIXTURE | {"decoder_conditioning": "none"}]),
    "vamp_num_samples_kl": (1, [1, 100], [0, 101], [VAMP], [MIXTURE, STANDARD]),
    "vamp_pseudo_lr_scale": (0.1, [1e-9, 1.0], [0.0, 1.1], [VAMP], [MIXTURE, STANDARD]),
    "use_contrastive": (False, *SWITCH, *FIXED),
    "contrastive_weight": (1.0, *WEIGHT, [{"use_contrastive": True}], [MIXTURE]),
    "contrastive_temperature": (0.1, *POSITIVE, [{"use_contrastive": True}], [MIXTURE]),
    "consistency_weight": (0.0, *WEIGHT, *FIXED),
    "consistency_target": ("classes", ["classes", "components"], ["images"], [MIXTURE | CONSISTENT, VAMP | CONSISTENT], [MIXTURE, STANDARD | CONSISTENT]),
    "consistency_threshold": (0.9, [0.0, 1.0], [-0.1, 1.1], *UNDER_CONSISTENCY),
    "consistency_hard_targets": (False, [True, False], ["maybe"], *UNDER_CONSISTENCY),
    "consistency_warmup_epochs": (2, *EPOCHS, *UNDER_CONSISTENCY),
    "consistency_ramp_epochs": (3, [1, 100_000], [0], *UNDER_CONSISTENCY),
    "curriculum_enabled": (False, *SWITCH, *ROUTED),
    "curriculum_start": (2, [1, 1000], [0], *UNDER_CURRICULUM),
    "curriculum_patience": (10, [1, 100_000], [0], *UNDER_CURRICULUM),
    "curriculum_min_delta": (1e-3, *WEIGHT, *UNDER_CURRICULUM),
    "curriculum_cooldown": (3, *EPOCHS, *UNDER_CURRICULUM),
    "curriculum_kick_epochs": (5, *EPOCHS, *UNDER_CURRICULUM),
    "curriculum_kick_temperature": (5.0, *POSITIVE, *UNDER_CURRICULUM),
    "curriculum_kick_logit_bias": (5.0, *WEIGHT, *UNDER_CURRICULUM),
    "mixture_history_log_every": (1, *EPOCHS, *BASED),
    "checkpoint_every_epochs": (1, [1, 100_000], [0], *FIXED),
    "devices": (AUTO, [AUTO, 1, 4096], [0, 4097, "all"], *FIXED),
    "matmul_precision": ("float32", ["float32", "bfloat16"], ["float64"], *FIXED),
}  # fmt: skip

SAMPLE: dict[str, Row] = {
    "num_samples": (1024, [AUTO, 1, 60_000], [0], *FIXED),
    "num_labeled": (128, [0, 60_000], [-1], *FIXED),
    "sampling_seed": (0, [0, 2**32 - 1], [-1], *FIXED),
    "val_split": (0.1, [0.0, 0.5], [-0.1, 0.51], *FIXED),
}
TABLES: list[tuple[type[ConfigModel], dict[str, Row]]] = [(Architecture, ARCHITECTURE), (Training, TRAINING), (SampleSettings, SAMPLE)]
ROWS = [pytest.param(kind, name, row, id=name) for kind, table in TABLES for name, row in table.items()]
SECTIONS = ("Training and data", "Loss weights", "Prior and mixture", "Decoder", "tau-classifier", "Routing", "Curriculum")


def made(kind: type[ConfigModel], **values: Any) -> Any:
    return kind(**(DATA | values if kind is Architecture else values))


@pytest.mark.parametrize(("kind", "table"), TABLES, ids=lambda value: getattr(value, "__name__", ""))
def test_a_config_type_has_exactly_the_fields_of_its_table(kind: type[ConfigModel], table: dict[str, Row]) -> None:
    assert set(kind.model_fields) == set(table)


def test_architecture_and_sample_are_structural_and_training_is_modifiable_throughout() -> None:
    assert not modifiable_fields(Architecture, SampleSettings)
    assert not structural_fields(Training)


@pytest.mark.parametrize(("kind", "name", "row"), ROWS)
def test_a_field_has_its_default(kind: type[ConfigModel], name: str, row: Row) -> None:
    spec = spec_of(kind, name)
    if row[0] is REQUIRED:
        assert spec.required
    else:
        assert spec.default == row[0]
        assert type(spec.default) is type(row[0])


@pytest.mark.parametrize(("kind", "name", "row"), ROWS)
def test_a_field_accepts_the_ends_of_its_range_and_refuses_what_lies_outside(kind: type[ConfigModel], name: str, row: Row) -> None:
    for value in row[1]:
        assert getattr(made(kind, **{name: value}), name) == value
    for value in row[2]:
        with pytest.raises(ValidationError) as caught:
            made(kind, **{name: value})
        assert {error["loc"][0] for error in caught.value.errors()} == {name}


@pytest.mark.parametrize(("kind", "name", "row"), ROWS)
def test_a_number_out_of_range_is_refused_with_the_range_and_the_value(kind: type[ConfigModel], name: str, row: Row) -> None:
    spec = spec_of(kind, name)
    for value in row[2]:
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert range_problem(spec, value) == f"must be {spec.range_text()} (got {value:g})"


@pytest.mark.parametrize(("kind", "name", "row"), ROWS)
def test_a_field_applies_under_its_condition_only(kind: type[ConfigModel], name: str, row: Row) -> None:
    spec = spec_of(kind, name)
    for values in row[3]:
        assert applies(spec, resolve(DATA | values)), values
    for values in row[4]:
        assert not applies(spec, resolve(DATA | values)), values


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_a_field_and_each_of_its_choices_explain_themselves(spec: FieldSpec) -> None:
    assert spec.label
    assert spec.meta.help.endswith(".")
    if spec.value_type is str:
        assert spec.choices
        assert all(label and description.endswith(".") for _, label, description in spec.choices)


def test_training_sections_are_those_of_the_hub_in_order() -> None:
    assert tuple(dict.fromkeys(spec.section for spec in modifiable_fields(Training))) == SECTIONS


def test_a_wizard_shows_three_training_fields_before_the_rest() -> None:
    assert [spec.name for spec in modifiable_fields(Training) if not spec.meta.advanced] == ["learning_rate", "batch_size", "max_epochs"]


def test_no_value_is_infinite_or_not_a_number() -> None:
    for bad in (float("inf"), float("nan")):
        with pytest.raises(ValidationError):
            Training(label_weight=bad)
