"""A pandas frame in an HDF5 file, as METR-LA and PEMS-BAY are published: one block of numbers, one column a detector. Read with h5py."""

from __future__ import annotations

import re
from pathlib import Path

import h5py
import numpy as np

from traffic.data.contract import Source, TrafficData, interval_of, single
from traffic.data.files import malformed, reading, require_file
from traffic.data.limits import whole
from workbench.artefacts import sha256_of

FORM = "an HDF5 file with one pandas frame, rows by time, columns by detector"
UNITS_A_SECOND = {"ns": 10**9, "us": 10**6, "ms": 10**3, "s": 1}


def read(path: Path, *, feature: str = "speed", unit: str = "mph", interval_s: int | None = None) -> TrafficData:
    """The frame of `path`: ids from its columns, local time from its index.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT naming the part that is not as it must be; DATA_LIMIT; what the contract raises.
    """
    require_file(path, FORM)
    with reading(path, "The HDF5 container"), h5py.File(path, "r") as file:
        frame = _frame(path, file)
        name = frame.name
        with reading(path, f"{name}/axis0"):
            ids = _ids(path, _dataset(frame, "axis0"))
        with reading(path, f"{name}/block0_items"):
            items = _ids(path, _dataset(frame, "block0_items"))
        if ids != items:
            raise malformed(path, f"{name}/block0_items", "names other detectors than axis0", expected=ids, found=items)
        with reading(path, f"{name}/axis1"):
            timestamps = _seconds(path, _dataset(frame, "axis1"))
        with reading(path, f"{name}/block0_values"):
            values = _values(path, _dataset(frame, "block0_values"), (len(timestamps), len(ids)))
    return TrafficData(
        values[..., None],
        timestamps,
        ids,
        None,
        (feature,),
        (unit,),
        Source("pandas_h5", str(path), sha256_of(path)),
        interval_s or interval_of(timestamps, path),
    )


def _frame(path: Path, file: h5py.File) -> h5py.Group:
    frames = [item for item in file.values() if isinstance(item, h5py.Group) and _text(item.attrs.get("pandas_type")) == "frame"]
    if len(frames) != 1:
        raise malformed(path, "The root", f"holds {len(frames)} pandas frames, expected one", expected=1, found=len(frames))
    blocks = [name for name in map(str, frames[0]) if re.fullmatch(r"block\d+_values", name)]
    if blocks != ["block0_values"]:
        what = f"holds {len(blocks)} blocks of values, expected one: all columns must be of one type"
        raise malformed(path, str(frames[0].name), what, expected=1, found=len(blocks))
    return frames[0]


def _dataset(group: h5py.Group, name: str) -> h5py.Dataset:
    found = group[name]
    if not isinstance(found, h5py.Dataset):
        raise ValueError(f"{name} is not an array")
    return found


def _ids(path: Path, dataset: h5py.Dataset) -> tuple[str, ...]:
    values = whole(path, dataset)
    if values.dtype.kind not in "SUiu":
        raise ValueError(f"ids of type {values.dtype} are neither text nor whole numbers")
    return tuple(_text(value).strip() for value in values.tolist())


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _seconds(path: Path, dataset: h5py.Dataset) -> np.ndarray:
    """Seconds of the index: nanoseconds, or the unit that newer versions of pandas write beside it."""
    part = str(dataset.name)
    if "tz" in dataset.attrs:
        raise malformed(path, part, "is in a time zone, so what is stored is not the detectors' local clock; save it without", found="tz")
    kind = re.fullmatch(r"datetime64(?:\[(\w+)\])?", _text(dataset.attrs.get("kind", "datetime64")))
    unit = UNITS_A_SECOND.get(kind[1] or "ns") if kind else None
    ticks = whole(path, dataset)
    if unit is None or ticks.dtype != np.int64 or (ticks % unit).any():
        raise malformed(path, part, "holds no times in whole seconds, as int64 of a pandas index of dates", found=ticks.dtype.name)
    return ticks // unit


def _values(path: Path, dataset: h5py.Dataset, shape: tuple[int, int]) -> np.ndarray:
    if dataset.dtype.kind not in "fiu":
        raise malformed(path, str(dataset.name), f"holds values of type {dataset.dtype}, expected numbers", found=str(dataset.dtype))
    if dataset.shape != shape:
        raise malformed(path, str(dataset.name), f"has shape {dataset.shape}, expected {shape}", expected=shape, found=dataset.shape)
    return single(whole(path, dataset))
