"""Small traffic data for tests."""

from __future__ import annotations

import numpy as np

from traffic.data.contract import Source, TrafficData

MONDAY = 1_704_067_200
"""2024-01-01 00:00 of a local clock."""


def made(
    steps: int = 12,
    sensors: int = 3,
    features: tuple[str, ...] = ("speed",),
    *,
    seed: int = 0,
    interval_s: int = 300,
    start: int = MONDAY,
    missing: float = 0.0,
    **others: object,
) -> TrafficData:
    """Random data of plausible size; `others` replace parts of the contract."""
    generator = np.random.default_rng(seed)
    values = generator.normal(60, 10, (steps, sensors, len(features))).astype(np.float32)
    values[generator.random(values.shape) < missing] = np.nan
    parts: dict[str, object] = {
        "values": values,
        "timestamps": start + interval_s * np.arange(steps, dtype=np.int64),
        "sensor_ids": tuple(f"s{number}" for number in range(sensors)),
        "coordinates": None,
        "features": features,
        "units": tuple("km/h" for _ in features),
        "source": Source("made"),
        "interval_s": interval_s,
    }
    return TrafficData(**{**parts, **others})  # type: ignore[arg-type]
