"""The retrieval loss: a softmax over the different items of a batch."""

import numpy as np
import tensorflow as tf
import tensorflow_recommenders as tfrs

from recsys.codegen.blocks.devices import own_mean


def distinct_items(inputs):
    """The different items of a batch, each with the features of its first row.

    Args:
        inputs: tensors of B rows by name, `item_key` among them: int64 (B,), equal for rows of one item.

    Returns:
        Features of U items by name; each row's place among them, int32 (B,); the rows of each item, float32
        (U,); the items' keys, int64 (U,).
    """
    keys, place, count = tf.unique_with_counts(inputs["item_key"])
    first = tf.math.unsorted_segment_min(tf.range(tf.size(place)), place, tf.size(keys))
    features = {
        name: tf.gather(values, first) for name, values in inputs.items() if name.startswith("product_")
    }
    return features, place, tf.cast(count, tf.float32), keys


class InBatchSoftmax(tfrs.tasks.Task, tf.keras.layers.Layer):
    """Softmax cross-entropy of each row's item among the items of its batch.

    The loss of a row is `-s + ln sum_i m_i exp(s_i)` over the U different items of the batch, of which item i
    stands in m_i rows. Value and gradients equal those of all B x B pairs, at the cost of B x U.
    """

    def __init__(
        self, log_frequency=None, temperature=1.0, remove_accidental_hits=False, num_hard_negatives=None
    ):
        """Settings.

        Args:
            log_frequency: float32 (n,), the logarithm of each item's share of the training rows, by item key;
                it is subtracted from the scores, so that frequent items are no more often negatives than they
                deserve (Bengio and Senecal 2008). None: scores are left as they are.
            temperature: scores are divided by it.
            remove_accidental_hits: a row's own item counts once, however often it is in the batch.
            num_hard_negatives: only so many other items count, those with the highest scores. None: all do.
        """
        super().__init__(name="in_batch_softmax")
        self._log_frequency = None if log_frequency is None else tf.constant(log_frequency, tf.float32)
        self._temperature = temperature
        self._remove_accidental_hits = remove_accidental_hits
        self._num_hard_negatives = num_hard_negatives

    def call(self, buyers, products, place, count, keys):
        """The mean loss of the rows, float32; of a device's own rows their part of it.

        Args:
            buyers: float32 (B, d). products: float32 (U, d). place, count, keys: of `distinct_items`.
        """
        rows = tf.reduce_sum(count)
        if self._num_hard_negatives is not None or self._remove_accidental_hits:
            return own_mean(self.losses(buyers, products, place, count, keys), rows)
        offsets = tf.math.log(count)
        if self._log_frequency is not None:
            offsets -= tf.gather(self._log_frequency, keys)
        loss = mean_cross_entropy(buyers / self._temperature, products, offsets, place, rows)
        return loss + own_mean(tf.gather(tf.math.log(count), place), rows)

    def losses(self, buyers, products, place, count, keys):
        """The loss of each row, float32 (B,), among all items or the hardest of them; arguments as of `call`."""
        scores = tf.matmul(buyers, products, transpose_b=True) / self._temperature
        if self._log_frequency is not None:
            scores -= tf.gather(self._log_frequency, keys)
        own = tf.gather(scores, place, axis=1, batch_dims=1)
        is_own = tf.one_hot(place, tf.size(keys), on_value=True, off_value=False, dtype=tf.bool)
        others = tf.where(is_own, scores.dtype.min, scores + tf.math.log(count))
        if self._num_hard_negatives is not None:
            wanted = tf.minimum(self._num_hard_negatives, tf.size(keys))
            hardest = tf.math.top_k(tf.where(is_own, scores.dtype.min, scores), wanted).indices
            others = tf.gather(others, hardest, axis=1, batch_dims=1)
        mine = own if self._remove_accidental_hits else own + tf.gather(tf.math.log(count), place)
        return tf.reduce_logsumexp(tf.concat([mine[:, None], others], axis=1), axis=1) - own


def mean_cross_entropy(buyers, products, offsets, place, count, scores_at_once=1_000_000):
    """The mean softmax cross-entropy of `count` rows, or the part of some of them, its gradients worked out on the way.

    All B x U scores would go through memory once for each operation. They are made for some rows at a time,
    few enough to stay in the processor's cache, and forgotten.

    Args:
        buyers: float32 (B, d). products: float32 (U, d). offsets: constants float32 (U,) that are added to the
            items' scores. place: int32 (B,), the right item of each row. count: float32. scores_at_once: how many there are.
    """

    @tf.custom_gradient
    def mean_loss(buyers, products):
        rows, items = tf.shape(buyers)[0], tf.shape(products)[0]
        at_once = tf.maximum(scores_at_once // items, 1)
        with_ones = tf.concat([products, tf.ones_like(products[:, :1])], axis=1)

        def some_rows(start, logs, means, pull):
            some = buyers[start : start + at_once]
            scores = tf.matmul(some, products, transpose_b=True) + offsets
            highest = tf.reduce_max(scores, axis=1, keepdims=True)
            weights = tf.exp(scores - highest)
            # one product gives the weighted sum of the items and, by the ones, the sum of the weights
            sums = tf.matmul(weights, with_ones)
            total = sums[:, -1:]
            logs += tf.reduce_sum(tf.math.log(total) + highest)
            means = means.write(start // at_once, sums[:, :-1] / total)
            return start + at_once, logs, means, pull + tf.matmul(weights, some / total, transpose_a=True)

        steps = (rows + at_once - 1) // at_once
        empty = tf.TensorArray(buyers.dtype, steps, element_shape=[None, buyers.shape[1]], infer_shape=False)
        begin = (0, tf.constant(0.0), empty, tf.zeros_like(products))
        _, logs, means, pull = tf.while_loop(
            lambda start, *_: start < rows, some_rows, begin, parallel_iterations=1
        )
        own = tf.gather(products, place)
        right = tf.reduce_sum(buyers * own) + tf.reduce_sum(tf.gather(offsets, place))

        def gradient(upstream):
            each = upstream / count
            own_pull = tf.math.unsorted_segment_sum(buyers, place, items)
            return each * (means.concat() - own), each * (pull - own_pull)

        return (logs - right) / count, gradient

    return mean_loss(buyers, products)


def log_frequencies(transform_output):
    """The logarithm of each item's share of the training rows by item key, float32 (n + 1,).

    Every item counts one row more than it has, and the last place is that of items unknown in training.
    """
    path = transform_output.vocabulary_file_by_name("item_key_freq")
    lines = tf.io.gfile.GFile(path).read().splitlines()
    counts = np.array([int(line.split(" ", 1)[0]) for line in lines] + [0], np.float64) + 1.0
    return np.log(counts / counts.sum()).astype(np.float32)
