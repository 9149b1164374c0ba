"""The gradient of a batch, summed over parts of it that a processor's cache holds with all that a network works out of them."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

from parallel.mesh import split
from traffic.training.losses import loss_sums, mean_loss
from traffic.training.optimiser import Parameters
from traffic.training.recipe import Recipe, even_rows
from traffic.training.series import Series, gather, targets_counted


def gradients_of(recipe: Recipe, parameters: Parameters, series: Series, ends: Array, key: Array) -> tuple[Array, Array, Parameters]:
    """The sum of a batch's loss by target and how many targets it is over, (G,) each, and the gradient of `mean_loss` of both.

    Args:
        ends: rows of the last inputs of its windows (B,); -1 is padding and comes last. key: of this step's dropout.
    """
    counts = targets_counted(series, ends, recipe.reading)
    parts = in_parts(ends, recipe.training_rows)
    devices = recipe.devices

    def add(index: Array, gathered: tuple[Array, Parameters]) -> tuple[Array, Parameters]:
        windows = split(gather(series, split(parts[index], devices), recipe.reading), devices)

        def objective(parameters: Parameters) -> tuple[Array, Array]:
            output = recipe.forward(parameters, windows, jax.random.fold_in(key, index))
            sums, _ = loss_sums(output, windows, series, recipe.loss)
            return mean_loss(sums, counts), sums

        (_, sums), gradients = jax.value_and_grad(objective, has_aux=True)(parameters)
        return jax.tree.map(jnp.add, gathered, (sums, gradients))

    nothing = jax.tree.map(jnp.zeros_like, (counts, parameters))
    if len(parts) == 1:
        # a loop of one turn would have a graphics processor ask at each step whether it goes on
        sums, gradients = add(jnp.zeros((), jnp.int32), nothing)
    else:
        # parts of nothing but padding cost nothing
        real = jnp.sum(jnp.any(parts >= 0, axis=1), dtype=jnp.int32)
        sums, gradients = jax.lax.fori_loop(0, real, add, nothing)
    return sums, counts, gradients


def in_parts(ends: Array, most: int) -> Array:
    """Ends as (parts, rows) of at most so many rows and as even as can be, -1 for padding."""
    rows = even_rows(len(ends), most)
    return jnp.pad(ends, (0, -len(ends) % rows), constant_values=-1).reshape(-1, rows)
