"""The sLSTM layer: convolution, input maps by head, the recurrent cell, group norm."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array

from traffic.config_xlstm import XLSTMArchitecture
from traffic.model.cells.slstm import GATES, SLSTMState, slstm_start, slstm_step
from traffic.model.convolution import CausalConvolution
from traffic.model.dropout import Dropout, dropped
from traffic.model.feed_forward import small_start
from traffic.model.norms import HeadNorm
from traffic.model.products import block_diagonal, product
from traffic.model.recurrence import over_steps
from traffic.model.starts import Constant, Stacked, Start, Uniform, parameter

SMALL_FROM, SMALL_TO = 3.0, 6.0
CONVOLVED = 2
"""Gates that read convolved inputs, the first ones: input and forget."""
LONGEST, SPAN = 5.0, 12.0
FIRST_POWER, POWER_SPAN = 0.3, 1.3


class SLSTMLayerState(NamedTuple):
    """The cell's state and the convolution's last inputs; None without a convolution."""

    cell: SLSTMState
    seen: Array | None


class Weights(NamedTuple):
    """The maps of a step as matrices with zeros between heads, gates side by side: of convolved inputs (E, 2E), for the first two gates, of
    plain ones (E, 2E), for the others, and of the last output (E, 4E); the bias (4E,)."""

    convolved: Array
    plain: Array
    recurrent: Array
    bias: Array


class SLSTMLayer(nnx.Module):
    """One sLSTM layer, without the norm before it and the residual connection around it. It has no output projection.

    Args:
        block: its place in the stack.
    """

    def __init__(self, architecture: XLSTMArchitecture, block: int) -> None:
        width, heads = architecture.embedding_dim, architecture.num_heads
        head = width // heads
        self.conv = CausalConvolution(width, architecture.conv1d_kernel_size) if architecture.conv1d_kernel_size else None
        # gates in the order of the cell: input, forget, cell, output
        self.kernel = parameter((GATES, heads, head, head), small_start(width))
        standard = Uniform(1 / math.sqrt(width))
        self.recurrent = parameter(
            (heads, head, GATES, head), standard if architecture.recurrent_weight_init == "standard" else Constant(0.0)
        )
        self.bias = parameter((heads, GATES, head), _bias_start(architecture, block, head, standard))
        self.norm = HeadNorm(width, heads, learned=architecture.group_norm_weight)
        self.settings = architecture

    def __call__(self, x: Array, dropout: Dropout | None, last: int) -> Array:
        """`x` (L, S, E). Returns the layer's output at the `last` T steps, (T, S, E)."""
        c = x if self.conv is None else jax.nn.silu(self.conv(x))
        weights = self._weights()

        def step(state: SLSTMState, inputs: tuple[Array, Array]) -> tuple[SLSTMState, Array]:
            state = self._step(state, *inputs, weights)
            return state, state.y

        y = over_steps(step, self._start(x.shape[1]), (x, c))
        return self.norm(dropped(y[-last:], dropout))

    def init_state(self, batch: int) -> SLSTMLayerState:
        """The state before the first step."""
        return SLSTMLayerState(self._start(batch), None if self.conv is None else self.conv.init_state(batch))

    def step(self, state: SLSTMLayerState, x: Array) -> tuple[SLSTMLayerState, Array]:
        """`x` (S, E). Returns the next state and this step's output (S, E)."""
        seen, c = None, x
        if self.conv is not None and state.seen is not None:
            seen, convolved = self.conv.step(state.seen, x)
            c = jax.nn.silu(convolved)
        cell = self._step(state.cell, x, c, self._weights())
        return SLSTMLayerState(cell, seen), self.norm(cell.y)

    def _start(self, batch: int) -> SLSTMState:
        return slstm_start(batch, self.settings.embedding_dim, self.kernel[...].dtype)

    def _weights(self) -> Weights:
        kernel, recurrent, bias = self.kernel[...], self.recurrent[...], self.bias[...]

        def side_by_side(blocks: Iterable[Array]) -> Array:
            return jnp.concatenate([block_diagonal(one) for one in blocks], axis=-1)

        return Weights(
            side_by_side(kernel[:CONVOLVED]),
            side_by_side(kernel[CONVOLVED:]),
            side_by_side(recurrent[:, :, gate] for gate in range(GATES)),
            bias.transpose(1, 0, 2).reshape(-1),
        )

    def _step(self, state: SLSTMState, x: Array, c: Array, weights: Weights) -> SLSTMState:
        """One step of inputs (S, E) as they are and convolved."""
        settings, y = self.settings, state.y
        if settings.gradient_recurrent_cut:
            y = jax.lax.stop_gradient(y)
        elif settings.gradient_recurrent_clipval is not None:
            y = with_clipped_gradient(y, settings.gradient_recurrent_clipval)
        dtype = settings.compute_dtype
        given = jnp.concatenate([product(c, weights.convolved, dtype), product(x, weights.plain, dtype)], axis=-1)
        return slstm_step(state, given + product(y, weights.recurrent, dtype) + weights.bias, settings.forward_clipval)


def with_clipped_gradient(x: Array, bound: float) -> Array:
    """`x`, whose gradient is clipped to ±bound entry by entry."""
    return jnp.asarray(_clipped(x, bound))


@partial(jax.custom_vjp, nondiff_argnums=(1,))
def _clipped(x: Array, bound: float) -> Array:
    return x


_clipped.defvjp(lambda x, bound: (x, None), lambda bound, _, gradient: (jnp.clip(gradient, -bound, bound),))


def _bias_start(architecture: XLSTMArchitecture, block: int, head: int, standard: Start) -> Start:
    """Starts of the four gates' biases."""
    if architecture.bias_init == "standard":
        return Stacked((standard,) * GATES)
    zero = Constant(0.0)
    if architecture.bias_init == "zeros":
        return zero
    if architecture.bias_init == "small_init":
        forget = np.linspace(SMALL_FROM, SMALL_TO, head)
    else:
        ratio = block / (architecture.num_blocks - 1) if architecture.num_blocks > 1 else 0.0
        places = np.arange(head) / (head - 1) if head > 1 else np.zeros(1)
        forget = LONGEST - SPAN * places ** (FIRST_POWER + POWER_SPAN * ratio)
    return Stacked((zero, Constant(tuple(forget.tolist())), zero, zero))
