"""Layers and what they start from."""

import zlib

import tensorflow as tf

from recsys.codegen.blocks.devices import from_all, replica, sum_of_all


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
        seed = tf.stack([self._seed, self._step.assign_add(1)])
        if replica() is None:
            return tf.nn.experimental.stateless_dropout(inputs, self._rate, seed=seed)
        return inputs * self._own_scales(tf.shape(inputs), seed)

    def _own_scales(self, shape, seed):
        """What a device's inputs are multiplied by: the mask is drawn for the whole batch, as one device draws it."""
        rows = from_all(shape[:1])
        whole = tf.ones(tf.concat([tf.reduce_sum(rows, keepdims=True), shape[1:]], axis=0))
        start = tf.reduce_sum(rows[: replica().replica_id_in_sync_group])
        scales = tf.nn.experimental.stateless_dropout(whole, self._rate, seed=seed)
        return scales[start : start + shape[0]]


class BatchNormalization(tf.keras.layers.BatchNormalization):
    """Batch normalisation by the mean and variance of all devices' rows."""

    def call(self, inputs, training=False):
        """While training: inputs of the batch's mean 0 and variance 1, scaled and shifted; else by moving averages."""
        if not training or replica() is None:
            return super().call(inputs, training=training)
        rows = sum_of_all(tf.cast(tf.shape(inputs)[0], tf.float32))
        mean = sum_of_all(tf.reduce_sum(inputs, axis=0)) / rows
        variance = sum_of_all(tf.reduce_sum((inputs - mean) ** 2, axis=0)) / rows
        for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign_sub((moving - now) * (1 - self.momentum))
        return tf.nn.batch_normalization(inputs, mean, variance, self.beta, self.gamma, self.epsilon)


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
