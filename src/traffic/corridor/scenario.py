"""All that a simulation depends on, beside its seed."""

from __future__ import annotations

from dataclasses import dataclass, field

from traffic.corridor.diagram import SUBSTEP_S, FundamentalDiagram, refused, require_reachable
from traffic.corridor.geometry import Geometry
from traffic.corridor.settings import DemandSettings, DropoutSettings, IncidentSettings, NoiseSettings, WeatherSettings
from traffic.data.clock import DEFAULT_INTERVAL_S, start_of

MOST_DAYS = 3660


@dataclass(frozen=True)
class CorridorSettings:
    """All that a simulation depends on, beside its seed.

    Attributes:
        days: simulated. start: first time, local clock. interval_s: seconds of a record, a multiple of the sub-step.
        geometry, diagram, demand: the road and who drives on it. incidents, weather, noise, dropouts: None switches one off.

    Raises:
        TrafficError: SIM_PARAM; DATA_TIME for a start that is no time.
    """

    days: int = 42
    start: str = "2024-01-01T00:00"
    interval_s: int = DEFAULT_INTERVAL_S
    geometry: Geometry = field(default_factory=Geometry)
    diagram: FundamentalDiagram = field(default_factory=FundamentalDiagram)
    demand: DemandSettings = field(default_factory=DemandSettings)
    incidents: IncidentSettings | None = field(default_factory=IncidentSettings)
    weather: WeatherSettings | None = field(default_factory=WeatherSettings)
    noise: NoiseSettings | None = field(default_factory=NoiseSettings)
    dropouts: DropoutSettings | None = field(default_factory=DropoutSettings)

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MOST_DAYS:
            raise refused("days", f"days is {self.days}.", f"Give 1 to {MOST_DAYS}.")
        if self.interval_s < SUBSTEP_S or self.interval_s % SUBSTEP_S or 86_400 % self.interval_s:
            raise refused("interval_s", f"interval_s is {self.interval_s}.", f"Give a multiple of {SUBSTEP_S} that divides a day.")
        start_of(self.start, "data.start")
        require_reachable(self.diagram, self.geometry.cell_km)
