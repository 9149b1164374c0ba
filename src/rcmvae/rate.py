"""How fast this machine trains, measured once by an idle worker, so that a page can estimate seconds per epoch.

A page knows the floating point operations of an epoch (`ModelType.operations_per_epoch`); what it lacks is the rate. Peak
rates mislead, so this trains a small dense network the way a family does, one compiled scan over a batch at a time,
and counts 6 operations per weight and sample (2 forward, 4 backward).
"""

from __future__ import annotations

import importlib
import itertools
import statistics
import time
from typing import Any

BATCH = 128
WIDTHS = (784, 256, 64, 256, 784)
STEPS = 12
REPEATS = 3


def jax_training_rate() -> float:
    """Floating point operations a second of training on JAX's default device: the median of three short trials."""
    # Looked up at run time: the core itself depends on no framework.
    jax: Any = importlib.import_module("jax")
    jnp: Any = importlib.import_module("jax.numpy")

    keys = jax.random.split(jax.random.key(0), len(WIDTHS))
    sizes = list(itertools.pairwise(WIDTHS))
    weights = [jax.random.normal(key, size) / size[0] ** 0.5 for key, size in zip(keys[1:], sizes, strict=True)]
    batches = jax.random.uniform(keys[0], (STEPS, BATCH, WIDTHS[0]))

    def loss(parameters: Any, batch: Any) -> Any:
        hidden = batch
        for weight in parameters:
            hidden = jnp.tanh(hidden @ weight)
        return jnp.mean((hidden - batch) ** 2)

    def step(carry: Any, batch: Any) -> tuple[Any, Any]:
        parameters, first, second = carry
        value, gradients = jax.value_and_grad(loss)(parameters, batch)
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        parameters = jax.tree.map(lambda p, m, v: p - 1e-3 * m / (jnp.sqrt(v) + 1e-8), parameters, first, second)
        return (parameters, first, second), value

    train = jax.jit(lambda carry: jax.lax.scan(step, carry, batches))
    zeros = [jnp.zeros_like(weight) for weight in weights]
    carry, _ = jax.block_until_ready(train((weights, zeros, zeros)))
    seconds = []
    for _ in range(REPEATS):
        begun = time.monotonic()
        carry, _ = jax.block_until_ready(train(carry))
        seconds.append(time.monotonic() - begun)
    operations = 6.0 * BATCH * STEPS * sum(a * b for a, b in sizes)
    return operations / statistics.median(seconds)
