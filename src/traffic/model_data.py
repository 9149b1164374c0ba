"""What a model's page shows of its data: read by a process beside a server, or where there is none, here (`Workbench.beside`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from traffic.config_data import DataUse
from traffic.data.contract import TrafficData
from traffic.data.health import Health, health_of
from traffic.holding import ModelPayload
from traffic.using import used
from traffic.windows.size import WindowSize
from traffic.windows.splits import SETS, split
from workbench.commands.base import CommandError
from workbench.commands.rules import find_model
from workbench.kept import Recent

if TYPE_CHECKING:
    from workbench.workbench import Workbench

MOST_POINTS = 12_096
"""Points of a series that a page draws: 42 days of five minutes. Of longer ones the extremes of each stretch."""


@dataclass(frozen=True)
class Span:
    """A set of windows: `train`, `val` or `test`, its windows, first and last target in seconds of the local clock."""

    name: str
    windows: int
    first: int
    last: int


@dataclass(frozen=True)
class Overview:
    """A model's data.

    Attributes:
        sensor_ids: N detectors. coordinates: (N, 2) degrees, NaN where unknown. features, units: of its inputs. targets: what it forecasts.
        spans: the three sets. health: what is missing, and what is wrong. zeros_missing: whether zeros count as missing there, as they do
            for the model or in its errors.
    """

    sensor_ids: tuple[str, ...]
    coordinates: np.ndarray
    features: tuple[str, ...]
    units: tuple[str, ...]
    targets: tuple[str, ...]
    spans: tuple[Span, ...]
    health: Health
    zeros_missing: bool


@dataclass(frozen=True)
class Series:
    """What one detector measured: seconds of the local clock (T,) and values (T,), NaN where nothing was; `thinned` if not every value."""

    sensor: str
    feature: str
    unit: str
    times: np.ndarray
    values: np.ndarray
    thinned: bool


class _Seen(Recent):
    """Data as models use it, with what was found in it."""

    def __init__(self) -> None:
        super().__init__(2)


def overview(workbench: Workbench, model_id: str) -> Overview:
    """All of a model's data but its values. Raises CommandError, DatasetError."""
    return _seen(workbench, model_id)[1]


def series(workbench: Workbench, model_id: str, sensor: str, feature: str) -> Series:
    """What one detector measured. Raises CommandError not_found, DatasetError."""
    data, _ = _seen(workbench, model_id)
    for word, name, known in (("detector", sensor, data.sensor_ids), ("feature", feature, data.features)):
        if name not in known:
            raise CommandError(f"This model sees no {word} {name[:80]!r}.", word, code="not_found")
    column = data.features.index(feature)
    values = data.values[:, data.sensor_ids.index(sensor), column]
    rows = extremes(values, MOST_POINTS)
    return Series(sensor, feature, data.units[column], data.timestamps[rows], values[rows], len(rows) < len(values))


def extremes(values: np.ndarray, most: int) -> np.ndarray:
    """Rows of at most so many values, ascending: all, or of each stretch the least and the largest, and one where nothing was measured."""
    if len(values) <= most:
        return np.arange(len(values))
    rows: list[int] = []
    for stretch in np.array_split(np.arange(len(values)), most // 3):
        seen = values[stretch]
        known = ~np.isnan(seen)
        picked = {int(stretch[int(np.argmax(~known))])} if not known.all() else set()
        if known.any():
            picked |= {int(stretch[np.nanargmin(seen)]), int(stretch[np.nanargmax(seen)])}
        rows += sorted(picked)
    return np.array(rows)


def _seen(workbench: Workbench, model_id: str) -> tuple[TrafficData, Overview]:
    state = workbench.state()
    model = find_model(state, model_id)
    use = ModelPayload.model_validate(model.payload).data_use
    values = workbench.models.resolved(model)
    size = WindowSize(values["sequence_length"], values["prediction_length"])
    dataset_id = state.dataset_of(model) or ""
    dataset = state.datasets[dataset_id]
    content = dataset.manifest.content_sha256 if dataset.manifest else dataset_id
    key = (content, use.model_dump_json(), size)
    return workbench.kept.of(_Seen).get(key, lambda: _read(workbench.datasets.load(dataset_id).data, use, size))


def _read(whole: TrafficData, use: DataUse, size: WindowSize) -> tuple[TrafficData, Overview]:
    data = used(whole, use.model_copy(update={"zeros_as_missing": "none"}))
    divided = split(data, size, protocol=use.protocol, ratios=use.split, train_stride=use.train_stride)
    spans = tuple(
        Span(name, len(ends), int(data.timestamps[ends[0] + 1]), int(data.timestamps[ends[-1] + size.horizon]))
        for name in SETS if len(ends := divided.ends(name))
    )  # fmt: skip
    zeros = use.zeros_as_missing != "none"
    found = health_of(data, zeros_missing=zeros)
    coordinates = np.full((len(data.sensor_ids), 2), np.nan) if data.coordinates is None else data.coordinates
    return data, Overview(data.sensor_ids, coordinates, data.features, data.units, data.targets, spans, found, zeros)
