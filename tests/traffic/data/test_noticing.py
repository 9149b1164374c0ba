"""What people are told of data that can hardly be what it should be, and what no model is made on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.traffic.making import MONDAY, made
from traffic.checks import check_sample
from traffic.config_data import DataUse
from traffic.data import csv_wide, hdf5
from traffic.data.about import about_of, manifest_of
from traffic.data.describing import describe, facts_of
from traffic.data.importing import read_import
from traffic.data.noticing import notices
from traffic.data.options import TrafficOptions
from traffic.errors import TrafficError
from workbench.state import DatasetRecord

ENOUGH = 400


def facts(data: Any) -> Any:
    return facts_of(about_of(manifest_of(data, source="csv_wide", loader_version=1)))


def starts(data: Any) -> dict[str, Any]:
    """The sample that a model on imported data starts from."""
    now = "2026-01-01T00:00:00.000Z"
    record = DatasetRecord(
        id="own", name="Own", family="traffic", source="csv_wide", status="ready", created_at=now, updated_at=now,
        manifest=manifest_of(data, source="csv_wide", loader_version=1),
    )  # fmt: skip
    return dict(describe(record, None).default_sample)


def with_values(change: Any, **others: Any) -> Any:
    values = made(ENOUGH, seed=1).values.copy()
    change(values)
    return made(ENOUGH, values=values, **others)


def everywhere(value: float) -> Any:
    return lambda values: values.fill(value)


def test_plausible_data_is_not_remarked_on() -> None:
    places = np.array([[34.0, -118.0], [34.1, -118.1], [34.2, -118.2]])
    assert notices(made(ENOUGH, coordinates=places)) == ()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (with_values(everywhere(1e30)), "1,200 values of speed are above 320 km/h, as far as 1e+30"),
        (with_values(everywhere(-50)), "1,200 values of speed are below 0, as far as -50"),
        (with_values(lambda values: values.__setitem__((0, 0, 0), -1)), "1 value of speed is below 0"),
        (made(ENOUGH, features=("occupancy",), units=("%",), values=np.full((ENOUGH, 3, 1), 101, np.float32)), "above 100 %"),
        (made(1), "It has 1 row; a model"),
        (made(2), "It has 2 rows; a model"),
        (made(ENOUGH, coordinates=np.zeros((3, 2))), "3 detectors lie at latitude 0, longitude 0"),
        (made(ENOUGH, coordinates=np.full((3, 2), 30.0)), "lie at one spot"),
        (made(ENOUGH, coordinates=np.full((3, 2), np.nan)), "None of its coordinates are known"),
        (made(ENOUGH, coordinates=np.array([[34.0, -118], [34.1, -118], [np.nan, np.nan]])), "1 of 3 detectors has no coordinates"),
        (made(ENOUGH, coordinates=np.array([[34.0, -118], [34.1, -118], [-60, 34]])), "more than 10 degrees apart"),
        (with_values(lambda values: values[:50].fill(0)), "12.5% of its speeds are zero"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_can_hardly_be_is_told_and_not_refused(data: Any, words: str) -> None:
    assert any(words in sentence for sentence in notices(data)), notices(data)


def test_zeros_among_speeds_are_missing_values_to_start_from_and_those_of_flows_are_not() -> None:
    zeros = with_values(lambda values: values[:50].fill(0))
    assert starts(zeros)["zeros_as_missing"] == "both"
    assert starts(made(ENOUGH))["zeros_as_missing"] == "none"
    flows = with_values(lambda values: values[:50].fill(0), features=("flow",), units=("veh/h",))
    assert starts(flows)["zeros_as_missing"] == "none"
    assert starts(with_values(everywhere(0)))["zeros_as_missing"] == "none", "nothing else is there"


def test_an_import_makes_zeros_missing_if_it_is_told_so(tmp_path: Path) -> None:
    rows = [f"2024-01-01T{step // 12:02d}:{step % 12 * 5:02d},{step % 2},60" for step in range(200)]
    (tmp_path / "t.csv").write_text("timestamp,a,b\n" + "\n".join(rows) + "\n")
    kept = read_import(tmp_path / "t.csv", TrafficOptions())
    gone = read_import(tmp_path / "t.csv", TrafficOptions(zeros="missing"))
    assert not isinstance(kept.content, Path)
    assert not isinstance(gone.content, Path)
    assert ((kept.content["values"] == 0).sum(), np.isnan(gone.content["values"]).sum(), (gone.content["values"] == 0).sum()) == (
        100,
        100,
        0,
    )
    assert any("speeds are zero" in line for line in kept.notices)
    assert not any("zero" in line for line in gone.notices)
    assert about_of(kept.manifest).notices == kept.notices, "what was told at import can be read later"


def test_data_without_any_measurement_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("timestamp,a,b\n2024-01-01T00:00,,\n2024-01-01T00:05,nan,\n")
    with pytest.raises(TrafficError, match="every value is missing") as caught:
        read_import(tmp_path / "t.csv", TrafficOptions())
    assert caught.value.code == "DATA_EMPTY"


def test_what_would_fail_in_the_run_is_refused_when_the_model_is_made() -> None:
    zeros = facts(with_values(everywhere(0)))
    assert [p.code for p in check_sample(DataUse(zeros_as_missing="both"), zeros)] == ["DATA_EMPTY"]
    assert check_sample(DataUse(), zeros) == []
    two = made(ENOUGH, features=("speed", "flow"), units=("km/h", "veh/h"))
    two.values[..., 1] = np.nan
    assert [p.path for p in check_sample(DataUse(), facts(two))] == ["targets"]
    assert check_sample(DataUse(targets=("speed",)), facts(two)) == []


@pytest.mark.parametrize("skip", [28 * 366 * 86_400, 7], ids=["of 28 years", "of 7 seconds"])
def test_a_gap_that_cannot_be_filled_is_said_before_the_run(skip: int) -> None:
    times = made(ENOUGH).timestamps + np.where(np.arange(ENOUGH) >= 100, skip, 0)
    data = made(ENOUGH, timestamps=times)
    assert "missing rows cannot fill them" in " ".join(notices(data))
    assert [p.path for p in check_sample(DataUse(gaps="insert_nan"), facts(data))] == ["gaps"]
    assert check_sample(DataUse(gaps="keep"), facts(data)) == []
    assert starts(data)["gaps"] == "keep"
    assert facts(data).skipped_s == skip


def test_times_that_no_calendar_shows_are_refused() -> None:
    for times in (np.arange(12) * 300 - 10**14, (MONDAY + 300 * np.arange(12)) * 1000):
        with pytest.raises(TrafficError, match="no calendar shows") as caught:
            made(timestamps=times.astype(np.int64))
        assert caught.value.code == "DATA_TIME"


def test_two_lists_of_times_in_one_file_must_agree(tmp_path: Path) -> None:
    path = tmp_path / "all.hdf5"
    hdf5.write(made(), path, name="test")
    with h5py.File(path, "r+") as file:
        times = file["metadata/timestamps"]
        assert isinstance(times, h5py.Dataset)
        times[3] = "2024-01-01T03:00:00"
    with pytest.raises(TrafficError, match=r"Row 3 is 2024-01-01T03:00:00 by metadata/timestamps") as caught:
        hdf5.read(path)
    assert caught.value.code == "DATA_TIME"


def test_a_feature_without_a_unit_is_named(tmp_path: Path) -> None:
    path = tmp_path / "all.hdf5"
    hdf5.write(made(features=("speed", "flow")), path, name="test")
    with h5py.File(path, "r+") as file:
        del file["metadata/units"]
        file.create_dataset("metadata/units", data=json.dumps({"speed": "km/h"}))
    with pytest.raises(TrafficError, match="names no unit of flow"):
        hdf5.read(path)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("timestamp;a;b", "divided by semicolons"),
        ("timestamp\ta", "divided by tabs"),
        ("sensor_id,latitude,longitude", "places of detectors"),
        ("time,a", "Call it timestamp"),
    ],
)
def test_a_table_of_another_form_is_told_what_it_looks_like(header: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"{header}\n")
    with pytest.raises(TrafficError, match=words):
        csv_wide.read(tmp_path / "t.csv")
