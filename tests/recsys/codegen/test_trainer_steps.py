from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.features.config import TOWERS
from recsys.features.dims import tensor_dims
from recsys.model.layers import BatchNorm, Dense, Dropout, Layer, LayerNorm
from recsys.model.params import dense_count, embedding_count
from recsys.model.plan import network_plan
from recsys.model.presets import HEADS, PRESETS, RATING
from recsys.training.legacy_keras import tf
from tests.recsys.codegen.tiny import (
    DROPPED,
    HEAD,
    Silent,
    batch_of,
    config_of,
    data_of,
    preset_of,
    run,
    trainer,
    untrained,
)

L2: tuple[Layer, ...] = (Dense(units=8, activation=None, l2_reg=0.01),)
SGD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.5, "clipnorm": None}


def values(model: Any) -> dict[str, np.ndarray]:
    """A model's trainable variables by name."""
    return {variable.name: variable.numpy() for variable in model.trainable_variables}


def step_of(config: Any, data: Any, batch: Any) -> dict[str, np.ndarray]:
    """How far one step of plain gradient descent takes each variable, over the learning rate."""
    _, model = untrained(config, data)
    before = values(model)
    model.train_step(batch)
    after = values(model)
    return {name: (before[name] - after[name]) / config.training.learning_rate for name in before}


@pytest.mark.parametrize("kind", ["retrieval", "ranking"])
@pytest.mark.parametrize("rows", [128, 37], ids=["full batch", "partial batch"])
def test_a_summed_loss_is_the_mean_times_the_rows_of_the_batch_penalties_included(
    kind: str, rows: int
) -> None:
    data = data_of()
    batch = batch_of(data, rows)
    steps = {}
    for reduction in ("sum", "mean"):
        config = config_of(kind, layers=L2, loss_reduction=reduction, output_l2=0.05, **SGD)
        steps[reduction] = step_of(config, data, batch)
    for name, mean in steps["mean"].items():
        np.testing.assert_allclose(steps["sum"][name], rows * mean, rtol=2e-3, atol=2e-4, err_msg=name)


def test_penalties_are_the_squared_weights_and_the_mean_squared_length_of_each_rows_vectors() -> None:
    data = data_of()
    batch = batch_of(data, 50)
    _, plain = untrained(config_of(layers=L2, output_l2=0.0), data)
    _, model = untrained(config_of(layers=L2, output_l2=0.07), data)
    kernels = [v.numpy() for v in model.trainable_variables if "kernel" in v.name]
    assert len(kernels) == 2
    weights = 0.01 * sum(float((kernel.astype(np.float64) ** 2).sum()) for kernel in kernels)
    vectors = [tower(batch).numpy().astype(np.float64) for tower in (model.buyer_model, model.product_model)]
    lengths = sum((vector**2).sum(axis=1).mean() for vector in vectors)
    for one, output_l2 in ((plain, 0.0), (model, 0.07)):
        objective, told = one.objective(batch)
        assert float(objective) / 50 == pytest.approx(
            float(told["loss"][0]) + weights + output_l2 * lengths, rel=1e-5
        )


def test_a_linear_layer_in_a_head_has_its_penalty_too() -> None:
    data = data_of()
    head = (Dense(units=4, activation=None, l2_reg=0.5), RATING)
    _, model = untrained(config_of("ranking", head=head), data)
    assert len(model.losses) == 1
    kernel = next(v for v in model.trainable_variables if "head_dense_1/kernel" in v.name)
    assert float(model.losses[0]) == pytest.approx(0.5 * float((kernel.numpy() ** 2).sum()), rel=1e-5)


@pytest.mark.parametrize("kind", ["retrieval", "ranking", "multitask"])
@pytest.mark.parametrize("optimizer", ["sgd", "adagrad", "adam"])
def test_gradients_are_clipped_in_every_type(kind: str, optimizer: str) -> None:
    config = config_of(kind, optimizer=optimizer, clipnorm=0.125)
    module = trainer(config, data_of())
    assert module.make_optimizer().clipnorm == 0.125


def test_a_step_of_clipped_gradients_is_no_longer_than_the_limit() -> None:
    config = config_of("ranking", **{**SGD, "clipnorm": 1e-3})
    steps = step_of(config, data_of(), batch_of(data_of()))
    assert {name: bool(np.linalg.norm(step) <= 1.01e-3) for name, step in steps.items()} == dict.fromkeys(
        steps, True
    )
    assert any(np.linalg.norm(step) > 0.9e-3 for step in steps.values())


@pytest.mark.parametrize("kind", ["ranking", "multitask"])
def test_the_told_loss_of_an_epoch_does_not_depend_on_the_size_of_its_batches(kind: str) -> None:
    data, told = data_of("hostile"), {}
    rows = len(data.parts["train"])
    for size in (300, 800):
        config = config_of(kind, loss_balance="none" if kind == "multitask" else "gradient")
        _, model = untrained(config, data, learning_rate=0.0)
        for start in range(0, rows, size):
            last = model.train_step(batch_of(data, size, start))
        told[size] = float(last["ranking_loss" if kind == "multitask" else "loss"])
    assert told[300] == pytest.approx(told[800], rel=1e-4)


def losses_of(model: Any, batch: Any) -> Any:
    """Both mean losses of a batch, from the model's parts, with what they are differentiated by."""
    with tf.GradientTape(persistent=True) as tape:
        buyers, products, items = model.towers(batch, True)
        tape.watch([buyers, products])
        retrieval = model.retrieval(buyers, products, *items)
        ratings = model.rate(buyers, tf.gather(products, items[0]), True)[:, 0]
        known = batch["target_known"]
        ranking = tf.reduce_sum((ratings - batch["target"]) ** 2 * known) / tf.reduce_sum(known)
    return tape, (buyers, products), retrieval, ranking


def length(gradients: Any) -> float:
    return float(
        np.sqrt(sum((tf.convert_to_tensor(part).numpy().astype(np.float64) ** 2).sum() for part in gradients))
    )


@pytest.mark.parametrize("weights", [(3.0, 1.0), (0.2, 0.8)])
def test_the_share_of_retrieval_in_the_gradient_that_reaches_the_towers_is_its_weight(
    weights: tuple[float, float],
) -> None:
    data = data_of()
    config = config_of(
        "multitask",
        retrieval_weight=weights[0],
        ranking_weight=weights[1],
        optimizer="adam",
        learning_rate=0.005,
    )
    _, model = untrained(config, data)
    shares = []
    for number in range(20):
        batch = batch_of(data, 200, 200 * (number % 4))
        tape, outputs, retrieval, ranking = losses_of(model, batch)
        pull, push = length(tape.gradient(retrieval, outputs)), length(tape.gradient(ranking, outputs))
        model.reset_metrics()
        told = model.train_step(batch)
        kappa = float(model._kappa)
        parts = weights[0] * pull, weights[1] * kappa * push
        shares.append(parts[0] / sum(parts))
        assert float(told["retrieval_share"]) == pytest.approx(shares[-1], abs=1e-3)
    assert np.mean(shares[10:]) == pytest.approx(weights[0] / sum(weights), abs=0.02)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_towers_step_along_both_gradients_and_the_head_along_its_own_unscaled_one(reduction: str) -> None:
    data = data_of()
    batch = batch_of(data, 64)
    weights = {"retrieval_weight": 0.3, "ranking_weight": 0.7}
    config = config_of("multitask", loss_reduction=reduction, **weights, **SGD)
    _, model = untrained(config, data)
    tape, outputs, retrieval, ranking = losses_of(model, batch)
    weight = 64 if reduction == "sum" else 1
    kappa = weight * length(tape.gradient(retrieval, outputs)) / length(tape.gradient(ranking, outputs))
    wanted = {}
    for variable in model.trainable_variables:
        parts = [tape.gradient(loss, variable) for loss in (retrieval, ranking)]
        one, other = (0.0 if part is None else tf.convert_to_tensor(part).numpy() for part in parts)
        of_head = variable.name.startswith("rating_head") or "head_" in variable.name
        wanted[variable.name] = other if of_head else 0.3 * weight * one + 0.7 * kappa * other
    before = values(model)
    model.train_step(batch)
    for name, after in values(model).items():
        step = (before[name] - after) / 0.5
        scale = np.abs(wanted[name]).max()
        np.testing.assert_allclose(step, wanted[name], atol=1e-4 * scale + 1e-6, err_msg=name)


@pytest.mark.parametrize("balance", ["gradient", "chance", "none"])
@pytest.mark.parametrize("alone", ["retrieval", "ranking"])
def test_a_task_without_weight_leaves_the_other_to_train_as_in_a_model_of_its_own(
    alone: str, balance: str
) -> None:
    data = data_of("history")
    layers = (*DROPPED, Dense(units=8, activation=None, l2_reg=0.001))
    weights = {"retrieval_weight": 0.7 * (alone == "retrieval"), "ranking_weight": 0.7 * (alone == "ranking")}
    settings: dict[str, Any] = {"layers": layers, "optimizer": "sgd", "learning_rate": 0.05}
    _, both = untrained(config_of("multitask", loss_balance=balance, **weights, **settings), data)
    _, one = untrained(config_of(alone, **settings), data)
    for start in (0, 100):
        batch = batch_of(data, 100, start)
        told, wanted = both.train_step(batch), one.train_step(batch)
        assert float(told["loss"]) == pytest.approx(float(wanted["loss"]), rel=1e-6)
    for tower in TOWERS:
        pairs = zip(
            getattr(both, f"{tower}_model").variables,
            getattr(one, f"{tower}_model").variables,
            strict=True,
        )
        for found, wanted in pairs:
            np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=0, atol=1e-6, err_msg=wanted.name)
    if alone == "ranking":
        for found, wanted in zip(both.rating_head.variables, one.rating_head.variables, strict=True):
            np.testing.assert_allclose(found.numpy(), wanted.numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "binary_crossentropy"])
def test_measured_by_chance_both_losses_of_an_untrained_model_are_near_one(loss: str) -> None:
    data = data_of(binary=loss == "binary_crossentropy")
    config = config_of("multitask", loss_balance="chance", loss_function=loss, sampling_correction="none")
    _, model = untrained(config, data)
    batch = batch_of(data, 700)
    _, told = model.objective(batch)
    retrieval, ranking = float(told["retrieval_loss"][0]), float(told["ranking_loss"][0])
    assert retrieval / np.log(700) == pytest.approx(1, abs=0.02)
    assert ranking / model._chance_loss == pytest.approx(1, abs=0.25)
    objective = 700 * (0.5 * retrieval / np.log(700) + 0.5 * ranking / model._chance_loss)
    assert float(model.objective(batch)[0]) == pytest.approx(objective, rel=1e-5)


def test_the_loss_of_the_best_constant_is_that_of_the_mean_the_median_and_the_share() -> None:
    from recsys.codegen.blocks.rating import constant_loss

    losses = tf.keras.losses
    targets = np.array([1, 2, 2, 7, 11.5], np.float32)
    assert constant_loss(targets, losses.MeanSquaredError(reduction="none"), logits=False) == pytest.approx(
        targets.var(), rel=1e-5
    )
    assert constant_loss(targets, losses.MeanAbsoluteError(reduction="none"), logits=False) == pytest.approx(
        np.abs(targets - 2).mean(), rel=1e-5
    )
    rare = (np.arange(100) < 7).astype(np.float32)
    entropy = -0.07 * np.log(0.07) - 0.93 * np.log(0.93)
    for logits in (True, False):
        loss = losses.BinaryCrossentropy(from_logits=logits, reduction="none")
        assert constant_loss(rare, loss, logits=logits) == pytest.approx(entropy, rel=1e-4)


def test_unbalanced_tasks_are_a_summed_retrieval_loss_and_a_mean_rating_loss() -> None:
    data = data_of()
    config = config_of(
        "multitask", loss_balance="none", retrieval_weight=2.0, ranking_weight=3.0, loss_reduction="sum"
    )
    _, model = untrained(config, data)
    batch = batch_of(data, 90)
    objective, told = model.objective(batch)
    retrieval, ranking = float(told["retrieval_loss"][0]), float(told["ranking_loss"][0])
    assert float(objective) == pytest.approx(90 * 2 * retrieval + 3 * ranking, rel=1e-5)
    assert "retrieval_share" not in model.train_step(batch)


@pytest.mark.parametrize("kind", ["retrieval", "ranking", "multitask"])
def test_an_epoch_is_told_with_held_out_losses_its_rate_and_the_length_of_each_part_s_weights(
    kind: str,
) -> None:
    data, observer = data_of(), Silent()
    config = config_of(kind, epochs=1, batch_size=64, optimizer="adam", learning_rate=0.03)
    trained = run(config, data, observer)
    (told,) = observer.epochs
    assert told["learning_rate"] == pytest.approx(0.03)
    for name, part in (("buyer", "buyer_model"), ("product", "product_model"), ("head", "rating_head")):
        if not hasattr(trained.model, part):
            assert f"{name}_weight_norm" not in told
            continue
        weights = [variable.numpy().ravel() for variable in getattr(trained.model, part).trainable_variables]
        assert told[f"{name}_weight_norm"] == pytest.approx(np.linalg.norm(np.concatenate(weights)), rel=1e-5)
    rows = len(data.parts["validation"])
    sums = {name: 0.0 for name in told if name.endswith("loss") and not name.startswith("val_")}
    for start in range(0, rows, 64):
        batch = batch_of(data, 64, start, "validation")
        losses = trained.model.objective(batch, training=False)[1]
        for name in sums:
            sums[name] += float(losses[name][0]) * len(batch["item_key"]) / rows
    assert sums.keys() == {name for name in ("loss", "retrieval_loss", "ranking_loss") if name in told}
    for name, mean in sums.items():
        assert told[f"val_{name}"] == pytest.approx(mean, rel=1e-4)


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
