"""HDF5 and npz files as they are published, and their damage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.traffic.making import MONDAY, made
from traffic.data import hdf5, npz, pandas_h5
from traffic.errors import TrafficError

IDS = np.array([b"773869", b"767541"])
SPEED = np.array([[64.4, 0], [62.7, 67.6], [np.nan, 61.1]])
NS = (MONDAY + 300 * np.arange(3)) * 1_000_000_000


def frame(path: Path, group: str = "df", **parts: Any) -> Path:
    """A file as pandas writes it; `parts` replace datasets, None leaves one out."""
    whole: dict[str, object] = {"axis0": IDS, "block0_items": IDS, "axis1": NS, "block0_values": SPEED, **parts}
    with h5py.File(path, "a") as file:
        made_group = file.create_group(group)
        made_group.attrs["pandas_type"] = np.bytes_(b"frame")
        for name, value in whole.items():
            if value is not None:
                made_group.create_dataset(name, data=value)
    return path


@pytest.mark.parametrize("ids", [IDS, np.array([773869, 767541])])
def test_a_pandas_frame_is_read_with_text_or_whole_numbers_as_ids(tmp_path: Path, ids: np.ndarray) -> None:
    data = pandas_h5.read(frame(tmp_path / "a.h5", "speed", axis0=ids, block0_items=ids))
    assert data.sensor_ids == ("773869", "767541")
    assert (data.features, data.units, data.timestamps[0]) == (("speed",), ("mph",), MONDAY)
    np.testing.assert_array_equal(data.values[..., 0], SPEED.astype(np.float32))


@pytest.mark.parametrize(
    ("kind", "ticks"), [("datetime64", 10**9), ("datetime64[ns]", 10**9), ("datetime64[us]", 10**6), ("datetime64[s]", 1)]
)
def test_times_are_read_in_the_unit_that_pandas_wrote(tmp_path: Path, kind: str, ticks: int) -> None:
    path = frame(tmp_path / "a.h5", axis1=NS // 10**9 * ticks)
    with h5py.File(path, "a") as file:
        file["df/axis1"].attrs["kind"] = np.bytes_(kind.encode())
    np.testing.assert_array_equal(pandas_h5.read(path).timestamps, NS // 10**9)


@pytest.mark.parametrize(("name", "value"), [("tz", b"US/Pacific"), ("kind", b"integer"), ("kind", b"datetime64[Y]")])
def test_an_index_that_is_no_local_clock_is_refused(tmp_path: Path, name: str, value: bytes) -> None:
    path = frame(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        file["df/axis1"].attrs[name] = np.bytes_(value)
    with pytest.raises(TrafficError) as caught:
        pandas_h5.read(path)
    assert (caught.value.code, "axis1" in str(caught.value)) == ("DATA_FORMAT", True)


@pytest.mark.parametrize(
    ("parts", "part"),
    [
        ({"block0_items": IDS[::-1]}, "block0_items"),
        ({"axis0": None}, "axis0"),
        ({"axis0": np.array([1.5, 2.5])}, "axis0"),
        ({"axis1": NS.astype(float)}, "axis1"),
        ({"axis1": NS + 1}, "axis1"),
        ({"block0_values": SPEED.T}, "block0_values"),
        ({"block0_values": np.array([[b"a", b"b"]] * 3)}, "block0_values"),
        ({"block1_values": SPEED}, "/df"),
    ],
)
def test_a_frame_that_is_not_one_block_of_numbers_is_refused_by_part(tmp_path: Path, parts: dict[str, Any], part: str) -> None:
    with pytest.raises(TrafficError) as caught:
        pandas_h5.read(frame(tmp_path / "a.h5", **parts))
    assert caught.value.code == "DATA_FORMAT"
    assert part in str(caught.value)


def test_pickled_values_are_refused_unread(tmp_path: Path) -> None:
    path = frame(tmp_path / "a.h5", block0_values=None)
    with h5py.File(path, "a") as file:
        file.create_dataset("df/block0_values", (1,), dtype=h5py.vlen_dtype(np.uint8))
    with pytest.raises(TrafficError) as caught:
        pandas_h5.read(path)
    assert (caught.value.code, "block0_values" in str(caught.value)) == ("DATA_FORMAT", True)


def test_two_frames_or_none_are_refused(tmp_path: Path) -> None:
    frame(frame(tmp_path / "a.h5"), "other")
    h5py.File(tmp_path / "none.h5", "w").close()
    for name, count in (("a.h5", 2), ("none.h5", 0)):
        with pytest.raises(TrafficError) as caught:
            pandas_h5.read(tmp_path / name)
        assert (caught.value.code, caught.value.found or 0) == ("DATA_FORMAT", count or "The root")


@pytest.mark.parametrize(("channels", "features"), [(1, ("flow",)), (3, ("flow", "occupancy", "speed"))])
def test_an_npz_takes_its_channels_names_from_their_number(tmp_path: Path, channels: int, features: tuple[str, ...]) -> None:
    values = np.random.default_rng(0).random((6, 2, channels))
    np.savez_compressed(tmp_path / "a.npz", data=values)
    data = npz.read(tmp_path / "a.npz", start=MONDAY)
    assert (data.features, data.sensor_ids, data.timestamps[-1]) == (features, ("0", "1"), MONDAY + 1500)
    np.testing.assert_array_equal(data.values, values.astype(np.float32))


def test_an_array_in_columns_first_order_is_read_as_it_is(tmp_path: Path) -> None:
    values = np.asfortranarray(np.random.default_rng(0).random((6, 2, 3)))
    np.savez(tmp_path / "a.npz", data=values)
    np.testing.assert_array_equal(npz.read(tmp_path / "a.npz", start=0).values, values.astype(np.float32))


@pytest.mark.parametrize(
    "arrays",
    [{"values": np.zeros((4, 2, 1))}, {"data": np.zeros((4, 2))}, {"data": np.zeros((4, 2, 2))}, {"data": np.array([[[{}]]], object)}],
    ids=["another name", "flat", "two channels", "objects"],
)
def test_an_npz_of_another_form_is_refused(tmp_path: Path, arrays: dict[str, np.ndarray]) -> None:
    np.savez(tmp_path / "a.npz", allow_pickle=True, **arrays)  # type: ignore[arg-type]
    with pytest.raises(TrafficError) as caught:
        npz.read(tmp_path / "a.npz", start=0)
    assert caught.value.code == "DATA_FORMAT"


def pandas_file(path: Path) -> Path:
    return frame(path, block0_values=np.random.default_rng(0).random((3, 2)))


def npz_file(path: Path) -> Path:
    np.savez_compressed(path.with_suffix(".npz"), data=np.random.default_rng(0).random((60, 5, 1)))
    return path.with_suffix(".npz")


def hdf5_file(path: Path) -> Path:
    hdf5.write(made(60), path, name="made")
    return path


READERS: list[tuple[Callable[[Path], Path], Callable[[Path], object]]] = [
    (pandas_file, pandas_h5.read),
    (npz_file, lambda path: npz.read(path, start=0)),
    (hdf5_file, hdf5.read),
]


@pytest.mark.parametrize(("make", "read"), READERS, ids=["pandas_h5", "npz", "hdf5"])
def test_other_torn_and_absent_files_are_refused_with_their_path(tmp_path: Path, make: Callable, read: Callable) -> None:
    whole = make(tmp_path / "whole.h5").read_bytes()
    for name, content, code in (
        ("text", b"timestamp,a\n", "DATA_FORMAT"),
        ("empty", b"", "DATA_FORMAT"),
        ("torn", whole[: len(whole) // 2], "DATA_FORMAT"),
        ("absent", None, "DATA_NOT_FOUND"),
    ):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(TrafficError) as caught:
            read(path)
        assert (caught.value.code, caught.value.file) == (code, str(path)), name


@pytest.mark.parametrize("places", [None, np.array([[34.15497, -118.31829], [np.nan, np.nan], [34.1, -118.3]])])
def test_what_is_written_is_read_back_exactly(tmp_path: Path, places: np.ndarray | None) -> None:
    data = made(50, 3, ("speed", "flow"), missing=0.2, coordinates=places, default_order=("s2", "s0", "s1"), interval_s=60)
    hdf5.write(data, tmp_path / "a.h5", name="made")
    found = hdf5.read(tmp_path / "a.h5")
    assert found.values.tobytes() == data.values.tobytes()
    np.testing.assert_array_equal(found.timestamps, data.timestamps)
    if places is None:
        assert found.coordinates is None
    else:
        np.testing.assert_array_equal(found.coordinates, places)  # type: ignore[arg-type]
    for name in ("sensor_ids", "features", "units", "interval_s", "default_order"):
        assert getattr(found, name) == getattr(data, name)


def test_a_known_road_comes_back_with_its_file_and_a_part_of_one_is_refused(tmp_path: Path) -> None:
    from traffic.data.road import Road

    road = Road(np.array([1.5, 0.3], np.float32), np.array([60, 90]), np.array([120, 95]), np.array([0.7, 2.1], np.float32))
    hdf5.write(made(50, 2, road=road), tmp_path / "a.h5", name="made")
    found = hdf5.read(tmp_path / "a.h5").road
    assert found is not None
    for name, array in road.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array)
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["metadata/road/incident_end"]
    with pytest.raises(TrafficError) as caught:
        hdf5.read(tmp_path / "a.h5")
    assert caught.value.code == "DATA_FORMAT"
    assert "metadata/road" in str(caught.value)


def test_the_file_names_what_other_programs_look_for(tmp_path: Path) -> None:
    hdf5.write(made(4, 2), tmp_path / "a.h5", name="made")
    with h5py.File(tmp_path / "a.h5") as file:
        assert set(file.attrs) == {"dataset_name", "feature_set", "feature_schema_version"}
        metadata = file["metadata"]
        assert isinstance(metadata, h5py.Group)
        names = {"vdids", "feature_names", "timestamps", "timestamps_epoch", "frequency", "units", "source", "vd_info"}
        assert names <= set(metadata)
        assert file["metadata/timestamps"][1] == b"2024-01-01T00:05:00"  # type: ignore[index]


def test_other_names_of_features_become_ours(tmp_path: Path) -> None:
    data = made(4, 2, ("avg_speed", "total_volume", "avg_occupancy", "speed_std", "lane_count"))
    hdf5.write(data, tmp_path / "a.h5", name="made")
    assert hdf5.read(tmp_path / "a.h5").features == ("speed", "flow", "occupancy", "speed_std", "lane_count")


@pytest.mark.parametrize(
    "part", ["data/features", "metadata/vdids", "metadata/feature_names", "metadata/units", "metadata/timestamps_epoch"]
)
def test_a_part_that_is_absent_is_named(tmp_path: Path, part: str) -> None:
    path = hdf5_file(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        del file[part]
    with pytest.raises(TrafficError) as caught:
        hdf5.read(path)
    assert (caught.value.code, part in str(caught.value)) == ("DATA_FORMAT", True)


def test_units_that_are_unknown_and_ids_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    path = hdf5_file(tmp_path / "a.h5")
    with h5py.File(path, "a") as file:
        del file["metadata/units"]
        file["metadata/units"] = '{"speed": "furlongs"}'
    with pytest.raises(TrafficError) as caught:
        hdf5.read(path)
    assert caught.value.code == "DATA_UNIT"
    with pytest.raises(TrafficError) as caught:
        hdf5.write(made(sensor_ids=("a", "b/c", "d")), tmp_path / "b.h5", name="made")
    assert (caught.value.code, caught.value.sensor_id) == ("DATA_IDS", "b/c")
