"""Choosing detectors, features and targets."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from traffic.data.contract import TrafficData
from traffic.errors import Place, TrafficError
from workbench.layered.names import close_names, did_you_mean


def selected(
    data: TrafficData,
    *,
    features: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    sensor_ids: Sequence[str] | None = None,
    num_sensors: int | None = None,
) -> TrafficData:
    """The part of the data that is asked for.

    Args:
        features: inputs, in this order; all by default. targets: among them; the same by default.
        sensor_ids: detectors, in this order. num_sensors: how many; without `sensor_ids` the first of the default order, all by default.

    Raises:
        TrafficError: DATA_FEATURE for what the data lacks, or a target that is no feature; DATA_IDS for an unknown or repeated
            detector; DATA_NUM_VDS if `num_sensors` is not the number of `sensor_ids`, or more than there are; DATA_EMPTY for a
            target that was never measured.
    """
    features = tuple(features or data.features)
    targets = tuple(targets or features)
    columns = data.feature_index(features)
    data.feature_index(targets, "data.targets")
    strangers = [name for name in targets if name not in features]
    if strangers:
        raise TrafficError(
            "DATA_FEATURE", f"The target {strangers[0]!r} is not among the features.", hint="Targets are chosen from data.features.",
            at=Place(key="data.targets"), found=strangers[0],
        )  # fmt: skip
    chosen = _chosen(data, sensor_ids, num_sensors)
    rows = [data.sensor_ids.index(name) for name in chosen]
    return dataclasses.replace(
        data,
        values=np.ascontiguousarray(data.values[:, rows][:, :, columns]),
        sensor_ids=chosen,
        coordinates=None if data.coordinates is None else data.coordinates[rows],
        road=None if data.road is None else data.road.of(rows),
        edges=None if data.edges is None else data.edges.among(chosen),
        features=features,
        units=tuple(data.units[column] for column in columns),
        targets=targets,
        default_order=tuple(name for name in data.default_order if name in set(chosen)),
    )


def _chosen(data: TrafficData, sensor_ids: Sequence[str] | None, number: int | None) -> tuple[str, ...]:
    order = data.default_order or data.sensor_ids
    available = len(order) if sensor_ids is None else len(sensor_ids)
    if number is not None and (not 1 <= number <= available or (sensor_ids is not None and number != available)):
        what = "are there" if sensor_ids is None else "are named by data.vd_ids"
        raise TrafficError(
            "DATA_NUM_VDS", f"{number} detectors are asked for, {available} {what}.", hint=f"Set data.num_vds to {available}.",
            at=Place(key="data.num_vds"), expected=available, found=number,
        )  # fmt: skip
    if sensor_ids is None:
        return data.sensor_ids if number is None else order[:number]
    for place, name in enumerate(sensor_ids):
        if name not in data.sensor_ids or name in sensor_ids[:place]:
            known = name in data.sensor_ids
            what = f"The detector {name!r} is named twice." if known else f"There is no detector {name!r}."
            hint = "Name each detector once." if known else did_you_mean(close_names(name, data.sensor_ids)) or "Look at the data's ids."
            raise TrafficError("DATA_IDS", what, hint=hint, at=Place(key="data.vd_ids", sensor_id=name))
    if not sensor_ids:
        raise TrafficError("DATA_NUM_VDS", "No detector is named.", hint="Name one at least.", at=Place(key="data.vd_ids"))
    return tuple(sensor_ids)
