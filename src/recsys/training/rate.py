"""How fast this machine trains two towers, measured once by an idle worker. Imports TensorFlow.

Pages know the operations of an epoch (`recsys.model.flat`); what they lack is the rate. A small network of that
kind is trained for a moment, counting 6 operations a weight and row (2 forward, 4 backward).
"""

from __future__ import annotations

import itertools
import statistics
import time
from typing import Any, cast

from recsys.training.legacy_keras import tf

ROWS = 1024
WIDTHS = (104, 128, 64, 32)
STEPS = 10
REPEATS = 3


def training_rate() -> float:
    """Floating point operations a second: the median of three short trials."""
    shapes = list(itertools.pairwise(WIDTHS))
    weights = [tf.Variable(tf.random.stateless_normal(shape, seed=(0, 1)) * 0.1) for shape in shapes]
    rows = tf.random.stateless_normal([ROWS, WIDTHS[0]], seed=(0, 0))

    @tf.function(autograph=False)
    def step(inputs: Any) -> Any:
        with tf.GradientTape() as tape:
            x = inputs
            for weight in weights:
                x = tf.nn.relu(tf.matmul(x, weight))
            scores = tf.matmul(x, x, transpose_b=True)
            loss = tf.reduce_mean(tf.reduce_logsumexp(scores, axis=1) - tf.linalg.diag_part(scores))
        for weight, slope in zip(weights, cast(Any, tape.gradient(loss, weights)), strict=True):
            weight.assign_sub(0.001 * slope)
        return loss

    step(rows).numpy()
    seconds = []
    for _ in range(REPEATS):
        begun = time.monotonic()
        for _ in range(STEPS):
            loss = step(rows)
        loss.numpy()  # pyright: ignore[reportPossiblyUnboundVariable]
        seconds.append(time.monotonic() - begun)
    size = sum(one * other for one, other in shapes)
    operations = 6.0 * ROWS * STEPS * (size + ROWS * WIDTHS[-1])
    return operations / statistics.median(seconds)
