"""Which detectors lie near which: by great circles between their coordinates, or by a list of edges along roads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from traffic.data.contract import TrafficData
from traffic.data.edges import FORM, Edges
from traffic.errors import Place, TrafficError

NeighbourKind = Literal["coords", "edges", "none"]
EARTH_RADIUS_M = 6_371_008.8
KNN_K = 16
RADIUS_M = 5000.0
_SAME_M = 1e-3
"""Detectors whose distances differ by less count as equally far."""
_ROWS = 256
"""Detectors at a time: all pairs of a large network would not fit the memory."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest other detectors of each of N, nearest first.

    Attributes:
        index: int32 (N, k). distance: float64 (N, k), metres. mask: bool (N, k), which of them count: those within the radius. Where
            there are fewer than k, the rest name the detector itself and do not count.

    Raises:
        TrafficError: DATA_SHAPE if the three do not belong together.
    """

    index: np.ndarray
    distance: np.ndarray
    mask: np.ndarray

    def __post_init__(self) -> None:
        shapes = (self.index.shape, self.distance.shape, self.mask.shape)
        sensors = len(self.index)
        if len(set(shapes)) > 1 or self.index.ndim != 2 or (self.index.size and not 0 <= self.index.min() <= self.index.max() < sensors):
            raise TrafficError(
                "DATA_SHAPE", f"Neighbours of shapes {shapes} do not belong together.",
                hint="Give index, distance and mask as (detectors, k), with indices of these detectors.", found=shapes,
            )  # fmt: skip

    @property
    def size(self) -> tuple[int, int]:
        """(N, k)."""
        sensors, count = self.index.shape
        return sensors, count

    @property
    def length_scale(self) -> float:
        """Mean distance in metres of the pairs that count; 1 where there is none or all are at one place."""
        counted = self.distance[self.mask]
        mean = float(counted.mean()) if counted.size else 0.0
        return mean if mean > 0 else 1.0

    @property
    def looked_at(self) -> np.ndarray:
        """`index`, but the detector itself where a neighbour does not count: what a far one shows is not even read. int32 (N, k)."""
        return np.where(self.mask, self.index, np.arange(len(self.index), dtype=np.int32)[:, None])

    @property
    def alone(self) -> np.ndarray:
        """Detectors without a neighbour that counts, bool (N,)."""
        return np.asarray(~self.mask.any(1))


def haversine_m(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Great-circle distance in metres between (..., 2) latitudes and longitudes in degrees, on a sphere of 6,371,008.8 m."""
    a, b = np.radians(first), np.radians(second)
    half = np.sin((b - a) / 2) ** 2
    chord = half[..., 0] + np.cos(a[..., 0]) * np.cos(b[..., 0]) * half[..., 1]
    return 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0)))


def nearest(
    sensor_ids: Sequence[str], coordinates: np.ndarray | None, *, knn_k: int = KNN_K, radius_m: float | None = RADIUS_M
) -> Neighbours:
    """Neighbours by great-circle distance; of those equally far, the one whose id comes first.

    Args:
        sensor_ids: N names. coordinates: float64 (N, 2), latitude and longitude in degrees. knn_k: how many at most.
        radius_m: how far one that counts lies at most; None for any distance.

    Raises:
        TrafficError: DATA_COORDS without coordinates, or naming the first detector that has none.
    """
    if coordinates is None:
        raise TrafficError(
            "DATA_COORDS", "The data has no coordinates: nobody can say which detectors are neighbours.",
            hint="Give coordinates, or set data.neighbours to edges.", at=Place(key="data.neighbours"),
        )  # fmt: skip
    unknown = np.flatnonzero(~np.isfinite(coordinates).all(1))
    if len(unknown):
        name = sensor_ids[int(unknown[0])]
        others = f", and {len(unknown) - 1} more have none" if len(unknown) > 1 else ""
        raise TrafficError(
            "DATA_COORDS", f"Detector {name} has no coordinates{others}.",
            hint="Give each its latitude and longitude, leave it out by data.vd_ids, or set data.neighbours to edges.",
            at=Place(key="data.neighbours", sensor_id=name),
        )  # fmt: skip
    sensors, count = len(sensor_ids), min(knn_k, len(sensor_ids) - 1)
    parts = []
    for first in range(0, sensors, _ROWS):
        distance = haversine_m(coordinates[first : first + _ROWS, None], coordinates[None])
        distance[np.arange(len(distance)), first + np.arange(len(distance))] = np.inf
        parts.append(_closest(distance, sensor_ids, count))
    index, distance = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Neighbours(index, distance, _within(distance, radius_m))


def from_edges(edges: Edges, sensor_ids: Sequence[str], *, knn_k: int = KNN_K, radius_m: float | None = RADIUS_M) -> Neighbours:
    """Neighbours by edges: each joins two detectors, in both directions, at its cost in metres, the least if repeated.

    Detectors that no edge joins are no neighbours.

    Raises:
        TrafficError: DATA_IDS if no edge joins two of the detectors.
    """
    place = {name: number for number, name in enumerate(sensor_ids)}
    chosen = edges.among(sensor_ids)
    if not len(chosen):
        raise TrafficError(
            "DATA_IDS", f"No edge joins two of the {len(place)} detectors that were chosen.",
            hint="Choose detectors that are next to each other, or neighbours by coordinates.", at=Place(key="data.neighbours"),
        )  # fmt: skip
    start, end = (np.array([place[name] for name in names.tolist()]) for names in (chosen.start, chosen.end))
    distance = np.full((len(place), len(place)), np.inf)
    np.minimum.at(distance, (start, end), chosen.cost)
    distance = np.minimum(distance, distance.T)
    index, distance = _closest(distance, sensor_ids, min(knn_k, len(place) - 1))
    joined = np.isfinite(distance)
    own = np.arange(len(place), dtype=np.int32)[:, None]
    distance = np.where(joined, distance, 0.0)
    return Neighbours(np.where(joined, index, own), distance, joined & _within(distance, radius_m))


def of_data(data: TrafficData, kind: NeighbourKind, *, knn_k: int = KNN_K, radius_m: float | None = RADIUS_M) -> Neighbours:
    """The neighbours of chosen data as `data.neighbours` has it.

    Raises:
        TrafficError: DATA_COORDS if `kind` is none, or edges of data without any; what `nearest` and `from_edges` raise.
    """
    if kind == "coords":
        return nearest(data.sensor_ids, data.coordinates, knn_k=knn_k, radius_m=radius_m)
    if kind == "edges" and data.edges is not None:
        return from_edges(data.edges, data.sensor_ids, knn_k=knn_k, radius_m=radius_m)
    raise TrafficError(
        "DATA_COORDS", "Pooling needs to know which detectors are neighbours.",
        hint=f"Set data.neighbours to coords, or to edges for data that comes with {FORM}.", at=Place(key="data.neighbours"), found=kind,
    )  # fmt: skip


def _closest(distance: np.ndarray, sensor_ids: Sequence[str], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Columns int32 and distances of the `count` least of each row."""
    order = np.argsort(np.array(sensor_ids, dtype=object))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    sorted_columns = np.lexsort((np.broadcast_to(rank, distance.shape), np.round(distance / _SAME_M)), axis=-1)[:, :count]
    return sorted_columns.astype(np.int32), np.take_along_axis(distance, sorted_columns, axis=1)


def _within(distance: np.ndarray, radius_m: float | None) -> np.ndarray:
    return np.ones(distance.shape, bool) if radius_m is None else distance <= radius_m
