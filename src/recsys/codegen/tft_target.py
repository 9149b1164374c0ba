"""What `preprocessing_fn` makes of the target. Imports tensorflow-transform.

Read as text by `recsys.codegen.preprocessing`, as `recsys.codegen.tft_ops` is. It means what
`recsys.features.target` means: cut, take the logarithm, put on a scale; percentiles alone are approximate.
"""
# pyright: reportMissingImports=false

from __future__ import annotations

import math

import tensorflow as tf
import tensorflow_transform as tft

from recsys.codegen.tft_ops import figures
from recsys.training.transform_ops import log1p


def finite_ones(numbers):
    """The finite ones of some numbers [B], fewer than they are."""
    return tf.boolean_mask(numbers, tf.math.is_finite(numbers))


def percentile(numbers, percent):
    """A percentile of the data set's finite numbers, float64, 0.1 % of the rows off at most.

    Args:
        percent: from 0 to 100, in steps of a thousandth; the ends are exact.
    """
    steps = round(percent * 1000)
    common = math.gcd(steps, 100_000)
    place, buckets = steps // common, 100_000 // common
    if place == 0:
        return tft.min(finite_ones(numbers))
    if place == buckets:
        return tft.max(finite_ones(numbers))
    found = tft.quantiles(finite_ones(numbers), buckets, epsilon=min(1 / (10 * buckets), 0.001))
    return tf.cast(tf.reshape(found, [-1])[place - 1], tf.float64)


def cut(numbers, lower, upper):
    """Targets, float64 of shape [B], cut at percentiles of the data set; what is not finite is NaN.

    Args:
        lower, upper: percentiles; None cuts nothing there.
    """
    kept = numbers
    if lower is not None:
        least = percentile(numbers, lower)
        kept = tf.where(kept < least, least, kept)
    if upper is not None:
        largest = percentile(numbers, upper)
        kept = tf.where(kept > largest, largest, kept)
    return tf.where(tf.math.is_finite(numbers), kept, math.nan)


def limits(targets):
    """The least and the largest of the data set's targets, which NaN is none of, float64."""
    return tft.min(finite_ones(targets)), tft.max(finite_ones(targets))


def logarithm(targets):
    """ln(1 + x), float64 of shape [B]; NaN also where there is no logarithm."""
    logs = log1p(targets)
    return tf.where(tf.math.is_finite(logs), logs, math.nan)


def on_scale(targets, kind):
    """Targets on a scale, float64 of shape [B], and the slope and offset of the line back; NaN stays.

    Args:
        kind: "[-1,1]", "[0,1]", "z_score" or None, which leaves them as they are.
    """
    one, zero = tf.constant(1.0, tf.float64), tf.constant(0.0, tf.float64)
    if kind is None:
        return targets, one, zero
    minimum, maximum, mean, std = figures(targets)
    slope, offset = {
        "[-1,1]": ((maximum - minimum) / 2, (maximum + minimum) / 2),
        "[0,1]": (maximum - minimum, minimum),
        "z_score": (std, mean),
    }[kind]
    varies = minimum < maximum
    slope, offset = tf.where(varies, slope, zero), tf.where(varies, offset, minimum)
    return (targets - offset) / tf.where(varies, slope, one), slope, offset


def of_two(targets):
    """The lower of two values as 0 and the higher as 1, with the line back; any other value is NaN."""
    low, high = limits(targets)
    others = tf.where(targets == low, tf.constant(0.0, tf.float64), math.nan)
    return tf.where(targets == high, tf.constant(1.0, tf.float64), others), high - low, low


def where_known(numbers, known):
    """Numbers where the target is known, else 0, float32 of shape [B]."""
    return tf.cast(tf.where(known > 0, numbers, tf.zeros_like(numbers)), tf.float32)


def in_each_row(number, known):
    """One number for every row, float32 of shape [B]."""
    return tf.fill(tf.shape(known), tf.cast(number, tf.float32))
