"""What `preprocessing_fn` asks of whole data sets. Imports tensorflow-transform.

Read as text by `recsys.codegen.preprocessing`, never imported here: tensorflow-transform is no package of
Trellis's own environment.
"""
# pyright: reportMissingImports=false

from __future__ import annotations

import tensorflow as tf
import tensorflow_transform as tft
from tensorflow_transform import schema_inference

from recsys.training.transform_ops import bucket, latest_items


def with_rows(found, count):
    """Rows of a table, with the number of the table's rows told to the schema."""
    least, largest = tf.constant(0, tf.int64), tf.cast(count - 1, tf.int64)
    schema_inference.set_tensor_schema_override(found, least, largest)
    return found


def vocabulary(terms, name, max_vocab, min_frequency):
    """The vocabulary of a data set's terms, as the files `name` and, with counts, `name_freq`.

    It keeps at most `max_vocab` terms, of at least `min_frequency` rows each; None is no limit.
    """
    limits = {"top_k": max_vocab, "frequency_threshold": min_frequency}
    tft.vocabulary(terms, vocab_filename=f"{name}_freq", store_frequency=True, **limits)
    return tft.vocabulary(terms, vocab_filename=name, **limits)


def history_rows(items, length, file, oov_buckets):
    """Rows of the item table for the latest items of each row, 0 where masked, and the mask."""
    terms, mask = latest_items(items, length)
    rows = tf.reshape(
        tft.apply_vocabulary(tf.reshape(terms, [-1]), file, num_oov_buckets=oov_buckets), [-1, length]
    )
    return tf.where(mask > 0, rows, tf.zeros_like(rows)), mask


def earliest(seconds, null):
    """The data set's earliest time, int64; 0 if it has none."""
    found = tft.min(tf.boolean_mask(seconds, ~null))
    return tf.where(found == tf.int64.max, tf.zeros_like(found), found)


def figures(numbers):
    """The data set's least, largest, mean and population deviation of finite numbers, float64."""
    finite = tf.boolean_mask(numbers, tf.math.is_finite(numbers))
    return tft.min(finite), tft.max(finite), tft.mean(finite), tf.sqrt(tft.var(finite))


def quantile_bucket(numbers, buckets):
    """The bucket of each number between the data set's quantiles, int64; equal quantiles are merged.

    Quantiles come in float32: numbers are rounded, too, so that one that is a quantile reaches it. Those of
    no number at all would be made up, so they are left out.
    """
    finite = tf.boolean_mask(numbers, tf.math.is_finite(numbers))
    edges = tf.reshape(tft.quantiles(finite, buckets, epsilon=1 / (10 * buckets)), [-1])
    merged = tf.unique(edges)[0]
    merged = merged[: tf.where(tf.math.is_finite(tft.max(finite)), tf.size(merged), 0)]
    rounded = tf.cast(tf.cast(numbers, tf.float32), tf.float64)
    return with_rows(bucket(rounded, merged), tf.size(merged, tf.int64) + 2)
