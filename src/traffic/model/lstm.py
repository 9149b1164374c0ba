"""The stacked LSTM encoder."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.config_architecture import ComputeDtype
from traffic.config_lstm import LSTMArchitecture
from traffic.model.cells.lstm import GATES, LSTMState, lstm_start, lstm_step
from traffic.model.dropout import Dropout, dropped
from traffic.model.encoder import NoStepsError, sequences
from traffic.model.products import added_to_each, product
from traffic.model.recurrence import over_steps
from traffic.model.starts import Constant, Glorot, Orthogonal, parameter


class LSTMLayer(nnx.Module):
    """One layer in one direction.

    Both maps have a bias, so that weights exchange one to one with the usual form; only their sum matters.
    """

    def __init__(self, inputs: int, width: int, *, dtype: ComputeDtype) -> None:
        self.kernel = parameter((inputs, GATES * width), Glorot(GATES))
        self.recurrent = parameter((width, GATES * width), Orthogonal(GATES))
        forget_open = tuple(1.0 if width <= place < 2 * width else 0.0 for place in range(GATES * width))
        self.bias = parameter((GATES * width,), Constant(forget_open))
        self.recurrent_bias = parameter((GATES * width,), Constant(0.0))
        self.width = width
        self.dtype: ComputeDtype = dtype

    def init_state(self, batch: int) -> LSTMState:
        """The state before the first step."""
        return lstm_start(batch, self.width, self.kernel[...].dtype)

    def steady(self, constant: Array | None) -> Array:
        """What every step adds: both biases, and W_ih's product with the inputs (N, C) that stay the same; (N, 4H), or (4H,) without any."""
        bias = self.bias[...] + self.recurrent_bias[...]
        if constant is None:
            return bias
        return product(constant, self.kernel[...][-constant.shape[-1] :], self.dtype) + bias

    def step(self, state: LSTMState, x: Array, steady: Array) -> LSTMState:
        """One step of inputs (S, F), given what `steady` says."""
        activations = product(x, self.kernel[...][: x.shape[-1]], self.dtype) + product(state.h, self.recurrent[...], self.dtype)
        return lstm_step(state, added_to_each(activations, steady))

    def run(self, x: Array, constant: Array | None, *, backward: bool = False) -> Array:
        """Hidden states (L, S, H) after each step of `x` (L, S, F), read from the end if `backward`."""
        steady = self.steady(constant)

        def step(state: LSTMState, inputs: Array) -> tuple[LSTMState, Array]:
            state = self.step(state, inputs, steady)
            return state, state.h

        return over_steps(step, self.init_state(x.shape[1]), x, backward=backward)


class LSTMEncoder(nnx.Module):
    """Layers on top of each other; with `bidirectional` each also reads backwards."""

    def __init__(self, architecture: LSTMArchitecture) -> None:
        def layers() -> nnx.List[LSTMLayer]:
            widths = [architecture.step_width] + [architecture.width] * (architecture.num_layers - 1)
            return nnx.List([LSTMLayer(width, architecture.hidden_size, dtype=architecture.compute_dtype) for width in widths])

        self.layers = layers()
        self.backward_layers = layers() if architecture.bidirectional else None
        self.width = architecture.width

    def __call__(self, x: Array, constant: Array | None, dropout: Dropout | None, last: int) -> Array:
        """See `Encoder`. The last state of a bidirectional network is [forward state after L; backward state after 1]."""
        h = sequences(x)
        for index, layer in enumerate(self.layers):
            if index:
                h, constant = dropped(h, dropout), None
            forward = layer.run(h, constant)
            if self.backward_layers is None:
                h = forward
            else:
                backward = self.backward_layers[index].run(h, constant, backward=True)
                h = jnp.concatenate([forward, backward], axis=-1)
                if index == len(self.layers) - 1:
                    h = h.at[-1].set(jnp.concatenate([forward[-1], backward[0]], axis=-1))
        return h[-last:]

    def init_state(self, batch: int) -> tuple[LSTMState, ...]:
        """See `Encoder`. Raises NoStepsError if it reads backwards, too."""
        if self.backward_layers is not None:
            raise NoStepsError("A bidirectional network reads a window from its end, too.")
        return tuple(layer.init_state(batch) for layer in self.layers)

    def step(self, state: tuple[LSTMState, ...], x: Array, constant: Array | None) -> tuple[tuple[LSTMState, ...], Array]:
        """See `Encoder`."""
        states: list[LSTMState] = []
        h = x
        for index, (layer, before) in enumerate(zip(self.layers, state, strict=True)):
            states.append(layer.step(before, h, layer.steady(None if index else constant)))
            h = states[-1].h
        return tuple(states), h
