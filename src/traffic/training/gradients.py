"""The gradient of a batch, summed over parts of it that a processor's cache holds with all that a network works out of them."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from parallel.mesh import each_summed, split, whole
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
    if recipe.devices > 1 and len(parts) > 1:
        # every device counts the targets of all, which is less than to ask others
        parts = whole(parts, recipe.devices)
        # a part reads its own windows and draws by its own number, so each device has parts of its own
        own = each_summed(partial(_of_parts, recipe), recipe.devices)
        numbers = jnp.arange(len(parts), dtype=jnp.int32)
        sums, gradients = own((_in_turns(parts, recipe.devices), _in_turns(numbers, recipe.devices)), (parameters, series, counts, key))
        return sums, counts, gradients
    sums, gradients = _of_parts(recipe, (parts, None), (parameters, series, counts, key), devices=recipe.devices)
    return sums, counts, gradients


def _of_parts(
    recipe: Recipe, own: tuple[Array, Array | None], shared: tuple[Parameters, Series, Array, Array], *, devices: int = 1
) -> tuple[Array, Parameters]:
    """Sums of the loss by target (G,) over parts, and the gradient of these sums' share in the whole batch's loss.

    Args:
        own: the parts (parts, rows), and their numbers in the batch where they are not 0, 1, ... shared: parameters, the series, the whole
            batch's counts (G,) and the step's key. devices: over which the windows of each part are split.
    """
    (parts, numbers), (parameters, series, counts, key) = own, shared

    def add(index: Array, gathered: tuple[Array, Parameters]) -> tuple[Array, Parameters]:
        windows = split(gather(series, split(parts[index], devices), recipe.reading), devices)
        number = index if numbers is None else numbers[index]

        def objective(parameters: Parameters) -> tuple[Array, Array]:
            output = recipe.forward(parameters, windows, jax.random.fold_in(key, number))
            sums, _ = loss_sums(output, windows, series, recipe.loss)
            return mean_loss(sums, counts), sums

        (_, sums), gradients = jax.value_and_grad(objective, has_aux=True)(parameters)
        return jax.tree.map(jnp.add, gathered, (sums, gradients))

    nothing = jax.tree.map(jnp.zeros_like, (counts, parameters))
    if len(parts) == 1:
        # a loop of one turn would have a graphics processor ask at each step whether it goes on
        return add(jnp.zeros((), jnp.int32), nothing)
    # parts of nothing but padding cost nothing
    real = jnp.sum(jnp.any(parts >= 0, axis=1), dtype=jnp.int32)
    return jax.lax.fori_loop(0, real, add, nothing)


def _in_turns(parts: Array, devices: int) -> Array:
    """Parts in the order in which equal shares of them go to devices: 0, D, 2 D, ... to the first; filled up with -1.

    So padding, which comes last, is shared, too.
    """
    filled = jnp.pad(parts, [(0, -len(parts) % devices), *[(0, 0)] * (parts.ndim - 1)], constant_values=-1)
    return filled.reshape(-1, devices, *parts.shape[1:]).swapaxes(0, 1).reshape(filled.shape)


def in_parts(ends: Array, most: int) -> Array:
    """Ends as (parts, rows) of at most so many rows and as even as can be, -1 for padding."""
    rows = even_rows(len(ends), most)
    return jnp.pad(ends, (0, -len(ends) % rows), constant_values=-1).reshape(-1, rows)
