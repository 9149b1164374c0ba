"""How a generated trainer weighs both tasks of a multitask model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.features.config import TOWERS
from recsys.model.layers import Dense
from recsys.training.legacy_keras import tf
from tests.recsys.codegen.tiny import (
    DROPPED,
    SGD,
    batch_of,
    config_of,
    data_of,
    untrained,
    values,
)


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
