"""One training step: a pure function of state, data and position."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
from flax import struct
from jax import Array

from rcmvae.model.extras import Encoded
from rcmvae.model.network import Network, Parameters
from rcmvae.model.routing import RoutingContext, sampled_weights, training_context
from rcmvae.model.tau import claim_counts, log_class_probabilities, tau_matrix
from rcmvae.training.augmentation import augment, augments
from rcmvae.training.optimiser import adamw, global_norm, kernels, learning_rate
from rcmvae.training.recipe import Recipe
from rcmvae.training.state import SURENESS_BINS, EpochSums, TrainState
from rcmvae.training.terms import View, reported, sure_share, training_terms


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
class StepOutputs:
    """What a step tells: metric values and weights in the order of `metric_names`, and sums for diagnostics."""

    values: Array
    weights: Array
    usage: Array
    responsibilities_sum: Array
    component_kl_sum: Array
    sureness: Array


def metric_names(recipe: Recipe) -> tuple[str, ...]:
    """Names of a step's metrics, loss terms first in the order in which a broken one is looked for."""
    names = [term.name for term in training_terms(recipe)]
    names += ["loss", "elbo", "grad_norm"]
    if recipe.labelled_rows:
        names.append("accuracy")
    if recipe.consistency:
        names.append("consistency_share")
    if recipe.mixture:
        names.append("max_responsibility")
    if recipe.routing.gumbel:
        names.append("max_gumbel_weight")
    if recipe.plan.likelihood == "heteroscedastic":
        names.append("sigma_at_bound")
    return tuple(names)


def as_floats(images: Array) -> Array:
    """Stored images as float32 in [0, 1]."""
    return images.astype(jnp.float32) / 255.0 if images.dtype == jnp.uint8 else images.astype(jnp.float32)


def current_tau(counts: Array, claims: Array, recipe: Recipe) -> Array:
    """tau from the state's counts and claims. Without any label it is uniform, claimed or not."""
    return tau_matrix(current_counts(counts, claims, recipe), recipe.scalars.tau_smoothing_alpha)


def current_counts(counts: Array, claims: Array, recipe: Recipe) -> Array:
    """s (K, Y), claims included; zeros without any label."""
    return counts + claim_counts(claims, recipe.classes, recipe.scalars.tau_claim_strength) if recipe.labelled else jnp.zeros_like(counts)


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
    return network.head(network.mean_latent(latents, r), r, dropout_rate=recipe.scalars.dropout_rate, draws=draws)


def view_rows(recipe: Recipe, batch: Batch) -> tuple[int, ...]:
    """Rows of each view that a step encodes: all images, the labelled ones, and the augmented ones for consistency."""
    sizes = [batch.images.shape[0]]
    if batch.labelled_images is not None:
        sizes.append(batch.labelled_images.shape[0])
    if recipe.consistency:
        sizes.append(batch.images.shape[0])
    return tuple(sizes)


def loss_and_outputs(
    parameters: Parameters, state: TrainState, batch: Batch, context: RoutingContext, recipe: Recipe
) -> tuple[Array, StepOutputs]:
    """The loss of one batch, and everything to be logged."""
    network = recipe.bind(parameters, state.curriculum.active)
    centres = network.centres()
    scalars = recipe.scalars
    sizes = view_rows(recipe, batch)
    views = [batch.images]
    if batch.labelled_images is not None:
        views.append(batch.labelled_images)
    if recipe.consistency:
        views.append(batch.images)
    if context.affine_draws is not None and len(views) > 1:
        seen = augment(jnp.concatenate(views[1:]), context.affine_draws[sizes[0] :], scalars)
        views = [batch.images, seen]
    # one pass of the encoder over all views: one set of matrix products instead of three
    together = network.encode(jnp.concatenate(views), centres=centres, dropout_rate=scalars.dropout_rate, draws=context.dropout_draws)
    latents = network.latents(together, context.latent_noise)
    together = network.resampled(together, latents, centres)
    starts = [sum(sizes[:i]) for i in range(len(sizes))]
    parts = [_rows((together, latents, context.head_draws), start, size) for start, size in zip(starts, sizes, strict=True)]
    encoded, z, _ = parts[0]
    extras = network.extras(batch.images, encoded, z, context, recipe.observation, recipe.routing, centres)

    weights = batch.weights
    images = jnp.sum(weights)
    mean_r = jnp.sum(extras.responsibilities * weights[:, None], axis=0) / images
    decay = scalars.usage_ema_decay
    usage = decay * state.usage + (1.0 - decay) * mean_r
    # the value is the moving average's, the gradient the current batch's
    view = View(
        usage=jax.lax.stop_gradient(usage - mean_r) + mean_r,
        log_pi=network.prior.log_pi(),
        active=state.curriculum.active,
        kernels=kernels(parameters, recipe),
        extras=extras,
    )
    tau = current_tau(state.counts, state.claims, recipe)
    accuracy = jnp.zeros(())
    if batch.labels is not None:
        shown, shown_z, draws = parts[1]
        log_p = classify(network, recipe, tau, shown, shown_z, draws=draws)
        view = replace(view, label_log_probabilities=log_p, labels=batch.labels)
        if recipe.contrastive:
            view = replace(view, labelled_latents=network.mean_latent(shown_z, jnp.exp(shown.log_responsibilities)))
        accuracy = jnp.mean((jnp.argmax(log_p, axis=1) == batch.labels).astype(jnp.float32))
    if recipe.consistency:
        calm = jax.lax.stop_gradient(network.encode(batch.images, centres=centres))
        other, other_z, draws = parts[-1]
        if recipe.agrees_on_components:
            target, moved = calm.log_responsibilities, other.log_responsibilities
        else:
            target = classify(network, recipe, tau, calm, calm.mean)
            moved = classify(network, recipe, tau, other, other_z, draws=draws)
        view = replace(view, target_log_probabilities=target, view_log_probabilities=moved)

    total, elbo = jnp.zeros(()), jnp.zeros(())
    values, metric_weights = [], []
    labelled_rows = jnp.full((), float(recipe.labelled_rows))

    def average(value: Array, per: str) -> Array:
        if per == "image":
            return jnp.sum(value * weights) / images
        return jnp.mean(value)

    for term in training_terms(recipe):
        value = average(term.value(view, recipe), term.per)
        shown_value = average(reported(term, view, recipe), term.per) if term.bound else value
        total = total + term.weight(context, recipe) * value
        elbo = elbo - shown_value if term.part_of_elbo else elbo
        values.append(shown_value)
        metric_weights.append(labelled_rows if term.per == "labelled" else images)
    values += [total, elbo, jnp.zeros(())]
    metric_weights += [images, images, images]
    if recipe.labelled_rows:
        values.append(accuracy)
        metric_weights.append(labelled_rows)
    if recipe.consistency:
        values.append(average(sure_share(view, recipe), "image"))
        metric_weights.append(images)
    sureness = jnp.max(extras.responsibilities, axis=1)
    if recipe.mixture:
        values.append(average(sureness, "image"))
        metric_weights.append(images)
    if recipe.routing.gumbel:
        values.append(average(jnp.max(sampled_weights(encoded.log_responsibilities, context), axis=1), "image"))
        metric_weights.append(images)
    if recipe.plan.likelihood == "heteroscedastic":
        assert extras.noise_level is not None
        values.append(average(sigma_at_bound(extras.decoded_responsibilities, extras.noise_level, recipe), "image"))
        metric_weights.append(images)
    outputs = StepOutputs(
        values=jnp.stack(values),
        weights=jnp.stack(metric_weights),
        usage=usage,
        responsibilities_sum=mean_r * images,
        component_kl_sum=jnp.sum(extras.component_kl * weights[:, None], axis=0),
        sureness=_histogram(sureness, weights),
    )
    return total, outputs


def _rows(tree: Views, start: int, size: int) -> Views:
    return jax.tree.map(lambda array: array[start : start + size], tree)


def sigma_at_bound(responsibilities: Array, sigma: Array, recipe: Recipe) -> Array:
    """1 where the expected noise level, by `responsibilities` of the decoded, lies within 1 % of one of its bounds (B,)."""
    expected = jnp.sum(responsibilities * sigma, axis=1)
    low, high = recipe.scalars.sigma_min, recipe.scalars.sigma_max
    margin = 0.01 * (high - low)
    return ((expected < low + margin) | (expected > high - margin)).astype(jnp.float32)


def train_step(state: TrainState, batch: Batch, recipe: Recipe) -> TrainState:
    """The state after one step; its sums hold the step's metrics."""
    key = jax.random.fold_in(jax.random.fold_in(jax.random.wrap_key_data(state.key), state.life_epoch), state.position)
    rows = sum(view_rows(recipe, batch))
    context = training_context(
        recipe.settings,
        recipe.scalars,
        recipe.plan,
        rows=rows,
        decoded=batch.images.shape[0],
        augmented=augments(recipe.settings),
        life_epoch=state.life_epoch,
        key=key,
        opened=state.curriculum.opened,
    )
    (_, outputs), gradients = jax.value_and_grad(loss_and_outputs, has_aux=True)(state.parameters, state, batch, context, recipe)
    norm = global_norm(gradients)
    rate = learning_rate(recipe, state.run_epoch, state.position)
    parameters, first, second, updates = adamw(
        recipe, state.parameters, gradients, norm, state.first_moment, state.second_moment, state.updates, rate
    )
    outputs = replace(outputs, values=outputs.values.at[metric_names(recipe).index("grad_norm")].set(norm))
    return replace(
        state,
        parameters=parameters,
        first_moment=first,
        second_moment=second,
        updates=updates,
        usage=jax.lax.stop_gradient(outputs.usage),
        life_step=state.life_step + 1,
        position=state.position + 1,
        sums=_add(state.sums, outputs, state.position),
    )


def _add(sums: EpochSums, step: StepOutputs, position: Array) -> EpochSums:
    bad = ~jnp.isfinite(step.values)
    newly = (sums.broken < 0) & jnp.any(bad)
    return replace(
        sums,
        metrics=sums.metrics + step.values * step.weights,
        weights=sums.weights + step.weights,
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
