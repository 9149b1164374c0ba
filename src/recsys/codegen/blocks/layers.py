"""Layers and what they start from."""

import zlib

import tensorflow as tf


def seed_of(name, seed):
    """A seed of its own for each layer, so that adding a layer leaves the others as they were."""
    return zlib.crc32(f"{seed}/{name}".encode())


class Dropout(tf.keras.layers.Layer):
    """Dropout whose masks follow from its seed and the number of steps: a resumed training draws the same."""

    def __init__(self, rate, seed, name):
        super().__init__(name=name)
        self._rate = rate
        self._seed = seed
        self._step = self.add_weight(
            name="step", shape=(), dtype=tf.int64, initializer="zeros", trainable=False
        )

    def call(self, inputs, training=False):
        """While training: a share `rate` of the inputs is zero, the others grow by 1 / (1 - rate)."""
        if not training or self._rate == 0:
            return inputs
        step = self._step.assign_add(1)
        return tf.nn.experimental.stateless_dropout(inputs, self._rate, seed=tf.stack([self._seed, step]))


def mean_of_items(table, items, mask):
    """The mean vector of earlier items, zero without any.

    Args:
        table: the product's embedding. items: int64 (B, L), rows of it. mask: float32 (B, L), 1 for an item.
    """
    known = mask[..., None]
    return tf.reduce_sum(table(items) * known, axis=1) / tf.maximum(tf.reduce_sum(known, axis=1), 1.0)


def column(values):
    """Numbers (B,) as a column (B, 1)."""
    return tf.reshape(tf.cast(values, tf.float32), [-1, 1])


def flat(vectors, dim):
    """Vectors of rows as (B, dim), whether their rows were (B,) or (B, 1)."""
    return tf.reshape(vectors, [-1, dim])
