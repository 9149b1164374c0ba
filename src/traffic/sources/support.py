"""What forecasting can do with data."""

from __future__ import annotations

from traffic.data import describing
from traffic.data.options import TrafficOptions
from traffic.sources.catalogue import SOURCES
from workbench.families import Column, DataSupport, FileKind, Importing, ImportString

READERS = Importing(
    kinds=(
        FileKind("csv_wide", "A CSV file with a column for each detector", (".csv", ".csv.gz"), ("text/csv", "application/gzip")),
        FileKind("npz", "An .npz file as the PEMS sets are published", (".npz",), ("application/zip", "application/octet-stream")),
        FileKind("pandas_h5", "An HDF5 file with a pandas frame, as METR-LA", (".h5",), ("application/x-hdf5", "application/octet-stream")),
        FileKind("hdf5", "An HDF5 file with features by detector", (".hdf5", ".hdf"), ("application/x-hdf5", "application/octet-stream")),
        FileKind("zip", "A .zip of one such file with its sensors.csv and edges.csv", (".zip",), ("application/zip",)),
    ),
    words="measurements of detectors by time: speeds, flows or occupancies; empty cells where nothing was measured",
    read=ImportString("traffic.data.importing:read_import"),
    opened=ImportString("traffic.data.loaded:opened"),
    options=TrafficOptions,
)

DATA = DataSupport(
    sources=SOURCES,
    readers=READERS,
    describe=describing.describe,
    row=describing.row,
    tables=describing.tables,
    columns=(
        Column("detectors", "Detectors", "count"),
        Column("days", "Days", "count"),
        Column("measures", "Features"),
    ),
    preview=ImportString("traffic.data.looks:preview"),
    statistics=ImportString("traffic.data.looks:statistics"),
    apart=("numpy", "traffic.sources.loading"),
)
