"""How parameters start: within 4 standard errors of what the papers say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.model.network import create
from traffic.shapes import shape_of

EMBEDDED: dict[str, Any] = {
    "num_sensors": 40,
    "shared_weights": True,
    "sensor_embedding_dim": 16,
    "tod_embedding_dim": 8,
    "dow_embedding_dim": 8,
}


def made(architecture: Any, seed: int = 0) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in create(architecture, shape_of(architecture), seed=seed).items()}


def assert_normal(x: np.ndarray, deviation: float) -> None:
    assert abs(x.mean()) <= 4 * deviation / math.sqrt(x.size)
    assert abs(x.std() - deviation) <= 4 * deviation / math.sqrt(2 * x.size)
    assert np.abs(x).max() > 2 * deviation


def assert_uniform(x: np.ndarray, bound: float) -> None:
    assert np.abs(x).max() <= bound
    assert np.abs(x).max() >= 0.9 * bound
    assert abs(x.mean()) <= 4 * bound / math.sqrt(3 * x.size)
    # the fourth moment of U(-1, 1) is 1/5, its variance 1/3
    assert abs((x**2).mean() - bound**2 / 3) <= 4 * bound**2 * math.sqrt((1 / 5 - 1 / 9) / x.size)


def test_an_lstm_starts_with_orthogonal_recurrence_and_open_forget_gates() -> None:
    p = made(LSTMArchitecture(**EMBEDDED))
    for name, inputs in (("encoder.layers.0", 19), ("encoder.layers.1", 128)):
        assert_uniform(p[f"{name}.kernel"], math.sqrt(6 / (inputs + 128)))
        for block in np.split(p[f"{name}.recurrent"], 4, axis=1):
            np.testing.assert_allclose(block.T @ block, np.eye(128), atol=1e-5)
        forget = (p[f"{name}.bias"] + p[f"{name}.recurrent_bias"]).reshape(4, 128)
        assert forget.tolist() == [[0.0] * 128, [1.0] * 128, [0.0] * 128, [0.0] * 128]
    assert not p["encoder.layers.0.recurrent_bias"].any()
    assert_normal(p["embeddings.sensors"], 0.1)
    assert_normal(p["embeddings.time_of_day"], 0.1)
    for name in ("head.hidden.0", "head.hidden.1", "head.out"):
        assert_uniform(p[f"{name}.kernel"], 1 / math.sqrt(len(p[f"{name}.kernel"])))
        assert not p[f"{name}.bias"].any()


def test_an_xlstm_starts_as_in_its_paper() -> None:
    p = made(XLSTMArchitecture(prediction_length=12))
    small, narrow = math.sqrt(2 / (5 * 128)), 2 / (6 * math.sqrt(128))
    mlstm, slstm = "encoder.blocks.0.layer", "encoder.blocks.1.layer"
    for name in (f"{mlstm}.up", f"{mlstm}.query", f"{mlstm}.key", f"{mlstm}.value", slstm, "encoder.blocks.1.ffn.up"):
        assert_normal(p[f"{name}.kernel"], small)
    for name in (f"{mlstm}.down", "encoder.blocks.1.ffn.down"):
        assert_normal(p[f"{name}.kernel"], narrow)
    for name in (mlstm, slstm):
        assert_uniform(p[f"{name}.conv.weight"], 0.5)
        assert_uniform(p[f"{name}.conv.bias"], 0.5)
        assert not p[f"{name}.norm.gain"].any()
    assert (p[f"{mlstm}.skip"] == 1).all()
    assert not p[f"{mlstm}.input_gate.kernel"].any()
    assert not p[f"{mlstm}.forget_gate.kernel"].any()
    np.testing.assert_allclose(p[f"{mlstm}.forget_gate.bias"], [3, 4, 5, 6])
    inputs = np.concatenate([made(XLSTMArchitecture(), seed)[f"{mlstm}.input_gate.bias"] for seed in range(20)])
    assert_normal(inputs, 0.1)
    assert not p[f"{slstm}.recurrent"].any()
    assert_uniform(p["encoder.project.kernel"], 1 / math.sqrt(3))


def test_biases_of_forget_gates_follow_a_power_law_that_depends_on_the_block() -> None:
    p = made(XLSTMArchitecture(slstm_at="all"))
    for block in range(6):
        bias = p[f"encoder.blocks.{block}.layer.bias"]
        assert not bias[:, [0, 2, 3]].any()
        expected = [5 - 12 * (j / 31) ** (0.3 + 1.3 * block / 5) for j in range(32)]
        np.testing.assert_allclose(bias[:, 1], np.tile(expected, (4, 1)), atol=1e-5)


def test_a_single_block_and_heads_of_one_feature_have_a_power_law_too() -> None:
    one = XLSTMArchitecture(embedding_dim=4, num_heads=4, num_blocks=1, slstm_at="all", qkv_proj_blocksize=4)
    assert made(one)["encoder.blocks.0.layer.bias"][:, 1].tolist() == [[5.0]] * 4
    flat = made(XLSTMArchitecture(num_blocks=1, slstm_at="all"))["encoder.blocks.0.layer.bias"][0, 1]
    np.testing.assert_allclose(flat, [5 - 12 * (j / 31) ** 0.3 for j in range(32)], atol=1e-5)


@pytest.mark.parametrize(("bias_init", "weights"), [("small_init", "standard"), ("standard", "zeros"), ("zeros", "standard")])
def test_other_starts_of_the_slstm(bias_init: Any, weights: Any) -> None:
    p = made(XLSTMArchitecture(slstm_at="all", bias_init=bias_init, recurrent_weight_init=weights))
    bias, recurrent = p["encoder.blocks.0.layer.bias"], p["encoder.blocks.0.layer.recurrent"]
    if bias_init == "standard":
        assert_uniform(bias, 1 / math.sqrt(128))
    else:
        forget = np.linspace(3, 6, 32) if bias_init == "small_init" else np.zeros(32)
        np.testing.assert_allclose(bias[:, 1], np.tile(forget, (4, 1)), rtol=1e-6)
        assert not bias[:, [0, 2, 3]].any()
    if weights == "standard":
        assert_uniform(recurrent, 1 / math.sqrt(128))
    else:
        assert not recurrent.any()


def test_a_transformer_starts_glorot_uniform_with_smaller_maps_back_into_the_stream() -> None:
    p = made(TransformerArchitecture())
    layer, depth = "encoder.layers.1", 1 / math.sqrt(6)
    for name, bound in (
        ("encoder.project", math.sqrt(6 / 131)), (f"{layer}.attention.query", math.sqrt(6 / 256)), (f"{layer}.up", math.sqrt(6 / 384)),
        (f"{layer}.attention.out", depth * math.sqrt(6 / 256)), (f"{layer}.down", depth * math.sqrt(6 / 384)),
    ):  # fmt: skip
        assert_uniform(p[f"{name}.kernel"], bound)
        assert not p[f"{name}.bias"].any()
    assert (p[f"{layer}.ffn_norm.scale"] == 1).all()


def test_a_parameter_depends_on_the_seed_and_its_own_name_alone() -> None:
    plain, deeper = made(LSTMArchitecture()), made(LSTMArchitecture(num_layers=3))
    assert all(np.array_equal(plain[name], deeper[name]) for name in plain)
    assert not np.array_equal(plain["head.out.kernel"], made(LSTMArchitecture(), 1)["head.out.kernel"])
