"""Random numbers in separate streams, so that what one part of a simulation draws never moves another's."""

from __future__ import annotations

from typing import Literal

import jax
import numpy as np

STREAMS = ("demand", "incidents", "weather", "noise", "dropouts", "stuck")
"""Each one's place is its branch: a new stream goes to the end."""

Stream = Literal["demand", "incidents", "weather", "noise", "dropouts", "stuck"]


def stream(seed: int, name: Stream) -> np.random.Generator:
    """The numbers of one branch of a seed."""
    branch = jax.random.fold_in(jax.random.key(seed), STREAMS.index(name))
    return np.random.Generator(np.random.Philox(key=np.asarray(jax.random.key_data(branch)).astype(np.uint64)))
