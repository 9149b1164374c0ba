"""The transforms as TensorFlow operations alone. Imports TensorFlow.

Generated `preprocessing.py` modules carry the source text of these functions, which is why they stand by
themselves: what is exported for serving and what tensorflow-transform runs is one text. Tensors are dense,
with one value a row. A raw column may come as `[B]`, `[B, 1]` or as a sparse tensor that lacks what is null.
"""

from __future__ import annotations

import math

import tensorflow as tf

DAY = 86_400
MISSING = "__missing__"
NULL_INTEGER = -(2**63)
SEPARATOR = "\x1f"
Z_LIMIT = 10.0


def dense(values, null):
    """A raw column as a dense tensor of shape [B], `null` where a sparse one has nothing."""
    if isinstance(values, tf.SparseTensor):
        shape = tf.stack([values.dense_shape[0], tf.constant(1, tf.int64)])
        values = tf.sparse.to_dense(tf.SparseTensor(values.indices, values.values, shape), null)
    return tf.reshape(values, [-1])


def as_terms(values):
    """A raw column as terms, strings of shape [B]; null and empty ones are `__missing__`.

    Whole numbers are their decimal form, truth values `true` and `false`. Line breaks are escaped, so that a
    vocabulary has one term a line.
    """
    if values.dtype.is_integer:
        values = dense(values, NULL_INTEGER)
        text = tf.where(values == NULL_INTEGER, "", tf.strings.as_string(values))
    elif values.dtype == tf.bool:
        text = tf.where(dense(values, False), "true", "false")
    elif values.dtype == tf.string:
        text = dense(values, "")
    else:
        raise TypeError(f"terms come as text or whole numbers, not as {values.dtype.name}")
    text = tf.strings.regex_replace(tf.strings.regex_replace(text, "\r", r"\\r"), "\n", r"\\n")
    return tf.where(text == "", MISSING, text)


def as_numbers(values):
    """A raw column as numbers, float64 of shape [B], NaN where null."""
    if values.dtype == tf.string:
        text = dense(values, "")
        null = (text == "") | (text == MISSING)
        text = tf.where(text == "true", "1", tf.where(text == "false", "0", tf.where(null, "nan", text)))
        return tf.strings.to_number(text, tf.float64)
    if values.dtype == tf.bool:
        return tf.cast(dense(values, False), tf.float64)
    if values.dtype.is_integer:
        whole = dense(values, NULL_INTEGER)
        return tf.where(whole == NULL_INTEGER, math.nan, tf.cast(whole, tf.float64))
    return tf.cast(dense(values, math.nan), tf.float64)


def as_seconds(values):
    """A raw column of times as whole seconds since 1970, int64 of shape [B], and a mask of nulls.

    Null is the least int64, and 0 seconds here. Floats are refused: they would round times.
    """
    if not values.dtype.is_integer:
        raise TypeError(f"times come as whole seconds in int64, not as {values.dtype.name}")
    seconds = dense(tf.cast(values, tf.int64), NULL_INTEGER)
    null = seconds == NULL_INTEGER
    return tf.where(null, tf.zeros_like(seconds), seconds), null


def elapsed(seconds, null, origin):
    """Seconds since an origin, subtracted in int64, as float64 of shape [B]; NaN where null."""
    return tf.where(null, tf.constant(math.nan, tf.float64), tf.cast(seconds - origin, tf.float64))


def log1p(numbers):
    """ln(1 + x), float64 of shape [B]: NaN where null, -infinity where there is no logarithm."""
    null = tf.math.is_nan(numbers)
    safe = tf.maximum(tf.where(null, tf.zeros_like(numbers), numbers), -1.0)
    return tf.where(null, numbers, tf.math.log1p(safe))


def scale(numbers, kind, minimum, maximum, mean, std):
    """Numbers on a scale, limited to its range, float32 of shape [B]; null is where the mean is.

    Args:
        kind: "[-1,1]", "[0,1]" or "z_score". minimum, maximum, mean, std: float64 figures of the train part.
    """
    # not tf.cast, which takes a Python number for a float32 first
    figures = (tf.convert_to_tensor(figure, tf.float64) for figure in (minimum, maximum, mean, std))
    minimum, maximum, mean, std = figures

    def placed(values):
        if kind == "z_score":
            return (values * 0.5 - mean * 0.5) / (std * 0.5)
        share = (values * 0.5 - minimum * 0.5) / (maximum * 0.5 - minimum * 0.5)
        return share if kind == "[0,1]" else share * 2.0 - 1.0

    least, largest = {"[-1,1]": (-1.0, 1.0), "[0,1]": (0.0, 1.0), "z_score": (-Z_LIMIT, Z_LIMIT)}[kind]
    found = placed(numbers)
    found = tf.where(tf.math.is_nan(found), placed(mean), tf.clip_by_value(found, least, largest))
    return tf.cast(tf.where(minimum < maximum, found, tf.zeros_like(found)), tf.float32)


def bucket(numbers, edges):
    """The bucket of each number, int64 of shape [B]: how many rising edges it reaches; null is the last."""
    edges = tf.cast(edges, tf.float64)
    null = tf.math.is_nan(numbers)
    reached = tf.searchsorted(edges, numbers, side="right", out_type=tf.int64)
    return tf.where(null, tf.size(edges, tf.int64) + 1, reached)


def flag(null):
    """1.0 where a mask of nulls is set, float32 of shape [B]."""
    return tf.cast(null, tf.float32)


def civil(days):
    """Year and month (1 to 12) of days since 1970, int64 (Hinnant 2013, `civil_from_days`)."""
    shifted = days + 719_468
    era = shifted // 146_097
    of_era = shifted - era * 146_097
    year_of_era = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * of_year + 2) // 153
    month = tf.where(shifted_month < 10, shifted_month + 3, shifted_month - 9)
    year = year_of_era + era * 400
    return tf.where(month <= 2, year + 1, year), month


def first_day(months):
    """Days since 1970 of the first of a month, counted in months since year 0, int64."""
    shifted = months - 2
    year, month = shifted // 12, shifted % 12
    era = year // 400
    year_of_era = year - era * 400
    of_year = (153 * month + 2) // 5
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + of_year - 719_468


def phase(seconds, cycle):
    """The elapsed fraction of the current cycle, float64 of shape [B]: exact in int64, in UTC.

    Args:
        seconds: int64 since 1970. cycle: "yearly", "quarterly", "monthly", "weekly" (from Monday) or "daily".
    """
    days, within = seconds // DAY, seconds % DAY
    if cycle == "daily":
        return tf.cast(within, tf.float64) / DAY
    if cycle == "weekly":
        return tf.cast((days + 3) % 7 * DAY + within, tf.float64) / (7 * DAY)
    length = {"yearly": 12, "quarterly": 3, "monthly": 1}[cycle]
    year, month = civil(days)
    start = (year * 12 + month - 1) // length * length
    first, after = first_day(start), first_day(start + length)
    return tf.cast((days - first) * DAY + within, tf.float64) / tf.cast((after - first) * DAY, tf.float64)


def wave(seconds, null, cycle):
    """Sine and cosine of 2 pi times the phase, float32 of shape [B]; both 0 where null."""
    angle = 2 * math.pi * phase(seconds, cycle)
    zero = tf.zeros_like(angle)
    sine, cosine = (tf.where(null, zero, part) for part in (tf.sin(angle), tf.cos(angle)))
    return tf.cast(sine, tf.float32), tf.cast(cosine, tf.float32)


def cross(buckets, *tokens):
    """The bucket of each row's combination of tokens, int64 of shape [B]; numbers are tokens, too."""
    text = [token if token.dtype == tf.string else tf.strings.as_string(token) for token in tokens]
    return tf.strings.to_hash_bucket_fast(tf.strings.join(text, SEPARATOR), buckets)


def latest_items(items, length):
    """The latest items of each row's history, oldest first.

    Args:
        items: strings of shape [B, N], or ragged or sparse, or [B] for one each; "" is padding, wherever it
            stands.

    Returns:
        Terms of shape [B, length], "" where the mask is 0; and the mask, float32.
    """
    if isinstance(items, tf.SparseTensor):
        items = tf.sparse.to_dense(items, "")
    if items.shape.rank == 1:
        items = items[:, None]
    kept = tf.ragged.boolean_mask(items, items != "")[:, -length:]
    mask = tf.sequence_mask(kept.row_lengths(), length, tf.float32)
    padded = kept.to_tensor("", shape=[None, length])
    terms = tf.reshape(as_terms(padded), [-1, length])
    return tf.where(mask > 0, terms, ""), mask
