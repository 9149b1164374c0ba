"""Learned vectors for detectors, intervals of the day and days of the week."""

from __future__ import annotations

import jax.numpy as jnp
from flax import nnx
from jax import Array

from traffic.config_architecture import Architecture
from traffic.model.starts import Normal, parameter

DEVIATION = 0.1
WEEK_DAYS = 7


class Embeddings(nnx.Module):
    """Tables of those that are switched on."""

    def __init__(self, architecture: Architecture) -> None:
        def table(rows: int, width: int) -> nnx.Param[Array] | None:
            return parameter((rows, width), Normal(DEVIATION)) if width else None

        self.sensors = table(architecture.num_sensors, architecture.sensor_embedding)
        self.time_of_day = table(architecture.slots_per_day, architecture.tod_embedding_dim)
        self.day_of_week = table(WEEK_DAYS, architecture.dow_embedding_dim)

    def of_sensors(self) -> Array | None:
        """One vector for each detector (N, width), or None."""
        return None if self.sensors is None else self.sensors[...]

    def context(self, tod: Array, dow: Array, rows: int) -> Array | None:
        """What the head sees beside the state: [detector; time of day; day of week], (B, rows, C), or None.

        Args:
            tod: slot of the day (B,). dow: day of the week (B,). rows: detectors that are forecast apart.
        """
        parts: list[Array] = []
        if self.sensors is not None:
            parts.append(jnp.broadcast_to(self.sensors[...], (len(tod), *self.sensors[...].shape)))
        for table, ids in ((self.time_of_day, tod), (self.day_of_week, dow)):
            if table is not None:
                vectors = table[...][ids]
                parts.append(jnp.broadcast_to(vectors[:, None], (len(tod), rows, vectors.shape[-1])))
        return jnp.concatenate(parts, axis=-1) if parts else None
