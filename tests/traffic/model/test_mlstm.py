"""The forms of the mLSTM cell: one result."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import Array

from tests.traffic.model import reference
from traffic.model.cells.mlstm import mlstm_chunkwise, mlstm_parallel, mlstm_recurrent, mlstm_start, mlstm_step

EPS, HEAD = 1e-6, 32


def data(length: int, dtype: Any, seed: int = 0) -> tuple[Any, ...]:
    """q, k, v (2, 3, L, DH) and gates (2, 3, L) with forget gates nearly open."""
    generator = np.random.default_rng(seed)
    shape = (2, 3, length)
    q, k = 0.3 * generator.standard_normal((2, *shape, HEAD))
    v = generator.standard_normal((*shape, HEAD))
    i = 0.5 * generator.standard_normal(shape)
    f = np.linspace(3, 6, length) + 0.5 * generator.standard_normal(shape)
    return tuple(x.astype(dtype) for x in (q, k, v, i, f))


def forms(length: int) -> dict[str, Callable[..., Array]]:
    chunks = {f"chunks of {chunk}": partial(mlstm_chunkwise, eps=EPS, chunk=chunk) for chunk in (1, 4, 16, length)}
    return {"parallel": partial(mlstm_parallel, eps=EPS), "recurrent": partial(mlstm_recurrent, eps=EPS), **chunks}


def _spread(results: list[np.ndarray]) -> float:
    largest = max(float(np.abs(h).max()) for h in results)
    return max(float(np.abs(a - b).max()) for a in results for b in results) / largest


@pytest.mark.parametrize("length", [1, 12, 64, 256])
def test_all_forms_agree(length: int) -> None:
    with jax.enable_x64(True):
        exact = [np.asarray(jax.jit(form)(*data(length, np.float64))) for form in forms(length).values()]
    assert _spread(exact) <= 1e-12
    single = [np.asarray(jax.jit(form)(*data(length, np.float32))) for form in forms(length).values()]
    assert _spread(single) <= (1e-6 if length <= 64 else 5e-6)


def test_a_last_chunk_may_be_shorter() -> None:
    with jax.enable_x64(True):
        given = data(23, np.float64)
        results = [np.asarray(mlstm_parallel(*given, eps=EPS)), np.asarray(mlstm_chunkwise(*given, eps=EPS, chunk=5))]
    assert _spread(results) <= 1e-12


def test_the_parallel_form_agrees_with_sums_over_the_past() -> None:
    with jax.enable_x64(True):
        given = data(20, np.float64)
        found = np.asarray(mlstm_parallel(*given, eps=EPS))
    expected = np.array([[reference.mlstm_cell(*[x[s, h] for x in given], eps=EPS) for h in range(3)] for s in range(2)])
    assert np.abs(found - expected).max() <= 1e-12 * np.abs(expected).max()


def test_the_last_steps_alone_are_those_of_all_steps() -> None:
    q, k, v, i, f = data(12, np.float32)
    whole = mlstm_parallel(q, k, v, i, f, eps=EPS)
    np.testing.assert_allclose(mlstm_parallel(q[..., -3:, :], k, v, i, f, eps=EPS), whole[..., -3:, :], atol=1e-6)


def test_the_stabiliser_needs_no_gradient() -> None:
    """Gradients through a cell that keeps the stabiliser's gradient are the same."""

    def unstopped(q: Array, k: Array, v: Array, i: Array, f: Array) -> Array:
        total = jnp.cumsum(jax.nn.log_sigmoid(f), -1)
        length = q.shape[-2]
        logs = jnp.where(jnp.tri(length, dtype=bool), total[..., :, None] - total[..., None, :] + i[..., None, :], -jnp.inf)
        m = logs.max(-1)
        scores = jnp.einsum("...td,...sd->...ts", q, k) / np.sqrt(HEAD) * jnp.exp(logs - m[..., None])
        return scores @ v / (jnp.maximum(jnp.abs(scores.sum(-1)), jnp.exp(-m)) + EPS)[..., None]

    with jax.enable_x64(True):
        given, weights = data(16, np.float64), np.random.default_rng(2).standard_normal((2, 3, 16, HEAD))
        kept = jax.jit(jax.grad(lambda *x: jnp.sum(weights * unstopped(*x)), argnums=(0, 1, 2, 3, 4)))(*given)
        for form in forms(16).values():
            stopped = jax.jit(jax.grad(lambda *x, form=form: jnp.sum(weights * form(*x)), argnums=(0, 1, 2, 3, 4)))(*given)
            for a, b in zip(kept, stopped, strict=True):
                assert float(jnp.abs(a - b).max() / jnp.abs(a).max()) <= 1e-4


def test_extreme_gates_give_finite_values_and_gradients() -> None:
    q, k, v, i, f = data(12, np.float32)
    for form in forms(12).values():
        measured = jax.jit(jax.value_and_grad(lambda *x, form=form: jnp.sum(form(*x)), argnums=(0, 1, 2, 3, 4)))
        for change_i, change_f in itertools.product((-1e3, -50.0, 0.0, 50.0, 1e3), repeat=2):
            gates = (i + np.float32(change_i), f + np.float32(change_f))
            value, gradient = measured(q, k, v, *gates)
            assert np.isfinite(value)
            assert all(bool(jnp.isfinite(g).all()) for g in gradient)


def test_a_state_carries_over_from_step_to_step() -> None:
    q, k, v, i, f = data(6, np.float32)
    whole = mlstm_recurrent(q, k, v, i, f, eps=EPS)
    state = mlstm_start((2, 3), HEAD, jnp.dtype(np.float32))
    for t in range(6):
        state, h = mlstm_step(state, q[..., t, :], k[..., t, :], v[..., t, :], i[..., t], f[..., t], eps=EPS)
        np.testing.assert_allclose(h, whole[..., t, :], atol=1e-6)
