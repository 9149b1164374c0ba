"""What traffic data is, wherever it came from: values by time, detector and feature, on the detectors' own local clock."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from traffic.data.clock import DEFAULT_INTERVAL_S, LONGEST_INTERVAL_S, clock_text
from traffic.data.edges import Edges
from traffic.data.road import Road
from traffic.errors import Place, TrafficError
from workbench.layered.names import close_names, did_you_mean

FIRST_S, LAST_S = -62_135_596_800, 253_402_300_799
"""Seconds from 1970 of the first and the last time that a clock can show: years 1 to 9999."""
MOST_NAME = 100
"""Characters of a feature's name."""
_TWICE = (
    "It looks like the hour that a clock shows twice when summer time ends. Write times with their offset from UTC (2024-10-27T02:00+01:00) or in UTC "
    "(2024-10-27T01:00Z), or leave one of the two hours out; of rows in another order, sort them."
)
UNITS = frozenset({"mph", "km/h", "veh/h", "veh/5min", "%", "1"})
"""Units that values may have; `1` is a plain number."""


@dataclass(frozen=True)
class Source:
    """Where data came from: the kind of reader, the file as given, and the SHA-256 of its bytes; both None for what is simulated."""

    kind: str
    path: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class TrafficData:
    """A series of T steps of N detectors with F features.

    Attributes:
        values: float32 (T, N, F), NaN where nothing was measured. timestamps: int64 (T,), seconds since 1970 of naive local clock time.
        sensor_ids: N names. coordinates: float64 (N, 2), latitude and longitude in degrees, NaN where unknown; or None.
        features, units: F names and their units. interval_s: seconds of a step. source: where it came from.
        targets: the features that are forecast, once chosen. default_order: the ids in the order in which a few are chosen;
            empty for the order of `sensor_ids`. road: what detectors lie along, edges: which are next to each other; None where that is unknown.
        remarks: what its reader made of the file that a person should know.

    Raises:
        TrafficError: DATA_SHAPE, DATA_IDS, DATA_TIME, DATA_NONFINITE, DATA_EMPTY, DATA_FEATURE, DATA_UNIT or DATA_COORDS.
    """

    values: np.ndarray
    timestamps: np.ndarray
    sensor_ids: tuple[str, ...]
    coordinates: np.ndarray | None
    features: tuple[str, ...]
    units: tuple[str, ...]
    source: Source
    interval_s: int = DEFAULT_INTERVAL_S
    targets: tuple[str, ...] = ()
    default_order: tuple[str, ...] = field(default=())
    road: Road | None = None
    edges: Edges | None = None
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_shapes(self)
        _check_ids(self)
        _check_features(self)
        check_times(self.timestamps, self.interval_s, self.source.path)
        _check_values(self)
        if self.coordinates is not None:
            check_coordinates(self.sensor_ids, self.coordinates, self.source.path)

    @property
    def shape(self) -> tuple[int, int, int]:
        """(T, N, F)."""
        steps, sensors, features = self.values.shape
        return steps, sensors, features

    @property
    def steps(self) -> np.ndarray:
        """Seconds from each row to the next, int64 (T-1,)."""
        return np.diff(self.timestamps)

    @property
    def breaks(self) -> np.ndarray:
        """Rows that do not follow the row before them by one interval, int64."""
        return np.flatnonzero(self.steps != self.interval_s) + 1

    def feature_index(self, names: Sequence[str], key: str = "data.features") -> list[int]:
        """Columns of features by name. Raises TrafficError (DATA_FEATURE) for one that is not there, with the closest that are."""
        for name in names:
            if name not in self.features:
                hint = did_you_mean(close_names(name, self.features)) or f"There are {', '.join(self.features)}."
                raise TrafficError("DATA_FEATURE", f"The data has no feature {name!r}.", hint=hint, at=Place(key=key), found=name)
        return [self.features.index(name) for name in names]


def interval_of(timestamps: np.ndarray, file: Path) -> int:
    """Seconds of a step: those that most rows are apart; the usual where no two are in order. Raises TrafficError (DATA_TIME) beyond a day."""
    kinds, counts = np.unique(np.diff(timestamps), return_counts=True)
    modal = int(kinds[counts.argmax()]) if len(kinds) else 0
    if modal > LONGEST_INTERVAL_S:
        raise TrafficError(
            "DATA_TIME", f"Most rows are {modal:,} s apart; a step has at most {LONGEST_INTERVAL_S:,} s.", hint="Give data by the day or finer.",
            at=Place(file=str(file)), found=modal,
        )  # fmt: skip
    return modal if modal > 0 else DEFAULT_INTERVAL_S


def single(values: np.ndarray) -> np.ndarray:
    """Numbers as float32, row by row; what is beyond its range becomes infinite, which data is refused for."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32, order="C")


def _check_shapes(data: TrafficData) -> None:
    expected = (len(data.timestamps), len(data.sensor_ids), len(data.features))
    if data.values.shape != expected:
        raise _shape("values", data.values.shape, expected)
    if len(data.units) != len(data.features):
        raise _shape("units", (len(data.units),), (len(data.features),))
    if data.coordinates is not None and data.coordinates.shape != (expected[1], 2):
        raise _shape("coordinates", data.coordinates.shape, (expected[1], 2))
    if data.road is not None and data.road.km.shape != (expected[1],):
        raise _shape("road.km", data.road.km.shape, (expected[1],))
    if data.values.dtype != np.float32 or data.timestamps.dtype != np.int64:
        found = (data.values.dtype.name, data.timestamps.dtype.name)
        raise TrafficError(
            "DATA_SHAPE", f"Values and timestamps are {found[0]} and {found[1]}.", hint="Give float32 and int64.", found=found
        )
    if 0 in expected:
        raise TrafficError("DATA_EMPTY", f"The data has shape {expected}: nothing is in it.", hint="Give data with rows and detectors.")


def _shape(name: str, found: tuple[int, ...], expected: tuple[int, ...]) -> TrafficError:
    return TrafficError(
        "DATA_SHAPE", f"{name} has shape {found}, expected {expected}.", hint="Give one entry a row, detector and feature.",
        expected=expected, found=found,
    )  # fmt: skip


def _check_ids(data: TrafficData) -> None:
    seen: set[str] = set()
    for number, name in enumerate(data.sensor_ids):
        if not name or name in seen:
            what = f"The detector id {name!r} stands twice" if name else f"Detector {number + 1} has no id"
            raise TrafficError(
                "DATA_IDS", f"{what}.", hint="Give each detector an id of its own.", at=Place(file=data.source.path, sensor_id=name)
            )
        seen.add(name)
    if data.default_order and (len(data.default_order) != len(seen) or set(data.default_order) != seen):
        raise TrafficError("DATA_IDS", "The default order is not an order of the detectors.", hint="Name each detector once.")


def _check_features(data: TrafficData) -> None:
    for name, unit in zip(data.features, data.units, strict=True):
        if len(name) > MOST_NAME:
            raise TrafficError(
                "DATA_FEATURE", f"The name of a feature has at most {MOST_NAME} characters, {name[:40]!r}... has {len(name):,}.",
                hint="Shorten it.", found=len(name),
            )  # fmt: skip
        if data.features.count(name) > 1:
            raise TrafficError(
                "DATA_FEATURE", f"The feature {name!r} stands twice.", hint="Give each feature a name of its own.", found=name
            )
        if unit not in UNITS:
            raise TrafficError(
                "DATA_UNIT", f"The unit {unit!r} of {name} is unknown.", hint=f"Known are {', '.join(sorted(UNITS))}.", found=unit
            )
    data.feature_index(data.targets, "data.targets")


def check_times(timestamps: np.ndarray, interval_s: int, file: str | None = None) -> None:
    """Raise TrafficError (DATA_TIME) unless times are of years 1 to 9999, increase strictly and their most frequent step is the interval."""
    outside = np.flatnonzero((timestamps < FIRST_S) | (timestamps > LAST_S))
    if len(outside):
        row = int(outside[0])
        raise TrafficError(
            "DATA_TIME", f"The time of row {row} is {int(timestamps[row])} s from 1970, which no calendar shows.",
            hint="Give seconds, not milliseconds or nanoseconds.", at=Place(file=file, row=row), found=int(timestamps[row]),
        )  # fmt: skip
    steps = np.diff(timestamps)
    wrong = np.flatnonzero(steps <= 0)
    if len(wrong):
        row = int(wrong[0]) + 1
        what = "repeats the time of" if steps[row - 1] == 0 else "lies before"
        hint = _TWICE if _hour_twice(int(timestamps[row]), int(steps[row - 1])) else "Sort the rows, one for each time."
        raise TrafficError(
            "DATA_TIME", f"Row {row} ({clock_text(timestamps[row])}) {what} the row before it.", hint=hint, at=Place(file=file, row=row),
        )  # fmt: skip
    if len(steps):
        kinds, counts = np.unique(steps, return_counts=True)
        modal = int(kinds[counts.argmax()])
        if modal != interval_s:
            raise TrafficError(
                "DATA_TIME", f"Most rows are {modal} s apart, not {interval_s} s.", hint=f"Leave Interval (interval_s) out, or set it to {modal}.",
                at=Place(key="data.interval_s", file=file), expected=interval_s, found=modal,
            )  # fmt: skip


def _hour_twice(seconds: int, step: int) -> bool:
    """Whether a clock that did not go on may be one that was put back at the end of summer time: at night, in spring or autumn, by an hour at most."""
    at = time.gmtime(seconds)
    return -3600 < step <= 0 and at.tm_hour < 4 and at.tm_mon in (3, 4, 9, 10, 11)


def _check_values(data: TrafficData) -> None:
    infinite = np.isinf(data.values)
    if infinite.any():
        row, sensor, feature = (int(index) for index in np.argwhere(infinite)[0])
        name = data.sensor_ids[sensor]
        raise TrafficError(
            "DATA_NONFINITE", f"Row {row} of detector {name} holds an infinite {data.features[feature]}.",
            hint="Leave the value empty if it is missing.", at=Place(file=data.source.path, row=row, sensor_id=name),
        )  # fmt: skip
    for target in data.targets:
        if np.isnan(data.values[..., data.features.index(target)]).all():
            raise TrafficError(
                "DATA_EMPTY", f"Every value of {target} is missing.", hint="Choose a target that was measured.",
                at=Place(key="data.targets", file=data.source.path), found=target,
            )  # fmt: skip


def check_coordinates(sensor_ids: Sequence[str], coordinates: np.ndarray, file: str | None = None) -> None:
    """Raise TrafficError (DATA_COORDS) for a latitude outside ±90 or a longitude outside ±180; NaN is unknown and allowed."""
    latitude, longitude = coordinates[:, 0], coordinates[:, 1]
    wrong = np.flatnonzero(np.isinf(coordinates).any(1) | (np.abs(latitude) > 90) | (np.abs(longitude) > 180))
    if len(wrong):
        sensor = int(wrong[0])
        pair = (float(latitude[sensor]), float(longitude[sensor]))
        swapped = abs(pair[0]) > 90 > abs(pair[1])
        raise TrafficError(
            "DATA_COORDS", f"Detector {sensor_ids[sensor]} lies at latitude {pair[0]:g}, longitude {pair[1]:g}, which is nowhere.",
            hint="The two look swapped: latitude comes first." if swapped else "Latitudes go to ±90, longitudes to ±180 degrees.",
            at=Place(file=file, sensor_id=sensor_ids[sensor]), found=pair,
        )  # fmt: skip
