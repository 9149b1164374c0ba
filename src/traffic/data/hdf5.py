"""Traffic data in an HDF5 layout with names, units and coordinates; what is written is read back exactly."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from traffic.data.clock import DEFAULT_INTERVAL_S, clock_text, seconds_of
from traffic.data.contract import Source, TrafficData
from traffic.data.edges import COLUMNS, Edges
from traffic.data.features import normal_name
from traffic.data.files import malformed, reading, require_file
from traffic.data.limits import whole
from traffic.data.road import road_of
from traffic.errors import Place, TrafficError
from workbench.artefacts import sha256_of

FORM = "an HDF5 file with /data/features (steps, detectors, features) and /metadata"
SCHEMA_VERSION = "1"
TEXT = h5py.string_dtype()
LATITUDE, LONGITUDE = "position_lat", "position_lon"
ROAD, EDGES = "metadata/road", "metadata/edges"


def write(data: TrafficData, path: Path, *, name: str) -> None:
    """Write data, except which of its features are targets. `name` is what people call it.

    Raises:
        TrafficError: DATA_IDS for an id that cannot name a group.
    """
    for sensor in data.sensor_ids:
        if "/" in sensor or "\0" in sensor or sensor == ".":
            raise TrafficError("DATA_IDS", f"The id {sensor!r} cannot be written.", hint="Rename it.", at=Place(sensor_id=sensor))
    with h5py.File(path, "w") as file:
        file.attrs.update(dataset_name=name, feature_set=",".join(data.features), feature_schema_version=SCHEMA_VERSION)
        file.create_dataset("data/features", data=data.values)
        metadata = file.create_group("metadata")
        for key, texts in (("vdids", data.sensor_ids), ("feature_names", data.features), ("default_order", data.default_order)):
            metadata.create_dataset(key, data=np.array(texts, object), dtype=TEXT)
        iso = [clock_text(each).replace(" ", "T") for each in data.timestamps]
        metadata.create_dataset("timestamps", data=np.array(iso, object), dtype=TEXT)
        metadata.create_dataset("timestamps_epoch", data=data.timestamps)
        metadata.create_dataset("frequency", data=f"{data.interval_s}s")
        metadata.create_dataset("units", data=json.dumps(dict(zip(data.features, data.units, strict=True))))
        metadata.create_dataset("source", data=json.dumps(vars(data.source)))
        _write_places(metadata.create_group("vd_info"), data)
        if data.road is not None:
            for key, array in data.road.arrays().items():
                file.create_dataset(f"{ROAD}/{key}", data=array)
        if data.edges is not None:
            for key, array in zip(COLUMNS, data.edges.arrays().values(), strict=True):
                of_text = {"data": array.astype(object), "dtype": TEXT} if array.dtype.kind == "U" else {"data": array}
                file.create_dataset(f"{EDGES}/{key}", **of_text)


def _write_places(group: h5py.Group, data: TrafficData) -> None:
    for number, sensor in enumerate(data.sensor_ids):
        attributes = group.create_group(sensor).attrs
        if data.coordinates is not None:
            attributes[LATITUDE], attributes[LONGITUDE] = data.coordinates[number]


def read(path: Path) -> TrafficData:
    """The data of `path`; names of features are made ours.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT naming the part that is not as it must be; DATA_LIMIT; what the contract raises.
    """
    require_file(path, FORM)
    with reading(path, "The HDF5 container"), h5py.File(path, "r") as file:
        values = _array(path, file, "data/features", "f4")
        timestamps = _array(path, file, "metadata/timestamps_epoch", "i8")
        _check_same_times(path, file, timestamps)
        ids = _texts(path, file, "metadata/vdids")
        names = _texts(path, file, "metadata/feature_names")
        with reading(path, "metadata/units"):
            units = json.loads(_string(file, "metadata/units"))
            if unknown := [name for name in names if name not in units]:
                raise malformed(path, "metadata/units", f"names no unit of {unknown[0]}", expected=names, found=units)
            measured = tuple(str(units[name]) for name in names)
        order = _texts(path, file, "metadata/default_order") if "metadata/default_order" in file else ()
        with reading(path, "metadata/vd_info"):
            coordinates = _places(file, ids)
        with reading(path, ROAD):
            road = road_of({key: whole(path, array) for key, array in file[ROAD].items()}) if ROAD in file else None  # pyright: ignore[reportAttributeAccessIssue]
        with reading(path, EDGES):
            edges = _edges(path, file, ids) if EDGES in file else None
        with reading(path, "metadata/frequency"):
            interval = _interval(path, _string(file, "metadata/frequency")) if "metadata/frequency" in file else DEFAULT_INTERVAL_S
    source = Source("hdf5", str(path), sha256_of(path))
    features = tuple(normal_name(name) for name in names)
    return TrafficData(
        values, timestamps, _stripped(ids), coordinates, features, measured, source, interval, default_order=_stripped(order), road=road, edges=edges,
    )  # fmt: skip


def _edges(path: Path, file: h5py.File, ids: Sequence[str]) -> Edges:
    start, end = (np.array(_stripped(_texts(path, file, f"{EDGES}/{key}")), np.str_) for key in COLUMNS[:2])
    return Edges(start, end, _array(path, file, f"{EDGES}/{COLUMNS[2]}", "f8")).among(_stripped(ids))


def _stripped(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in names)


def _check_same_times(path: Path, file: h5py.File, timestamps: np.ndarray) -> None:
    """Raise TrafficError unless times that stand there as text, too, are those in seconds; texts of other forms are no times to compare."""
    if "metadata/timestamps" not in file:
        return
    texts = _texts(path, file, "metadata/timestamps")
    if len(texts) != len(timestamps):
        what = f"holds {len(texts):,} times, metadata/timestamps_epoch {len(timestamps):,}"
        raise malformed(path, "metadata/timestamps", what, expected=len(timestamps), found=len(texts))
    for row, (text, seconds) in enumerate(zip(texts, timestamps.tolist(), strict=True)):
        try:
            same = seconds_of(text) == seconds
        except ValueError:
            return
        if not same:
            raise TrafficError(
                "DATA_TIME", f"Row {row} is {text} by metadata/timestamps and {seconds} s from 1970 by metadata/timestamps_epoch.",
                hint="Write both from the same local clock.", at=Place(file=str(path), row=row), expected=text, found=seconds,
            )  # fmt: skip


def _array(path: Path, file: h5py.File, part: str, dtype: str) -> np.ndarray:
    with reading(path, part):
        found = file[part]
        if not isinstance(found, h5py.Dataset) or found.dtype != np.dtype(dtype):
            raise malformed(path, part, f"is not an array of {np.dtype(dtype).name}", expected=dtype)
        return whole(path, found)


def _texts(path: Path, file: h5py.File, part: str) -> tuple[str, ...]:
    with reading(path, part):
        found = file[part]
        if not isinstance(found, h5py.Dataset):
            raise malformed(path, part, "is not a list of names")
        return tuple(each.decode() if isinstance(each, bytes) else str(each) for each in np.atleast_1d(whole(path, found)).tolist())


def _string(file: h5py.File, part: str) -> str:
    value = whole(Path(file.filename), file[part]).item(0)
    if not isinstance(value, bytes):
        raise ValueError("it is no text")
    return value.decode()


def _interval(path: Path, text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*(s|min|T)", text)
    if found is None:
        raise malformed(path, "metadata/frequency", f"is {text[:40]!r}, expected such as 300s or 5min", found=text)
    return int(found[1]) * (1 if found[2] == "s" else 60)


def _places(file: h5py.File, ids: Sequence[str]) -> np.ndarray | None:
    group = file.get("metadata/vd_info")
    if not isinstance(group, h5py.Group):
        return None
    rows = []
    for sensor in ids:
        attributes = group[sensor].attrs if sensor in group else {}
        rows.append([float(attributes.get(key, np.nan)) for key in (LATITUDE, LONGITUDE)])  # type: ignore[arg-type]
    known = any(LATITUDE in group[sensor].attrs for sensor in ids if sensor in group)
    return np.array(rows, np.float64) if known else None
