"""The road: cells with lanes, ramps and detectors, and where they lie on the map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from traffic.corridor.diagram import refused
from traffic.corridor.settings import CELL_KM, DETECTORS, LANES, OFF_RAMPS, ON_RAMPS, OffRamp, OnRamp

if TYPE_CHECKING:
    import numpy as np

EARTH_RADIUS_KM = 6371.0088
START = (34.0, -118.2)
"""Latitude and longitude of the upstream end."""
HEADING, SWING, WAVE_KM = 60.0, 25.0, 12.0
"""Mean heading in degrees from north, its swing to both sides, and the length of a swing."""
_FINE = 100
"""Steps a cell in which the curve is followed."""


@dataclass(frozen=True)
class Geometry:
    """One direction of a freeway.

    Attributes:
        lanes: by cell, upstream first. cell_km: length of each. on_ramps, off_ramps: the ramps.
        detectors: cells at whose downstream ends traffic is measured.

    Raises:
        TrafficError: SIM_PARAM for a ramp or detector outside the corridor, more detectors than cells, or shares that are none.
    """

    lanes: tuple[int, ...] = LANES
    cell_km: float = CELL_KM
    on_ramps: tuple[OnRamp, ...] = ON_RAMPS
    off_ramps: tuple[OffRamp, ...] = OFF_RAMPS
    detectors: tuple[int, ...] = DETECTORS

    def __post_init__(self) -> None:
        if not self.lanes or min(self.lanes) < 1:
            raise refused("lanes", f"lanes is {self.lanes}.", "Give each cell 1 lane or more.")
        if not 0 < self.cell_km < float("inf"):
            raise refused("cell_km", f"cell_km is {self.cell_km}.", "Give a length above 0.")
        if len(self.detectors) > len(self.lanes):
            raise refused("detectors", f"{len(self.detectors)} detectors do not fit {len(self.lanes)} cells.", "Place one a cell at most.")
        if not self.detectors or list(self.detectors) != sorted(set(self.detectors)):
            raise refused("detectors", "The detectors are not in order, once each.", "Name cells once each, upstream first.")
        for key, ramps in (("on_ramps", self.on_ramps), ("off_ramps", self.off_ramps)):
            cells = [ramp.cell for ramp in ramps]
            if len(set(cells)) != len(cells):
                raise refused(key, f"Two of {key} are at one cell.", "Give each a cell of its own.")
            self._check_inside(key, cells)
        self._check_inside("detectors", self.detectors)
        for ramp in self.on_ramps:
            if not 0 <= ramp.peak < float("inf"):
                raise refused("on_ramps", f"The ramp at cell {ramp.cell} has a demand of {ramp.peak}.", "Give 0 or more.")
        for ramp in self.off_ramps:
            if not 0 <= ramp.share < 1:
                raise refused("off_ramps", f"The ramp at cell {ramp.cell} takes {ramp.share}.", "Give a share below 1.")

    def _check_inside(self, key: str, cells: tuple[int, ...] | list[int]) -> None:
        for cell in cells:
            if not 0 <= cell < len(self.lanes):
                raise refused(key, f"Cell {cell} is outside the corridor.", f"Its cells are 0 to {len(self.lanes) - 1}.")

    @property
    def length_km(self) -> float:
        """From end to end."""
        return len(self.lanes) * self.cell_km

    @property
    def detector_km(self) -> np.ndarray:
        """Position of each detector, float64 (N,)."""
        import numpy as np  # forms and files look at roads, too, and do without arrays

        return (np.array(self.detectors) + 1) * self.cell_km

    @property
    def sensor_ids(self) -> tuple[str, ...]:
        """Names of detectors, by cell."""
        return tuple(f"VD{cell:03d}" for cell in self.detectors)

    @property
    def bottleneck_km(self) -> float:
        """Where lanes first end; the middle of a road on which none does."""
        drops = (cell for cell, (here, ahead) in enumerate(pairwise(self.lanes), 1) if ahead < here)
        first = next(drops, None)
        return self.length_km / 2 if first is None else first * self.cell_km

    @property
    def default_order(self) -> tuple[str, ...]:
        """Detectors from the main bottleneck outward, upstream first where two are equally far."""
        places = [(cell + 1) * self.cell_km for cell in self.detectors]
        order = sorted(
            (round(abs(place - self.bottleneck_km), 6), place, name) for place, name in zip(places, self.sensor_ids, strict=True)
        )
        return tuple(name for _, _, name in order)

    @property
    def coordinates(self) -> np.ndarray:
        """Latitude and longitude of detectors on a smooth curve, degrees, float64 (N, 2)."""
        import numpy as np

        step = self.cell_km / _FINE
        middle = (np.arange(len(self.lanes) * _FINE) + 0.5) * step
        heading = np.radians(HEADING + SWING * np.sin(2 * np.pi * middle / WAVE_KM))
        latitude = START[0] + np.degrees(np.cumsum(np.cos(heading) * step) / EARTH_RADIUS_KM)
        longitude = START[1] + np.degrees(np.cumsum(np.sin(heading) * step / np.cos(np.radians(latitude))) / EARTH_RADIUS_KM)
        rows = (np.array(self.detectors) + 1) * _FINE - 1
        return np.stack([latitude[rows], longitude[rows]], axis=1)
