"""The devices that TensorFlow sees, and what a model holds on each. Imports TensorFlow."""

from __future__ import annotations

from typing import Any

from parallel.choosing import Machine
from recsys.training.legacy_keras import tf


def machine() -> Machine:
    """Every GPU, or the processor where there is none."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return Machine(len(tf.config.list_logical_devices("CPU")), "cpu", processor=True)
    kind = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")
    return Machine(len(tf.config.list_logical_devices("GPU")), kind, processor=False)


def names(count: int, *, processor: bool) -> list[str]:
    """The first devices, as generated trainers are told them."""
    return [f"{'CPU' if processor else 'GPU'}:{place}" for place in range(count)]


def bytes_held(model: Any) -> int:
    """Bytes of a trained model's variables and its optimiser's: what each of its devices has from step to step."""
    variables = [*model.variables, *model.optimizer.variables]
    return sum(variable.shape.num_elements() * variable.dtype.size for variable in variables)
