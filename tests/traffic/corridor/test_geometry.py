"""Where the corridor lies, and parameters that make no corridor."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from traffic.corridor.demand import DemandSettings
from traffic.corridor.detectors import NoiseSettings
from traffic.corridor.diagram import FundamentalDiagram
from traffic.corridor.dropouts import DropoutSettings
from traffic.corridor.geometry import Geometry, OffRamp, OnRamp
from traffic.corridor.incidents import IncidentSettings
from traffic.corridor.simulate import CorridorSettings
from traffic.corridor.weather import WeatherSettings
from traffic.errors import TrafficError


def haversine(a: np.ndarray, b: np.ndarray) -> float:
    """Kilometres between two places in degrees."""
    (lat, lon), (other, far) = np.radians(a), np.radians(b)
    part = math.sin((other - lat) / 2) ** 2 + math.cos(lat) * math.cos(other) * math.sin((far - lon) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(part))


def test_neighbouring_detectors_are_six_hundred_metres_apart_on_the_map() -> None:
    places = Geometry().coordinates
    assert places.shape == (40, 2)
    gaps = [haversine(one, other) for one, other in pairwise(places)]
    assert 0.598 <= min(gaps) <= max(gaps) <= 0.600
    assert haversine(np.array([34.0, -118.2]), places[0]) == pytest.approx(0.6, abs=0.002)


def test_the_corridor_heads_as_its_curve_says() -> None:
    places = Geometry().coordinates
    north, east = np.diff(places[:, 0]), np.diff(places[:, 1]) * math.cos(math.radians(34.0))
    heading = np.degrees(np.arctan2(east, north))
    middle = Geometry().detector_km[:-1] + 0.3
    np.testing.assert_allclose(heading, 60 + 25 * np.sin(2 * np.pi * middle / 12), atol=0.3)


def test_small_selections_begin_at_the_bottleneck_and_go_outward_upstream_first() -> None:
    geometry = Geometry()
    assert geometry.bottleneck_km == pytest.approx(15.0)
    place = dict(zip(geometry.sensor_ids, geometry.detector_km, strict=True))
    order = [round(place[name], 1) for name in geometry.default_order]
    assert order[:5] == [15.0, 14.4, 15.6, 13.8, 16.2]
    assert sorted(order) == pytest.approx(geometry.detector_km)


def test_a_road_without_a_lane_drop_begins_in_its_middle() -> None:
    assert Geometry(lanes=(2,) * 10, on_ramps=(), off_ramps=(), detectors=(1, 5, 9)).bottleneck_km == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: FundamentalDiagram(curvature=0.5), "curvature"),
        (lambda: FundamentalDiagram(free_speed=0.0), "free_speed"),
        (lambda: FundamentalDiagram(capacity_drop=1.0), "capacity_drop"),
        (lambda: Geometry(lanes=()), "lanes"),
        (lambda: Geometry(lanes=(2, 0, 2)), "lanes"),
        (lambda: Geometry(cell_km=float("nan")), "cell_km"),
        (lambda: Geometry(on_ramps=(OnRamp(80, 500),)), "on_ramps"),
        (lambda: Geometry(on_ramps=(OnRamp(-1, 500),)), "on_ramps"),
        (lambda: Geometry(on_ramps=(OnRamp(3, 500), OnRamp(3, 200))), "on_ramps"),
        (lambda: Geometry(off_ramps=(OffRamp(99, 0.1),)), "off_ramps"),
        (lambda: Geometry(off_ramps=(OffRamp(3, 1.0),)), "off_ramps"),
        (lambda: Geometry(lanes=(2,) * 3, on_ramps=(), off_ramps=(), detectors=(0, 1, 2, 2)), "detectors"),
        (lambda: Geometry(detectors=(1, 80)), "detectors"),
        (lambda: Geometry(detectors=(5, 3)), "detectors"),
        (lambda: Geometry(detectors=()), "detectors"),
        (lambda: DemandSettings(persistence=1.0), "persistence"),
        (lambda: DemandSettings(per_lane=-1.0), "per_lane"),
        (lambda: IncidentSettings(rate=-0.1), "rate"),
        (lambda: IncidentSettings(shortest_min=40.0), "median_min"),
        (lambda: IncidentSettings(two_lanes=1.5), "two_lanes"),
        (lambda: WeatherSettings(starts=1.5), "starts"),
        (lambda: WeatherSettings(capacity=0.0), "capacity"),
        (lambda: NoiseSettings(speed_sd=float("nan")), "speed_sd"),
        (lambda: DropoutSettings(single=1.0), "single"),
        (lambda: DropoutSettings(up_days=0.0), "up_days"),
        (lambda: DropoutSettings(stuck_days=-1.0), "stuck_days"),
        (lambda: CorridorSettings(days=0), "days"),
        (lambda: CorridorSettings(interval_s=7), "interval_s"),
        (lambda: CorridorSettings(interval_s=5), "interval_s"),
    ],
)
def test_parameters_that_make_no_corridor_are_refused_by_name(make: Callable[[], object], key: str) -> None:
    with pytest.raises(TrafficError) as caught:
        make()
    assert (caught.value.code, caught.value.key) == ("SIM_PARAM", f"data.simulator.{key}")
    assert caught.value.hint


def test_a_start_that_is_no_time_is_refused() -> None:
    with pytest.raises(TrafficError) as caught:
        CorridorSettings(start="Monday")
    assert (caught.value.code, caught.value.key) == ("DATA_TIME", "data.start")
