"""Every config field that is available does something: it changes the network, the compiled step, or how a run goes."""

from __future__ import annotations

import functools
import re
from typing import Any, NamedTuple

import jax
import jax.extend.core
import jax.numpy as jnp
import numpy as np
import pytest
from jax.interpreters.partial_eval import dce_jaxpr

from parallel.mesh import copied
from rcmvae.config import Architecture, Training, resolve
from rcmvae.model.network import create
from rcmvae.model.plan import plan_of
from rcmvae.training.epoch import _close, gather
from rcmvae.training.fit import Fit
from rcmvae.training.recipe import recipe_of
from rcmvae.training.record import RunRecord
from rcmvae.training.state import TrainState, begin_run, fresh_state
from rcmvae.training.step import metric_names, train_step
from tests.support.small_rcmvae import SMALL, settings_of, started
from workbench.fields import FieldSpec, field_specs

MIXTURE: dict[str, Any] = {**SMALL, "decoder_conditioning": "film"}
CONV = {**MIXTURE, "encoder_type": "conv", "decoder_type": "conv"}
DECENTRAL = {**MIXTURE, "latent_layout": "decentralized"}
MSE = {**MIXTURE, "reconstruction_loss": "mse"}
NOISE = {**MSE, "use_heteroscedastic_decoder": True}
CONSISTENT = {**MIXTURE, "consistency_weight": 1.0, "consistency_threshold": 0.0, "augment_shift": 1}
DIRICHLET = {**MIXTURE, "dirichlet_alpha": 2.0}
ANNEALED = {**MIXTURE, "kl_z_anneal_epochs": 5}
HEAD = {**MIXTURE, "use_tau_classifier": False}
VAMP: dict[str, Any] = {k: v for k, v in SMALL.items() if k != "component_embedding_dim"} | {"prior_type": "vamp"}
GEOMETRIC = {**MIXTURE, "prior_type": "geometric_mog"}
GUMBEL = {**MIXTURE, "use_gumbel_softmax": True}
LOGITS = {**MIXTURE, "c_regularizer": "both"}
CONTRASTIVE = {**MIXTURE, "use_contrastive": True}
GROWING = {**MIXTURE, "curriculum_enabled": True, "curriculum_patience": 1, "curriculum_min_delta": 0.5, "curriculum_cooldown": 0}

STRUCTURAL: dict[str, tuple[dict[str, Any], Any]] = {
    "input_shape": (MIXTURE, (9, 8, 1)), "num_classes": (MIXTURE, 4), "init_seed": (MIXTURE, 5), "prior_type": (MIXTURE, "standard"),
    "num_components": (MIXTURE, 5), "latent_layout": (MIXTURE, "decentralized"), "latent_dim": (MIXTURE, 3), "encoder_type": (MIXTURE, "conv"),
    "decoder_type": (MIXTURE, "conv"), "hidden_dims": (MIXTURE, (12, 9)), "conv_channels": (CONV, (4, 6)), "normalization": (MIXTURE, "none"),
    "decoder_conditioning": (MIXTURE, "concat"), "component_embedding_dim": (MIXTURE, 4), "reconstruction_loss": (MIXTURE, "mse"),
    "use_heteroscedastic_decoder": (MSE, True), "vamp_pseudo_init_method": (VAMP, "random"), "geometric_arrangement": (GEOMETRIC, "grid"),
    "geometric_radius": (GEOMETRIC, 3.0),
}  # fmt: skip
"""Field -> base and another value."""

COMPILED: dict[str, tuple[dict[str, Any], Any]] = {
    "batch_size": (MIXTURE, 8), "labelled_batch_size": (MIXTURE, 5), "learning_rate": (MIXTURE, 0.1), "learning_rate_schedule": (MIXTURE, "constant"),
    "max_epochs": (MIXTURE, 9), "dropout_rate": (MIXTURE, 0.5), "weight_decay": (MIXTURE, 0.3), "grad_clip_norm": (MIXTURE, None),
    "augment_shift": (MIXTURE, 2), "augment_rotation": (MIXTURE, 8.0), "augment_scale": (MIXTURE, 0.2), "augment_colour": (MIXTURE, 0.2), "augment_flip": (MIXTURE, True), "recon_weight": (MIXTURE, 2.5),
    "observation_sigma": (MSE, 0.7), "sigma_min": (NOISE, 0.01), "sigma_max": (NOISE, 0.9), "kl_weight": (MIXTURE, 0.5),
    "kl_z_anneal_epochs": (MIXTURE, 3), "kl_anneal_schedule": (ANNEALED, "cosine"), "kl_c_weight": (MIXTURE, 0.5), "kl_c_anneal_epochs": (MIXTURE, 4),
    "decentralized_kl": (DECENTRAL, "all"), "label_weight": (MIXTURE, 3.0), "use_tau_classifier": (MIXTURE, False), "tau_smoothing_alpha": (MIXTURE, 0.5),
    "tau_claim_strength": (MIXTURE, 4.0), "learnable_pi": (MIXTURE, False), "dirichlet_alpha": (MIXTURE, 3.0), "dirichlet_weight": (DIRICHLET, 2.5),
    "component_diversity_weight": (MIXTURE, -1.0), "usage_ema_decay": (MIXTURE, 0.5), "routing_warmup_epochs": (MIXTURE, 7),
    "consistency_weight": (CONSISTENT, 2.5), "consistency_target": (CONSISTENT, "components"), "consistency_threshold": (CONSISTENT, 0.4), "consistency_hard_targets": (CONSISTENT, True), "consistency_warmup_epochs": (CONSISTENT, 6),
    "consistency_ramp_epochs": (CONSISTENT, 9), "l1_weight": (MIXTURE, 0.5), "use_contrastive": (MIXTURE, True),
    "contrastive_weight": (CONTRASTIVE, 2.5), "contrastive_temperature": (CONTRASTIVE, 0.4), "c_regularizer": (MIXTURE, "logit_mog"),
    "c_logit_prior_weight": (LOGITS, 2.5), "c_logit_prior_mean": (LOGITS, 3.0), "c_logit_prior_sigma": (LOGITS, 0.4),
    "vamp_num_samples_kl": (VAMP, 3), "vamp_pseudo_lr_scale": (VAMP, 0.4), "use_gumbel_softmax": (MIXTURE, True),
    "use_straight_through_gumbel": (GUMBEL, False), "gumbel_temperature": (GUMBEL, 2.5), "gumbel_temperature_min": (GUMBEL, 0.4),
    "gumbel_temperature_anneal_epochs": (GUMBEL, 9), "gumbel_temperature_schedule": (GUMBEL, "cosine"), "top_m_gating": (MIXTURE, 2),
    "soft_embedding_warmup_epochs": (MIXTURE, 3), "curriculum_enabled": (MIXTURE, True), "curriculum_kick_epochs": (GROWING, 0),
    "curriculum_kick_temperature": (GROWING, 2.5), "curriculum_kick_logit_bias": (GROWING, 2.5),
}  # fmt: skip
"""Field -> base and another value that changes what a step computes."""

ELSEWHERE = {
    "random_seed": "test_fit: the same seed gives the same state and another seed another",
    "patience": "test_fit: the best epoch is kept and patience ends the run",
    "min_delta": "test_fit: patience zero never stops early",
    "monitor_metric": "test_monitor",
    "checkpoint_every_epochs": "test_schedule_of_files: checkpoints are written as often as asked for",
    "matmul_precision": "test_trainer: half precision reaches the compiled products, and is refused on a processor",
    "devices": "tests/parallel/test_runs: an RCM-VAE learns over devices what it learns on one",
    "curriculum_start": "test_curriculum: it starts with the first few components",
    "curriculum_patience": "test_curriculum: a component opens when the loss has stalled for the patience",
    "curriculum_min_delta": "test_curriculum: a component opens when the loss has stalled for the patience",
    "curriculum_cooldown": "test_curriculum: after one opened the cooldown passes and the best value starts anew",
    "mixture_history_log_every": "test_schedule_of_files: the mixture's history is kept as often as asked for",
}
"""Fields that act between steps, and the test that shows it."""


def available(spec: FieldSpec) -> bool:
    return spec.meta.unavailable is None


class Program(NamedTuple):
    """A traced step: its text without object addresses, and the settings' numbers that it reads."""

    text: str
    numbers: set[str]


@functools.cache
def program(frozen: tuple[tuple[str, Any], ...]) -> Program:
    """What a training step and an epoch's end compute."""
    values = dict(frozen)
    resolved = resolve({k: v for k, v in values.items() if k not in SMALL or v is not None})
    recipe = recipe_of(
        resolved,
        settings_of(resolved),
        classes=resolved["num_classes"],
        n_train=40,
        n_validation=0,
        labelled=True,
        validation_labelled=False,
    )
    state = fresh_state(recipe, init_seed=0, random_seed=0, metrics=len(metric_names(recipe)))
    height, width, channels = recipe.plan.input_shape
    images = jnp.zeros((40, height, width, channels))
    from rcmvae.training.epoch import TrainArrays

    arrays = TrainArrays(
        images, jnp.zeros((recipe.steps, recipe.batch_size), jnp.int32), images[:12], jnp.zeros(12, jnp.int32),
        jnp.zeros((recipe.steps, recipe.labelled_rows), jnp.int32),
    )  # fmt: skip
    code = recipe.code
    step = jax.make_jaxpr(lambda n, s, a: train_step(s, gather(a, jnp.int32(0)), code.with_numbers(n)))(recipe.numbers, state, arrays)
    end = jax.make_jaxpr(lambda n, s: _close(s, None, None, recipe=code.with_numbers(n)))(recipe.numbers, state)
    return Program(
        re.sub(r"0x[0-9a-f]+", "", f"{step}\n{end}"), read_numbers(step, recipe.numbers.names) | read_numbers(end, recipe.numbers.names)
    )


def read_numbers(traced: jax.extend.core.ClosedJaxpr, names: tuple[str, ...]) -> set[str]:
    """Names of the settings' numbers that a result depends on."""
    _, used = dce_jaxpr(traced.jaxpr, [True] * len(traced.jaxpr.outvars))
    return {name for name, is_used in zip(names, used, strict=False) if is_used}


def freeze(values: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted(values.items()))


def test_every_available_field_is_walked() -> None:
    structural = {spec.name for spec in field_specs(Architecture) if available(spec)}
    modifiable = {spec.name for spec in field_specs(Training) if available(spec)}
    refused = {
        spec.name
        for spec in field_specs(Training)
        if dict(spec.meta.unavailable_values) and len(spec.choices) == 1 + len(dict(spec.meta.unavailable_values))
    }
    assert structural == set(STRUCTURAL)
    # a field whose every other value is still refused has nothing to show
    assert modifiable - refused == set(COMPILED) | set(ELSEWHERE)


@pytest.mark.parametrize("name", STRUCTURAL)
def test_a_structural_field_changes_the_network(name: str) -> None:
    base, other = STRUCTURAL[name]
    before, after = resolve(base), resolve({**base, name: other})
    plans = plan_of(before), plan_of(after)
    if name == "init_seed":
        first, second = (create(plan_of(v), v["init_seed"])["encoder.layers.0.kernel"] for v in (before, after))
        assert not np.array_equal(first, second)
    else:
        assert plans[0] != plans[1]


@pytest.mark.parametrize("name", COMPILED)
def test_a_modifiable_field_changes_what_training_computes(name: str) -> None:
    base, other = COMPILED[name]
    assert resolve(base)[name] != other
    before, after = program(freeze(base)), program(freeze({**base, name: other}))
    assert before.text != after.text or name in after.numbers


def test_two_equal_configs_compute_the_same() -> None:
    program.cache_clear()
    first = program(freeze(MIXTURE))
    program.cache_clear()
    assert first == program(freeze(dict(MIXTURE)))


@functools.cache
def trained_before(frozen: tuple[tuple[str, Any], ...]) -> TrainState:
    """The state after a first run of one epoch."""
    engine, state = started(**{**dict(frozen), "max_epochs": 1})
    fit = Fit(engine, state, RunRecord())
    list(fit.epochs())
    return fit.completed


@functools.cache
def trained_again(base: tuple[tuple[str, Any], ...], edited: tuple[tuple[str, Any], ...]) -> TrainState:
    """The state after a second run of two epochs, with other settings."""
    engine, _ = started(**{**dict(base), "max_epochs": 2, **dict(edited)})
    before = copied(trained_before(base))
    kept = begin_run(before, engine.recipe, random_seed=42, metrics=len(engine.metrics), reset_optimizer=False)
    fit = Fit(engine, engine.begin(kept), RunRecord())
    for epoch, _ in enumerate(fit.epochs(), 1):
        if epoch == 2:
            break
    return fit.state


@pytest.mark.parametrize("name", COMPILED)
def test_an_edit_between_two_runs_changes_the_second(name: str) -> None:
    base, other = COMPILED[name]
    same, edited = trained_again(freeze(base), ()), trained_again(freeze(base), freeze({name: other}))
    assert any(not np.array_equal(same.parameters[key], edited.parameters[key]) for key in same.parameters)
