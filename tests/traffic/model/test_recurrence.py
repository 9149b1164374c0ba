"""Loops over time: what they keep for their gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax.extend.core import jaxprs_in_params

from tests.traffic.model.making import xlstm
from traffic.model.lstm import LSTMLayer
from traffic.model.recurrence import over_steps
from traffic.model.slstm_layer import SLSTMLayer

LENGTH, BATCH, WIDTH = 16, 10, 16

Layer = Callable[[Any, Any], Any]


def loops_of(jaxpr: Any) -> Iterator[Any]:
    """Every loop of a program, from first to last."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "scan":
            yield equation
        else:
            for inner in jaxprs_in_params(equation.params):
                yield from loops_of(inner)


def lstm_run() -> tuple[Any, Layer]:
    return LSTMLayer(WIDTH, WIDTH, dtype="float32"), lambda layer, x: layer.run(x, None)


def slstm_run() -> tuple[Any, Layer]:
    return SLSTMLayer(xlstm(embedding_dim=WIDTH, conv1d_kernel_size=0), 1), lambda layer, x: layer(x, None, LENGTH)


@pytest.mark.parametrize(("made", "states"), [(lstm_run, 2), (slstm_run, 4)])
def test_a_gradient_over_steps_keeps_states_and_no_gates(made: Callable[[], tuple[Any, Layer]], states: int) -> None:
    layer, run = made()
    definition, parameters = nnx.split(layer)

    def loss(parameters: Any, x: Any) -> Any:
        return jnp.sum(run(nnx.merge(definition, parameters), x) ** 2)

    program = jax.make_jaxpr(jax.grad(loss, (0, 1)))(parameters, jnp.ones((LENGTH, BATCH, WIDTH)))
    forward, back = loops_of(program.jaxpr)
    stacked = [variable.aval.shape for variable in forward.outvars if variable.aval.shape[:1] == (LENGTH,)]
    # its output, and the state before each step
    assert stacked == [(LENGTH, BATCH, WIDTH)] * (1 + states)
    assert back.params["reverse"]


@pytest.mark.parametrize("backward", [False, True])
def test_steps_are_read_in_order_and_outputs_stand_at_their_steps(backward: bool) -> None:
    x = np.arange(1.0, 6.0, dtype=np.float32)
    found = over_steps(lambda state, value: (2 * state + value, 2 * state + value), jnp.zeros(()), jnp.asarray(x), backward=backward)
    state, expected = 0.0, []
    for value in x[::-1] if backward else x:
        state = 2 * state + value
        expected.append(state)
    assert np.asarray(found).tolist() == (expected[::-1] if backward else expected)
