"""The simulated corridor: demand, incidents and weather drive the road; detectors watch it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from traffic.corridor.cells import Conditions, Traffic, simulate_cells
from traffic.corridor.demand import draw_demand
from traffic.corridor.detectors import FEATURES, UNITS, measured, true_values
from traffic.corridor.diagram import SUBSTEP_S
from traffic.corridor.dropouts import draw_lost, hanging
from traffic.corridor.geometry import Geometry
from traffic.corridor.incidents import Incident, capacity_factors, draw_incidents
from traffic.corridor.scenario import CorridorSettings
from traffic.corridor.streams import stream
from traffic.corridor.weather import draw_rain
from traffic.data.clock import start_of
from traffic.data.contract import Source, TrafficData
from traffic.data.road import Road


@dataclass(frozen=True)
class Balance:
    """Vehicles, in float64.

    Attributes:
        demand: that wanted to enter. entered: the road. left: it. stored: in cells. waiting: in queues. All at the end.
    """

    demand: float
    entered: float
    left: float
    stored: float
    waiting: float

    @property
    def missing(self) -> float:
        """What was lost or made up: 0 but for rounding."""
        return self.demand - self.left - self.stored - self.waiting


@dataclass(frozen=True)
class Corridor:
    """A simulation.

    Attributes:
        data: what detectors show, with losses. true: the same without noise or losses, float64 (T, N, 3).
        incidents: all. rain: bool (T,). queues: vehicles before the road and on each on-ramp, (T, 1 + ramps). balance: of vehicles.
        least_room, least: the smallest room in any cell and the smallest number of vehicles in one, at any time.
    """

    data: TrafficData
    true: np.ndarray
    incidents: tuple[Incident, ...]
    rain: np.ndarray
    queues: np.ndarray
    balance: Balance
    least_room: float
    least: float


def simulate(settings: CorridorSettings, seed: int, *, dtype: Any = np.float32) -> Corridor:
    """Simulate the corridor from an empty road. The same settings and seed give the same bytes.

    Args:
        dtype: of the road's state; float64 needs JAX's 64-bit mode.
    """
    geometry, interval = settings.geometry, settings.interval_s
    steps = settings.days * 86_400 // interval
    timestamps = start_of(settings.start, "data.start") + interval * np.arange(steps, dtype=np.int64)
    lanes = np.array(geometry.lanes)
    demand = draw_demand(geometry, settings.demand, timestamps, stream(seed, "demand"))
    incidents, factors = _incidents(settings, timestamps, seed)
    rain, speed, wet = _weather(settings, timestamps, seed)
    conditions = Conditions(
        capacity=factors * wet[:, None] * lanes * settings.diagram.capacity,
        speed_factor=speed,
        origin=demand.origin,
        ramps=demand.ramps,
        exits=demand.exits,
    )
    nobody = Traffic(np.zeros(len(lanes)), np.zeros(()), np.zeros(len(lanes)))
    watched = np.array(geometry.detectors)
    end, records = simulate_cells(
        conditions, nobody, lanes=lanes, diagram=settings.diagram, cell_km=geometry.cell_km, watched=watched,
        substeps=interval // SUBSTEP_S, dtype=dtype,
    )  # fmt: skip
    true = true_values(records.flow, records.density, lanes[watched], settings.diagram.free_speed)
    ramps = [1 + ramp.cell for ramp in geometry.on_ramps]
    wanted = (
        (conditions.origin.astype(dtype).sum(dtype=np.float64) + conditions.ramps.astype(dtype).sum(dtype=np.float64)) * interval / 3600
    )
    return Corridor(
        data=_shown(settings, true, timestamps, seed, incidents),
        true=true,
        incidents=incidents,
        rain=rain,
        queues=records.queues[:, [0, *ramps]],
        balance=Balance(
            demand=float(wanted),
            entered=float(records.entered.sum(dtype=np.float64)),
            left=float(records.left.sum(dtype=np.float64)),
            stored=float(end.cells.sum(dtype=np.float64)),
            waiting=float(end.origin) + float(end.ramps.sum(dtype=np.float64)),
        ),
        least_room=float(records.least_room.min()),
        least=float(records.least.min()),
    )


def _incidents(settings: CorridorSettings, timestamps: np.ndarray, seed: int) -> tuple[tuple[Incident, ...], np.ndarray]:
    geometry = settings.geometry
    if settings.incidents is None:
        return (), np.ones((len(timestamps), len(geometry.lanes)))
    found = draw_incidents(geometry, settings.incidents, timestamps, settings.interval_s, stream(seed, "incidents"))
    return found, capacity_factors(geometry, settings.incidents, found, timestamps)


def _weather(settings: CorridorSettings, timestamps: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rain, and factors of speed and capacity, (T,) each."""
    if settings.weather is None:
        return np.zeros(len(timestamps), bool), np.ones(len(timestamps)), np.ones(len(timestamps))
    rain = draw_rain(settings.weather, timestamps, stream(seed, "weather"))
    return rain, np.where(rain, settings.weather.speed, 1.0), np.where(rain, settings.weather.capacity, 1.0)


def _shown(
    settings: CorridorSettings, true: np.ndarray, timestamps: np.ndarray, seed: int, incidents: tuple[Incident, ...]
) -> TrafficData:  # fmt: skip
    values, interval = true, settings.interval_s
    if settings.noise is not None:
        values = measured(values, settings.noise, interval, stream(seed, "noise"))
    if settings.dropouts is not None:
        values = hanging(values, settings.dropouts, interval, stream(seed, "stuck"))
        lost = draw_lost(settings.dropouts, values.shape[0], values.shape[1], interval, stream(seed, "dropouts"))
        values = np.where(lost[..., None], np.nan, values)
    geometry = settings.geometry
    return TrafficData(
        values.astype(np.float32), timestamps, geometry.sensor_ids, geometry.coordinates, FEATURES, UNITS, Source("corridor"), interval,
        default_order=geometry.default_order, road=_road(geometry, incidents),
    )  # fmt: skip


def _road(geometry: Geometry, incidents: tuple[Incident, ...]) -> Road:
    """Where detectors lie, and what happened, as the data keeps it."""
    return Road(
        geometry.detector_km.astype(np.float32),
        np.array([each.start for each in incidents], np.int64),
        np.array([each.end for each in incidents], np.int64),
        np.array([each.km for each in incidents], np.float32),
    )
