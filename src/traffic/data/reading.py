"""One door to all files: a kind and a path in, checked data out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from traffic.data import csv_wide, hdf5, npz, pandas_h5
from traffic.data.clock import DEFAULT_INTERVAL_S, start_of
from traffic.data.contract import TrafficData
from traffic.data.edges import edges_beside
from traffic.data.gaps import Gaps, Zeros, with_gaps, without_zeros
from traffic.data.public import Published, verify_file, verify_shape
from traffic.errors import Place, TrafficError
from workbench.layered.names import close_names, did_you_mean

KINDS = {"pandas_h5": pandas_h5.FORM, "npz": npz.FORM, "csv_wide": csv_wide.FORM, "hdf5": hdf5.FORM}
"""What each kind of file holds."""


def read(
    kind: str,
    path: str | Path,
    *,
    feature: str = "speed",
    unit: str = "mph",
    start: str | None = None,
    interval_s: int | None = None,
    gaps: Gaps = "error",
    zeros_as_missing: Zeros = "none",
    verify: Published | None = None,
) -> TrafficData:
    """Data of a file, as the settings want its gaps and zeros, with places and edges of its detectors from the lists beside it.

    Args:
        feature, unit: of tables that do not say what they hold (`pandas_h5`, `csv_wide`).
        interval_s: seconds from row to row; None for what most rows of the file are apart, the usual for `npz`. start: first time, for `npz`. verify: the published file that it has to be.

    Raises:
        TrafficError: DATA_UNKNOWN_KIND; DATA_CHECKSUM; DATA_GAP; what the kind's reader and those of the lists raise.
    """
    if kind not in KINDS:
        hint = did_you_mean(close_names(kind, KINDS)) or f"Known are {', '.join(KINDS)}."
        raise TrafficError(
            "DATA_UNKNOWN_KIND", f"There is no kind of data {kind[:40]!r}.", hint=hint, at=Place(key="data.kind"), found=kind
        )
    path = Path(path)
    if verify is not None and path.is_file():
        verify_file(path, verify)
    data = _with_lists(_read(kind, path, feature, unit, start, interval_s), path)
    if verify is not None:
        verify_shape(data, verify)
    return without_zeros(with_gaps(data, gaps), zeros_as_missing)


def _with_lists(data: TrafficData, path: Path) -> TrafficData:
    """Data with what its own file does not say and lists beside it do."""
    coordinates, edges = data.coordinates, data.edges
    if coordinates is None:
        coordinates = csv_wide.coordinates_in(path.with_name(csv_wide.SENSORS), data.sensor_ids)
    if edges is None:
        edges = edges_beside(path, data.sensor_ids)
    if coordinates is data.coordinates and edges is data.edges:
        return data
    return replace(data, coordinates=coordinates, edges=edges)


def _read(kind: str, path: Path, feature: str, unit: str, start: str | None, interval_s: int | None) -> TrafficData:
    if kind == "hdf5":
        return hdf5.read(path)
    if kind == "npz":
        if start is None:
            raise TrafficError(
                "DATA_TIME", "The file holds no times.", hint="Set start to the time of its first row.", at=Place(key="data.start")
            )
        return npz.read(path, start=start_of(start, "data.start"), interval_s=interval_s or DEFAULT_INTERVAL_S)
    reader = pandas_h5.read if kind == "pandas_h5" else csv_wide.read
    return reader(path, feature=feature, unit=unit, interval_s=interval_s)
