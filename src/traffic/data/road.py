"""The road that detectors lie along, where it is known: their places on it, and its incidents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

ARRAYS: Mapping[str, Any] = {
    "road_km": np.float32, "incident_start": np.int64, "incident_end": np.int64, "incident_km": np.float32,
}  # fmt: skip
"""What of a road is kept, by name, and its dtypes."""


@dataclass(frozen=True, eq=False)
class Road:
    """One road.

    Attributes:
        km: float32 (N,), where each detector lies along it, in the direction of travel.
        incident_start, incident_end: int64 (I,), seconds of local clock. incident_km: float32 (I,), where.

    Raises:
        ValueError: for arrays of the wrong type, or incidents without a start, an end or a place.
    """

    km: np.ndarray
    incident_start: np.ndarray
    incident_end: np.ndarray
    incident_km: np.ndarray

    def __post_init__(self) -> None:
        for name, array in self.arrays().items():
            if array.dtype != ARRAYS[name] or array.ndim != 1:
                raise ValueError(f"{name} is {array.dtype.name} of {array.ndim} dimensions")
        if not len(self.incident_start) == len(self.incident_end) == len(self.incident_km):
            raise ValueError("incidents need a start, an end and a place each")

    def of(self, rows: list[int]) -> Road:
        """The road as some of the detectors lie along it."""
        return Road(self.km[rows], self.incident_start, self.incident_end, self.incident_km)

    def arrays(self) -> dict[str, np.ndarray]:
        """As arrays, which `road_of` reads."""
        return dict(zip(ARRAYS, (self.km, self.incident_start, self.incident_end, self.incident_km), strict=True))


def road_of(arrays: Mapping[str, np.ndarray]) -> Road | None:
    """The road that arrays hold; None if they hold none. Raises ValueError for a part of one."""
    known = [arrays[name] for name in ARRAYS if name in arrays]
    if not known:
        return None
    if len(known) < len(ARRAYS):
        raise ValueError("a part of the road is missing")
    return Road(*known)
