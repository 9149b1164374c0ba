"""The training state: one pytree that holds everything a resumed run needs to go on bit for bit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from flax import struct
from jax import Array

from rcmvae.device import on_device
from rcmvae.model.network import Parameters, create
from rcmvae.model.tau import UNCLAIMED
from rcmvae.training.recipe import Recipe


@struct.dataclass
class EpochSums:
    """Running sums of the epoch under way.

    Attributes:
        metrics, weights: (M,) sums and their weights, in the order of the step's metric names.
        usage: (K,) summed responsibilities. component_kl: (C,) summed KLs. images: real images seen.
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
class CurriculumState:
    """Which components are open, and what decides when the next one opens.

    Attributes:
        active: (K,) 1 for open components, all of them without a curriculum. opened: (K,) the life epoch (0-based) since which,
            -1 from the start or not yet.
        best: lowest validation reconstruction since the last one opened. stalled: epochs without improvement; since: epochs
            since one opened. started: 1 from when a curriculum has chosen the first ones until a run without one opens all.
    """

    active: Array
    opened: Array
    best: Array
    stalled: Array
    since: Array
    started: Array


def all_open(components: int) -> CurriculumState:
    """The state without a curriculum."""
    return CurriculumState(
        active=on_device(np.ones(components, np.float32)),
        opened=on_device(np.full(components, -1, np.int32)),
        best=on_device(np.float32(np.inf)),
        stalled=_count(),
        since=_count(),
        started=_count(),
    )


@struct.dataclass
class TrainState:
    """The whole state of training.

    Attributes:
        parameters: dotted name -> array. first_moment, second_moment: Adam's, likewise. updates: Adam's count of steps.
        key: raw key data (2,) of the run's noise.
        counts: (K, Y) responsibilities summed over labelled images. claims: (K,) class that claimed a component, -1 none.
        usage: (K,) moving average of mean responsibilities. prior_ready: 1 once the prior's pseudo-images come from data.
        curriculum: which components are open.
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
    prior_ready: Array
    curriculum: CurriculumState
    life_epoch: Array
    life_step: Array
    run_epoch: Array
    position: Array
    sums: EpochSums


SURENESS_BINS = 20


def empty_sums(recipe: Recipe, metrics: int) -> EpochSums:
    """Sums at the start of an epoch, for `metrics` metrics."""
    return EpochSums(
        metrics=_zeros(metrics),
        weights=_zeros(metrics),
        usage=_zeros(recipe.plan.components),
        component_kl=_zeros(recipe.plan.divergences),
        images=_zeros(),
        sureness=_zeros(SURENESS_BINS),
        broken=on_device(np.int32(-1)),
        broken_step=_count(),
    )


def fresh_state(recipe: Recipe, *, init_seed: int, random_seed: int, metrics: int) -> TrainState:
    """The state of a model that was never trained."""
    parameters = create(recipe.plan, init_seed)
    k = recipe.plan.components
    return TrainState(
        parameters=parameters,
        first_moment={name: _zeros(*value.shape) for name, value in parameters.items()},
        second_moment={name: _zeros(*value.shape) for name, value in parameters.items()},
        updates=_count(),
        key=key_data(random_seed),
        counts=_zeros(k, recipe.classes),
        claims=on_device(np.full(k, UNCLAIMED, np.int32)),
        usage=on_device(np.full(k, 1.0 / k, np.float32)),
        prior_ready=_count(),
        curriculum=all_open(k),
        life_epoch=_count(),
        life_step=_count(),
        run_epoch=_count(),
        position=_count(),
        sums=empty_sums(recipe, metrics),
    )


def key_data(seed: int) -> Array:
    """Raw data of the key of a seed below 2^32, uint32 (2,)."""
    return on_device(np.array([0, seed], np.uint32))


def _zeros(*shape: int) -> Array:
    return on_device(np.zeros(shape, np.float32))


def _count() -> Array:
    return on_device(np.int32(0))


def with_classes(state: TrainState, classes: int) -> TrainState:
    """The state with tau's counts for so many `classes`: none of those that it did not know."""
    k, known = state.counts.shape
    counts = np.zeros((k, classes), np.float32)
    counts[:, : min(known, classes)] = np.asarray(state.counts)[:, :classes]
    return replace(state, counts=on_device(counts))


def begin_run(state: TrainState, recipe: Recipe, *, random_seed: int, metrics: int, reset_optimizer: bool) -> TrainState:
    """The state in which a new run starts from kept weights.

    The run's epochs and noise start over; life, moments (unless reset), claims and usage go on. A vocabulary that has
    grown since gets rows of zero counts.
    """
    return replace(
        with_classes(state, recipe.classes),
        first_moment=_zeros_like(state.first_moment) if reset_optimizer else state.first_moment,
        second_moment=_zeros_like(state.second_moment) if reset_optimizer else state.second_moment,
        updates=_count() if reset_optimizer else state.updates,
        key=key_data(random_seed),
        run_epoch=_count(),
        position=_count(),
        sums=empty_sums(recipe, metrics),
    )


def _zeros_like(parameters: Parameters) -> Parameters:
    return {name: _zeros(*value.shape) for name, value in parameters.items()}
