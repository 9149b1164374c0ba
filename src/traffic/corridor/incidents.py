"""Incidents that block lanes for a while."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from traffic.corridor.demand import factor
from traffic.corridor.geometry import Geometry
from traffic.corridor.settings import IncidentSettings


@dataclass(frozen=True)
class Incident:
    """One incident.

    Attributes:
        start, end: seconds of local clock, at borders of records. cell, km: where, km at the cell's middle.
        blocked: lanes. capacity_factor: of the cell while nothing else blocks it.
    """

    start: int
    end: int
    cell: int
    km: float
    blocked: int
    capacity_factor: float


def draw_incidents(
    geometry: Geometry, settings: IncidentSettings, timestamps: np.ndarray, interval_s: int, numbers: np.random.Generator
) -> tuple[Incident, ...]:
    """A Poisson process, denser when traffic is; sorted by start. Starts and ends fall on borders of records."""
    count = int(numbers.poisson(settings.rate * geometry.length_km * len(timestamps) * interval_s / 86_400))
    weight = factor(timestamps)
    rows = np.sort(numbers.choice(len(timestamps), count, p=weight / weight.sum()))
    cells = numbers.integers(0, len(geometry.lanes), count)
    minutes = np.clip(
        settings.median_min * np.exp(settings.sigma * numbers.standard_normal(count)), settings.shortest_min, settings.longest_min
    )
    records = np.maximum(1, np.round(minutes * 60 / interval_s)).astype(int)
    blocked = np.where(numbers.random(count) < settings.two_lanes, 2, 1)
    found = []
    for row, cell, length, lanes in zip(rows.tolist(), cells.tolist(), records.tolist(), blocked.tolist(), strict=True):
        closed = min(lanes, geometry.lanes[cell] - 1)
        start = int(timestamps[row])
        km = (cell + 0.5) * geometry.cell_km
        left = _left(geometry.lanes[cell], closed, settings.passing)
        found.append(Incident(start, start + length * interval_s, cell, km, closed, left))
    return tuple(found)


def capacity_factors(geometry: Geometry, settings: IncidentSettings, incidents: Sequence[Incident], timestamps: np.ndarray) -> np.ndarray:
    """Share of each cell's capacity that is left, float64 (T, M). At least one lane stays open, however many incidents meet."""
    closed = np.zeros((len(timestamps), len(geometry.lanes)), int)
    present = np.zeros(closed.shape, bool)
    for incident in incidents:
        rows = (timestamps >= incident.start) & (timestamps < incident.end)
        closed[rows, incident.cell] += incident.blocked
        present[rows, incident.cell] = True
    lanes = np.array(geometry.lanes)
    left = settings.passing * np.maximum(1, lanes - closed) / lanes
    return np.where(present, left, 1.0)


def _left(lanes: int, closed: int, passing: float) -> float:
    return passing * (lanes - closed) / lanes
