"""Training from end to end: the same again, and the same after a break."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from recsys.codegen.blocks.data import candidate_items
from recsys.codegen.blocks.running import EarlyStopping, restore_state, state_of, train
from recsys.codegen.blocks.serving import signature
from recsys.model.layers import Dense, Dropout
from recsys.model.training import EarlyStopping as Stopping
from recsys.training import checkpoints
from recsys.training.checkpoints import Place
from recsys.training.legacy_keras import tf
from tests.recsys.codegen.tiny import Silent, arguments, batch_of, config_of, data_of, run, trainer, untrained

LAYERS = (Dropout(rate=0.2), Dense(units=8, activation=None))


def everything() -> Any:
    """Two tasks, dropout, an optimizer with slots, early stopping; trained on histories."""
    stopping = Stopping(monitor="ndcg_at_10", patience=1, restore_best=True)
    return config_of(
        "multitask",
        layers=LAYERS,
        optimizer="adam",
        learning_rate=0.01,
        batch_size=200,
        epochs=3,
        early_stopping=stopping,
    )


def test_a_training_that_is_stopped_within_an_epoch_and_resumed_ends_with_the_same_weights(
    tmp_path: Path,
) -> None:
    data = data_of("history")
    module = trainer(everything(), data)
    whole = Silent()
    wanted = run(everything(), data, whole, module=module)
    broken = Silent(stop_at=(2, 2))
    stopped = run(everything(), data, broken, module=module)
    assert (stopped.stopped, stopped.epochs, stopped.batches) == (True, 1, 2)
    assert len(broken.epochs) == 1
    place = Place("fingerprint", "dataset", stopped.epochs, stopped.batches, 1)
    checkpoints.write(tmp_path / "last.npz", stopped.state(), place)
    state, read = checkpoints.read(tmp_path / "last.npz")
    again = Silent()
    resume = {"state": state, "epoch": read.epoch, "batch": read.batch}
    found = run(everything(), data, again, module=module, resume=resume)
    assert not found.stopped
    assert found.epochs == wanted.epochs
    states = found.state(), wanted.state()
    assert states[0].keys() == states[1].keys()
    for name, array in states[1].items():
        np.testing.assert_array_equal(states[0][name], array, err_msg=name)
    timed = ("epoch_seconds", "rows_per_second")
    for one, other in zip([*broken.epochs, *again.epochs], whole.epochs, strict=True):
        assert {name: value for name, value in one.items() if name not in timed} == {
            name: value for name, value in other.items() if name not in timed
        }


class Given:
    """A model that only counts its steps, and validation figures that are given."""

    def __init__(self, figures: list[float]) -> None:
        self.weight = tf.Variable(tf.constant(0.0))
        self.variables = [self.weight]
        self.optimizer = type("Optimizer", (), {"variables": []})()
        self.figures = iter(figures)

    def train_step(self, batch: Any) -> dict[str, Any]:
        return {"loss": self.weight.assign_add(1.0)}

    def condition(self) -> dict[str, float]:
        return {"learning_rate": 0.5}

    def reset_metrics(self) -> None:
        pass

    def course(
        self, stopping: Any, *, first: int = 0, epochs: int = 10
    ) -> tuple[tuple[int, int, bool], Silent]:
        observer = Silent(keep=True)
        batches = tf.data.Dataset.from_tensors({"item_key": tf.zeros([2], tf.int64)})

        def validate() -> dict[str, float]:
            return {"rmse": next(self.figures)}

        ended = train(
            self, lambda epoch: batches, epochs, observer, validate, first_epoch=first, stopping=stopping
        )
        return ended, observer


def test_training_ends_when_the_figure_no_longer_improves_and_the_best_weights_come_back() -> None:
    model = Given([0.9, 0.7, 0.8, 0.75, 0.1])
    ended, observer = model.course(EarlyStopping("rmse", 2, True))
    assert ended == (4, 0, False)
    assert len(observer.epochs) == 4
    assert float(model.weight) == 2


def test_a_training_that_broke_off_just_after_its_last_epoch_does_not_train_another() -> None:
    first = Given([0.9, 0.7, 0.8, 0.75])
    _, observer = first.course(EarlyStopping("rmse", 2, True))
    again, stopping = Given([0.1]), EarlyStopping("rmse", 2, True)
    restore_state(again, observer.states[-1], stopping)
    ended, observed = again.course(stopping, first=4)
    assert ended == (4, 0, False)
    assert observed.epochs == []
    assert float(again.weight) == 2


def test_no_epochs_leave_the_model_as_it_was() -> None:
    model = Given([])
    ended, _ = model.course(None, epochs=0)
    assert ended == (0, 0, False)
    assert float(model.weight) == 0


def test_steps_limit_the_batches_of_training_and_validation() -> None:
    data, observer = data_of(), Silent()
    config = config_of(batch_size=100, epochs=5)
    module = trainer(config, data)
    given = arguments(data, observer)
    per_epoch = -(-len(data.parts["train"]) // 100)
    given.train_steps, given.eval_steps = per_epoch + 2, 1
    trained = module.run_fn(given)
    assert (trained.epochs, trained.batches, trained.stopped) == (2, 0, False)
    assert observer.place == (2, 2)
    (validated,) = module.dataset_of(["validation"], given.data_accessor, data.output, 100).take(1)
    validated = {name: values.numpy() for name, values in validated.items()}
    again = module.Evaluation(trained.model, validated, trained.ids, trained.items)()
    assert again == {
        name[4:]: value for name, value in observer.epochs[-1].items() if name.startswith("val_")
    }


class Parsed:
    """What a pipeline's preprocessing says of raw features: some are sparse, one has no dimension."""

    def raw_feature_spec(self) -> dict[str, Any]:
        return {
            "age": tf.io.VarLenFeature(tf.float32),
            "user": tf.io.FixedLenFeature([1], tf.string),
            "city": tf.io.FixedLenFeature([], tf.string),
            "earlier": tf.io.VarLenFeature(tf.string),
        }


def test_a_request_is_brought_into_the_form_that_a_pipeline_s_preprocessing_reads() -> None:
    seen: dict[str, Any] = {}

    def answer(raw: dict[str, Any]) -> dict[str, Any]:
        seen.update(raw)
        dense = {n: tf.sparse.to_dense(v) if isinstance(v, tf.SparseTensor) else v for n, v in raw.items()}
        return {name: tf.identity(values) for name, values in dense.items()}

    columns = {"user_": "user", "age": "age", "city": "city", "earlier": "earlier"}
    call = signature(answer, columns, Parsed())
    found = call(
        user_=tf.constant(["a", "b"]),
        city=tf.constant(["x", "y"]),
        age=tf.constant([[0.0], [3.0]]),
        earlier=tf.constant([["i", ""], ["j", "k"]]),
    )
    assert {name for name, values in seen.items() if isinstance(values, tf.SparseTensor)} == {
        "age",
        "earlier",
    }
    assert found["user"].numpy().tolist() == [[b"a"], [b"b"]]
    assert found["city"].numpy().tolist() == [b"x", b"y"]
    assert found["age"].numpy().tolist() == [[0.0], [3.0]]
    assert found["earlier"].numpy().tolist() == [[b"i", b""], [b"j", b"k"]]


def test_dropout_is_drawn_again_after_a_resume() -> None:
    data = data_of()
    config = config_of(layers=LAYERS)
    batch = batch_of(data, 50)
    _, model = untrained(config, data)
    model.train_step(batch)
    state = state_of(model)
    wanted = model.buyer_model(batch, training=True).numpy()
    _, other = untrained(config, data, seed=42)
    assert not np.array_equal(other.buyer_model(batch, training=True).numpy(), wanted)
    restore_state(other, state)
    assert np.array_equal(other.buyer_model(batch, training=True).numpy(), wanted)


def test_weights_of_another_architecture_are_refused() -> None:
    data = data_of()
    _, model = untrained(config_of(), data)
    _, other = untrained(config_of(layers=(Dense(units=24), Dense(units=8))), data)
    with pytest.raises(ValueError, match="another architecture"):
        restore_state(other, state_of(model))


def test_weights_start_a_training_with_another_optimizer() -> None:
    data = data_of()
    _, model = untrained(config_of(optimizer="adam"), data)
    _, other = untrained(config_of(optimizer="sgd"), data, seed=7)
    restore_state(other, state_of(model), optimizer=False)
    for found, wanted in zip(other.trainable_variables, model.trainable_variables, strict=True):
        assert np.array_equal(found.numpy(), wanted.numpy())


def test_each_item_is_a_candidate_once_with_its_last_row_in_whatever_order_batches_come() -> None:
    def batches(order: list[int], size: int) -> Any:
        ids = np.array([b"c", b"a", b"b", b"a"])[order]
        feature = np.array([3, 10, 20, 11])[order]
        columns = {"item_id": ids, "item_key": feature, "product_x": feature, "buyer_y": feature}
        return tf.data.Dataset.from_tensor_slices(cast(Any, columns)).batch(size)

    for order, size in (([0, 1, 2, 3], 4), ([2, 1, 3, 0], 1), ([1, 0, 3, 2], 3)):
        ids, features = candidate_items([batches(order, size)])
        assert ids.tolist() == [b"a", b"b", b"c"]
        assert features["product_x"].tolist() == [11, 20, 3]
        assert set(features) == {"product_x", "item_key"}
