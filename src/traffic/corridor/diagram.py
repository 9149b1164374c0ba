"""How flow follows from density on one lane."""

from __future__ import annotations

from dataclasses import dataclass

from traffic.errors import Place, TrafficError

MOST_CURVATURE = 0.5
"""At this curvature the free branch is flat at capacity, and past it flow would fall before the road is full."""

SUBSTEP_S = 10
"""Seconds by which the road moves on at a time."""


def refused(key: str, message: str, hint: str) -> TrafficError:
    """The error of a parameter of the simulation."""
    return TrafficError("SIM_PARAM", message, hint=hint, at=Place(key=f"data.simulator.{key}"))


@dataclass(frozen=True)
class FundamentalDiagram:
    """A free branch that bends, and a straight congested branch (Daganzo 1994 with a quadratic free branch).

    Attributes:
        free_speed: km/h. wave_speed: of jams against the traffic, km/h. jam_density: vehicles per km.
        curvature: of the free branch, share of speed lost at capacity; 0 makes a triangle.
        capacity_drop: share of capacity lost at the head of a queue.

    Raises:
        TrafficError: SIM_PARAM.
    """

    free_speed: float = 108.0
    wave_speed: float = 18.0
    jam_density: float = 140.0
    curvature: float = 0.15
    capacity_drop: float = 0.08

    def __post_init__(self) -> None:
        for name in ("free_speed", "wave_speed", "jam_density"):
            if not 0 < getattr(self, name) < float("inf"):
                raise refused(name, f"{name} is {getattr(self, name)}.", "Give a number above 0.")
        if not 0 <= self.curvature < MOST_CURVATURE:
            raise refused("curvature", f"curvature is {self.curvature}.", f"Give 0 or more, below {MOST_CURVATURE}.")
        if not 0 <= self.capacity_drop < 1:
            raise refused("capacity_drop", f"capacity_drop is {self.capacity_drop}.", "Give 0 or more, below 1.")

    @property
    def critical_density(self) -> float:
        """Vehicles per km at capacity, where both branches meet."""
        return self.wave_speed * self.jam_density / (self.free_speed * (1 - self.curvature) + self.wave_speed)

    @property
    def capacity(self) -> float:
        """Vehicles per hour."""
        return self.wave_speed * (self.jam_density - self.critical_density)


def require_reachable(diagram: FundamentalDiagram, cell_km: float) -> None:
    """Raise TrafficError (SIM_PARAM) if a vehicle could pass a cell in one sub-step (Courant, Friedrichs and Lewy 1928)."""
    if diagram.free_speed * SUBSTEP_S / 3600 > cell_km * (1 + 1e-9):
        message = f"At {diagram.free_speed:g} km/h a cell of {cell_km:g} km is passed in less than {SUBSTEP_S} s."
        raise refused("cell_km", message, "Make cells longer.")
