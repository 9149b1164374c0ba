"""What a forecasting model may know of its data without loading it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from traffic.config_data import DataUse

DAY_S = 86_400
SPEED_UNITS = ("mph", "km/h")
FEW_ZEROS = 0.01
"""Above this share of zeros among speeds, zeros are hardly cars that stand for a whole interval."""


@dataclass(frozen=True)
class TrafficFacts:
    """What is known of traffic data, and of how a model uses it.

    Attributes:
        steps: rows; 0 while that is unknown. n_sensors: detectors. features, units: names and units.
        interval_s: seconds of a step. start: first time of the local clock.
        sensor_ids: in the order in which a few are chosen; empty while they are unknown. located: detectors with coordinates.
        unplaced: those without, as far as they are known by name.
        edges: whether links between detectors come with it. breaks: gaps in the clock.
        zero_speeds, unmeasured, only_zeros, skipped_s, fillable, notices: as `traffic.data.about.TrafficAbout`.
        use: how the model uses it; None for data without a model.
    """

    steps: int = 0
    n_sensors: int = 0
    features: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    interval_s: int = 300
    start: str = ""
    sensor_ids: tuple[str, ...] = ()
    located: int = 0
    unplaced: tuple[str, ...] = ()
    edges: bool = False
    breaks: int = 0
    zero_speeds: float = 0.0
    unmeasured: tuple[str, ...] = ()
    only_zeros: tuple[str, ...] = ()
    skipped_s: int = 0
    fillable: bool = True
    notices: tuple[str, ...] = ()
    use: DataUse | None = None

    def used(self, use: DataUse) -> TrafficFacts:
        """The same with how a model uses it."""
        return replace(self, use=use)

    @property
    def sensors(self) -> int:
        """Detectors that the model sees."""
        return self.n_sensors if self.use is None else self.use.sensors_of(self.n_sensors)

    @property
    def without_place(self) -> int:
        """Detectors that the model sees and whose coordinates are unknown; of data that was never read, all that are not located."""
        if not self.sensor_ids:
            return self.n_sensors - self.located
        chosen = self.sensor_ids[: self.sensors]
        if self.use is not None and self.use.vd_ids is not None:
            chosen = self.use.vd_ids
        return len(set(chosen) & set(self.unplaced))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Features that the model reads."""
        return self.features if self.use is None else self.use.features_of(self.features)

    @property
    def targets(self) -> tuple[str, ...]:
        """Features that the model forecasts."""
        return self.features if self.use is None else self.use.targets_of(self.features)

    @property
    def shared(self) -> bool:
        """Whether one set of weights reads each detector apart."""
        return self.use is not None and self.use.share_weights_across_vds

    @property
    def width(self) -> int:
        """Detectors that one sequence holds (D)."""
        return 1 if self.shared else self.sensors

    @property
    def exog_size(self) -> int:
        """Exogenous inputs of a step."""
        if self.use is None:
            return 0
        return 2 * len(self.use.time_features) + (len(self.inputs) * self.width if self.use.mask_as_input else 0)

    @property
    def slots_per_day(self) -> int:
        """Intervals of a day."""
        return DAY_S // self.interval_s
