"""The networks against an independent implementation in NumPy, values and gradients."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from tests.traffic.model import reference
from tests.traffic.model.making import FLAT, SHARED, forecast, lstm, randomised, transformer, windows, xlstm
from traffic.config_lstm import LSTMArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from traffic.model.network import bind
from traffic.shapes import shape_of

CASES: dict[str, AnyArchitecture] = {
    "lstm": lstm(**FLAT),
    "lstm, both directions": lstm(bidirectional=True, **FLAT),
    "lstm, one layer, linear head": lstm(num_layers=1, head="linear", **FLAT),
    "mlstm": xlstm(num_blocks=1, slstm_at=(), **FLAT),
    "slstm": xlstm(num_blocks=1, slstm_at="all", **FLAT),
    "xlstm": xlstm(**FLAT),
    "xlstm, biases, no norms, clipped": xlstm(
        bias=True, group_norm_weight=False, add_post_blocks_norm=False, forward_clipval=0.4, head="mlp", ffn_act="swish", **FLAT
    ),
    "xlstm, no convolution, larger epsilon": xlstm(
        conv1d_kernel_size=0, normalizer_eps=1e-3, qkv_proj_blocksize=8, ffn_act="relu^2", **FLAT
    ),
    "transformer": transformer(**FLAT),
    "transformer, causal": transformer(causal=True, rope_base=100.0, head="mlp", **FLAT),
}


def reference_forecast(architecture: AnyArchitecture, p: reference.Values, data: tuple[Any, ...]) -> np.ndarray:
    """(B, P, N, G), one sequence after another."""
    inputs, exog, tod, dow = data
    shape = shape_of(architecture)
    rows = range(shape.sensors) if shape.shared else (None,)
    return np.array([
        np.concatenate([
            _one(architecture, p, inputs[b] if n is None else inputs[b, :, n : n + 1], exog[b] if n is None else exog[b, :, n], n, tod[b], dow[b])
            for n in rows
        ], axis=1)
        for b in range(len(inputs))
    ])  # fmt: skip


def _one(
    architecture: AnyArchitecture, p: reference.Values, x: np.ndarray, exog: np.ndarray, sensor: int | None, tod: int, dow: int
) -> np.ndarray:
    """(P, detectors of the sequence, G)."""
    mine = [] if sensor is None else [p["embeddings.sensors"][sensor]]
    steps = [np.concatenate([x[t].reshape(-1), exog[t], *mine]) for t in range(len(x))]
    if isinstance(architecture, LSTMArchitecture):
        z = reference.lstm(p, steps, layers=architecture.num_layers, bidirectional=architecture.bidirectional)
    elif isinstance(architecture, XLSTMArchitecture):
        scalar = range(architecture.num_blocks) if architecture.slstm_at == "all" else architecture.slstm_at
        z = reference.xlstm(
            p, steps, blocks=architecture.num_blocks, scalar={int(i) for i in scalar}, heads=architecture.num_heads,
            eps=architecture.normalizer_eps, activation=architecture.ffn_act, clip=architecture.forward_clipval,
        )  # fmt: skip
    else:
        z = reference.transformer(
            p, steps, layers=architecture.num_layers, heads=architecture.num_heads, causal=architecture.causal, base=architecture.rope_base
        )
    if "embeddings.time_of_day" in p:
        z = np.concatenate([z, *mine, p["embeddings.time_of_day"][tod], p["embeddings.day_of_week"][dow]])
    return reference.head(p, z).reshape(architecture.prediction_length, x.shape[1], -1)


def _off(found: Any, expected: np.ndarray) -> float:
    return float(np.max(np.abs(np.asarray(found) - expected)) / np.max(np.abs(expected)))


LENGTHS = [(case, length) for case in CASES for length in ((1, 4, 12, 64) if case in ("lstm", "xlstm") else (12,))]


@pytest.mark.parametrize(("case", "length"), LENGTHS)
def test_a_network_agrees_with_the_equations_written_out(case: str, length: int) -> None:
    architecture = CASES[case]
    data = windows(architecture, 2, length, dtype=np.float64)
    with jax.enable_x64(True):
        parameters = randomised(architecture, dtype=np.float64)
        expected = reference_forecast(architecture, parameters, data)
        found = forecast(architecture, parameters, data)
        assert found.dtype == np.float64
        assert _off(found, expected) <= 1e-10
    single = forecast(architecture, *jax.tree.map(lambda x: x.astype(np.float32) if x.dtype == np.float64 else x, (parameters, data)))
    assert single.dtype == np.float32
    assert _off(single, expected) <= 2e-5


@pytest.mark.parametrize("make", [lstm, xlstm, transformer])
def test_detectors_that_share_weights_are_read_one_by_one_with_their_embeddings(make: Any) -> None:
    architecture = make(**SHARED)
    with jax.enable_x64(True):
        parameters, data = randomised(architecture, dtype=np.float64), windows(architecture, 2, dtype=np.float64)
        assert _off(forecast(architecture, parameters, data), reference_forecast(architecture, parameters, data)) <= 1e-10


@pytest.mark.parametrize("case", [case for case in CASES if "epsilon" not in case])
def test_gradients_agree_with_central_differences_of_the_equations(case: str) -> None:
    architecture = CASES[case]
    data = windows(architecture, 1, 5, dtype=np.float64)
    generator, step = np.random.default_rng(3), 1e-5
    with jax.enable_x64(True):
        parameters = randomised(architecture, dtype=np.float64)
        weights = generator.standard_normal((1, architecture.prediction_length, 3, 1))

        def loss(parameters: Any) -> Any:
            return jnp.sum(weights * bind(architecture, shape_of(architecture), parameters)(*data))

        gradient = jax.device_get(jax.jit(jax.grad(loss))(parameters))
    whole = np.sqrt(sum(float(np.sum(g**2)) for g in gradient.values()))
    for name in parameters:
        direction = generator.standard_normal(parameters[name].shape)
        direction /= np.linalg.norm(direction)
        ends = [
            np.sum(weights * reference_forecast(architecture, {**parameters, name: parameters[name] + sign * step * direction}, data))
            for sign in (1, -1)
        ]
        slope = (ends[0] - ends[1]) / (2 * step)
        # below the last term differences are rounding alone
        scale = max(abs(slope), 1e-2 * float(np.linalg.norm(gradient[name])), 1e-4 * whole)
        assert abs(float(np.sum(gradient[name] * direction)) - slope) <= 1e-5 * scale, name
