from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys.model.layers import Dense, Layer
from recsys.model.presets import RATING
from tests.recsys.codegen.tiny import (
    SGD,
    Silent,
    batch_of,
    config_of,
    data_of,
    run,
    trainer,
    untrained,
    values,
)

L2: tuple[Layer, ...] = (Dense(units=8, activation=None, l2_reg=0.01),)


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
