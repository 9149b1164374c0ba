"""What a simulation depends on beside its seed: the usual road, and how everything on it varies. The module imports no array package."""

from __future__ import annotations

from dataclasses import dataclass

from traffic.corridor.diagram import refused


@dataclass(frozen=True)
class OnRamp:
    """An on-ramp into a cell, with its demand at factor 1 in vehicles per hour."""

    cell: int
    peak: float


@dataclass(frozen=True)
class OffRamp:
    """An off-ramp at the exit of a cell, with the share of the outflow that it takes."""

    cell: int
    share: float


LANES = tuple(3 if 50 <= cell <= 59 or 70 <= cell <= 74 else 4 for cell in range(80))
"""Of each cell, upstream first."""
CELL_KM = 0.3
ON_RAMPS = (
    OnRamp(6, 700), OnRamp(16, 600), OnRamp(26, 900), OnRamp(38, 750), OnRamp(46, 1000), OnRamp(66, 1300),
)  # fmt: skip
OFF_RAMPS = (OffRamp(12, 0.08), OffRamp(22, 0.10), OffRamp(34, 0.12), OffRamp(42, 0.08), OffRamp(62, 0.12))
DETECTORS = tuple(range(1, 80, 2))
"""Cells at whose downstream ends traffic is measured."""


@dataclass(frozen=True)
class DemandSettings:
    """How demand varies.

    Attributes:
        per_lane: vehicles per hour and lane at the upstream end at factor 1. day_sd: of the logarithm of a day's factor.
        persistence: of noise from record to record. noise_sd: relative, of each source. share_sd: relative, of off-ramps' shares.
        clock_h: hours by which a ramp's clock may differ from the mainline's.
    """

    per_lane: float = 1400.0
    day_sd: float = 0.04
    persistence: float = 0.98
    noise_sd: float = 0.05
    share_sd: float = 0.10
    clock_h: float = 0.5

    def __post_init__(self) -> None:
        for name in ("per_lane", "day_sd", "noise_sd", "share_sd", "clock_h"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give 0 or more.")
        if not 0 <= self.persistence < 1:
            raise refused("persistence", f"persistence is {self.persistence}.", "Give 0 or more, below 1.")


@dataclass(frozen=True)
class IncidentSettings:
    """How often and how long.

    Attributes:
        rate: incidents per km and day. median_min, sigma: of the log-normal duration. shortest_min, longest_min: where it is clipped.
        two_lanes: probability that two lanes are blocked instead of one. passing: share of an open lane's capacity that is left.
    """

    rate: float = 0.05
    median_min: float = 35.0
    sigma: float = 0.6
    shortest_min: float = 10.0
    longest_min: float = 180.0
    two_lanes: float = 0.25
    passing: float = 0.85

    def __post_init__(self) -> None:
        if not 0 <= self.rate < float("inf") or not 0 <= self.sigma < float("inf"):
            raise refused("rate", f"rate is {self.rate}, sigma {self.sigma}.", "Give 0 or more.")
        if not 0 < self.shortest_min <= self.median_min <= self.longest_min < float("inf"):
            raise refused("median_min", "shortest_min, median_min and longest_min are not in order.", "Give them ascending, above 0.")
        for name in ("two_lanes", "passing"):
            if not 0 <= getattr(self, name) <= 1:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give 0 to 1.")


@dataclass(frozen=True)
class WeatherSettings:
    """How it rains and what rain does.

    Attributes:
        starts, ends: probability that a dry hour is followed by rain, and a wet one by none. speed, capacity: factors in rain.
    """

    starts: float = 0.02
    ends: float = 0.20
    speed: float = 0.92
    capacity: float = 0.90

    def __post_init__(self) -> None:
        for name in ("starts", "ends"):
            if not 0 <= getattr(self, name) <= 1:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give 0 to 1.")
        for name in ("speed", "capacity"):
            if not 0 < getattr(self, name) <= 1:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give a share above 0.")


@dataclass(frozen=True)
class NoiseSettings:
    """How detectors err.

    Attributes:
        speed_bias, flow_bias, occupancy_sd: relative; a detector's biases last. speed_sd: km/h, of a record with very many vehicles.
        speed_spread: km/h, of a single vehicle. flow_spread: 1 is a Poisson count.
    """

    speed_bias: float = 0.015
    speed_sd: float = 1.5
    speed_spread: float = 6.0
    flow_bias: float = 0.02
    flow_spread: float = 0.5
    occupancy_sd: float = 0.03

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < float("inf"):
                raise refused(name, f"{name} is {value}.", "Give 0 or more.")


@dataclass(frozen=True)
class DropoutSettings:
    """How records are lost.

    Attributes:
        single: probability that a detector's record is lost. up_days, down_hours: mean time between a detector's outages, and of one.
        all_days, all_minutes: mean time between losses of the whole corridor, and the length of one.
        stuck_days: mean time between times at which a detector repeats its last record; None for never. stuck_hours: mean of one.
    """

    single: float = 0.005
    up_days: float = 10.0
    down_hours: float = 3.0
    all_days: float = 14.0
    all_minutes: float = 30.0
    stuck_days: float | None = None
    stuck_hours: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.single < 1:
            raise refused("single", f"single is {self.single}.", "Give 0 or more, below 1.")
        for name in ("up_days", "down_hours", "all_days", "all_minutes", "stuck_hours"):
            if not getattr(self, name) > 0:
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give a number above 0; infinity for never.")
        if self.stuck_days is not None and not self.stuck_days > 0:
            raise refused("stuck_days", f"stuck_days is {self.stuck_days}.", "Give a number above 0, or none.")
