"""The compiled functions of a run: the order of an epoch, steps of it, errors of an evaluated set, forecasts.

Each takes the series, indices and a state; windows are gathered inside. Bounds of loops are arguments, so that an epoch may run in as many
calls as a stop and progress need, with the same bits and one program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import struct
from jax import Array

from parallel.mesh import giving_whole, split, whole
from traffic.training.gradients import gradients_of
from traffic.training.losses import loss_sums, mean_loss, unscaled
from traffic.training.optimiser import Parameters, clipped, direction, learning_rate
from traffic.training.recipe import Recipe
from traffic.training.series import Series, Windows, gather
from traffic.training.state import TrainState


@struct.dataclass
class BatchErrors:
    """Sums of each batch of an evaluated set, (batches, ...): of the loss (G,), `losses` over `counts`; of errors by horizon, (5, P, G): absolute,
    squared, percent, and how many targets the first two and the third are over."""

    losses: Array
    counts: Array
    errors: Array


class Compiled:
    """The compiled functions of a recipe.

    Attributes:
        order: (key data, life epoch, ends of training windows) -> (steps, B) ends, -1 for padding.
        segment: (state, series, order, shrunk, first, last) -> the state after steps first..last-1 of its epoch; the state is donated.
        errors: (sums, parameters, series, batches of ends, first, last) -> the sums with those batches'; they are donated.
        predict: (parameters, series, ends) -> forecasts in original units; quantiles ascend.
    """

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe
        devices = recipe.devices
        self.order: Callable[[Array, Array, Array], Array] = jax.jit(giving_whole(self._order, devices))
        self.segment: Callable[..., TrainState] = jax.jit(giving_whole(self._segment, devices), donate_argnums=0)
        self.errors: Callable[..., BatchErrors] = jax.jit(giving_whole(self._errors, devices), donate_argnums=0)
        self.predict: Callable[[Parameters, Series, Array], Array] = jax.jit(giving_whole(self._predict, devices))

    def _order(self, key: Array, epoch: Array, ends: Array) -> Array:
        recipe = self._recipe
        shuffle = jax.random.fold_in(jax.random.wrap_key_data(key), epoch)
        chosen = ends[jax.random.permutation(shuffle, recipe.n_train)]
        missing = recipe.steps * recipe.batch_size - recipe.n_train
        return jnp.pad(chosen, (0, missing), constant_values=-1).reshape(recipe.steps, recipe.batch_size)

    def _segment(self, state: TrainState, series: Series, order: Array, shrunk: Array, first: Array, last: Array) -> TrainState:
        return jax.lax.fori_loop(first, last, lambda index, state: self._step(state, series, order[index], shrunk), state)

    def _step(self, state: TrainState, series: Series, ends: Array, shrunk: Array) -> TrainState:
        recipe, settings, step = self._recipe, self._recipe.settings, state.position
        epoch_key = jax.random.fold_in(jax.random.wrap_key_data(state.key), state.life_epoch)
        sums, counts, gradients = gradients_of(recipe, state.parameters, series, ends, jax.random.fold_in(epoch_key, step))
        loss = mean_loss(sums, counts)
        norm = optax.tree.norm(gradients)
        finite = jnp.isfinite(loss) & jnp.isfinite(norm) & (state.broken < 0)
        rate = learning_rate(settings, epoch=state.epoch, step=step, steps=recipe.steps, shrunk=shrunk)
        moves, optimiser = direction(settings).update(clipped(gradients, norm, settings.grad_clip_norm), state.optimiser, state.parameters)
        moved = jax.tree.map(lambda parameter, move: parameter - rate * move, state.parameters, moves)

        def kept(new: Any, old: Any) -> Any:
            return jax.tree.map(lambda a, b: jnp.where(finite, a, b), new, old)

        after = replace(
            state,
            parameters=kept(moved, state.parameters),
            optimiser=kept(optimiser, state.optimiser),
            position=step + 1,
            losses=state.losses.at[step].set(sums),
            counts=state.counts.at[step].set(counts),
            norms=state.norms.at[step].set(norm),
            rate=rate,
            broken=jnp.where(finite | (state.broken >= 0), state.broken, step),
        )
        return whole(after, recipe.devices)

    def _errors(self, sums: BatchErrors, parameters: Parameters, series: Series, batches: Array, first: Array, last: Array) -> BatchErrors:
        recipe = self._recipe

        def add(index: Array, sums: BatchErrors) -> BatchErrors:
            windows = self._gathered(series, batches[index])
            output = recipe.forward(parameters, windows, None)
            losses, counts = loss_sums(output, windows, series, recipe.loss)
            forecast = point(self._sorted(unscaled(output, series)), recipe.quantiles)
            error = jnp.where(windows.counted > 0, jnp.abs(forecast - windows.targets), 0.0)
            relative = windows.counted * (windows.targets != 0)
            percent = 100.0 * error * relative / jnp.where(relative > 0, jnp.abs(windows.targets), 1.0)
            found = jnp.stack([jnp.sum(part, axis=(0, 2)) for part in (error, error**2, percent, windows.counted, relative)])
            return BatchErrors(
                losses=sums.losses.at[index].set(losses), counts=sums.counts.at[index].set(counts), errors=sums.errors.at[index].set(found)
            )

        return jax.lax.fori_loop(first, last, add, sums)

    def _predict(self, parameters: Parameters, series: Series, ends: Array) -> Array:
        return self._sorted(unscaled(self._recipe.forward(parameters, self._gathered(series, ends), None), series))

    def _gathered(self, series: Series, ends: Array) -> Windows:
        devices = self._recipe.devices
        return split(gather(series, split(ends, devices), self._recipe.reading), devices)

    def _sorted(self, forecast: Array) -> Array:
        """Quantiles in order, so that they never cross."""
        return jnp.sort(forecast, axis=-1) if self._recipe.quantiles else forecast


def point(forecast: Any, quantiles: tuple[float, ...]) -> Any:
    """The point forecast (..., G): the median of quantiles (..., G, K), or the forecast itself."""
    return forecast[..., quantiles.index(0.5)] if quantiles else forecast
