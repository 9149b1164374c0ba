"""Wide tables: what is read, and everything that can be wrong with a line."""

from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from traffic.data.clock import MOVED, UTC, clock_text, seconds_of
from traffic.data.csv_wide import read
from traffic.data.noticing import notices
from traffic.errors import TrafficError

GOOD = "timestamp,0717450,b\n2024-01-01T00:00,60.5,\n2024-01-01 00:05:00,nan,3e1\n"

TORN = gzip.compress((GOOD + "".join(f"2024-01-02T{n // 60:02}:{n % 60:02},{n},{7 * n % 11}\n" for n in range(900))).encode())[:-900]


def saved(folder: Path, text: str | bytes, name: str = "speed.csv", sensors: str | None = None) -> Path:
    data = text.encode() if isinstance(text, str) else text
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    if sensors is not None:
        (folder / "sensors.csv").write_text(sensors)
    return folder / name


@pytest.mark.parametrize("name", ["speed.csv", "speed.csv.gz"])
def test_a_table_is_read_packed_or_not_and_ids_keep_their_zeros(tmp_path: Path, name: str) -> None:
    data = read(saved(tmp_path, GOOD, name), unit="km/h")
    assert (data.sensor_ids, data.features, data.units) == (("0717450", "b"), ("speed",), ("km/h",))
    np.testing.assert_array_equal(data.values[..., 0], np.array([[60.5, np.nan], [np.nan, 30]], np.float32))
    assert list(data.timestamps) == [1704067200, 1704067500]
    assert data.coordinates is None


def test_coordinates_come_from_the_list_beside_the_table_by_name(tmp_path: Path) -> None:
    data = read(saved(tmp_path, GOOD, sensors="road,sensor_id,longitude,latitude\nI5,x,1,2\nI5,0717450,-118.5,34.25\n"))
    np.testing.assert_array_equal(data.coordinates, [[34.25, -118.5], [np.nan, np.nan]])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        (GOOD.replace("timestamp", "time"), 1, 1),
        ("", 1, 1),
        (GOOD.replace("60.5,", "60.5"), 2, 2),
        (GOOD.replace(",3e1", ",3e1,7"), 3, 4),
        (GOOD.replace("3e1", "fast"), 3, 3),
        (GOOD.replace("3e1", "1_0"), 3, 3),
        (GOOD.replace("2024-01-01T00:00,", "2024-13-01T00:00,"), 2, 1),
        (GOOD.replace("2024-01-01T00:00,", "2024-02-30T00:00,"), 2, 1),
        (GOOD.replace("2024-01-01T00:00,", "2024-01-01T24:00,"), 2, 1),
        (GOOD.replace("2024-01-01T00:00,", "2024-01-01T00:00Z,"), 3, 1),
        (GOOD.replace("2024-01-01T00:00,", "2024-01-01,"), 2, 1),
        (GOOD.replace("3e1", '"3'), 3, 1),
    ],
)
def test_a_wrong_cell_is_named_by_line_and_column(tmp_path: Path, text: str, line: int, column: int) -> None:
    path = saved(tmp_path, text)
    with pytest.raises(TrafficError) as caught:
        read(path)
    assert (caught.value.code, caught.value.file, caught.value.line, caught.value.column) == ("DATA_CSV", str(path), line, column)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (GOOD.replace("0717450", "b"), "DATA_IDS"),
        (GOOD.replace("00:05:00", "00:00:00"), "DATA_TIME"),
        (GOOD.replace("3e1", "inf"), "DATA_NONFINITE"),
        ("timestamp,a\n", "DATA_EMPTY"),
        ("timestamp\n2024-01-01T00:00\n2024-01-01T00:05\n", "DATA_EMPTY"),
    ],
)
def test_a_table_that_is_no_series_is_refused(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(TrafficError) as caught:
        read(saved(tmp_path, text))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("sensors", "code"),
    [
        ("sensor_id,latitude\nb,1\n", "DATA_CSV"),
        ("sensor_id,latitude,longitude\nb,1\n", "DATA_CSV"),
        ("sensor_id,latitude,longitude\nb,north,1\n", "DATA_CSV"),
        ("sensor_id,latitude,longitude\nb,1,1\nb,1,1\n", "DATA_IDS"),
        ("sensor_id,latitude,longitude\nb,-118.5,34.0\n", "DATA_COORDS"),
    ],
)
def test_a_wrong_list_of_places_is_refused(tmp_path: Path, sensors: str, code: str) -> None:
    with pytest.raises(TrafficError) as caught:
        read(saved(tmp_path, GOOD, sensors=sensors))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv.gz", b"no gzip", "DATA_FORMAT"),
        ("a.csv.gz", TORN, "DATA_FORMAT"),
        ("a.csv", b"timestamp,\xff\xfe\n", "DATA_FORMAT"),
        ("a.csv", None, "DATA_NOT_FOUND"),
    ],
    ids=["no gzip", "torn", "not UTF-8", "absent"],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, name: str, content: bytes | None, code: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(TrafficError) as caught:
        read(tmp_path / name)
    assert (caught.value.code, caught.value.file) == (code, str(tmp_path / name))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet='t,\n"0129-:.\0é', max_size=60))
def test_any_text_is_data_or_an_error_in_words(tmp_path: Path, text: str) -> None:
    path = saved(tmp_path, "timestamp,a\n" + text)
    with contextlib.suppress(TrafficError):  # anything else is a failure
        assert read(path).sensor_ids == ("a",)


@pytest.mark.parametrize("word", ["", "NA", "n/a", "nan", "NaN", "None", "null", "NULL", "-", " "])
def test_words_for_a_missing_value_are_missing(tmp_path: Path, word: str) -> None:
    data = read(saved(tmp_path, GOOD.replace("3e1", word), sensors=f"sensor_id,latitude,longitude\nb,{word},1\n"))
    np.testing.assert_array_equal(data.values[..., 0], np.array([[60.5, np.nan], [np.nan, np.nan]], np.float32))
    assert data.coordinates is not None
    np.testing.assert_array_equal(data.coordinates[1], [np.nan, 1])


@pytest.mark.parametrize("word", ["--1", "_", "no", "nane", "0x1"])
def test_any_other_word_is_no_number(tmp_path: Path, word: str) -> None:
    with pytest.raises(TrafficError, match=f"'{word}' is not a number"):
        read(saved(tmp_path, GOOD.replace("3e1", word)))


def clocks(folder: Path, *times: str) -> Path:
    return saved(folder, "timestamp,a\n" + "".join(f"{time},{row}\n" for row, time in enumerate(times)))


@pytest.mark.parametrize(
    ("times", "remark"),
    [
        (("2024-10-27T02:30+02:00", "2024-10-27T02:00+01:00", "2024-10-27T02:30+01:00"), MOVED),
        (("2024-10-27 02:30:00 +0200", "2024-10-27 03:00:00 +0200", "2024-10-27 03:30:00 +0200"), None),
        (("2024-10-27T02:30:00.000Z", "2024-10-27T03:00Z", "2024-10-27T03:30+00:00"), UTC),
        (("2024-10-27T02:30-07", "2024-10-27T03:00-07", "2024-10-27T03:30-07"), None),
        (("2024-10-27T02:30", "2024-10-27T03:00", "2024-10-27T03:30"), None),
    ],
)
def test_times_with_offsets_are_on_the_clock_of_the_first_row(tmp_path: Path, times: tuple[str, ...], remark: str | None) -> None:
    data = read(clocks(tmp_path, *times))
    assert [clock_text(each) for each in data.timestamps] == ["2024-10-27 02:30:00", "2024-10-27 03:00:00", "2024-10-27 03:30:00"]
    assert data.remarks == (() if remark is None else (remark,))
    assert notices(data)[: len(data.remarks)] == data.remarks


@pytest.mark.parametrize(
    "times", [("2024-10-27T02:30", "2024-10-27T02:30Z"), ("2024-10-27T02:30Z", "2024-10-27T02:35"), ("2024-10-27T02:30+25:00",)]
)
def test_times_with_and_without_an_offset_are_not_mixed(tmp_path: Path, times: tuple[str, ...]) -> None:
    with pytest.raises(TrafficError) as caught:
        read(clocks(tmp_path, *times))
    assert (caught.value.code, caught.value.line, caught.value.column) == ("DATA_CSV", len(times) + 1, 1)


@pytest.mark.parametrize(
    ("times", "named"),
    [
        (("2024-10-27T02:50", "2024-10-27T02:55", "2024-10-27T02:00"), True),
        (("2024-10-27T01:00", "2024-10-27T02:00", "2024-10-27T02:00"), True),
        (("2024-06-27T02:50", "2024-06-27T02:55", "2024-06-27T02:00"), False),
        (("2024-10-27T12:50", "2024-10-27T12:55", "2024-10-27T12:00"), False),
        (("2024-10-27T02:50", "2024-10-27T02:55", "2024-10-26T02:00"), False),
    ],
)
def test_the_hour_that_comes_twice_in_autumn_is_named(tmp_path: Path, times: tuple[str, ...], named: bool) -> None:
    with pytest.raises(TrafficError) as caught:
        read(clocks(tmp_path, *times))
    assert (caught.value.code, "summer time" in caught.value.hint) == ("DATA_TIME", named)
    assert "sort" in caught.value.hint.lower()


@pytest.mark.parametrize("header", ["timestamp, a ,b", " timestamp,a,b "])
def test_ids_are_read_without_the_spaces_around_them(tmp_path: Path, header: str) -> None:
    data = read(saved(tmp_path, f"{header}\n2024-01-01T00:00,1,2\n", sensors="sensor_id , latitude,longitude\n a,34,-118\n"))
    assert data.sensor_ids == ("a", "b")
    assert data.coordinates is not None
    assert data.coordinates[0].tolist() == [34, -118]


def test_ids_that_differ_only_in_spaces_are_one_twice_and_one_of_spaces_is_none(tmp_path: Path) -> None:
    for header, words in (("a,a ", "'a' stands twice"), ("a, ", "Detector 2 has no id")):
        with pytest.raises(TrafficError, match=words) as caught:
            read(saved(tmp_path, f"timestamp,{header}\n2024-01-01T00:00,1,2\n"))
        assert caught.value.code == "DATA_IDS"
        assert not caught.value.where.endswith(", ")


def test_the_line_after_which_a_text_is_not_utf_8_is_named_if_there_is_one(tmp_path: Path) -> None:
    for rows, after in ((0, "is not UTF-8;"), (2000, "is not UTF-8 after line 1,")):
        (tmp_path / "a.csv").write_bytes(b"timestamp,a\n" + b"".join(b"2024-01-01T00:00,%d\n" % row for row in range(rows)) + b"\xff\n")
        with pytest.raises(TrafficError, match=after):
            read(tmp_path / "a.csv")


def test_a_leap_day_is_a_day_only_in_a_leap_year() -> None:
    assert seconds_of("2024-02-29T00:00") == 1709164800
    with pytest.raises(ValueError, match="calendar"):
        seconds_of("2023-02-29T00:00")
