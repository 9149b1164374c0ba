"""One training step: a pure function of state, data and position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from parallel.dealing import Deal
from parallel.mesh import whole
from rcmvae.model.extras import Encoded
from rcmvae.model.network import Network, Parameters
from rcmvae.model.routing import RoutingContext, sampled_weights, training_context
from rcmvae.model.tau import balanced, claim_counts, log_class_probabilities, tau_matrix
from rcmvae.training.augmentation import augment, augments
from rcmvae.training.inputs import Inputs, Source, average, batch_sources, forward_sources, without_gradient
from rcmvae.training.measures import step_measures, sureness
from rcmvae.training.optimiser import adamw, global_norm, learning_rate
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import SURENESS_BINS, EpochSums, TrainState


@struct.dataclass
class Batch:
    """What a step sees.

    Attributes:
        images: (B, H, W, C) float in [0, 1]; weights: (B,) 1, or 0 for padding.
        labelled_images: (L, H, W, C) and their labels (L,); None without labels.
    """

    images: Array
    weights: Array
    labelled_images: Array | None
    labels: Array | None


Views = tuple[Encoded, Array, Array | None]
"""Encoded rows, their latents and the head's dropout draws."""


@struct.dataclass
class Measured:
    """A metric of one step: its `value` (), and how many images it is the mean of."""

    value: Array
    images: Array


@struct.dataclass
class StepOutputs:
    """What a step tells: its metrics by name, and sums for diagnostics."""

    metrics: dict[str, Measured]
    usage: Array
    responsibilities_sum: Array
    component_kl_sum: Array
    sureness: Array


def metric_names(recipe: Recipe) -> tuple[str, ...]:
    """Names of a step's metrics in the order of their sums, loss terms first in the order in which a broken one is looked for."""
    terms = (term.name for term in recipe.training_terms)
    return (*terms, "loss", "elbo", "grad_norm", *(measure.name for measure in step_measures(recipe)))


def as_floats(images: Array) -> Array:
    """Stored images as float32 in [0, 1]."""
    return images.astype(jnp.float32) / 255.0 if images.dtype == jnp.uint8 else images.astype(jnp.float32)


def current_tau(counts: Array, claims: Array, recipe: Recipe) -> Array:
    """tau from the state's counts, balanced, and claims. Without any label it is uniform, claimed or not."""
    return tau_matrix(current_counts(balanced(counts), claims, recipe), recipe.numbers.tau_smoothing_alpha)


def current_counts(counts: Array, claims: Array, recipe: Recipe) -> Array:
    """s (K, Y), claims included; zeros without any label."""
    return counts + claim_counts(claims, recipe.classes, recipe.numbers.tau_claim_strength) if recipe.labelled else jnp.zeros_like(counts)


def classify(network: Network, recipe: Recipe, tau: Array, encoded: Encoded, latents: Array, *, draws: Array | None = None) -> Array:
    """log p(y | x) (B, Y) by the run's classifier, from latents (B, C, D); `draws` switch the head's dropout on."""
    if recipe.classifier == "tau":
        return log_class_probabilities(encoded.log_responsibilities, tau)
    if not recipe.labelled:
        # nobody ever named a class: an untrained head would only seem to know something
        return jnp.full((latents.shape[0], recipe.classes), -jnp.log(float(recipe.classes)))
    if network.head is None:
        raise ValueError("a model without classes cannot classify")
    r = jnp.exp(encoded.log_responsibilities)
    return network.head(network.mean_latent(latents, r), r, dropout_rate=recipe.numbers.dropout_rate, draws=draws)


def view_rows(recipe: Recipe, batch: Batch) -> tuple[int, ...]:
    """Rows of each view that a step encodes: all images, the labelled ones, and augmented ones for terms that read them."""
    sizes = [batch.images.shape[0]]
    if batch.labelled_images is not None:
        sizes.append(batch.labelled_images.shape[0])
    if recipe.sees_views:
        sizes.append(batch.images.shape[0])
    return tuple(sizes)


def loss_and_outputs(
    parameters: Parameters, state: TrainState, batch: Batch, context: RoutingContext, recipe: Recipe
) -> tuple[Array, StepOutputs]:
    """The loss of one batch, and everything to be logged."""
    network = recipe.bind(parameters, state.curriculum.active)
    centres = network.centres()
    numbers = recipe.numbers
    sizes = view_rows(recipe, batch)
    deal, seen_alike = Deal(sizes, recipe.devices), Deal(sizes[1:], recipe.devices)
    views = [batch.images]
    if batch.labelled_images is not None:
        views.append(batch.labelled_images)
    if recipe.sees_views:
        views.append(batch.images)
    if context.view_draws is not None and len(views) > 1:
        seen = seen_alike.by_row(
            lambda numbers, images, draws: augment(images, draws, numbers),
            numbers, seen_alike.together(views[1:]), seen_alike.dealt(context.view_draws.after(sizes[0])),
        )  # fmt: skip
        views = [batch.images, seen]
    latent_noise, dropout_draws, head_draws = deal.dealt((context.latent_noise, context.dropout_draws, context.head_draws))
    # one pass of the encoder over all views: one set of matrix products instead of three
    together = network.encode(deal.together(views), centres=centres, dropout_rate=numbers.dropout_rate, draws=dropout_draws)
    latents = network.latents(together, latent_noise)
    together = network.resampled(together, latents, centres)
    parts = deal.parts((together, latents, head_draws))
    encoded, z, _ = parts[0]
    extras = network.extras(batch.images, encoded, z, context, recipe.observation, recipe.routing, centres)

    weights = batch.weights
    images = jnp.sum(weights)
    mean_r = jnp.sum(extras.responsibilities * weights[:, None], axis=0) / images
    decay = numbers.usage_ema_decay
    usage = decay * state.usage + (1.0 - decay) * mean_r
    tau = current_tau(state.counts, state.claims, recipe)
    # the value is the moving average's, the gradient the current batch's
    shown = jax.lax.stop_gradient(usage - mean_r) + mean_r
    sources = batch_sources(recipe, network, parameters, shown) | forward_sources(extras)
    sources["sampled_weights"] = lambda: sampled_weights(encoded.log_responsibilities, context)
    if context.life_epoch is not None:
        sources["life_epoch"] = context.life_epoch
    if batch.labels is not None:
        sources |= _labelled_sources(network, recipe, tau, parts[1], batch.labels)
    if recipe.sees_views:
        calm = without_gradient(lambda: network.encode(batch.images, centres=centres))
        sources |= _view_sources(network, recipe, tau, parts[-1], calm)
    inputs = Inputs(recipe, sources)

    total, elbo = jnp.zeros(()), jnp.zeros(())
    counts = {"image": images, "batch": images, "labelled": jnp.full((), float(recipe.labelled_rows))}
    metrics: dict[str, Measured] = {}
    for term in recipe.training_terms:
        value = average(inputs.call(term.value), term.per, weights, images)
        told = average(inputs.call(term.bound), term.per, weights, images) if term.bound else value
        total = total + inputs.weight(term) * value
        elbo = elbo - told if term.part_of_elbo else elbo
        metrics[term.name] = Measured(told, counts[term.per])
    metrics |= {"loss": Measured(total, images), "elbo": Measured(elbo, images)}
    for measure in step_measures(recipe):
        metrics[measure.name] = Measured(average(inputs.call(measure.value), measure.per, weights, images), counts[measure.per])
    outputs = StepOutputs(
        metrics=metrics,
        usage=usage,
        responsibilities_sum=mean_r * images,
        component_kl_sum=jnp.sum(extras.component_kl * weights[:, None], axis=0),
        sureness=_histogram(sureness(extras.responsibilities), weights),
    )
    return total, outputs


def _labelled_sources(network: Network, recipe: Recipe, tau: Array, rows: Views, labels: Array) -> dict[str, Source]:
    encoded, z, draws = rows
    return {
        "labels": labels,
        "label_log_probabilities": lambda: classify(network, recipe, tau, encoded, z, draws=draws),
        "labelled_latents": lambda: network.mean_latent(z, jnp.exp(encoded.log_responsibilities)),
    }


def _view_sources(network: Network, recipe: Recipe, tau: Array, rows: Views, calm: Callable[[], Encoded]) -> dict[str, Source]:
    encoded, z, draws = rows
    return {
        "calm_log_responsibilities": lambda: calm().log_responsibilities,
        "view_log_responsibilities": encoded.log_responsibilities,
        "calm_log_probabilities": lambda: classify(network, recipe, tau, calm(), calm().mean),
        "view_log_probabilities": lambda: classify(network, recipe, tau, encoded, z, draws=draws),
    }


def train_step(state: TrainState, batch: Batch, recipe: Recipe) -> TrainState:
    """The state after one step; its sums hold the step's metrics."""
    key = jax.random.fold_in(jax.random.fold_in(jax.random.wrap_key_data(state.key), state.life_epoch), state.position)
    rows = sum(view_rows(recipe, batch))
    context = training_context(
        recipe.choices,
        recipe.numbers,
        recipe.plan,
        rows=rows,
        decoded=batch.images.shape[0],
        augmented=augments(recipe.choices),
        life_epoch=state.life_epoch,
        key=key,
        opened=state.curriculum.opened,
    )
    # each device draws for the whole batch, and takes its rows' numbers without asking others
    context = whole(context, recipe.devices)
    (_, outputs), gradients = jax.value_and_grad(loss_and_outputs, has_aux=True)(state.parameters, state, batch, context, recipe)
    norm = global_norm(gradients)
    rate = learning_rate(recipe, state.run_epoch, state.position)
    parameters, first, second, updates = adamw(
        recipe, state.parameters, gradients, norm, state.first_moment, state.second_moment, state.updates, rate
    )
    metrics = outputs.metrics | {"grad_norm": Measured(norm, jnp.sum(batch.weights))}
    return replace(
        state,
        parameters=parameters,
        first_moment=first,
        second_moment=second,
        updates=updates,
        usage=jax.lax.stop_gradient(outputs.usage),
        life_step=state.life_step + 1,
        position=state.position + 1,
        sums=_add(state.sums, outputs, metrics, metric_names(recipe), state.position),
    )


def _add(sums: EpochSums, step: StepOutputs, metrics: dict[str, Measured], names: tuple[str, ...], position: Array) -> EpochSums:
    values = jnp.stack([metrics[name].value for name in names])
    weights = jnp.stack([metrics[name].images for name in names])
    bad = ~jnp.isfinite(values)
    newly = (sums.broken < 0) & jnp.any(bad)
    return replace(
        sums,
        metrics=sums.metrics + values * weights,
        weights=sums.weights + weights,
        usage=sums.usage + step.responsibilities_sum,
        component_kl=sums.component_kl + step.component_kl_sum,
        images=sums.images + jnp.sum(step.sureness),
        sureness=sums.sureness + step.sureness,
        broken=jnp.where(newly, jnp.argmax(bad).astype(jnp.int32), sums.broken),
        broken_step=jnp.where(newly, position, sums.broken_step),
    )


def _histogram(values: Array, weights: Array) -> Array:
    """(20,) weighted counts of `values` in [0, 1]."""
    bins = jnp.clip((values * SURENESS_BINS).astype(jnp.int32), 0, SURENESS_BINS - 1)
    return jnp.sum(jax.nn.one_hot(bins, SURENESS_BINS) * weights[:, None], axis=0)
