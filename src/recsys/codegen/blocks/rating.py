"""Ratings: the scale that they are learnt on, and what guessing costs."""

import numpy as np
import tensorflow as tf

from recsys.codegen.blocks.devices import own_part


class RatingScale:
    """The way back from what is learnt to the target's own units: `slope * y + offset`, `exp(...) - 1` after
    a logarithm, within the range that was trained on."""

    def __init__(self, batch, log_transform, logits):
        """From a batch's constants `target_slope`, `target_offset`, `target_low` and `target_high`."""
        constants = [f"target_{name}" for name in ("slope", "offset", "low", "high")]
        self._slope, self._offset, self._low, self._high = (
            float(np.ravel(batch[name])[0]) for name in constants
        )
        self._log_transform = log_transform
        self._logits = logits

    def __call__(self, outputs):
        """Outputs of the head in the target's own units, of the same shape."""
        values = tf.sigmoid(outputs) if self._logits else outputs
        values = values * self._slope + self._offset
        if self._log_transform:
            values = tf.math.expm1(values)
        return tf.clip_by_value(values, self._low, self._high)


def constant_loss(targets, loss, logits):
    """The mean loss of the best constant answer to targets (n,), all known.

    Args:
        loss: a Keras loss without reduction, convex in the answer. logits: whether answers are logits; else
            the best lies between the least and the largest target.
    """
    labels = tf.constant(targets, tf.float32)[:, None]
    low, high = (-20.0, 20.0) if logits else (float(np.min(targets)), float(np.max(targets)))
    golden = (np.sqrt(5) - 1) / 2

    def cost(answer):
        return float(tf.reduce_mean(loss(labels, tf.fill(tf.shape(labels), answer))))

    for _ in range(40):
        left, right = high - golden * (high - low), low + golden * (high - low)
        low, high = (low, right) if cost(left) < cost(right) else (left, high)
    return max(cost((low + high) / 2), 1e-6)


def mean_of_known(losses, known):
    """The mean of losses where a target is known, float32 (B,) of 1 and 0; and how many are.

    Args:
        losses: float32 (B,), or (b,) of a device's own rows, which make its part of the mean.
    """
    count = tf.reduce_sum(known)
    return tf.reduce_sum(losses * own_part(known)) / tf.maximum(count, 1.0), count


def known_targets(batches):
    """The known targets of some batches as they are learnt, float32 (n,)."""
    kept = [batch["target"].numpy()[batch["target_known"].numpy() > 0] for batch in batches]
    return np.concatenate(kept) if kept else np.zeros(0, np.float32)
