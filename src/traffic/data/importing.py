"""Reading people's own traffic data: how a file is to be understood, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

from traffic.data.options import TrafficOptions
from workbench.datasets import ImportProgress, ReadImport

LOADER_VERSION = 1


def read_import(path: Path, options: TrafficOptions, progress: ImportProgress | None = None) -> ReadImport:
    """A file's data as arrays to keep. Gaps and zeros stay as they are: each model says what they mean to it.

    Raises:
        TrafficError: as `traffic.data.reading.read`; DATA_UNKNOWN_KIND for a file whose kind its name does not tell.
    """
    from traffic.data.about import manifest_of
    from traffic.data.loaded import arrays_of
    from traffic.data.packed import unpacked
    from traffic.data.reading import read

    del progress
    with unpacked(path) as file:
        kind = options.kind if options.kind != "auto" else kind_of(file)
        data = read(
            kind, file, feature=options.feature, unit=options.unit, start=options.start, interval_s=options.interval_s, gaps="keep",
        )  # fmt: skip
    manifest = manifest_of(data, source=kind, loader_version=LOADER_VERSION)
    return ReadImport(arrays_of(data), manifest, notices=_notices(data))


def kind_of(path: Path) -> str:
    """The kind of a file by its name and, of HDF5, by what it holds. Raises TrafficError (DATA_UNKNOWN_KIND, DATA_FORMAT)."""
    from traffic.data.files import require_file
    from traffic.data.reading import KINDS
    from traffic.errors import Place, TrafficError

    require_file(path, "; ".join(KINDS.values()))
    name = path.name.lower()
    if name.endswith((".csv", ".csv.gz")):
        return "csv_wide"
    if name.endswith(".npz"):
        return "npz"
    if name.endswith((".h5", ".hdf5", ".hdf")):
        return _hdf5_kind(path)
    raise TrafficError(
        "DATA_UNKNOWN_KIND", f"{path.name} does not say what kind of file it is.", hint=f"Give the option kind: {', '.join(KINDS)}.",
        at=Place(key="data.kind", file=str(path)), found=path.suffix,
    )  # fmt: skip


def _hdf5_kind(path: Path) -> str:
    import h5py

    from traffic.data.files import reading

    with reading(path, "The HDF5 file"), h5py.File(path, "r") as file:
        return "hdf5" if "data/features" in file else "pandas_h5"


def _notices(data: object) -> tuple[str, ...]:
    import numpy as np

    from traffic.data.contract import TrafficData

    assert isinstance(data, TrafficData)
    found = []
    if len(data.breaks):
        gaps = "gap" if len(data.breaks) == 1 else "gaps"
        found.append(f"Its clock has {len(data.breaks):,} {gaps}: a model on it needs the setting gaps, insert_nan or keep.")
    zeros = float((data.values == 0).mean())
    if zeros > 0.01:
        found.append(f"{zeros:.1%} of its values are zero. If zeros mean that nothing was measured, set zeros_as_missing.")
    silent = [name for name, each in zip(data.sensor_ids, np.asarray(np.isnan(data.values).all((0, 2))), strict=True) if each]
    if silent:
        found.append(f"Nothing was ever measured by {', '.join(silent[:5])}{' and others' if len(silent) > 5 else ''}.")
    return tuple(found)
