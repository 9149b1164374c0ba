"""TensorFlow with Keras 2. Imports TensorFlow (`recsys.training` has set TF_USE_LEGACY_KERAS=1).

Where JAX is installed, TensorFlow Lite takes it along for a converter that nothing here uses; that would be a sixth of the
time that TensorFlow's import takes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from recsys.training.processors import processor_devices


@contextmanager
def passed_over(name: str) -> Iterator[None]:
    """Within, a package that is not imported yet cannot be; whoever can do without it goes on without it."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


with passed_over("jax"):
    import tensorflow as tf

    keras = tf.keras

if not keras.layers.Layer.__module__.startswith("tf_keras"):
    raise ImportError(
        "TensorFlow runs with Keras 3, but TensorFlow Recommenders needs Keras 2: set the environment "
        "variable TF_USE_LEGACY_KERAS=1 before TensorFlow is imported"
    )


def _divide_processor(count: int) -> None:
    """Make so many devices of the processor, unless TensorFlow has begun to work with it."""
    alone = tf.config.LogicalDeviceConfiguration()
    with suppress(RuntimeError):
        tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], [alone] * count)


if processor_devices(os.environ.get("XLA_FLAGS", "")) > 1:
    _divide_processor(processor_devices(os.environ["XLA_FLAGS"]))
