"""What a run keeps for its figures: errors as sums, forecasts of the last test windows, and what belongs beside them, as plain arrays.

Written once at the end of a run. Only numpy is needed to read it, and what errors are made of can be read without the forecasts.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from traffic.metrics.evaluate import HOURS, Evaluation
from traffic.metrics.sums import ErrorSums
from workbench.arrays import array, array_specs, check_arrays, frozen_view, with_added
from workbench.artefacts import ArtefactError, pack_arrays, unpack_arrays, write_atomic

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning."""

MODEL = "model"
"""The name of the model among the methods; the others are baselines."""

KEPT_VALUES = 4_000_000
"""Forecast values that a bundle holds at most; of more windows the last are kept."""

SUMS = ("absolute", "squared", "percent", "count", "percent_count")
GROUPS = ("by_sensor", "by_time", "by_congestion", "by_day")

_AGAIN = "train the model again to get new ones"


@dataclass(frozen=True)
class WindowSet:
    """One set of windows: how many, and the first and last target's time in seconds of local clock."""

    name: str
    windows: int
    first: int
    last: int


@dataclass(frozen=True)
class BundleFacts:
    """What the arrays cannot say about themselves.

    Attributes:
        methods: who was measured, the model first, as `MODEL`. set: the set that errors are of.
        target_names, units: G targets. sensor_ids: N names. interval_s: seconds of a step.
        protocol: how windows were divided. null: what was masked, `nan` or `0`. sets: all of them.
        quantiles: K levels, none for point forecasts. calibrated: whether forecasts at quantiles were corrected on the validation set.
        nominal: the share that the outer interval should cover; None without.
        epochs: trained. best_epoch: whose weights were kept, if validation chose them. seed: the run's. silent: detectors that measured
            nothing in the training rows and are left out of errors.
        trained_windows: of the training windows, those that an epoch passed over. unseen_days: the kind of day of the errors, `weekends` or
            `weekdays`, that no training row is of. uncalibrated: why forecasts at quantiles could not be corrected. unvalidated: whether the validation
            rows measured nothing, so that nothing chose among the epochs.
    """

    methods: tuple[str, ...]
    set: str
    target_names: tuple[str, ...]
    units: tuple[str, ...]
    sensor_ids: tuple[str, ...]
    interval_s: int
    protocol: str
    null: str
    sets: tuple[WindowSet, ...] = ()
    quantiles: tuple[float, ...] = ()
    calibrated: bool = False
    nominal: float | None = None
    epochs: int = 0
    best_epoch: int | None = None
    seed: int | None = None
    silent: tuple[str, ...] = ()
    trained_windows: int = 0
    unseen_days: str = ""
    uncalibrated: str = ""
    unvalidated: bool = False

    @property
    def training_windows(self) -> int:
        """How many training windows there are; 0 where that was not kept."""
        return next((each.windows for each in self.sets if each.name == "train"), 0)


@dataclass(frozen=True)
class TrafficBundle:
    """A run's results; construction checks every shape and dtype.

    Sizes: M methods, S = 5 sums (`SUMS`), P horizons, G targets, N detectors, D days of the set, T rows around the kept windows, W kept
    windows, K quantiles (0 without), X 2 coordinates, I incidents, J neighbours (0 without pooling), C 2 stages of calibration (1
    where it was not possible, 0 without quantiles), E epochs, Q metrics. All values are in original units; times are seconds of local clock. Arrays cannot be written to.
    """

    facts: BundleFacts

    by_sensor: Annotated[np.ndarray, array("M S P G N", np.float64, "sums of errors by detector")]
    by_time: Annotated[np.ndarray, array("M S P G B H", np.float64, "by weekday (0) or weekend (1) and hour of the target")]
    by_congestion: Annotated[np.ndarray, array("M S P G B", np.float64, "congested (0) or free (1) targets; only of speed")]
    by_day: Annotated[np.ndarray, array("M S P G D", np.float64, "by day of the window's last input")]

    timestamps: Annotated[np.ndarray, array("T", np.int64, "of the rows that the kept windows reach, ascending")]
    truth: Annotated[np.ndarray, array("T N G", np.float32, "what was measured, NaN where nothing was or it is masked")]
    origins: Annotated[np.ndarray, array("W", np.int32, "row (of the T) of each kept window's last input, ascending")]
    forecast: Annotated[np.ndarray, array("W P N G", np.float32, "the model's point forecasts")]
    quantile_forecast: Annotated[np.ndarray, array("W P N G K", np.float32, "at the quantiles, ascending along K")]

    coordinates: Annotated[np.ndarray, array("N X", np.float64, "latitude and longitude in degrees, NaN where unknown")]
    position_km: Annotated[np.ndarray, array("N", np.float32, "along the road; NaN where detectors do not lie on one")]
    incident_start: Annotated[np.ndarray, array("I", np.int64, "known incidents")]
    incident_end: Annotated[np.ndarray, array("I", np.int64, "their ends")]
    incident_km: Annotated[np.ndarray, array("I", np.float32, "where along the road")]

    neighbours: Annotated[np.ndarray, array("N J", np.int32, "positions of each detector's neighbours, nearest first")]
    neighbour_m: Annotated[np.ndarray, array("N J", np.float32, "their distances in metres, NaN for no neighbour")]
    neighbour_weight: Annotated[np.ndarray, array("N J", np.float32, "mean weight in the pooling, 0 for no neighbour")]

    coverage: Annotated[np.ndarray, array("C P", np.float64, "share of targets within the interval, before and after calibration")]
    width: Annotated[np.ndarray, array("C P", np.float64, "mean width of the interval")]
    interval_score: Annotated[np.ndarray, array("C P", np.float64, "mean interval score")]

    metric_names: Annotated[np.ndarray, array("Q", str, "names such as `validation/loss`")]
    metric_epochs: Annotated[np.ndarray, array("E", np.int32, "epochs, from 1")]
    metric_history: Annotated[np.ndarray, array("E Q", np.float64, "values; NaN where not computed")]

    def __post_init__(self) -> None:
        sizes, facts = check_arrays(self), self.facts
        named = {
            "M": len(facts.methods), "S": len(SUMS), "G": len(facts.target_names), "N": len(facts.sensor_ids), "K": len(facts.quantiles),
            "B": 2, "H": HOURS, "X": 2,
        }  # fmt: skip
        for letter, size in named.items():
            if sizes[letter] != size:
                raise ValueError(f"arrays have {sizes[letter]} entries along {letter}, but there are {size}")
        if sizes["C"] not in (0, 1, 2) or facts.methods[:1] != (MODEL,) or len(facts.units) != sizes["G"]:
            raise ValueError("calibration has at most two stages, the model is the first method, and every target has a unit")
        if len(self.origins) and not (self.origins[0] >= 0 and self.origins[-1] + sizes["P"] < sizes["T"]):
            raise ValueError(f"the kept windows reach beyond the {sizes['T']} rows")
        for name in array_specs(type(self)):
            object.__setattr__(self, name, frozen_view(getattr(self, name)))

    @property
    def horizon(self) -> int:
        """P."""
        return self.by_sensor.shape[2]

    def evaluation(self, method: str) -> Evaluation:
        """The errors of a method. Raises ValueError for one that was not measured."""
        return evaluation_of(self.facts, {name: getattr(self, name) for name in GROUPS}, method)

    def history(self, name: str) -> np.ndarray | None:
        """One metric over the epochs, float64 (E,), or None if it was not logged."""
        found = np.flatnonzero(self.metric_names == name)
        return self.metric_history[:, found[0]] if len(found) else None

    def save(self, path: Path) -> None:
        """Write everything to `path` (`.npz`), whole or not at all. Raises workbench.artefacts.ArtefactError."""
        arrays = {name: getattr(self, name) for name in array_specs(type(self))}
        header = {"schema_version": np.int32(SCHEMA_VERSION), "facts": np.array(json.dumps(asdict(self.facts), allow_nan=False))}
        write_atomic(path, pack_arrays(header | arrays))


@dataclass(frozen=True)
class Errors:
    """The errors of a run's methods on one set, without the forecasts."""

    facts: BundleFacts
    evaluations: tuple[Evaluation, ...]

    def of(self, method: str) -> Evaluation:
        """Those of one method. Raises ValueError for one that was not measured."""
        return self.evaluations[self.facts.methods.index(method)]


def stacked(evaluations: Sequence[Evaluation]) -> dict[str, np.ndarray]:
    """The sums of several methods' errors as the fields of a bundle, by name; the model's come first."""
    return {name: np.stack([np.stack(getattr(one, name).parts) for one in evaluations]) for name in GROUPS}


def evaluation_of(facts: BundleFacts, sums: dict[str, np.ndarray], method: str) -> Evaluation:
    """The inverse of `stacked` for one method. Raises ValueError for one that was not measured."""
    place = facts.methods.index(method)
    groups = {name: ErrorSums(*sums[name][place]) for name in GROUPS}
    return Evaluation(method, facts.set, facts.null, facts.target_names, facts.sensor_ids, **groups)


def windows_kept(windows: int, horizon: int, sensors: int, targets: int, quantiles: int = 0) -> int:
    """How many windows' forecasts a bundle holds: the last ones, as many as `KEPT_VALUES` allow, and at least one if there is one."""
    return min(windows, max(1, KEPT_VALUES // (horizon * sensors * targets * (1 + quantiles))))


def load(path: Path) -> TrafficBundle:
    """Read a bundle written by `save`. Raises ArtefactError."""
    facts, arrays = _read(path, tuple(array_specs(TrafficBundle)))
    try:
        return TrafficBundle(facts=facts, **arrays)
    except (ValueError, TypeError) as error:
        raise _damaged(path, f"do not fit together ({error})") from error


def load_errors(path: Path) -> Errors:
    """Read only what errors are made of. Raises ArtefactError."""
    facts, arrays = _read(path, GROUPS)
    try:
        return Errors(facts, tuple(evaluation_of(facts, arrays, method) for method in facts.methods))
    except (ValueError, TypeError, IndexError) as error:
        raise _damaged(path, f"do not fit together ({error})") from error


def _read(path: Path, names: Collection[str]) -> tuple[BundleFacts, dict[str, np.ndarray]]:
    if not path.is_file():
        raise ArtefactError(f"There are no diagnostics at {path.name}: they are written when a run ends.")
    content = unpack_arrays(path, f"The diagnostics {path.name}", lambda name: name in {"schema_version", "facts", *names})
    version = content.pop("schema_version", None)
    if version is None or int(version) != SCHEMA_VERSION:
        found = "no schema number" if version is None else f"schema {int(version)}"
        raise _damaged(path, f"have {found}, this version of Trellis reads schema {SCHEMA_VERSION}")
    try:
        facts = _facts(json.loads(str(content.pop("facts"))))
    except (KeyError, ValueError, TypeError) as error:
        raise _damaged(path, f"do not say what they are of ({error})") from error
    content = {name: value for name, value in with_added(TrafficBundle, content).items() if name in names}
    missing = sorted(set(names) - content.keys())
    if missing:
        raise _damaged(path, f"lack {', '.join(missing)}")
    return facts, content


def _damaged(path: Path, what: str) -> ArtefactError:
    return ArtefactError(f"The diagnostics {path.name} {what}; {_AGAIN}.")


def _facts(values: dict[str, Any]) -> BundleFacts:
    known = {one.name for one in fields(BundleFacts)}
    plain: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known}
    return BundleFacts(**{**plain, "sets": tuple(WindowSet(**one) for one in values["sets"])})
