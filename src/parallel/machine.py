"""The devices that JAX sees."""

from __future__ import annotations

import jax

from parallel.choosing import Machine


def machine() -> Machine:
    """Those of this process, or of all that train as one with it."""
    devices = jax.devices()
    return Machine(len(devices), devices[0].device_kind, devices[0].platform == "cpu", jax.process_count())
