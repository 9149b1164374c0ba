from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from recsys.codegen.blocks.softmax import InBatchSoftmax, distinct_items
from recsys.training.legacy_keras import tf

N_ITEMS = 300


def case(seed: int, rows: int, items: int, dim: int = 16) -> dict[str, Any]:
    """Buyers, a table of items and which item each row is of: `items` different ones at most."""
    rng = np.random.default_rng(seed)
    popular = 1.0 / (1 + np.arange(items))
    return {
        "buyers": rng.normal(size=(rows, dim)).astype(np.float32),
        "table": rng.normal(size=(N_ITEMS, dim)).astype(np.float32),
        "keys": rng.choice(N_ITEMS, items, replace=False)[rng.choice(items, rows, p=popular / popular.sum())],
        "log_frequency": np.log(rng.dirichlet(np.ones(N_ITEMS))).astype(np.float32),
    }


def of_pairs(given: dict[str, Any], *, logq: bool, temperature: float, hits: bool) -> tuple[float, Any, Any]:
    """The mean loss over all B x B pairs and its gradients, in float64: each row's item is one column."""
    buyers = tf.Variable(given["buyers"].astype(np.float64))
    table = tf.Variable(given["table"].astype(np.float64))
    keys = given["keys"]
    with tf.GradientTape() as tape:
        scores = tf.matmul(buyers, tf.gather(table, keys), transpose_b=True) / temperature
        if logq:
            scores -= given["log_frequency"].astype(np.float64)[keys]
        if hits:
            same = keys[:, None] == keys[None, :]
            scores = tf.where(same & ~np.eye(len(keys), dtype=bool), -1e300, scores)
        loss = tf.reduce_mean(-tf.linalg.diag_part(tf.nn.log_softmax(scores, axis=1)))
    of_buyers, of_table = cast(Any, tape.gradient(loss, [buyers, table]))
    return float(loss), of_buyers.numpy(), tf.convert_to_tensor(of_table).numpy()


def of_distinct(given: dict[str, Any], **settings: Any) -> tuple[float, Any, Any]:
    task: Any = InBatchSoftmax(**settings)
    buyers, table = tf.Variable(given["buyers"]), tf.Variable(given["table"])
    with tf.GradientTape() as tape:
        features, place, count, keys = distinct_items(
            {"item_key": tf.constant(given["keys"]), "product_row": tf.constant(given["keys"])}
        )
        products = tf.gather(table, features["product_row"])
        loss = task(buyers, products, place, count, keys)
    of_buyers, of_table = cast(Any, tape.gradient(loss, [buyers, table]))
    return float(loss), of_buyers.numpy(), tf.convert_to_tensor(of_table).numpy()


def assert_close(found: Any, wanted: Any) -> None:
    assert np.abs(found - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("hits", [False, True], ids=["all", "hits removed"])
@pytest.mark.parametrize("temperature", [1.0, 0.2, 5.0])
@pytest.mark.parametrize("logq", [False, True], ids=["plain", "logq"])
@pytest.mark.parametrize(("rows", "items"), [(64, 64), (256, 40), (512, 3), (64, 1), (1, 1)])
def test_value_and_gradients_are_those_of_all_pairs(
    rows: int, items: int, logq: bool, temperature: float, hits: bool
) -> None:
    given = case(rows + items, rows, items)
    wanted = of_pairs(given, logq=logq, temperature=temperature, hits=hits)
    frequency = given["log_frequency"] if logq else None
    found = of_distinct(given, log_frequency=frequency, temperature=temperature, remove_accidental_hits=hits)
    assert found[0] == pytest.approx(wanted[0], rel=1e-5, abs=1e-5)
    if items > 1:
        assert_close(found[1], wanted[1])
        assert_close(found[2], wanted[2])
    else:
        np.testing.assert_allclose(found[1], wanted[1], atol=1e-6)


@pytest.mark.parametrize("negatives", [1, 5, 39, 500])
@pytest.mark.parametrize("hits", [False, True], ids=["all", "hits removed"])
def test_hard_negatives_are_the_other_items_with_the_highest_scores(negatives: int, hits: bool) -> None:
    given = case(9, 256, 40)
    task: Any = InBatchSoftmax(num_hard_negatives=negatives, remove_accidental_hits=hits)
    _, place, count, keys = distinct_items({"item_key": tf.constant(given["keys"])})
    found = task.losses(given["buyers"], tf.gather(given["table"], keys), place, count, keys).numpy()
    for row, key in enumerate(given["keys"]):
        scores = given["table"].astype(np.float64) @ given["buyers"][row]
        times = np.bincount(given["keys"], minlength=N_ITEMS)
        others = [item for item in np.argsort(-scores) if times[item] and item != key][:negatives]
        own = 1 if hits else times[key]
        total = own * np.exp(scores[key]) + sum(times[item] * np.exp(scores[item]) for item in others)
        assert found[row] == pytest.approx(np.log(total) - scores[key], rel=1e-4, abs=1e-4)


def test_different_items_come_with_the_features_of_their_first_row_and_how_many_rows_they_have() -> None:
    inputs = {
        "item_key": tf.constant([7, 3, 7, 7, 1], tf.int64),
        "product_x": tf.constant([10.0, 20.0, 11.0, 12.0, 30.0]),
        "buyer_y": tf.constant([1, 2, 3, 4, 5]),
    }
    features, place, count, keys = distinct_items(inputs)
    assert set(features) == {"product_x"}
    assert features["product_x"].numpy().tolist() == [10.0, 20.0, 30.0]
    assert place.numpy().tolist() == [0, 1, 0, 0, 2]
    assert count.numpy().tolist() == [3.0, 1.0, 1.0]
    assert keys.numpy().tolist() == [7, 3, 1]


def test_no_tensor_of_the_loss_grows_with_the_square_of_the_batch() -> None:
    given = case(3, 400, 5)
    task: Any = InBatchSoftmax(log_frequency=given["log_frequency"], remove_accidental_hits=True)

    @tf.function
    def loss(buyers: Any, table: Any, item_key: Any) -> Any:
        _, place, count, keys = distinct_items({"item_key": item_key})
        return task(buyers, tf.gather(table, keys), place, count, keys)

    graph = loss.get_concrete_function(
        tf.TensorSpec([400, 16]), tf.TensorSpec([N_ITEMS, 16]), tf.TensorSpec([400], tf.int64)
    ).graph
    shapes = [output.shape for operation in graph.get_operations() for output in operation.outputs]
    assert not any(shape.rank == 2 and shape.as_list() == [400, 400] for shape in shapes)
