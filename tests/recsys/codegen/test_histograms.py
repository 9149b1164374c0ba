"""Histograms of weights and gradients, beside NumPy on what a step changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from recsys.codegen.blocks.histograms import Histograms, rows_of
from recsys.codegen.trainer import trainer_source
from recsys.training.legacy_keras import tf
from tests.recsys.codegen.tiny import Silent, config_of, data_of, run, trainer, untrained

RATE = 0.5


@dataclass
class Looking(Silent):
    """An observer that keeps the histograms, too."""

    looked_at: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def histograms(self, epoch: int, layers: list[dict[str, Any]]) -> None:
        self.looked_at[epoch] = layers


def one_step(kind: str = "retrieval") -> tuple[dict[str, Any], dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Every layer's histograms after an epoch of one batch, and the weights before and after it, by name."""
    data = data_of()
    config = config_of(
        kind, optimizer="sgd", learning_rate=RATE, clipnorm=None, loss_reduction="mean", batch_size=2048,
        epochs=1, histogram_epochs=3,
    )  # fmt: skip
    _, fresh = untrained(config, data)
    before = {_name(v): v.numpy() for v in fresh.trainable_variables}
    observer = Looking()
    trained = run(config, data, observer, module=trainer(config, data))
    after = {_name(v): v.numpy() for v in trained.model.trainable_variables}
    ((epoch, layers),) = observer.looked_at.items()
    assert epoch == 1
    return {layer["name"]: layer for layer in layers}, before, after


def _name(variable: Any) -> str:
    return "/".join(variable.name.split(":")[0].split("/")[-2:])


@pytest.mark.parametrize("kind", ["retrieval", "multitask"])
def test_weights_and_gradients_are_those_that_a_step_of_plain_descent_shows(kind: str) -> None:
    layers, before, after = one_step(kind)
    assert set(layers) == set(after)
    assert len(after) >= 6
    for name, weights in after.items():
        shown = layers[name]["weights"]
        counts, edges = np.histogram(weights, bins=25)
        assert shown["counts"] == counts.tolist()
        assert (shown["low"], shown["high"]) == (pytest.approx(edges[0]), pytest.approx(edges[-1]))
        assert shown["norm"] == pytest.approx(np.linalg.norm(weights.astype(np.float64)))
        gradient = (before[name].astype(np.float64) - weights) / RATE
        if "table" in name:
            gradient = gradient[np.abs(gradient).max(axis=1) > 0]
        found = layers[name]["gradients"]
        assert sum(found["counts"]) == gradient.size
        assert found["norm"] == pytest.approx(np.linalg.norm(gradient), rel=2e-3)
        # the bins of a single number are one wide
        margin = 0.5 if gradient.size == 1 else 0.0
        assert found["low"] + margin == pytest.approx(gradient.min(), rel=0.02, abs=1e-6)
        assert found["high"] - margin == pytest.approx(gradient.max(), rel=0.02, abs=1e-6)


def test_the_first_epoch_and_every_so_many_are_looked_at_and_nothing_else_changes() -> None:
    data = data_of()
    trained, told = [], []
    for every in (0, 2):
        config = config_of(epochs=5, batch_size=256, histogram_epochs=every)
        observer = Looking()
        trained.append(run(config, data, observer, module=trainer(config, data)))
        told.append(observer)
    assert list(told[0].looked_at) == []
    assert list(told[1].looked_at) == [1, 2, 4]
    plain, looked_at = (one.model.variables for one in trained)
    assert len(plain) == len(looked_at)
    for one, other in zip(plain, looked_at, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy(), err_msg=one.name)
    gradients = [told[1].looked_at[epoch][0]["gradients"]["norm"] for epoch in (1, 2, 4)]
    assert len(set(gradients)) == 3


def test_a_trainer_without_histograms_has_no_code_of_them() -> None:
    data = data_of()
    assert "class Histograms" not in trainer_source(data.request(config_of()))
    source = trainer_source(data.request(config_of(histogram_epochs=4)))
    assert "class Histograms" in source
    assert "histograms=Histograms(model, 4)" in source


def test_the_gradient_of_a_table_is_never_made_as_large_as_the_table() -> None:
    slices = tf.IndexedSlices(
        tf.constant([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]), tf.constant([7, 3, 7]), tf.constant([2**40, 2])
    )  # fmt: skip
    assert rows_of(slices).numpy().tolist() == [[101.0, 202.0], [10.0, 20.0]]
    histories = tf.IndexedSlices(tf.ones([2, 3, 2]), tf.constant([[1, 1, 2], [2, 5, 5]]), tf.constant([9, 2]))
    assert rows_of(histories).numpy().tolist() == [[2.0, 2.0]] * 3


class Flat:
    """A model of variables alone."""

    def __init__(self, *values: Any) -> None:
        self.distribute_strategy = tf.distribute.get_strategy()
        self.trainable_variables = [tf.Variable(value, name=f"v{n}") for n, value in enumerate(values)]


def test_equal_and_missing_and_broken_values_still_have_bins() -> None:
    model = Flat(tf.ones([4]), tf.zeros([3]), tf.constant([1.0, np.nan, 3.0]), tf.ones([2]))
    looking = Histograms(model, 1)
    looking.begin(1)
    one, two, three, _ = model.trainable_variables
    broken = tf.constant([np.inf, 2.0, np.nan])
    gradients = [(tf.zeros([4]), one), (tf.fill([3], -2.5), two), (broken, three)]
    tf.function(lambda: looking.take(gradients))()
    equal, negative, odd, without = looking.read()
    assert (equal["weights"]["low"], equal["weights"]["high"], sum(equal["weights"]["counts"])) == (
        0.5,
        1.5,
        4,
    )
    assert (equal["gradients"]["low"], equal["gradients"]["high"]) == (-0.5, 0.5)
    assert (equal["gradients"]["norm"], sum(equal["gradients"]["counts"])) == (0.0, 4)
    assert (negative["gradients"]["low"], negative["gradients"]["high"]) == (-3.0, -2.0)
    assert (odd["weights"]["low"], odd["weights"]["high"], sum(odd["weights"]["counts"])) == (1.0, 3.0, 2)
    assert (odd["gradients"]["norm"], sum(odd["gradients"]["counts"])) == (2.0, 1)
    assert without["gradients"] is None


def test_only_the_first_batch_of_an_epoch_that_is_due_is_looked_at() -> None:
    model = Flat(tf.ones([2]))
    looking = Histograms(model, 3)
    (variable,) = model.trainable_variables
    take = tf.function(lambda gradient: looking.take([(gradient, variable)]))
    norms = []
    for epoch in range(1, 5):
        looking.begin(epoch)
        for batch in (1.0, 10.0):
            take(tf.fill([2], epoch * batch))
        norms.append((looking.due, looking.read()[0]["gradients"]["norm"]))
    assert norms == [
        (True, pytest.approx(2**0.5)),
        (False, pytest.approx(2**0.5)),
        (True, pytest.approx(3 * 2**0.5)),
        (False, pytest.approx(3 * 2**0.5)),
    ]
