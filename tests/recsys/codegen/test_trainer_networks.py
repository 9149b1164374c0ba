"""Networks of generated trainers: their layers, their parameters, what they compute."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.features.config import TOWERS
from recsys.features.dims import tensor_dims
from recsys.model.layers import BatchNorm, Dense, Dropout, LayerNorm
from recsys.model.params import dense_count, embedding_count
from recsys.model.plan import network_plan
from recsys.model.presets import HEADS, PRESETS, RATING
from recsys.training.legacy_keras import tf
from tests.recsys.codegen.tiny import (
    DROPPED,
    HEAD,
    batch_of,
    config_of,
    data_of,
    preset_of,
    untrained,
)


def test_dropout_changes_what_training_sees_and_nothing_else() -> None:
    data = data_of()
    _, model = untrained(config_of("ranking", layers=DROPPED, head=(Dropout(rate=0.5), RATING)), data)
    batch = batch_of(data, 64)
    assert np.array_equal(model.buyer_model(batch).numpy(), model.buyer_model(batch).numpy())
    first, second = (model.buyer_model(batch, training=True).numpy() for _ in range(2))
    assert not np.allclose(first, model.buyer_model(batch).numpy())
    assert not np.allclose(first, second)
    pair = tf.ones([4, 8])
    heads = [model.rate(pair, pair, training=training).numpy() for training in (False, False, True, True)]
    assert np.array_equal(heads[0], heads[1])
    assert not np.allclose(heads[2], heads[3])


def test_dropout_keeps_the_mean_and_drops_the_share_that_is_asked_for() -> None:
    from recsys.codegen.blocks.layers import Dropout as Layer

    layer = Layer(0.3, seed=7, name="dropped")
    found = layer(tf.ones([1000, 100]), training=True).numpy()
    assert (found == 0).mean() == pytest.approx(0.3, abs=0.005)
    assert found.max() == pytest.approx(1 / 0.7)
    identity = Layer(0.0, seed=7, name="none")
    assert np.array_equal(identity(tf.ones([3, 3]), training=True).numpy(), np.ones((3, 3)))


def test_moving_statistics_move_in_training_and_are_used_outside() -> None:
    data = data_of()
    layers = (BatchNorm(), Dense(units=8, activation=None), LayerNorm())
    _, model = untrained(config_of(layers=layers), data)
    batch = batch_of(data, 128)
    moving = model.buyer_model.buyer_batch_norm_1.moving_variance
    assert np.array_equal(moving.numpy(), np.ones(8))
    before = model.buyer_model(batch).numpy()
    assert np.array_equal(before, model.buyer_model(batch).numpy())
    model.train_step(batch)
    assert np.abs(moving.numpy() - 1).min() > 1e-3
    one = {name: values[:1] for name, values in batch.items()}
    np.testing.assert_allclose(model.buyer_model(one), model.buyer_model(batch)[:1], atol=1e-5)


@pytest.mark.parametrize("features", ["ids", "unequal", "retail"])
def test_shared_layers_are_the_same_variables_in_both_towers(features: str) -> None:
    _, model = untrained(config_of(share=True), data_of(features))
    shared = [model.buyer_model.shared, model.product_model.shared]
    assert shared[0] is shared[1]
    layers = [
        {id(v) for v in tower.trainable_variables} for tower in (model.buyer_model, model.product_model)
    ]
    assert layers[0] & layers[1] == {id(v) for v in shared[0].trainable_variables}
    names = [variable.name for variable in model.trainable_variables]
    assert len(names) == len(set(names))


def test_embeddings_of_unequal_width_stand_side_by_side_in_the_order_of_the_features() -> None:
    data = data_of("rich")
    _, model = untrained(
        config_of(layers=(Dropout(rate=0.0),), architecture={"output_embedding_dim": 170}), data
    )
    batch = batch_of(data, 20)
    buyers = model.buyer_model(batch).numpy()
    assert buyers.shape == (20, 170)
    tower = model.buyer_model
    ids = tower.buyer_customer_id_table.embeddings.numpy()[batch["buyer_customer_id"].numpy()]
    np.testing.assert_array_equal(buyers[:, :64], ids)
    history = batch["buyer_product_id_history"].numpy(), batch["buyer_product_id_history_mask"].numpy()
    table = model.product_model.product_product_id_table.embeddings.numpy()
    for row in range(20):
        taken = table[history[0][row][history[1][row] > 0]]
        mean = taken.mean(axis=0) if len(taken) else np.zeros(32)
        place = 64 + 32 + 1 + 1 + 8
        np.testing.assert_allclose(buyers[row, place : place + 32], mean, atol=1e-6)
    assert {len(rows) > 0 for rows in history[0]} == {True}
    assert (history[1].sum(axis=1) == 0).any()


SPREAD = [
    ("retrieval", "minimal", "minimal", False, "ids"),
    ("retrieval", "standard", "minimal", True, "retail"),
    ("ranking", "deep", "deep", True, "ids"),
    ("ranking", "asymmetric", "standard", False, "rich"),
    ("multitask", "regularized", "standard", True, "rich"),
    ("multitask", "minimal", "minimal", True, "unequal"),
    ("multitask", "standard", "deep", False, "hostile"),
]


@pytest.mark.parametrize(("kind", "preset", "head", "share", "features"), SPREAD)
def test_built_models_have_the_counted_parameters(
    kind: str, preset: str, head: str, share: bool, features: str
) -> None:
    data = data_of(features)
    config = preset_of(kind, preset, head, share=share)
    fitted = data.done.fitted
    dims = tensor_dims(data.done.features)
    plan = network_plan(config, dims.buyer.total, dims.product.total)
    rows: Any = {tower: fitted.table_rows(tower) for tower in TOWERS}
    counted = dense_count(plan).total + embedding_count(data.done.features, rows)
    _, model = untrained(config, data)
    assert sum(int(np.prod(variable.shape)) for variable in model.trainable_variables) == counted


def test_built_models_with_every_layer_have_the_counted_parameters() -> None:
    data = data_of()
    layers = (Dense(units=12, activation="gelu"), BatchNorm(), Dropout(rate=0.1), LayerNorm(), Dense(units=6))
    config = config_of(
        "ranking",
        layers=layers,
        head=(LayerNorm(), BatchNorm(), *HEAD),
        architecture={"input_norm": "layer_norm"},
    )
    plan = network_plan(config, 8, 8)
    rows: Any = {tower: data.done.fitted.table_rows(tower) for tower in TOWERS}
    _, model = untrained(config, data)
    built = sum(int(np.prod(variable.shape)) for variable in model.trainable_variables)
    assert built == dense_count(plan).total + embedding_count(data.done.features, rows)
    moving = sum(int(np.prod(v.shape)) for v in model.non_trainable_variables if "moving" in v.name)
    assert moving == dense_count(plan).non_trainable


def test_presets_are_all_there_is_to_spread_over() -> None:
    assert {preset for _, preset, *_ in SPREAD} == set(PRESETS)
    assert {head for _, _, head, *_ in SPREAD} == set(HEADS)


def test_a_forward_pass_is_that_of_numpy_in_float64() -> None:
    data = data_of("unequal")
    activations = {"relu": lambda x: np.maximum(x, 0), "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x)}
    layers = (Dense(units=16, activation="leaky_relu"), LayerNorm(), Dense(units=8))
    _, model = untrained(config_of(layers=layers), data)
    batch = batch_of(data, 64)
    tower = model.buyer_model
    x = tower.buyer_customer_id_table.embeddings.numpy().astype(np.float64)[
        batch["buyer_customer_id"].numpy()
    ]
    kernel, bias = (v.numpy().astype(np.float64) for v in tower.buyer_dense_1.variables)
    x = activations["leaky_relu"](x @ kernel + bias)
    x = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-6)
    kernel, bias = (v.numpy().astype(np.float64) for v in tower.buyer_dense_2.variables)
    x = activations["relu"](x @ kernel + bias)
    np.testing.assert_allclose(tower(batch).numpy(), x, rtol=0, atol=1e-4)


def test_outputs_have_length_one_where_that_is_asked_for() -> None:
    data = data_of()
    _, model = untrained(config_of(architecture={"normalize_embeddings": True}), data)
    batch = batch_of(data, 30)
    for tower in (model.buyer_model, model.product_model):
        np.testing.assert_allclose(np.linalg.norm(tower(batch).numpy(), axis=1), 1, rtol=1e-5)
