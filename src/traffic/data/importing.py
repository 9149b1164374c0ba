"""Reading people's own traffic data: how a file is to be understood, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

from traffic.data.options import APPLIES, TrafficOptions, require_apt
from workbench.datasets import ImportProgress, ReadImport

LOADER_VERSION = 1
TAKEN = {"speed": "mph", "flow": "veh/h", "occupancy": "%"}
"""Units of tables, where neither they nor anybody says it."""


def read_import(path: Path, options: TrafficOptions, progress: ImportProgress | None = None) -> ReadImport:
    """A file's data as arrays to keep. Gaps stay as they are, and zeros unless the options say otherwise: each model says what they mean to it.

    Raises:
        TrafficError: as `traffic.data.reading.read`; DATA_UNKNOWN_KIND for a file whose kind its name does not tell; DATA_OPTION for an option
            that does not apply; DATA_EMPTY for one without any measurement; DATA_VALUE for one of impossible values.
    """
    import numpy as np

    from traffic.data.about import manifest_of
    from traffic.data.features import normal_name
    from traffic.data.impossible import without_impossible
    from traffic.data.loaded import arrays_of
    from traffic.data.noticing import notices
    from traffic.data.packed import unpacked
    from traffic.data.reading import read
    from traffic.errors import Place, TrafficError

    del progress
    with unpacked(path) as file:
        kind = options.kind if options.kind != "auto" else kind_of(file)
        require_apt(options, kind)
        feature = normal_name(options.feature or "speed")
        data = read(
            kind, file, feature=feature, unit=options.unit or TAKEN.get(feature, "1"), start=options.start, interval_s=options.interval_s, gaps="keep",
            zeros_as_missing="both" if options.zeros == "missing" else "none",
        )  # fmt: skip
    if np.isnan(data.values).all():
        raise TrafficError(
            "DATA_EMPTY", f"{path.name} holds no measurement: every value is missing.", hint="Give a file with values.", at=Place(file=str(path)),
        )  # fmt: skip
    data, impossible = without_impossible(data)
    found = (*_taken(kind, options, feature), *impossible, *notices(data))
    manifest = manifest_of(data, source=kind, loader_version=LOADER_VERSION, notices=found)
    return ReadImport(arrays_of(data), manifest, notices=found)


def _taken(kind: str, options: TrafficOptions, feature: str) -> tuple[str, ...]:
    """What a person should know of a unit that nobody gave."""
    if options.unit is not None or "unit" not in APPLIES[kind]:
        return ()
    unit = TAKEN.get(feature, "1")
    what = unit if unit != "1" else "a plain number"
    return (
        f"Its file does not say in which unit {feature} is: it was taken as {what}. If that is wrong, import it again with Unit (--unit) set.",
    )


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
