"""The retrieval tutorial of TensorFlow Recommenders as its users write it: the reference of retrieval. Imports TensorFlow.

String lookups and embeddings, `tfrs.tasks.Retrieval` with a streaming `FactorizedTopK` over all candidates, `fit` and
`evaluate` of Keras. Nothing here is shared with what Trellis trains but the rows and the candidates.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow_recommenders as tfrs

from recsys.training.legacy_keras import keras, tf
from recsys.training.parts import Division

DIM = 32
LEARNING_RATE = 0.1
BATCH_SIZE = 8192
EPOCHS = 3
CANDIDATE_BATCH = 128
TEST_BATCH = 4096
TOP_100 = "factorized_top_k/top_100_categorical_accuracy"


@dataclass(frozen=True)
class Reached:
    """What the loop reached.

    Attributes:
        top_100: share of the test rows whose item is among the hundred best. fit_seconds, evaluate_seconds: wall.
        last_loss: Keras' figure of the last epoch.
    """

    top_100: float
    fit_seconds: float
    evaluate_seconds: float
    last_loss: float


class TutorialModel(tfrs.Model):
    """Two towers, each a lookup and an embedding, and the retrieval task."""

    def __init__(self, users: np.ndarray, items: np.ndarray, *, metrics_while_training: bool) -> None:
        """Towers over all users' and items' ids as text.

        Args:
            metrics_while_training: as the tutorial does; without it `fit` does not look for the best items.
        """
        super().__init__()
        self.user_model, self.item_model = _tower(users), _tower(items)
        self._metrics_while_training = metrics_while_training
        candidates = tf.data.Dataset.from_tensor_slices(items).batch(CANDIDATE_BATCH).map(self.item_model)
        self.task = tfrs.tasks.Retrieval(metrics=tfrs.metrics.FactorizedTopK(candidates=candidates))

    def compute_loss(self, inputs: dict[str, Any], training: bool = False) -> Any:
        """Summed over the batch."""
        user_model: Any = self.user_model
        item_model: Any = self.item_model
        users, items = user_model(inputs["user"]), item_model(inputs["item"])
        task: Any = self.task
        return task(users, items, compute_metrics=self._metrics_while_training or not training)


def _tower(ids: np.ndarray) -> Any:
    lookup = keras.layers.StringLookup(vocabulary=list(ids), mask_token=None)
    return keras.Sequential([lookup, keras.layers.Embedding(len(ids) + 1, DIM)])


def run_loop(division: Division, seed: int, *, metrics_while_training: bool = True) -> Reached:
    """Train on the train part and look for the test rows' items among all candidates.

    Args:
        division: the rows. seed: of weights and of the order of rows.
    """
    keras.utils.set_random_seed(seed)
    users = np.array(division.data.user_ids, dtype=str)
    items = division.item_ids[division.candidates]
    model = TutorialModel(users, items, metrics_while_training=metrics_while_training)
    model.compile(optimizer=keras.optimizers.Adagrad(LEARNING_RATE))
    train, test = (_rows(division, users, part) for part in ("train", "test"))
    shuffled = train.shuffle(len(division.rows("train")), seed=seed, reshuffle_each_iteration=False)
    batches = shuffled.batch(BATCH_SIZE).cache()
    started = time.perf_counter()
    history = model.fit(batches, epochs=EPOCHS, verbose=0)
    fitted = time.perf_counter()
    figures: Any = model.evaluate(test.batch(TEST_BATCH).cache(), return_dict=True, verbose=0)
    ended = time.perf_counter()
    return Reached(figures[TOP_100], fitted - started, ended - fitted, history.history["loss"][-1])


def _rows(division: Division, users: np.ndarray, part: Any) -> Any:
    rows = division.rows(part)
    columns: Any = {"user": users[division.data.user[rows]], "item": division.item_ids[division.data.item[rows]]}
    return tf.data.Dataset.from_tensor_slices(columns)
