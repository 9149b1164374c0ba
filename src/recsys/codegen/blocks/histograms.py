"""Weights and gradients of a training in bins."""

import numpy as np
import tensorflow as tf


class Histograms:
    """Weights and gradients of every layer in 25 bins, in the first epoch and in every so many.

    Weights are those at an epoch's end; gradients are of its first batch. A table's gradient is of the rows that the
    batch reads alone: it is never made as large as the table.
    """

    BINS = 25

    def __init__(self, model, every):
        """For a model whose variables are made."""
        self._every = every
        self._epoch = 0
        self._variables = model.trainable_variables
        count = len(self._variables)
        with model.distribute_strategy.scope():
            self._wanted = tf.Variable(False, trainable=False)
            self._ranges = tf.Variable(tf.zeros([count, 2]), trainable=False)
            self._counts = tf.Variable(tf.zeros([count, self.BINS], tf.int32), trainable=False)
            self._norms = tf.Variable(tf.zeros([count], tf.float64), trainable=False)

    @property
    def due(self):
        """Whether the epoch that goes on is one of those."""
        return self._epoch == 1 or self._epoch % self._every == 0

    def begin(self, epoch):
        """An epoch begins; its number is from 1 on."""
        self._epoch = epoch
        self._wanted.assign(self.due)

    def take(self, pairs):
        """Look at a batch's gradients if they are wanted; pairs: (gradient, variable)."""
        tf.cond(self._wanted, lambda: self._look(pairs), lambda: tf.constant(False))

    def read(self):
        """Every layer's `name`, `weights` and `gradients`, each with `low`, `high`, `counts` and `norm`; no gradients where none came."""
        ranges, counts, norms = self._ranges.numpy(), self._counts.numpy(), self._norms.numpy()
        found = []
        for place, variable in enumerate(self._variables):
            low, high = (float(end) for end in ranges[place])
            gradients = {
                "low": low,
                "high": high,
                "counts": counts[place].tolist(),
                "norm": float(norms[place]),
            }
            found.append(
                {
                    "name": "/".join(variable.name.split(":")[0].split("/")[-2:]),
                    "weights": self._weights(variable.numpy().ravel()),
                    "gradients": gradients if counts[place].any() else None,
                }
            )
        return found

    def _weights(self, values):
        values = values[np.isfinite(values)]
        counts, edges = np.histogram(values, bins=self.BINS)
        norm = float(np.sqrt(np.sum(np.square(values, dtype=np.float64))))
        return {"low": float(edges[0]), "high": float(edges[-1]), "counts": counts.tolist(), "norm": norm}

    def _look(self, pairs):
        gradients = {id(variable): gradient for gradient, variable in pairs}
        binned = [self._binned(gradients.get(id(variable))) for variable in self._variables]
        ranges, counts, norms = zip(*binned, strict=True)
        self._ranges.assign(tf.stack(ranges))
        self._counts.assign(tf.stack(counts))
        self._norms.assign(tf.stack(norms))
        self._wanted.assign(False)
        return tf.constant(True)

    def _binned(self, gradient):
        """A gradient's ends (2,), counts (25,) and length; counts of zero without one."""
        if gradient is None:
            return tf.zeros([2]), tf.zeros([self.BINS], tf.int32), tf.zeros([], tf.float64)
        values = tf.reshape(rows_of(gradient), [-1])
        values = tf.boolean_mask(values, tf.math.is_finite(values))
        some = tf.size(values) > 0
        low = tf.where(some, tf.reduce_min(values), 0.0)
        high = tf.where(some, tf.reduce_max(values), 0.0)
        # as NumPy does it: where all are equal the bins are one wide
        low, high = tf.where(high > low, low, low - 0.5), tf.where(high > low, high, high + 0.5)
        ends = tf.stack([low, high])
        counts = tf.histogram_fixed_width(values, ends, self.BINS)
        return ends, counts, tf.norm(tf.cast(values, tf.float64))


def rows_of(gradient):
    """A gradient's values; of a table's the rows that it is of, each row's parts summed."""
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    rows, place = tf.unique(tf.reshape(gradient.indices, [-1]))
    values = tf.reshape(gradient.values, [tf.size(gradient.indices), -1])
    return tf.math.unsorted_segment_sum(values, place, tf.size(rows))
