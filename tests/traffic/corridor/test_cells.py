"""The cell transmission model against what traffic theory says of waves, queues and bottlenecks."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from tests.traffic.corridor.roads import CELL_KM, free_density, run, speed_of_front
from traffic.corridor.cells import Conditions, Traffic, simulate_cells
from traffic.corridor.diagram import FundamentalDiagram
from traffic.errors import TrafficError

ONE = np.ones(100)


@pytest.mark.parametrize(("curvature", "critical", "capacity"), [(0.15, 22.951, 2106.9), (0.0, 20.0, 2160.0)])
def test_capacity_is_where_the_branches_meet(curvature: float, critical: float, capacity: float) -> None:
    diagram = FundamentalDiagram(curvature=curvature)
    assert diagram.critical_density == pytest.approx(critical, abs=5e-4)
    assert diagram.capacity == pytest.approx(capacity, abs=0.05)
    free = diagram.free_speed * diagram.critical_density * (1 - curvature)
    assert free == pytest.approx(diagram.capacity)


@pytest.mark.parametrize("curvature", [0.0, 0.15])
def test_the_start_up_wave_into_a_jam_travels_upstream_at_the_wave_speed(curvature: float) -> None:
    diagram = FundamentalDiagram(curvature=curvature, capacity_drop=0.0)
    jam = np.where(np.arange(100) < 80, diagram.jam_density * CELL_KM, 0.0)
    _, records = run(diagram, ONE, demand=0.0, hours=1.2, cells=jam)
    found = speed_of_front(records.density, (diagram.jam_density + diagram.critical_density) / 2, range(20, 71))
    assert found == pytest.approx(-diagram.wave_speed, rel=0.01)


@pytest.mark.parametrize(
    ("curvature", "into", "out", "speed"),
    [(0.0, 1500, 900, -7.88), (0.15, 1500, 900, -8.05), (0.0, 1800, 1200, -10.59), (0.15, 1800, 1200, -11.05)],
)
def test_the_tail_of_a_queue_moves_as_the_difference_of_flows_over_that_of_densities(
    curvature: float, into: float, out: float, speed: float
) -> None:
    diagram = FundamentalDiagram(curvature=curvature, capacity_drop=0.0)
    density = free_density(diagram, into)
    factors = np.where(np.arange(100) == 90, out / diagram.capacity, 1.0)
    _, records = run(diagram, ONE, demand=into, hours=3.0, cells=np.full(100, density * CELL_KM), factors=factors)
    queued = diagram.jam_density - out / diagram.wave_speed
    found = speed_of_front(records.density, (density + queued) / 2, range(30, 81))
    assert found == pytest.approx(speed, rel=0.01)
    assert found == pytest.approx((out - into) / (queued - density), rel=0.01)


@pytest.mark.parametrize("drop", [0.0, 0.08, 0.2])
def test_a_queue_discharges_at_capacity_less_the_drop_after_a_blockage(drop: float) -> None:
    diagram = FundamentalDiagram(capacity_drop=drop)
    factors = np.ones((720, 100))
    factors[:180, 80] = 0.0  # half an hour without a lane
    _, records = run(diagram, ONE, demand=1500.0, hours=2.0, cells=np.full(100, free_density(diagram, 1500.0) * CELL_KM), factors=factors)
    assert records.density[240:400, 70].min() > diagram.critical_density  # the queue is still there
    np.testing.assert_allclose(records.flow[300:400, 90], (1 - drop) * diagram.capacity, rtol=0.005)


@pytest.mark.parametrize("drop", [0.0, 0.08])
def test_a_queue_before_a_lane_drop_discharges_at_the_narrow_roads_capacity_less_the_drop(drop: float) -> None:
    diagram = FundamentalDiagram(capacity_drop=drop)
    lanes = np.where(np.arange(80) < 50, 4.0, 3.0)
    _, records = run(diagram, lanes, demand=4 * 1900.0, hours=3.0)
    np.testing.assert_allclose(records.flow[-360:, 60], (1 - drop) * 3 * diagram.capacity, rtol=0.005)
    assert records.density[-1, 45] > 4 * diagram.critical_density
    assert (records.density[-1, 50:61] <= 3 * diagram.critical_density).all()  # the queue's head is before the drop


@pytest.mark.parametrize("share", [0.1, 0.7, 0.999, 1.001, 1.05, 3.0])
def test_a_cell_sends_along_the_free_branch_and_past_capacity_what_the_drop_leaves(share: float) -> None:
    diagram = FundamentalDiagram()
    density = share * diagram.critical_density
    cells = np.where(np.arange(100) == 50, density * CELL_KM, 0.0)
    _, records = run(diagram, ONE, demand=0.0, hours=0.01, cells=cells)
    expected = 108 * density * (1 - 0.15 * share) if share <= 1 else 0.92 * diagram.capacity
    assert records.flow[0, 50] == pytest.approx(expected, rel=1e-5)


def test_an_empty_road_is_crossed_at_free_speed_and_leaves_nobody() -> None:
    diagram = FundamentalDiagram(curvature=0.0)
    one = np.where(np.arange(100) == 10, 1.0, 0.0)
    end, records = run(diagram, ONE, demand=0.0, hours=1.0, cells=one)
    assert records.left.sum() == pytest.approx(1.0)
    assert end.cells.sum() == pytest.approx(0.0, abs=1e-9)
    # 108 km/h for 10 s is one cell of 0.3 km: with a straight branch a vehicle moves one cell a sub-step
    np.testing.assert_allclose(np.flatnonzero(records.left > 0.5), [89])


def merged(above: float, ramp: float, share: float = 0.0, lanes: float = 3.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flows of a road whose cell 20 has a ramp and whose cell 25 has an exit: outflow by cell, queues, vehicles that left, in steady state."""
    diagram = FundamentalDiagram(capacity_drop=0.0)
    steps, count = 2000, 40
    roads = np.full(count, lanes)
    ramps, exits = np.zeros((steps, count)), np.zeros((steps, count))
    ramps[:, 20], exits[:, 25] = ramp, share
    conditions = Conditions(np.tile(roads * diagram.capacity, (steps, 1)), np.ones(steps), np.full(steps, above), ramps, exits)
    nobody = Traffic(np.zeros(count), np.zeros(()), np.zeros(count))
    _, records = simulate_cells(
        conditions, nobody, lanes=roads, diagram=diagram, cell_km=CELL_KM, watched=np.arange(count), substeps=1
    )  # fmt: skip
    return records.flow[-1], records.queues[-1], records.left[-1]


def test_where_there_is_room_both_pass_and_an_exit_takes_its_share() -> None:
    flow, queues, left = merged(2000.0, 600.0, share=0.1)
    assert flow[19] == pytest.approx(2000, rel=1e-3)
    assert flow[25] == pytest.approx(2600, rel=1e-3)
    assert flow[26] == pytest.approx(2340, rel=1e-3)
    assert left * 360 == pytest.approx(2600, rel=1e-3)
    assert queues.max() < 10


def test_where_room_is_short_the_mainline_gets_its_lanes_share_and_both_queue() -> None:
    capacity = 3 * FundamentalDiagram().capacity
    flow, queues, _ = merged(5800.0, 1700.0)
    assert flow[20] == pytest.approx(capacity, rel=1e-3)
    assert flow[19] == pytest.approx(0.75 * capacity, rel=5e-3)
    assert queues[1 + 20] > 50


def test_a_ramp_that_asks_for_less_than_its_share_is_served_whole() -> None:
    capacity = 3 * FundamentalDiagram().capacity
    flow, queues, _ = merged(6300.0, 900.0)
    assert flow[19] == pytest.approx(capacity - 900, rel=1e-3)
    assert queues[1 + 20] < 10


def test_a_ramp_lets_1800_vehicles_an_hour_through_at_most() -> None:
    flow, queues, _ = merged(100.0, 2500.0)
    assert flow[20] == pytest.approx(1900, rel=1e-3)
    assert queues[1 + 20] == pytest.approx(700 * 2000 / 360, rel=1e-2)


def test_what_an_exit_takes_is_restricted_with_the_road_behind_it() -> None:
    diagram = FundamentalDiagram(capacity_drop=0.0)
    steps, count = 3000, 40
    roads = np.full(count, 3.0)
    capacity = np.tile(roads * diagram.capacity, (steps, 1))
    capacity[:, 30:] *= 0.4
    exits = np.zeros((steps, count))
    exits[:, 25] = 0.2
    conditions = Conditions(capacity, np.ones(steps), np.full(steps, 5000.0), np.zeros((steps, count)), exits)
    nobody = Traffic(np.zeros(count), np.zeros(()), np.zeros(count))
    _, records = simulate_cells(
        conditions, nobody, lanes=roads, diagram=diagram, cell_km=CELL_KM, watched=np.arange(count), substeps=1
    )  # fmt: skip
    through = 0.4 * 3 * diagram.capacity
    assert records.flow[-1, 27] == pytest.approx(through, rel=5e-3)
    assert records.flow[-1, 25] == pytest.approx(through / 0.8, rel=5e-3)


def test_no_vehicle_is_lost_in_double_precision_under_any_conditions() -> None:
    numbers = np.random.default_rng(0)
    steps, count = 800, 40
    lanes = numbers.integers(1, 5, count).astype(float)
    diagram = FundamentalDiagram()
    capacity = numbers.choice([0.0, 0.2, 1.0], (steps, count), p=[0.05, 0.15, 0.8]) * lanes * diagram.capacity
    ramps = np.where(numbers.random(count) < 0.3, 1, 0) * numbers.uniform(0, 2500, (steps, count))
    exits = np.where(numbers.random(count) < 0.3, 1, 0) * numbers.uniform(0, 0.9, (steps, count))
    origin = numbers.uniform(0, 9000, steps)
    start = Traffic(numbers.uniform(0, 1, count) * lanes * diagram.jam_density * CELL_KM, np.zeros(()), np.zeros(count))
    with jax.enable_x64(True):
        end, records = simulate_cells(
            Conditions(capacity, numbers.uniform(0.5, 1, steps), origin, ramps, exits), start, lanes=lanes, diagram=diagram,
            cell_km=CELL_KM, watched=np.arange(count), substeps=3, dtype=np.float64,
        )  # fmt: skip
    demand = (origin.sum() + ramps.sum()) * 30 / 3600
    stored = end.cells.sum() + end.origin + end.ramps.sum() - start.cells.sum()
    assert abs(demand - records.left.sum() - stored) < 1e-6
    assert records.least.min() >= -1e-9
    assert records.least_room.min() >= -1e-9
    assert stored > 100


def test_a_sub_step_in_which_a_vehicle_could_pass_a_cell_is_refused() -> None:
    with pytest.raises(TrafficError) as caught:
        run(FundamentalDiagram(free_speed=109.0), ONE, demand=0.0, hours=0.1)
    assert (caught.value.code, caught.value.key) == ("SIM_PARAM", "data.simulator.cell_km")
