"""What a manifest says of traffic data, and the manifest of some. Importing it imports no array package."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from workbench.state import DatasetFile, DatasetManifest

if TYPE_CHECKING:
    from traffic.data.contract import TrafficData


class TrafficAbout(BaseModel):
    """What traffic data is, as its manifest keeps it.

    Attributes:
        steps: rows. sensor_ids: detectors, in the order of the values. default_order: the order in which a few are chosen, if another.
        features, units: names and units. interval_s: seconds of a step. start, end: first and last time of the local clock.
        located: detectors with coordinates. unplaced: those without. edges: whether links between detectors come with it. breaks: gaps in the clock.
        missing: share of values that were not measured. zero_speeds: share of zeros among speeds. unmeasured: features without a value.
        only_zeros: those with no other than zeros. skipped_s: seconds in gaps. fillable: whether rows of missing values can fill them.
        notices: what people should know before they train on it, of imported data. original: name of the file that an imported dataset was read from.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="ignore")

    steps: int
    sensor_ids: tuple[str, ...]
    default_order: tuple[str, ...] = ()
    features: tuple[str, ...]
    units: tuple[str, ...]
    interval_s: int
    start: str
    end: str
    located: int = 0
    unplaced: tuple[str, ...] = ()
    edges: bool = False
    breaks: int = 0
    missing: float = 0.0
    zero_speeds: float = 0.0
    unmeasured: tuple[str, ...] = ()
    only_zeros: tuple[str, ...] = ()
    skipped_s: int = 0
    fillable: bool = True
    notices: tuple[str, ...] = ()
    original: str | None = None


def about_of(manifest: DatasetManifest) -> TrafficAbout:
    """What a manifest says of its traffic data. Raises pydantic's ValidationError if it says nothing that can be understood."""
    return TrafficAbout.model_validate(manifest.about)


def manifest_of(
    data: TrafficData, *, source: str, loader_version: int, files: tuple[DatasetFile, ...] = (), notices: tuple[str, ...] = (),
) -> DatasetManifest:  # fmt: skip
    """The manifest of data in memory."""
    import numpy as np

    from traffic.data.clock import clock_text
    from traffic.data.noticing import measured

    steps, sensors, _ = data.shape
    placed = np.zeros(sensors, bool) if data.coordinates is None else np.asarray(np.isfinite(data.coordinates).all(1))
    unplaced = tuple(name for name, known in zip(data.sensor_ids, placed.tolist(), strict=True) if not known)
    about = TrafficAbout(
        steps=steps, sensor_ids=data.sensor_ids, default_order=data.default_order, features=data.features,
        units=data.units, interval_s=data.interval_s, start=clock_text(data.timestamps[0]), end=clock_text(data.timestamps[-1]),
        located=sensors - len(unplaced), unplaced=unplaced, edges=data.edges is not None, breaks=len(data.breaks), missing=float(np.isnan(data.values).mean()),
        notices=notices, **measured(data),
    )  # fmt: skip
    return DatasetManifest(
        source=source, loader_version=loader_version, files=files, content_sha256=content_sha256(data), about=about.model_dump(mode="json"),
    )  # fmt: skip


def content_sha256(data: TrafficData) -> str:
    """SHA-256 over all that a model can read of the data."""
    import numpy as np

    digest = hashlib.sha256()
    names = "\0".join((*data.sensor_ids, "", *data.features, "", *data.units, str(data.interval_s)))
    digest.update(repr(data.values.shape).encode() + names.encode())
    digest.update(np.ascontiguousarray(data.values).tobytes())
    digest.update(np.ascontiguousarray(data.timestamps).tobytes())
    if data.coordinates is not None:
        digest.update(np.ascontiguousarray(data.coordinates).tobytes())
    if data.edges is not None:
        digest.update("\0".join((*data.edges.start.tolist(), "", *data.edges.end.tolist())).encode() + data.edges.cost.tobytes())
    return digest.hexdigest()
