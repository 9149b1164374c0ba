"""A file of data and its list of detectors in one .zip."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from traffic.data import limits
from traffic.data.importing import read_import
from traffic.data.options import TrafficOptions
from traffic.errors import TrafficError

ROWS = "timestamp,north,south\n" + "".join(f"2024-01-01T00:{5 * step:02d},{60 + step},\n" for step in range(12))
EDGES = "from,to,cost\nnorth,south,900\n"
PLACES = "sensor_id,latitude,longitude\nnorth,34.1,-118.2\nsouth,34.2,-118.3\n"


def packed_with(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), text)
    return path


def test_the_list_of_detectors_comes_with_the_table_whatever_folder_they_lie_in(tmp_path: Path) -> None:
    path = packed_with(tmp_path / "mine.zip", mine__speeds_csv=ROWS, mine__sensors_csv=PLACES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/._speeds.csv", "of a program's own")
    found = read_import(path, TrafficOptions(unit="km/h"))
    assert found.manifest.source == "csv_wide"
    assert found.manifest.about["located"] == 2
    assert found.manifest.about["units"] == ["km/h"]
    content = found.content
    assert isinstance(content, dict)
    np.testing.assert_array_equal(content["coordinates"], [[34.1, -118.2], [34.2, -118.3]])


def test_a_list_of_edges_comes_with_the_table_too(tmp_path: Path) -> None:
    path = packed_with(tmp_path / "mine.zip", speeds_csv=ROWS, sensors_csv=PLACES, edges_csv=EDGES)
    found = read_import(path, TrafficOptions(unit="km/h"))
    assert found.manifest.about["edges"] is True
    content = found.content
    assert isinstance(content, dict)
    assert content["edge_from"].tolist() == ["north"]
    assert content["edge_cost"].tolist() == [900.0]


def test_a_list_of_edges_may_be_called_as_its_data_is(tmp_path: Path) -> None:
    np.savez(tmp_path / "PEMS99.npz", data=np.full((12, 2, 1), 60.0, np.float32))
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.write(tmp_path / "PEMS99.npz", "set/PEMS99.npz")
        archive.writestr("set/PEMS99.csv", "from,to,cost\n0,1,5\n")
    found = read_import(tmp_path / "mine.zip", TrafficOptions(start="2024-01-01T00:00"))
    assert found.manifest.source == "npz"
    assert found.manifest.about["edges"] is True


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"a_csv": ROWS, "b_csv": ROWS},
        {"sensors_csv": PLACES},
        {"edges_csv": EDGES},
        {"a_csv": ROWS, "x__sensors_csv": PLACES, "sensors_csv": PLACES},
    ],
)
def test_an_archive_of_anything_else_is_refused_with_what_it_holds(files: dict[str, str], tmp_path: Path) -> None:
    path = packed_with(tmp_path / "mine.zip", **files)
    with pytest.raises(TrafficError) as caught:
        read_import(path, TrafficOptions())
    assert (caught.value.code, caught.value.file) == ("DATA_FORMAT", str(path))
    assert "not one file of data" in str(caught.value)


def test_a_damaged_archive_and_one_that_would_fill_the_disk_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torn.zip").write_bytes(b"PK torn")
    with pytest.raises(TrafficError) as caught:
        read_import(tmp_path / "torn.zip", TrafficOptions())
    assert caught.value.code == "DATA_FORMAT"
    monkeypatch.setattr(limits, "MOST_BYTES", 100)
    with pytest.raises(TrafficError, match="more than the 100"):
        read_import(packed_with(tmp_path / "big.zip", a_csv=ROWS), TrafficOptions())


def test_a_member_that_points_elsewhere_stays_in_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "sly.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../escaped.csv", ROWS)
    with pytest.raises(TrafficError):
        read_import(path, TrafficOptions())
    assert not (tmp_path.parent / "escaped.csv").exists()


def test_what_is_wrong_in_a_packed_table_is_said_with_its_line(tmp_path: Path) -> None:
    path = packed_with(tmp_path / "bad.zip", bad_csv=ROWS.replace("63", "x"))
    with pytest.raises(TrafficError) as caught:
        read_import(path, TrafficOptions())
    assert (caught.value.code, caught.value.line, caught.value.column) == ("DATA_CSV", 5, 2)
    assert "bad.csv, line 5" in str(caught.value)
    assert caught.value.file == f"{path}/bad.csv"
    assert caught.value.where == f"{path}/bad.csv:5:2"
