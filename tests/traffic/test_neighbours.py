"""Which detectors are neighbours: distances, ties, radius, edges, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.traffic.making import made
from traffic.data import csv_wide
from traffic.data.edges import Edges
from traffic.errors import TrafficError
from traffic.neighbours import Neighbours, from_edges, haversine_m, nearest, of_data

DEGREE_M = np.pi * 6_371_008.8 / 180
LINE = np.array([[0.0, 0.0], [0.0, 0.01], [0.0, 0.03], [0.0, 0.2]])
"""Detectors on the equator at 0, 1, 3 and 20 hundredths of a degree."""
IDS = ("a", "b", "c", "d")


def edges(*joined: tuple[str, str, float]) -> Edges:
    start, end, cost = zip(*joined, strict=True)
    return Edges(np.array(start), np.array(end), np.array(cost, np.float64))


def test_a_known_pair_lies_as_far_apart_as_it_does() -> None:
    first, second = np.array([34.15497, -118.31829]), np.array([34.11621, -118.23799])
    assert haversine_m(first, second) == pytest.approx(8555.5, abs=0.05)
    assert haversine_m(first, second) == haversine_m(second, first)
    assert haversine_m(np.array([0.0, 0.0]), np.array([0.0, 180.0])) == pytest.approx(np.pi * 6_371_008.8)


def test_neighbours_are_the_nearest_others_nearest_first_and_count_within_the_radius() -> None:
    found = nearest(IDS, LINE, knn_k=2, radius_m=2.5 * DEGREE_M / 100)
    np.testing.assert_array_equal(found.index, [[1, 2], [0, 2], [1, 0], [2, 1]])
    np.testing.assert_allclose(found.distance, np.array([[1, 3], [1, 2], [2, 3], [17, 19]]) * DEGREE_M / 100, rtol=1e-9)
    np.testing.assert_array_equal(found.mask, [[True, False], [True, True], [True, False], [False, False]])
    np.testing.assert_array_equal(found.alone, [False, False, False, True])
    assert found.length_scale == pytest.approx((1 + 1 + 2 + 2) / 4 * DEGREE_M / 100)
    assert nearest(IDS, LINE, knn_k=2, radius_m=None).mask.all()


def test_there_are_never_more_neighbours_than_other_detectors() -> None:
    assert nearest(IDS, LINE, knn_k=16).size == (4, 3)
    assert nearest(("a",), LINE[:1]).size == (1, 0)
    assert nearest(("a",), LINE[:1]).length_scale == 1.0


def test_of_detectors_equally_far_the_first_by_id_comes_first_wherever_it_stands() -> None:
    around = np.array([[0.0, 0.0], [0.01, 0.0], [-0.01, 0.0], [0.0, 0.01], [0.0, -0.01]])
    ids = ("m", "z", "b", "y", "a")
    found = nearest(ids, around, knn_k=3)
    assert [ids[number] for number in found.index[0]] == ["a", "b", "y"]


def test_detectors_at_one_place_are_neighbours_at_distance_zero_with_a_scale() -> None:
    found = nearest(("a", "b"), np.zeros((2, 2)))
    np.testing.assert_array_equal(found.distance, np.zeros((2, 1)))
    assert found.mask.all()
    assert found.length_scale == 1.0


def test_reordering_detectors_reorders_their_neighbours() -> None:
    generator = np.random.default_rng(0)
    # a grid, so that many are equally far
    places = np.stack(np.meshgrid(np.arange(9), np.arange(8)), -1).reshape(-1, 2) / 500.0
    ids = tuple(f"s{number}" for number in generator.permutation(len(places)))
    order = generator.permutation(len(places))
    plain, mixed = nearest(ids, places, knn_k=5), nearest([ids[number] for number in order], places[order], knn_k=5)
    np.testing.assert_array_equal(order[mixed.index], plain.index[order])
    np.testing.assert_allclose(mixed.distance, plain.distance[order])


def test_more_detectors_than_are_taken_at_a_time_have_the_neighbours_of_all() -> None:
    places = np.random.default_rng(1).uniform(-0.2, 0.2, (600, 2))
    found = nearest([f"s{number:03}" for number in range(600)], places, knn_k=4)
    distance = haversine_m(places[:, None], places[None])
    np.fill_diagonal(distance, np.inf)
    np.testing.assert_allclose(found.distance, np.sort(distance, axis=1)[:, :4])
    assert not (found.index == np.arange(600)[:, None]).any()


def test_on_real_roads_five_kilometres_leave_detectors_alone(metr_la_60: Path) -> None:
    found = of_data(csv_wide.read(metr_la_60), "coords")
    assert found.size == (60, 16)
    assert found.alone.any()
    assert not found.alone.all()
    assert (found.distance[found.mask] <= 5000).all()


def test_a_detector_without_coordinates_is_named() -> None:
    places = LINE.copy()
    places[2, 1] = np.nan
    with pytest.raises(TrafficError) as caught:
        nearest(IDS, places)
    assert (caught.value.code, caught.value.sensor_id, caught.value.key) == ("DATA_COORDS", "c", "data.neighbours")


@pytest.mark.parametrize("kind", ["coords", "none", "edges"])
def test_data_that_does_not_say_who_is_near_is_refused(kind: str) -> None:
    with pytest.raises(TrafficError) as caught:
        of_data(made(), kind)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.key) == ("DATA_COORDS", "data.neighbours")


def test_edges_join_both_ways_at_their_least_cost_and_nothing_else_is_near() -> None:
    joined = edges(("a", "b", 300), ("b", "a", 200.5), ("c", "b", 100), ("a", "other", 1), ("a", "a", 5))
    found = of_data(made(sensors=4, sensor_ids=IDS, edges=joined), "edges")
    np.testing.assert_array_equal(found.mask, [[True, False, False], [True, True, False], [True, False, False], [False] * 3])
    np.testing.assert_array_equal(found.index, [[1, 0, 0], [2, 0, 1], [1, 2, 2], [3, 3, 3]])
    np.testing.assert_array_equal(found.distance, [[200.5, 0, 0], [100, 200.5, 0], [100, 0, 0], [0, 0, 0]])
    near = from_edges(joined, IDS, radius_m=150, knn_k=1)
    np.testing.assert_array_equal(near.mask, [[False], [True], [True], [False]])


def test_detectors_of_which_no_edge_joins_two_are_refused() -> None:
    with pytest.raises(TrafficError) as caught:
        from_edges(edges(("a", "elsewhere", 1), ("b", "b", 0)), IDS)
    assert (caught.value.code, caught.value.key) == ("DATA_IDS", "data.neighbours")


def test_parts_that_do_not_belong_together_are_no_neighbours() -> None:
    good = nearest(IDS, LINE)
    for index, mask in ((good.index[:, :2], good.mask), (good.index + 4, good.mask)):
        with pytest.raises(TrafficError) as caught:
            Neighbours(index, good.distance, mask)
        assert caught.value.code == "DATA_SHAPE"
