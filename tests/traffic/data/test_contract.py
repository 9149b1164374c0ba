"""What data must be before anything else sees it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from tests.traffic.making import MONDAY, made
from traffic.data.contract import clock_text
from traffic.data.features import converted
from traffic.errors import TrafficError


def changed(row: int, value: float) -> np.ndarray:
    values = made().values.copy()
    values[row, 1, 0] = value
    return values


TIMES = made().timestamps
COORDINATES = np.array([[34.0, -118.2], [np.nan, np.nan], [34.1, -118.3]])


def placed(latitude: float, longitude: float) -> np.ndarray:
    return np.array([[34.0, -118.2], [np.nan, np.nan], [latitude, longitude]])


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"values": made(11).values}, "DATA_SHAPE"),
        ({"values": made().values.astype(np.float64)}, "DATA_SHAPE"),
        ({"units": ("km/h", "km/h")}, "DATA_SHAPE"),
        ({"coordinates": np.zeros((2, 2))}, "DATA_SHAPE"),
        ({"sensor_ids": ("a", "b", "a")}, "DATA_IDS"),
        ({"sensor_ids": ("a", "", "b")}, "DATA_IDS"),
        ({"default_order": ("s0", "s1", "s1")}, "DATA_IDS"),
        ({"units": ("furlongs",)}, "DATA_UNIT"),
        ({"targets": ("flow",)}, "DATA_FEATURE"),
        ({"values": np.full((12, 3, 1), np.nan, np.float32), "targets": ("speed",)}, "DATA_EMPTY"),
        ({"values": made().values[:0], "timestamps": TIMES[:0]}, "DATA_EMPTY"),
        ({"coordinates": placed(94.1, -118.3)}, "DATA_COORDS"),
        ({"coordinates": placed(34.1, -218.3)}, "DATA_COORDS"),
        ({"coordinates": placed(np.inf, 0)}, "DATA_COORDS"),
        ({"timestamps": TIMES, "interval_s": 60}, "DATA_TIME"),
    ],
)
def test_data_that_contradicts_itself_is_refused(parts: dict[str, object], code: str) -> None:
    with pytest.raises(TrafficError) as caught:
        made(**parts)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize(("step", "row"), [(0, 5), (-300, 5)])
def test_a_time_that_repeats_or_goes_back_is_named_by_its_row(step: int, row: int) -> None:
    times = TIMES.copy()
    times[row:] = times[row - 1] + step + 300 * np.arange(len(times) - row)
    with pytest.raises(TrafficError) as caught:
        made(timestamps=times)
    assert (caught.value.code, caught.value.row) == ("DATA_TIME", row)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_value_is_named_by_row_and_detector(value: float) -> None:
    with pytest.raises(TrafficError) as caught:
        made(values=changed(7, value))
    assert (caught.value.code, caught.value.row, caught.value.sensor_id) == ("DATA_NONFINITE", 7, "s1")


def test_missing_values_and_unknown_places_are_allowed() -> None:
    data = made(values=changed(7, np.nan), coordinates=COORDINATES, targets=("speed",))
    assert np.isnan(data.values).sum() == 1


def test_a_swapped_pair_of_coordinates_is_suspected_only_where_it_may_be_one() -> None:
    hints = []
    for pair in ([-118.2, 34.0], [118.0, 120.0]):
        with pytest.raises(TrafficError) as caught:
            made(coordinates=np.array([pair, [0, 0], [0, 0]], np.float64))
        hints.append(caught.value.hint)
        assert caught.value.found == tuple(pair)
    assert "swapped" in hints[0]
    assert "swapped" not in hints[1]


def test_a_misspelt_feature_is_answered_with_the_closest() -> None:
    data = made(features=("speed", "flow", "occupancy"))
    with pytest.raises(TrafficError) as caught:
        data.feature_index(["sped"])
    assert (caught.value.code, caught.value.key) == ("DATA_FEATURE", "data.features")
    assert "speed" in caught.value.hint


def test_units_convert_only_when_asked() -> None:
    data = dataclasses.replace(made(features=("speed", "flow")), units=("mph", "veh/5min"))
    found = converted(data, {"speed": "km/h"})
    assert found.units == ("km/h", "veh/5min")
    np.testing.assert_allclose(found.values[..., 0], data.values[..., 0] * 1.609344, rtol=1e-6)
    np.testing.assert_array_equal(found.values[..., 1], data.values[..., 1])
    np.testing.assert_allclose(converted(found, {"speed": "mph"}).values, data.values, rtol=1e-6)
    np.testing.assert_array_equal(converted(data, {"speed": "mph"}).values, data.values)


@pytest.mark.parametrize(
    ("wanted", "code"), [({"speed": "%"}, "DATA_UNIT"), ({"speed": "knots"}, "DATA_UNIT"), ({"sped": "mph"}, "DATA_FEATURE")]
)
def test_a_conversion_that_does_not_exist_is_refused(wanted: dict[str, str], code: str) -> None:
    with pytest.raises(TrafficError) as caught:
        converted(made(), wanted)
    assert (caught.value.code, caught.value.key) == (code, "data.convert_units")


def test_a_time_reads_as_a_clock_shows_it() -> None:
    assert clock_text(MONDAY + 7 * 3600 + 10 * 60) == "2024-01-01 07:10:00"
