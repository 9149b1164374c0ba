"""Bringing arrays to the device without compiling anything."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np


def on_device(tree: Any) -> Any:
    """Arrays and NumPy numbers of a tree as arrays on the default device, in memory of their own and never weakly typed.

    `jnp.asarray` compiles a small program for every new shape, which together cost a run's start more than its data.
    """
    # a copy of each, because on the CPU the device reads the very memory that it is given
    return jax.device_put(jax.tree.map(np.array, tree))
