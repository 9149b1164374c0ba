"""Choosing detectors, features and targets."""

from __future__ import annotations

import numpy as np
import pytest

from tests.traffic.making import made
from traffic.data.road import Road
from traffic.data.selection import selected
from traffic.errors import TrafficError

PLACES = np.array([[34.0, -118.0], [34.1, -118.1], [34.2, -118.2], [34.3, -118.3]])
DATA = made(8, 4, ("speed", "flow"), coordinates=PLACES, default_order=("s2", "s1", "s3", "s0"))


def test_everything_is_kept_in_its_order_unless_something_is_asked_for() -> None:
    found = selected(DATA)
    assert found.sensor_ids == DATA.sensor_ids
    assert found.targets == DATA.features
    np.testing.assert_array_equal(found.values, DATA.values)


def test_a_number_of_detectors_means_the_first_of_the_default_order() -> None:
    found = selected(DATA, num_sensors=2)
    assert found.sensor_ids == ("s2", "s1")
    np.testing.assert_array_equal(found.values, DATA.values[:, [2, 1]])
    np.testing.assert_array_equal(found.coordinates, PLACES[[2, 1]])  # type: ignore[arg-type]
    assert found.default_order == ("s2", "s1")


def test_named_detectors_and_features_come_in_the_order_of_their_names() -> None:
    found = selected(DATA, features=["flow", "speed"], targets=["speed"], sensor_ids=["s3", "s0"])
    assert (found.features, found.targets) == (("flow", "speed"), ("speed",))
    np.testing.assert_array_equal(found.values, DATA.values[:, [3, 0]][..., ::-1])


@pytest.mark.parametrize(
    ("asked", "code", "key"),
    [
        ({"features": ["speed", "flaw"]}, "DATA_FEATURE", "data.features"),
        ({"features": ["speed", "speed"]}, "DATA_FEATURE", None),
        ({"targets": ["lane_count"]}, "DATA_FEATURE", "data.targets"),
        ({"features": ["flow"], "targets": ["speed"]}, "DATA_FEATURE", "data.targets"),
        ({"num_sensors": 5}, "DATA_NUM_VDS", "data.num_vds"),
        ({"num_sensors": 0}, "DATA_NUM_VDS", "data.num_vds"),
        ({"sensor_ids": ["s0", "s1"], "num_sensors": 3}, "DATA_NUM_VDS", "data.num_vds"),
        ({"sensor_ids": ["s0", "s1"], "num_sensors": 1}, "DATA_NUM_VDS", "data.num_vds"),
        ({"sensor_ids": []}, "DATA_NUM_VDS", "data.vd_ids"),
        ({"sensor_ids": ["s0", "t1"]}, "DATA_IDS", "data.vd_ids"),
        ({"sensor_ids": ["s0", "s0"]}, "DATA_IDS", "data.vd_ids"),
    ],
)
def test_what_is_not_there_is_refused_with_the_setting_that_asked(asked: dict[str, object], code: str, key: str) -> None:
    with pytest.raises(TrafficError) as caught:
        selected(DATA, **asked)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.key) == (code, key)


def test_a_target_that_was_never_measured_is_refused() -> None:
    values = DATA.values.copy()
    values[:, :2, 1] = np.nan
    with pytest.raises(TrafficError) as caught:
        selected(made(8, 4, ("speed", "flow"), values=values), sensor_ids=["s0", "s1"])
    assert (caught.value.code, caught.value.found) == ("DATA_EMPTY", "flow")
    assert selected(made(8, 4, ("speed", "flow"), values=values), sensor_ids=["s0"], targets=["speed"]).targets == ("speed",)


def test_chosen_detectors_keep_their_places_along_the_road() -> None:
    none = np.zeros(0, np.int64)
    road = Road(np.array([0.6, 1.2, 1.8], np.float32), none, none, np.zeros(0, np.float32))
    found = selected(made(40, 3, road=road), sensor_ids=("s2", "s0")).road
    assert found is not None
    assert found.km.tolist() == pytest.approx([1.8, 0.6])
    with pytest.raises(TrafficError) as caught:
        made(40, 2, road=road)
    assert caught.value.code == "DATA_SHAPE"
