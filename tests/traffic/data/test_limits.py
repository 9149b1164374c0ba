"""Small files that claim, or unpack to, more than there is memory."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from tests.traffic.data.test_binary_files import frame
from tests.traffic.making import made
from traffic.data import hdf5, limits
from traffic.data.importing import read_import
from traffic.data.options import TrafficOptions
from traffic.errors import TrafficError

ROWS = "timestamp,north,south\n" + "".join(f"2024-01-01T00:{5 * step:02d},{60 + step},5\n" for step in range(12))
HUGE = (1_000_000, 100_000, 1)


def refused(path: Path, **options: str) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        read_import(path, TrafficOptions.model_validate(options))
    assert (caught.value.code, caught.value.file) == ("DATA_LIMIT", str(path))
    return caught.value


def claims(name: str, shape: tuple[int, ...], dtype: object = "f4") -> Callable[[Path], Path]:
    """An HDF5 file one array of which claims a shape, though nothing of it is stored."""

    def write(folder: Path) -> Path:
        path = folder / "a.h5"
        if name.startswith("df/"):
            frame(path)
        else:
            hdf5.write(made(12), path, name="a")
        with h5py.File(path, "a") as file:
            if name in file:
                del file[name]
            file.create_dataset(name, shape=shape, dtype=dtype, chunks=tuple(min(each, 1000) for each in shape))
        assert path.stat().st_size < 100_000
        return path

    return write


@pytest.mark.parametrize(
    "write",
    [
        claims("data/features", HUGE),
        claims("metadata/timestamps_epoch", (10**12,), "i8"),
        claims("metadata/vdids", (10**9,), h5py.string_dtype()),
        claims("metadata/frequency", (10**8,), "S100"),
        claims("metadata/road/road_km", (10**10,)),
        claims("df/axis0", (10**10,), "S6"),
        claims("df/axis1", (10**12,), "i8"),
    ],
)
def test_an_hdf5_file_is_refused_by_the_shape_that_it_claims(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    assert "that are taken" in str(refused(write(tmp_path)))


@pytest.mark.parametrize("packed", [True, False])
def test_a_line_without_an_end_is_refused_before_it_is_in_memory(tmp_path: Path, packed: bool) -> None:
    text = b"timestamp,a\n" + b"0" * (2 * limits.MOST_LINE)
    path = tmp_path / ("a.csv.gz" if packed else "a.csv")
    path.write_bytes(gzip.compress(text) if packed else text)
    assert "Line 2 of" in str(refused(path))


def test_what_a_packed_table_unpacks_to_is_counted_as_it_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(ROWS.encode()))
    monkeypatch.setattr(limits, "MOST_BYTES", len(ROWS) - 1)
    assert "characters" in str(refused(path))
    monkeypatch.setattr(limits, "MOST_BYTES", len(ROWS))
    assert len(read_import(path, TrafficOptions()).manifest.about["sensor_ids"]) == 2


@pytest.mark.parametrize("most", [23, 24])
def test_a_table_and_an_array_of_more_values_than_are_taken_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    (tmp_path / "a.csv").write_text(ROWS)
    np.savez_compressed(tmp_path / "a.npz", data=np.zeros((12, 2, 1)) + 5)
    monkeypatch.setattr(limits, "MOST_VALUES", most)
    for name, options in (("a.csv", {}), ("a.npz", {"start": "2024-01-01T00:00"})):
        if most < 24:
            assert "12 x 2" in str(refused(tmp_path / name, **options))
        else:
            assert read_import(tmp_path / name, TrafficOptions.model_validate(options)).manifest.about["steps"] == 12


def test_an_archive_is_refused_by_what_it_says_that_it_unpacks_to(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("speed.csv", ROWS)
        archive.filelist[0].file_size = limits.MOST_BYTES + 1
    assert "would unpack to 2,147,483,649 bytes" in str(refused(path))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["a.csv", "a.npz"])
def test_a_number_beyond_float32_is_infinite_and_no_warning_of_a_library(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.csv").write_text(ROWS.replace("60", "1e300"))
    np.savez(tmp_path / "a.npz", data=np.full((12, 2, 1), 1e300))
    options = TrafficOptions(start="2024-01-01T00:00") if name == "a.npz" else TrafficOptions()
    with pytest.raises(TrafficError) as caught:
        read_import(tmp_path / name, options)
    assert caught.value.code == "DATA_NONFINITE"


@pytest.mark.parametrize("way", ["external", "virtual", "link"])
def test_an_hdf5_file_cannot_have_another_file_read(tmp_path: Path, way: str) -> None:
    path, other = tmp_path / "a.h5", tmp_path / "other.h5"
    hdf5.write(made(12), path, name="a")
    hdf5.write(made(12), other, name="other")
    with h5py.File(path, "a") as file:
        del file["data/features"]
        if way == "external":
            file.create_dataset("data/features", shape=(12, 3, 1), dtype="f4", external=[(str(other), 0, 144)])
        elif way == "virtual":
            layout = h5py.VirtualLayout((12, 3, 1), "f4")
            layout[:] = h5py.VirtualSource(str(other), "data/features", shape=(12, 3, 1))
            file.create_virtual_dataset("data/features", layout)
        else:
            file["data/features"] = h5py.ExternalLink(str(other), "data/features")
    with pytest.raises(TrafficError, match="from another file") as caught:
        hdf5.read(path)
    assert caught.value.code == "DATA_FORMAT"
