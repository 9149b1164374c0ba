"""What a person chooses about a simulated corridor, as settings of a source of datasets. Ranges are the simulation's own."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from traffic.config_training import MAX_SEED
from traffic.corridor import settings as usual
from traffic.corridor.diagram import FundamentalDiagram
from workbench.fields import ConfigModel, Structural, field, part, when

if TYPE_CHECKING:
    from traffic.corridor.scenario import CorridorSettings

CORRIDOR = "corridor"
"""The dataset with the usual settings."""
SIMULATOR = "corridor_simulator"
"""The source of datasets with others."""

_ON = when(enabled=True)


def _of(owner: type, name: str, label: str, help: str, *, unit: str = "", advanced: bool = True) -> Any:
    """The field of one setting of the simulation, with its default."""
    default = next(entry.default for entry in fields(owner) if entry.name == name)
    on = _ON if owner not in (FundamentalDiagram, usual.DemandSettings) else None
    return field(default, label=label, help=help, unit=unit, advanced=advanced, applies_when=on)


class OnRamp(ConfigModel):
    """An on-ramp."""

    cell: Structural[int] = field(label="Cell", ge=0, help="The cell that it leads into, counted from 0 upstream.")
    peak: Structural[float] = field(label="Peak demand", unit="veh/h", ge=0, help="Vehicles per hour at factor 1.")


class OffRamp(ConfigModel):
    """An off-ramp."""

    cell: Structural[int] = field(label="Cell", ge=0, help="The cell at whose exit it begins.")
    share: Structural[float] = field(label="Share", ge=0, lt=1, help="Share of the outflow that leaves.")


class Road(ConfigModel):
    """The road."""

    lanes: Structural[tuple[int, ...]] = field(
        usual.LANES, label="Lanes", ge=1, min_items=1, max_items=2000, advanced=True, help="Lanes of each cell, upstream first.",
    )  # fmt: skip
    cell_km: Structural[float] = field(usual.CELL_KM, label="Cell length", unit="km", gt=0, advanced=True, help="Length of each cell.")
    on_ramps: Structural[tuple[OnRamp, ...]] = field(
        tuple(OnRamp(cell=ramp.cell, peak=ramp.peak) for ramp in usual.ON_RAMPS), label="On-ramps", advanced=True, help="Ramps onto the road.",
    )  # fmt: skip
    off_ramps: Structural[tuple[OffRamp, ...]] = field(
        tuple(OffRamp(cell=ramp.cell, share=ramp.share) for ramp in usual.OFF_RAMPS), label="Off-ramps", advanced=True, help="Ramps off the road.",
    )  # fmt: skip
    detectors: Structural[tuple[int, ...]] = field(
        usual.DETECTORS, label="Detectors", ge=0, min_items=1, max_items=2000, advanced=True, help="Cells at whose ends traffic is measured.",
    )  # fmt: skip


class Diagram(ConfigModel):
    """How flow follows from density."""

    free_speed: Structural[float] = _of(FundamentalDiagram, "free_speed", "Free speed", "Speed on an empty road.", unit="km/h")
    wave_speed: Structural[float] = _of(FundamentalDiagram, "wave_speed", "Wave speed", "Speed of jams against the traffic.", unit="km/h")
    jam_density: Structural[float] = _of(FundamentalDiagram, "jam_density", "Jam density", "Vehicles on a full lane.", unit="veh/km")
    curvature: Structural[float] = _of(FundamentalDiagram, "curvature", "Curvature", "Share of speed lost at capacity, below a half.")
    capacity_drop: Structural[float] = _of(FundamentalDiagram, "capacity_drop", "Capacity drop", "Share of capacity lost behind a jam.")


class Demand(ConfigModel):
    """Who drives."""

    per_lane: Structural[float] = _of(
        usual.DemandSettings, "per_lane", "Demand of a lane", "At the upstream end at the peak.", unit="veh/h", advanced=False
    )
    day_sd: Structural[float] = _of(usual.DemandSettings, "day_sd", "Spread of days", "Of the logarithm of a day's factor.")
    persistence: Structural[float] = _of(usual.DemandSettings, "persistence", "Persistence of noise", "From record to record, below 1.")
    noise_sd: Structural[float] = _of(usual.DemandSettings, "noise_sd", "Spread of noise", "Of each source, relative.")
    share_sd: Structural[float] = _of(usual.DemandSettings, "share_sd", "Spread of exits", "Of off-ramps' shares, relative.")
    clock_h: Structural[float] = _of(usual.DemandSettings, "clock_h", "Spread of ramps' clocks", "To either side.", unit="h")


class Incidents(ConfigModel):
    """Accidents and breakdowns."""

    enabled: Structural[bool] = field(True, label="Incidents", help="Whether lanes are blocked now and then.")
    rate: Structural[float] = _of(usual.IncidentSettings, "rate", "Rate", "Incidents per km and day.", advanced=False)
    median_min: Structural[float] = _of(usual.IncidentSettings, "median_min", "Median duration", "Of the log-normal law.", unit="min")
    sigma: Structural[float] = _of(usual.IncidentSettings, "sigma", "Spread of durations", "Of their logarithm.")
    shortest_min: Structural[float] = _of(usual.IncidentSettings, "shortest_min", "Shortest", "Durations are clipped here.", unit="min")
    longest_min: Structural[float] = _of(usual.IncidentSettings, "longest_min", "Longest", "And here.", unit="min")
    two_lanes: Structural[float] = _of(usual.IncidentSettings, "two_lanes", "Two lanes", "Probability that two are blocked.")
    passing: Structural[float] = _of(usual.IncidentSettings, "passing", "Passing", "Capacity that open lanes keep.")


class Weather(ConfigModel):
    """Rain."""

    enabled: Structural[bool] = field(True, label="Rain", help="Whether it rains now and then.")
    starts: Structural[float] = _of(usual.WeatherSettings, "starts", "Starts", "Probability that a dry hour is followed by rain.")
    ends: Structural[float] = _of(usual.WeatherSettings, "ends", "Ends", "Probability that a wet hour is followed by none.")
    speed: Structural[float] = _of(usual.WeatherSettings, "speed", "Speed", "Factor in rain.")
    capacity: Structural[float] = _of(usual.WeatherSettings, "capacity", "Capacity", "Factor in rain.")


class Noise(ConfigModel):
    """How detectors err."""

    enabled: Structural[bool] = field(True, label="Noise", help="Whether detectors err.")
    speed_bias: Structural[float] = _of(usual.NoiseSettings, "speed_bias", "Bias of speed", "Of a detector, relative.")
    speed_sd: Structural[float] = _of(usual.NoiseSettings, "speed_sd", "Error of speed", "With very many vehicles.", unit="km/h")
    speed_spread: Structural[float] = _of(usual.NoiseSettings, "speed_spread", "Spread of vehicles", "Of single speeds.", unit="km/h")
    flow_bias: Structural[float] = _of(usual.NoiseSettings, "flow_bias", "Bias of flow", "Of a detector, relative.")
    flow_spread: Structural[float] = _of(usual.NoiseSettings, "flow_spread", "Spread of flow", "1 is a Poisson count.")
    occupancy_sd: Structural[float] = _of(usual.NoiseSettings, "occupancy_sd", "Error of occupancy", "Relative.")


class Dropouts(ConfigModel):
    """How records are lost."""

    enabled: Structural[bool] = field(True, label="Losses", help="Whether records are lost.")
    single: Structural[float] = _of(usual.DropoutSettings, "single", "Single records", "Probability that one is lost.")
    up_days: Structural[float] = _of(usual.DropoutSettings, "up_days", "Between outages", "Of one detector, on average.", unit="days")
    down_hours: Structural[float] = _of(usual.DropoutSettings, "down_hours", "Outage", "Mean length.", unit="h")
    all_days: Structural[float] = _of(usual.DropoutSettings, "all_days", "Between losses of all", "On average.", unit="days")
    all_minutes: Structural[float] = _of(usual.DropoutSettings, "all_minutes", "Loss of all", "Length.", unit="min")
    stuck_days: Structural[float | None] = _of(
        usual.DropoutSettings, "stuck_days", "Between hangs", "Until a detector repeats a record, on average; none for never.", unit="days"
    )
    stuck_hours: Structural[float] = _of(usual.DropoutSettings, "stuck_hours", "Hang", "Mean length.", unit="h")


class Simulator(ConfigModel):
    """The road, its traffic and its detectors."""

    road: Road = part(Road(), label="Road")
    diagram: Diagram = part(Diagram(), label="Flow")
    demand: Demand = part(Demand(), label="Demand")
    incidents: Incidents = part(Incidents(), label="Incidents")
    weather: Weather = part(Weather(), label="Rain")
    noise: Noise = part(Noise(), label="Noise")
    dropouts: Dropouts = part(Dropouts(), label="Losses")


class CorridorParams(ConfigModel):
    """What a person chooses about a simulated corridor."""

    days: Structural[int] = field(42, label="Days", section="Simulation", unit="days", help="Days that are simulated.")
    seed: Structural[int] = field(
        0, label="Seed", section="Simulation", ge=0, le=MAX_SEED, help="Equal settings and seeds give equal data.",
    )  # fmt: skip
    start: Structural[str] = field("2024-01-01T00:00", label="Start", section="Simulation", help="First time of the local clock.")
    interval_s: Structural[int] = field(
        300, label="Interval", section="Simulation", unit="s", advanced=True, help="Seconds of a record; they divide a day.",
    )  # fmt: skip
    simulator: Simulator = part(Simulator(), label="Simulator", section="Simulator")

    def settings(self) -> CorridorSettings:
        """The same for the simulation. Raises TrafficError (SIM_PARAM, DATA_TIME) for what cannot be simulated."""
        from traffic.corridor.geometry import Geometry
        from traffic.corridor.scenario import CorridorSettings

        chosen, road = self.simulator, self.simulator.road
        return CorridorSettings(
            days=self.days, start=self.start, interval_s=self.interval_s,
            geometry=Geometry(
                lanes=road.lanes, cell_km=road.cell_km, detectors=road.detectors,
                on_ramps=tuple(usual.OnRamp(ramp.cell, ramp.peak) for ramp in road.on_ramps),
                off_ramps=tuple(usual.OffRamp(ramp.cell, ramp.share) for ramp in road.off_ramps),
            ),
            diagram=_as(FundamentalDiagram, chosen.diagram), demand=_as(usual.DemandSettings, chosen.demand),
            incidents=_as(usual.IncidentSettings, chosen.incidents) if chosen.incidents.enabled else None,
            weather=_as(usual.WeatherSettings, chosen.weather) if chosen.weather.enabled else None,
            noise=_as(usual.NoiseSettings, chosen.noise) if chosen.noise.enabled else None,
            dropouts=_as(usual.DropoutSettings, chosen.dropouts) if chosen.dropouts.enabled else None,
        )  # fmt: skip


def _as(owner: Any, chosen: ConfigModel) -> Any:
    return owner(**{entry.name: getattr(chosen, entry.name) for entry in fields(owner)})
