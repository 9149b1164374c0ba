"""A series made ready for training: scaled inputs without holes, masks, targets in original units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from traffic.data.contract import TrafficData
from traffic.data.gaps import Zeros
from traffic.errors import Place, TrafficError
from traffic.windows.imputation import Impute, imputed
from traffic.windows.profile import Profile, fit_profile, unseen_days
from traffic.windows.scaler import Method, Scaler, fit_scaler
from traffic.windows.splits import Split


@dataclass(frozen=True)
class Prepared:
    """Arrays of a whole series; windows are gathered from them by index.

    Attributes:
        inputs: float32 (T, N, F), imputed and scaled. mask: float32 (T, N, F), 1 where an input was measured.
        targets: float32 (T, N, G), original units, 0 where missing. target_mask: bool (T, N, G), where errors count.
        filled: float32 (T, N, G), features that are targets, in original units, with the last measurement where one is missing.
        timestamps: int64 (T,). interval_s: seconds of a step. split: the windows. scaler, profile: fitted to training rows.
        target_columns, target_names: G targets among the features. target_sd: float64 (G,), in training inputs.
        sensor_ids: N names.
        silent: detectors that measured no target in the training rows; they are left out of metrics.
        unseen_days: the kind of day of the test windows that no training row is of, `weekends` or `weekdays`; its profile is the other one's.
        null: what was masked in errors: `nan` missing values, `0` zeros, too.
    """

    inputs: np.ndarray
    mask: np.ndarray
    targets: np.ndarray
    target_mask: np.ndarray
    filled: np.ndarray
    timestamps: np.ndarray
    interval_s: int
    split: Split
    scaler: Scaler
    profile: Profile
    target_columns: tuple[int, ...]
    target_names: tuple[str, ...]
    target_sd: np.ndarray
    sensor_ids: tuple[str, ...]
    silent: tuple[str, ...]
    unseen_days: str
    null: str


def prepare(
    data: TrafficData,
    split: Split,
    *,
    method: Method = "zscore",
    per_sensor: bool = False,
    impute: Impute = "ffill",
    zeros_as_missing: Zeros = "none",
) -> Prepared:
    """Fit scaler and profile to what training windows contain, and apply them to the whole series.

    Nothing depends on a value that lies among the training rows but in no training window.

    Args:
        data: as it was read with the same `zeros_as_missing`.

    Raises:
        TrafficError: DATA_EMPTY if no detector measured a target in the training rows, or in the test rows.
    """
    columns = tuple(data.feature_index(data.targets or data.features, "data.targets"))
    values = data.values
    values = np.where(split.unseen_training_rows[:, None, None], np.float32(np.nan), values)
    rows = split.training_rows
    scaler = fit_scaler(values, split.training_inputs, data.features, method=method, per_sensor=per_sensor)
    profile = fit_profile(values, data.timestamps, rows, data.interval_s)
    filled = imputed(values, data.timestamps, profile, impute)
    targets = data.values[..., columns]
    measured = ~np.isnan(targets)
    if zeros_as_missing != "none":
        measured &= targets != 0
    silent = np.asarray(~measured[rows].any((0, 2)))
    if silent.all():
        raise TrafficError(
            "DATA_EMPTY", "No detector measured a target in the training rows.", hint="Choose other detectors, targets or dates.",
            at=Place(key="data.targets", file=data.source.path),
        )  # fmt: skip
    measured[:, silent] = False
    if not measured[split.target_rows("test")].any():
        raise TrafficError(
            "DATA_EMPTY", "No target was measured in the test rows: nothing could be said of the model.",
            hint="Choose other dates or detectors, or other shares of the split.", at=Place(key="data.split", file=data.source.path),
        )  # fmt: skip
    return Prepared(
        inputs=scaler.transform(filled),
        mask=(~np.isnan(values)).astype(np.float32),
        targets=np.where(measured, targets, np.float32(0)),
        target_mask=measured,
        filled=imputed(values, data.timestamps, profile)[..., columns],
        timestamps=data.timestamps,
        interval_s=data.interval_s,
        split=split,
        scaler=scaler,
        profile=profile,
        target_columns=columns,
        target_names=tuple(data.features[column] for column in columns),
        target_sd=fit_scaler(values, split.training_inputs, data.features).scale[list(columns)],
        sensor_ids=data.sensor_ids,
        silent=tuple(name for name, each in zip(data.sensor_ids, silent, strict=True) if each),
        unseen_days=unseen_days(data.timestamps[rows], data.timestamps[split.target_rows("test")]),
        null="nan" if zeros_as_missing == "none" else "0",
    )
