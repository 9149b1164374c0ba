"""The compiled functions of a run: the order of an epoch, chunks of steps, recounting tau, validation.

They are made once per recipe and kept, so that a second run in the same process compiles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from parallel.mesh import split, whole
from rcmvae.model.network import Parameters
from rcmvae.model.tau import soft_counts
from rcmvae.training.arrays import round_up
from rcmvae.training.compiling import compiled_for, with_numbers
from rcmvae.training.evaluation import EvaluationArrays, evaluate_batch, in_batches
from rcmvae.training.inputs import Inputs, batch_sources
from rcmvae.training.measures import sureness
from rcmvae.training.optimiser import learning_rate
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import TrainState, empty_sums
from rcmvae.training.step import Batch, as_floats, current_tau, metric_names, train_step


@struct.dataclass
class TrainArrays:
    """What a chunk reads.

    Attributes:
        images: (n, H, W, C) as stored. order: (steps, B) positions in it, -1 for padding.
        labelled_images, labels: the labelled set. labelled_order: (steps, L) positions in it. None without labels.
    """

    images: Array
    order: Array
    labelled_images: Array | None
    labels: Array | None
    labelled_order: Array | None


@struct.dataclass
class EvaluationSums:
    """Exact sums over an evaluated set: what terms report and what the loss contains of them, by term, and what is measured beside."""

    told: dict[str, Array]
    in_loss: dict[str, Array]
    sureness: Array
    hits: Array
    images: Array
    labelled: Array
    usage: Array


@struct.dataclass
class LabelledSet:
    """Labelled images to recount over: (n, H, W, C), `labels` (n,), `weights` 0 for padding; `scale` of the counts."""

    images: Array
    labels: Array
    weights: Array
    scale: Array


@struct.dataclass
class EpochEnd:
    """What an epoch's end tells: validation `values` in the order of `evaluation_names` (None without validation),
    tau (K, Y), log_pi (K,) and the last step's learning rate."""

    values: Array | None
    tau: Array
    log_pi: Array
    rate: Array


@dataclass(frozen=True)
class Compiled:
    """The compiled functions of a recipe.

    Attributes:
        order: (key data, life epoch) -> (steps, B) positions, -1 for padding.
        chunk: (state, arrays, first, last) -> state after steps first..last-1 of the arrays' order; the state is donated.
        recount: (parameters, open components, labelled set) -> counts (K, Y).
        validate: (state, evaluation arrays) -> metric values, in the order of `evaluation_names`.
        close: (state, labelled set or None, evaluation arrays or None) -> the state at the start of the next epoch, and the
            epoch's end; the state is donated.
    """

    order: Callable[[Array, Array], Array]
    chunk: Callable[[TrainState, TrainArrays, Array, Array], TrainState]
    recount: Callable[[Parameters, Array, LabelledSet], Array]
    validate: Callable[[TrainState, EvaluationArrays], Array]
    close: Callable[[TrainState, LabelledSet | None, EvaluationArrays | None], tuple[TrainState, EpochEnd]]


def compiled(recipe: Recipe) -> Compiled:
    """The compiled functions of `recipe`; those of the last few are kept, and serve all that differ in numbers alone."""
    return Compiled(**with_numbers(_compiled(recipe.code), recipe))


@lru_cache(maxsize=8)
def _compiled(code: Recipe) -> dict[str, Callable[..., Any]]:
    return {
        "order": compiled_for(code, _order),
        "chunk": compiled_for(code, _chunk, donate=0),
        "recount": compiled_for(code, _recount),
        "validate": compiled_for(code, _validate),
        "close": compiled_for(code, _close, donate=0),
    }


def _order(key: Array, life_epoch: Array, *, recipe: Recipe) -> Array:
    shuffle = jax.random.fold_in(jax.random.fold_in(jax.random.wrap_key_data(key), life_epoch), jnp.uint32(0xFFFFFFFF))
    order = jnp.argsort(jax.random.bits(shuffle, (recipe.n_train,), jnp.uint32)).astype(jnp.int32)
    missing = recipe.steps * recipe.batch_size - recipe.n_train
    return jnp.pad(order, (0, missing), constant_values=-1).reshape(recipe.steps, recipe.batch_size)


def _chunk(state: TrainState, arrays: TrainArrays, first: Array, last: Array, *, recipe: Recipe) -> TrainState:
    def body(index: Array, state: TrainState) -> TrainState:
        return whole(train_step(state, gather(arrays, index, recipe.devices), recipe), recipe.devices)

    return jax.lax.fori_loop(first, last, body, state)


def gather(arrays: TrainArrays, index: Array, devices: int = 1) -> Batch:
    """The batch of step `index`, its rows split over the devices."""
    rows = split(arrays.order[index], devices)
    images = as_floats(arrays.images[jnp.maximum(rows, 0)])
    weights = (rows >= 0).astype(jnp.float32)
    if arrays.labelled_order is None or arrays.labelled_images is None or arrays.labels is None:
        return Batch(images, weights, None, None)
    chosen = split(arrays.labelled_order[index], devices)
    return Batch(images, weights, as_floats(arrays.labelled_images[chosen]), arrays.labels[chosen])


def _recount(parameters: Parameters, active: Array, labelled: LabelledSet, *, recipe: Recipe) -> Array:
    network = recipe.bind(parameters, active)
    centres = network.centres()
    rows = round_up(min(recipe.evaluation_rows, labelled.images.shape[0]), recipe.devices)

    def add(total: Array, batch: tuple[Array, Array, Array]) -> tuple[Array, None]:
        pictures, classes, weights = split(batch, recipe.devices)
        r = jnp.exp(network.encode(as_floats(pictures), centres=centres).log_responsibilities)
        return total + soft_counts(r, classes, weights, recipe.classes), None

    start = jnp.zeros((recipe.plan.components, recipe.classes))
    batches = in_batches((labelled.images, labelled.labels, labelled.weights), rows)
    return jax.lax.scan(add, start, batches)[0] * labelled.scale


def _close(
    state: TrainState, labelled: LabelledSet | None, validation: EvaluationArrays | None, *, recipe: Recipe
) -> tuple[TrainState, EpochEnd]:
    counts = (
        jnp.zeros_like(state.counts) if labelled is None else _recount(state.parameters, state.curriculum.active, labelled, recipe=recipe)
    )
    rate = learning_rate(recipe, state.run_epoch, state.position - 1)
    state = replace(
        state,
        counts=counts,
        life_epoch=state.life_epoch + 1,
        run_epoch=state.run_epoch + 1,
        position=jnp.zeros_like(state.position),
        sums=empty_sums(recipe, len(metric_names(recipe))),
    )
    return state, EpochEnd(
        values=None if validation is None else _validate(state, validation, recipe=recipe),
        tau=current_tau(counts, state.claims, recipe),
        log_pi=recipe.bind(state.parameters, state.curriculum.active).prior.log_pi(),
        rate=rate,
    )


def evaluation_names(recipe: Recipe) -> tuple[str, ...]:
    """Names of an evaluation's metrics."""
    names = [*(term.name for term in recipe.evaluation_terms), "loss", "elbo"]
    if recipe.validation_labelled and recipe.classifier is not None:
        names += ["accuracy", "loss_without_labels"]
    if recipe.mixture:
        names.append("max_responsibility")
    if recipe.routing.straight_through:
        names.append("routed_reconstruction")
    return tuple(names)


def _validate(state: TrainState, data: EvaluationArrays, *, recipe: Recipe) -> Array:
    network = recipe.bind(state.parameters, state.curriculum.active)
    tau = current_tau(state.counts, state.claims, recipe)
    row_terms = [term for term in recipe.evaluation_terms if term.per != "batch"]
    rows = round_up(min(recipe.evaluation_rows, data.images.shape[0]), recipe.devices)

    def add(sums: EvaluationSums, batch: EvaluationArrays) -> tuple[EvaluationSums, None]:
        batch = split(batch, recipe.devices)
        found, inputs = evaluate_batch(network, recipe, tau, batch)
        known = batch.weights * (batch.labels >= 0)
        counted = {"image": batch.weights, "labelled": known}
        r = found.extras.responsibilities
        new = EvaluationSums(
            told={term.name: jnp.sum(counted[term.per] * inputs.reported(term)) for term in row_terms},
            in_loss={term.name: jnp.sum(counted[term.per] * inputs.call(term.value)) for term in row_terms},
            sureness=jnp.sum(batch.weights * sureness(r)),
            hits=jnp.sum(known * found.hits(batch.labels)),
            images=jnp.sum(batch.weights),
            labelled=jnp.sum(known),
            usage=jnp.sum(r * batch.weights[:, None], axis=0),
        )
        return jax.tree.map(jnp.add, sums, new), None

    zero = jnp.zeros(())
    nothing = {term.name: zero for term in row_terms}
    start = EvaluationSums(nothing, dict(nothing), zero, zero, zero, zero, jnp.zeros(recipe.plan.components))
    sums, _ = jax.lax.scan(add, start, in_batches(data, rows))
    whole = Inputs(recipe, batch_sources(recipe, network, state.parameters, sums.usage / sums.images))
    sizes = {"image": sums.images, "labelled": sums.labelled}
    shown: dict[str, Array] = {}
    in_loss: dict[str, Array] = {}
    total, elbo, of_labels = zero, zero, zero
    for term in row_terms:
        shown[term.name] = sums.told[term.name] / sizes[term.per]
        in_loss[term.name] = sums.in_loss[term.name] / sizes[term.per]
        weighted = whole.weight(term) * in_loss[term.name]
        total = total + weighted
        of_labels = of_labels + weighted if term.per == "labelled" else of_labels
        elbo = elbo - shown[term.name] if term.part_of_elbo else elbo
    for term in recipe.evaluation_terms:
        if term.per == "batch":
            shown[term.name] = whole.call(term.value)
            total = total + whole.weight(term) * shown[term.name]
    shown |= {"loss": total, "loss_without_labels": total - of_labels, "elbo": elbo, "max_responsibility": sums.sureness / sums.images}
    shown["routed_reconstruction"] = in_loss["reconstruction_loss"]
    shown["accuracy"] = sums.hits / jnp.maximum(sums.labelled, 1.0)
    return jnp.stack([shown[name] for name in evaluation_names(recipe)])
