"""What an import is told, what it takes where nothing was told, and what no option can mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.traffic.data.test_binary_files import frame
from tests.traffic.making import made
from traffic.data import hdf5
from traffic.data.contract import UNITS
from traffic.data.importing import read_import
from traffic.data.impossible import LIMITS
from traffic.data.loaded import opened
from traffic.data.looks import preview, statistics
from traffic.data.options import APPLIES, TrafficOptions
from traffic.data.reading import KINDS
from traffic.errors import TrafficError
from workbench.datasets import ReadImport
from workbench.fields import field_specs

START = "2024-01-01T00:00"


def table(folder: Path, values: list[float], seconds: int = 300) -> Path:
    rows = (f"{np.datetime64(START) + np.timedelta64(row * seconds, 's')},{value!r},50" for row, value in enumerate(values))
    (folder / "t.csv").write_text("timestamp,a,b\n" + "\n".join(rows) + "\n")
    return folder / "t.csv"


def taken(path: Path, **options: Any) -> ReadImport:
    return read_import(path, TrafficOptions(**options))


def refused(path: Path, **options: Any) -> TrafficError:
    with pytest.raises(TrafficError) as caught:
        taken(path, **options)
    return caught.value


@pytest.mark.parametrize(
    ("feature", "unit"), [(None, "mph"), ("speed", "mph"), ("avg_speed", "mph"), ("flow", "veh/h"), ("occupancy", "%"), ("rain", "1")]
)
def test_a_unit_that_nobody_gave_is_said(tmp_path: Path, feature: str | None, unit: str) -> None:
    path = table(tmp_path, [50.0] * 400)
    found = taken(path, feature=feature)
    assert found.manifest.about["units"] == [unit]
    (notice,) = found.notices
    assert "does not say in which unit" in notice
    assert "--unit" in notice
    assert unit in notice or unit == "1"
    assert isinstance(found.content, dict)
    dataset = opened(found.content, found.manifest)
    for look in (preview(dataset), statistics(dataset)):
        assert look.notices.count(notice) == 1
    assert taken(path, feature=feature, unit=unit).notices == ()


def test_what_a_file_says_itself_is_not_asked_and_not_said(tmp_path: Path) -> None:
    hdf5.write(made(400), tmp_path / "a.h5", name="a")
    assert taken(tmp_path / "a.h5").notices == ()


@pytest.mark.parametrize("seconds", [60, 300, 900, 3600, 86_400])
def test_the_interval_is_what_most_rows_are_apart_unless_it_is_given(tmp_path: Path, seconds: int) -> None:
    path = table(tmp_path, [50.0] * 40, seconds)
    assert taken(path).manifest.about["interval_s"] == seconds
    assert taken(path, interval_s=seconds).manifest.about["interval_s"] == seconds
    assert refused(path, interval_s=7).code == "DATA_TIME"


def test_a_frame_by_the_hour_is_read_as_one_and_a_table_by_the_week_is_refused(tmp_path: Path) -> None:
    hours = (np.datetime64(START) + np.arange(3) * np.timedelta64(1, "h")).astype("M8[ns]").astype(np.int64)
    assert taken(frame(tmp_path / "a.h5", axis1=hours)).manifest.about["interval_s"] == 3600
    error = refused(table(tmp_path, [50.0] * 40, 7 * 86_400))
    assert (error.code, error.found) == ("DATA_TIME", 7 * 86_400)


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("t.csv", "start", "banana"), ("a.h5", "start", START), ("a.h5", "unit", "mph"), ("a.h5", "feature", "speed"),
        ("a.h5", "interval_s", 300), ("a.npz", "unit", "mph"), ("a.npz", "feature", "flow"),
    ],
)  # fmt: skip
def test_an_option_that_says_nothing_about_such_a_file_is_refused_by_name(tmp_path: Path, name: str, option: str, value: object) -> None:
    table(tmp_path, [50.0] * 40)
    hdf5.write(made(40), tmp_path / "a.h5", name="a")
    np.savez(tmp_path / "a.npz", data=np.ones((40, 2, 1)))
    error = refused(tmp_path / name, **({"start": START} if name == "a.npz" else {}), **{option: value})
    assert (error.code, error.key, error.found) == ("DATA_OPTION", option, value)


def test_it_is_said_of_every_kind_and_option_whether_it_applies() -> None:
    assert APPLIES.keys() == KINDS.keys()
    assert set().union(*APPLIES.values()) | {"kind", "zeros"} == {spec.name for spec in field_specs(TrafficOptions)}
    assert LIMITS.keys() == UNITS


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [
        (-5.0, "km/h", "below 0"),
        (321.0, "km/h", "above 320 km/h"),
        (3e38, "mph", "above 200 mph"),
        (3e38, "1", "above 1,000,000,000"),
        (-2e9, "1", "below -1,"),
    ],
)
def test_values_that_cannot_be_are_missing_and_counted_unless_they_are_the_most(
    tmp_path: Path, value: float, unit: str, words: str
) -> None:
    found = taken(table(tmp_path, [value, value, *[60.0] * 398]), unit=unit)
    (notice,) = found.notices
    assert notice.startswith(f"2 values of speed are {words}")
    assert "taken as missing" in notice
    assert isinstance(found.content, dict)
    assert np.isnan(found.content["values"][:, 0, 0]).tolist() == [True, True, *[False] * 398]
    path = table(tmp_path, [value] * 400)
    path.write_text(path.read_text().replace(",50", "").replace(",b", ""))
    error = refused(path, unit=unit)
    assert (error.code, error.key) == ("DATA_VALUE", "unit")
    assert words in str(error)


def test_a_negative_plain_number_is_a_value(tmp_path: Path) -> None:
    assert taken(table(tmp_path, [-5.0] * 400), feature="warmth", unit="1").notices == ()


def test_a_feature_has_a_name_that_fits_a_line(tmp_path: Path) -> None:
    error = refused(table(tmp_path, [50.0] * 40), feature="x" * 101)
    assert (error.code, error.found) == ("DATA_FEATURE", 101)
    assert len(str(error)) < 200
