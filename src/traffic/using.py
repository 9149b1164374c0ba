"""From loaded data to arrays for training, as a model uses it."""

from __future__ import annotations

from traffic.config_data import DataUse
from traffic.data.contract import TrafficData
from traffic.data.features import converted
from traffic.data.gaps import with_gaps, without_zeros
from traffic.data.selection import selected
from traffic.facts import SPEED_UNITS
from traffic.windows.prepare import Prepared, prepare
from traffic.windows.splits import split
from traffic.windows.windows import WindowSize


def used(data: TrafficData, use: DataUse) -> TrafficData:
    """The detectors, features and targets that a model sees, with gaps, zeros and units as it wants them.

    Raises:
        TrafficError: what choosing detectors, features and units raises.
    """
    data = without_zeros(with_gaps(data, use.gaps), use.zeros_as_missing)
    data = selected(data, features=use.features, targets=use.targets, sensor_ids=use.vd_ids, num_sensors=use.num_vds)
    if use.convert_units is None:
        return data
    speeds = [name for name, unit in zip(data.features, data.units, strict=True) if unit in SPEED_UNITS]
    return converted(data, dict.fromkeys(speeds, use.convert_units))


def prepared(data: TrafficData, use: DataUse, lookback: int, horizon: int) -> Prepared:
    """Scaled inputs, masks, targets and windows of all the data, as a model uses it.

    Args:
        data: as it was loaded, whole. lookback, horizon: rows of inputs and targets of a window.

    Raises:
        TrafficError: DATA_TOO_SHORT, DATA_EMPTY, and what `used` raises.
    """
    chosen = used(data, use)
    windows = split(
        chosen, WindowSize(lookback, horizon), protocol=use.protocol, ratios=use.split, train_stride=use.train_stride,
    )  # fmt: skip
    return prepare(
        chosen, windows, method=use.scaler.method, per_sensor=use.scaler.per_sensor, impute=use.impute,
        zeros_as_missing=use.zeros_as_missing,
    )  # fmt: skip
