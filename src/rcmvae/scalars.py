"""The numbers among a run's settings, as inputs of its compiled functions: editing one of them compiles nothing anew."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import jax.numpy as jnp
import numpy as np
from flax import struct
from jax import Array

from rcmvae.config_training import Training

HIDDEN = math.nan
"""What stands for such a number in settings that a compiled function is made from; a function that reads it there loses its result."""

SWITCHES = frozenset(
    (
        "dropout_rate", "consistency_weight", "component_diversity_weight", "dirichlet_alpha", "augment_shift", "augment_rotation",
        "augment_scale", "l1_weight", "soft_embedding_warmup_epochs",
    )
)  # fmt: skip
"""Numbers whose 0 (or None) leaves a part of the computation out, so that whether they are set decides what is compiled."""

HOST_ONLY = frozenset(
    (
        "random_seed", "patience", "min_delta", "monitor_metric", "checkpoint_every_epochs", "mixture_history_log_every", "curriculum_start",
        "curriculum_patience", "curriculum_min_delta", "curriculum_cooldown",
    )
)  # fmt: skip
"""Settings that no compiled function reads."""


@struct.dataclass
class Scalars:
    """Every attribute is the setting of that name, float32 (); a `grad_clip_norm` of None is infinite."""

    learning_rate: Array
    max_epochs: Array
    dropout_rate: Array
    weight_decay: Array
    grad_clip_norm: Array
    augment_shift: Array
    augment_rotation: Array
    augment_scale: Array
    recon_weight: Array
    kl_weight: Array
    kl_z_anneal_epochs: Array
    kl_c_weight: Array
    kl_c_anneal_epochs: Array
    label_weight: Array
    consistency_weight: Array
    consistency_threshold: Array
    consistency_warmup_epochs: Array
    consistency_ramp_epochs: Array
    dirichlet_alpha: Array
    dirichlet_weight: Array
    component_diversity_weight: Array
    usage_ema_decay: Array
    observation_sigma: Array
    sigma_min: Array
    sigma_max: Array
    tau_smoothing_alpha: Array
    tau_claim_strength: Array
    routing_warmup_epochs: Array
    soft_embedding_warmup_epochs: Array
    gumbel_temperature: Array
    gumbel_temperature_min: Array
    gumbel_temperature_anneal_epochs: Array
    c_logit_prior_weight: Array
    c_logit_prior_mean: Array
    c_logit_prior_sigma: Array
    contrastive_weight: Array
    contrastive_temperature: Array
    l1_weight: Array
    vamp_pseudo_lr_scale: Array
    curriculum_kick_epochs: Array
    curriculum_kick_temperature: Array
    curriculum_kick_logit_bias: Array


NAMES = tuple(f.name for f in fields(Scalars))


def scalars_of(settings: Training) -> Scalars:
    """The numbers of `settings`."""
    values: dict[str, Any] = {name: getattr(settings, name) for name in NAMES}
    return Scalars(**{name: jnp.asarray(np.float32(math.inf if value is None else value)) for name, value in values.items()})


def without_scalars(settings: Training) -> Training:
    """What of `settings` decides which code is compiled: numbers are hidden, those that switch a part off stay off."""
    hidden = {name: HIDDEN for name in NAMES if name not in SWITCHES or getattr(settings, name)}
    host = {name: type(settings).model_fields[name].default for name in HOST_ONLY}
    # not validated on purpose: NaN is none of these fields' values
    return settings.model_copy(update=hidden | host)
