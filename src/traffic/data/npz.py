"""An `.npz` with one array of flow, or of flow, occupancy and speed, as the PEMS sets are published. Its times come from the settings."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from traffic.data.clock import DEFAULT_INTERVAL_S
from traffic.data.contract import Source, TrafficData, single
from traffic.data.files import malformed, reading, require_file
from traffic.data.limits import require_bytes, require_values
from workbench.artefacts import sha256_of

FORM = "an .npz with the array `data` of shape (steps, detectors, 1 or 3): flow, or flow, occupancy and speed"
CHANNELS = {1: (("flow",), ("veh/5min",)), 3: (("flow", "occupancy", "speed"), ("veh/5min", "1", "mph"))}
"""Names and units of features by number of channels, as PeMS measures them."""


def read(path: Path, *, start: int, interval_s: int = DEFAULT_INTERVAL_S) -> TrafficData:
    """The array `data` of `path`; nothing is ever unpickled.

    Args:
        start: time of the first row in seconds, local clock.

    Raises:
        TrafficError: DATA_NOT_FOUND; DATA_FORMAT naming the part that is not as it must be; DATA_LIMIT; what the contract raises.
    """
    require_file(path, FORM)
    with reading(path, "The archive"), zipfile.ZipFile(path) as archive:
        if "data.npy" not in archive.namelist():
            raise malformed(path, "The archive", "has no array named data", expected="data", found=archive.namelist()[:5])
        packed = archive.getinfo("data.npy")
        with reading(path, "The array data"), archive.open(packed) as stream:
            values = _values(path, stream, packed.file_size)
    features, units = CHANNELS[values.shape[2]]
    timestamps = start + interval_s * np.arange(len(values), dtype=np.int64)
    ids = tuple(str(number) for number in range(values.shape[1]))
    return TrafficData(values, timestamps, ids, None, features, units, Source("npz", str(path), sha256_of(path)), interval_s)


def _values(path: Path, stream: IO[bytes], size: int) -> np.ndarray:
    """The array, float32, after its header was compared with what may be there."""
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = header(stream)
    if dtype.kind not in "fiu":
        raise malformed(path, "The array data", f"holds values of type {dtype}, expected numbers", found=str(dtype))
    if len(shape) != 3 or shape[2] not in CHANNELS:
        raise malformed(path, "The array data", f"has shape {shape}, expected (steps, detectors, 1 or 3)", found=shape)
    length = math.prod(shape) * dtype.itemsize
    require_values(path, "The array data", shape)
    require_bytes(path, "The array data", length)
    if not 0 <= length <= size:
        raise malformed(path, "The array data", f"claims {length:,} bytes, {size:,} are there", expected=length, found=size)
    data = stream.read(length)
    if len(data) != length:
        raise malformed(path, "The array data", f"is truncated at {len(data):,} of {length:,} bytes", expected=length, found=len(data))
    return single(np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C"))
