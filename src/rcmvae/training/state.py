"""The training state: one pytree that holds everything a resumed run needs to go on bit for bit."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from flax import struct
from jax import Array

from rcmvae.model.network import Parameters, create
from rcmvae.model.tau import UNCLAIMED
from rcmvae.training.recipe import Recipe


@struct.dataclass
class EpochSums:
    """Running sums of the epoch under way.

    Attributes:
        metrics, weights: (M,) sums and their weights, in the order of the step's metric names.
        usage: (K,) summed responsibilities. component_kl: (C,) summed KL of each posterior. images: real images seen.
        sureness: (20,) histogram of max_k r over [0, 1].
        broken: index of the first metric that was not finite, else -1; broken_step: the step (0-based) in which.
    """

    metrics: Array
    weights: Array
    usage: Array
    component_kl: Array
    images: Array
    sureness: Array
    broken: Array
    broken_step: Array


@struct.dataclass
class TrainState:
    """The whole state of training.

    Attributes:
        parameters: dotted name -> array. first_moment, second_moment: Adam's, likewise. updates: Adam's count of steps.
        key: raw key data (2,) of the run's noise.
        counts: (K, Y) responsibilities summed over labelled images. claims: (K,) class that claimed a component, -1 none.
        usage: (K,) moving average of mean responsibilities.
        life_epoch, life_step: finished epochs and steps of the model's life. run_epoch: finished epochs of this run.
        position: finished steps of the epoch under way. sums: what it has gathered so far.
    """

    parameters: Parameters
    first_moment: Parameters
    second_moment: Parameters
    updates: Array
    key: Array
    counts: Array
    claims: Array
    usage: Array
    life_epoch: Array
    life_step: Array
    run_epoch: Array
    position: Array
    sums: EpochSums


SURENESS_BINS = 20


def empty_sums(recipe: Recipe, metrics: int) -> EpochSums:
    """Sums at the start of an epoch, for `metrics` metrics."""
    return EpochSums(
        metrics=jnp.zeros(metrics),
        weights=jnp.zeros(metrics),
        usage=jnp.zeros(recipe.plan.components),
        component_kl=jnp.zeros(recipe.plan.posteriors),
        images=jnp.zeros(()),
        sureness=jnp.zeros(SURENESS_BINS),
        broken=jnp.full((), -1, jnp.int32),
        broken_step=jnp.zeros((), jnp.int32),
    )


def fresh_state(recipe: Recipe, *, init_seed: int, random_seed: int, metrics: int) -> TrainState:
    """The state of a model that was never trained."""
    parameters = create(recipe.plan, init_seed)
    k = recipe.plan.components
    return TrainState(
        parameters=parameters,
        first_moment={name: jnp.zeros_like(value) for name, value in parameters.items()},
        second_moment={name: jnp.zeros_like(value) for name, value in parameters.items()},
        updates=jnp.zeros((), jnp.int32),
        key=jax.random.key_data(jax.random.key(random_seed)),
        counts=jnp.zeros((k, recipe.classes)),
        claims=jnp.full((k,), UNCLAIMED, jnp.int32),
        usage=jnp.full((k,), 1.0 / k),
        life_epoch=jnp.zeros((), jnp.int32),
        life_step=jnp.zeros((), jnp.int32),
        run_epoch=jnp.zeros((), jnp.int32),
        position=jnp.zeros((), jnp.int32),
        sums=empty_sums(recipe, metrics),
    )


def begin_run(state: TrainState, recipe: Recipe, *, random_seed: int, metrics: int, reset_optimizer: bool) -> TrainState:
    """The state in which a new run starts from kept weights.

    The run's epochs and noise start over; life, moments (unless reset), claims and usage go on. A vocabulary that has
    grown since gets rows of zero counts.
    """
    grown = recipe.classes - state.counts.shape[1]
    zeros = {name: jnp.zeros_like(value) for name, value in state.parameters.items()}
    return replace(
        state,
        first_moment=zeros if reset_optimizer else state.first_moment,
        second_moment={name: jnp.zeros_like(value) for name, value in zeros.items()} if reset_optimizer else state.second_moment,
        updates=jnp.zeros_like(state.updates) if reset_optimizer else state.updates,
        key=jax.random.key_data(jax.random.key(random_seed)),
        counts=jnp.pad(state.counts, ((0, 0), (0, max(0, grown))))[:, : recipe.classes],
        run_epoch=jnp.zeros_like(state.run_epoch),
        position=jnp.zeros_like(state.position),
        sums=empty_sums(recipe, metrics),
    )


def copy_state(state: TrainState) -> TrainState:
    """A copy that survives the donation of the original to a compiled call."""
    return jax.tree.map(jnp.copy, state)


def to_host(state: TrainState) -> TrainState:
    """The state as numpy arrays."""
    return jax.tree.map(np.asarray, state)
