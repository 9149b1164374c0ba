"""The default corridor: its statistics, its streams, its balance."""

from __future__ import annotations

import dataclasses
import functools

import jax
import numpy as np
import pytest

from traffic.corridor.demand import DemandSettings, draw_demand, factor
from traffic.corridor.detectors import NoiseSettings, measured
from traffic.corridor.dropouts import DropoutSettings, draw_lost
from traffic.corridor.geometry import Geometry
from traffic.corridor.incidents import Incident, IncidentSettings, capacity_factors
from traffic.corridor.simulate import Corridor, CorridorSettings, simulate
from traffic.corridor.streams import stream
from traffic.corridor.weather import WeatherSettings, draw_rain
from traffic.data.selection import selected
from traffic.windows.time_features import is_weekend, seconds_of_day

WEEK = CorridorSettings(days=7)
TIMES = simulate(CorridorSettings(days=1), 0).data.timestamps


@functools.cache
def whole(seed: int) -> Corridor:
    """The default corridor."""
    return simulate(CorridorSettings(), seed)


@functools.cache
def week(seed: int = 0, **changes: object) -> Corridor:
    return simulate(dataclasses.replace(WEEK, **changes), seed)  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_default_corridor_is_as_busy_as_it_is_meant_to_be(seed: int) -> None:
    found = whole(seed)
    speed, times = found.true[..., 0], found.data.timestamps
    weekend, hour = is_weekend(times), seconds_of_day(times) // 3600
    km = CorridorSettings().geometry.detector_km
    assert 0.05 < (speed < 60).mean() < 0.16
    assert (speed[weekend] < 60).mean() < 0.02
    assert speed[~weekend & (hour == 17)][:, (km >= 11) & (km <= 15)].mean() < 40
    assert 0.012 < np.isnan(found.data.values).mean() < 0.03
    assert 25 <= len(found.incidents) <= 80
    assert abs(found.balance.missing) < 1e-6 * found.balance.demand
    assert found.least >= 0
    assert found.least_room >= 0
    assert found.data.shape == (42 * 288, 40, 3)


def test_no_vehicle_is_lost_in_double_precision() -> None:
    with jax.enable_x64(True):
        found = simulate(CorridorSettings(days=3), 0, dtype=np.float64)
    assert abs(found.balance.missing) < 1e-6
    assert found.balance.left > 1e5
    assert found.least >= 0
    assert found.least_room >= 0


def test_without_noise_no_speed_exceeds_the_free_one_and_flow_is_density_times_speed() -> None:
    speed, flow, occupancy = np.moveaxis(week().true, -1, 0)
    assert speed.max() <= 108 * (1 + 1e-6)
    lanes = np.array(Geometry().lanes)[list(Geometry().detectors)]
    density = occupancy * lanes / (100 * 0.0065)
    busy = density >= 0.1
    np.testing.assert_allclose((density * speed)[busy], flow[busy], rtol=1e-9)
    assert (speed[~busy] == 108).all()


def test_a_small_choice_of_detectors_sees_the_bottleneck() -> None:
    few = selected(week().data, num_sensors=3)
    assert few.sensor_ids == ("VD049", "VD047", "VD051")
    assert np.nanmean(few.values[..., 0] < 60) > np.nanmean(week().data.values[..., 0] < 60)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    again = simulate(WEEK, 0)
    assert again.data.values.tobytes() == week().data.values.tobytes()
    assert again.true.tobytes() == week().true.tobytes()
    assert again.incidents == week().incidents
    assert week(1).data.values.tobytes() != week().data.values.tobytes()


@pytest.mark.parametrize("part", ["incidents", "weather", "noise", "dropouts"])
def test_switching_one_stream_off_leaves_the_others_as_they_were(part: str) -> None:
    base, other = week(), week(**{part: None})
    lost = np.isnan(base.data.values)
    if part != "incidents":
        assert other.incidents == base.incidents != ()
    if part != "weather":
        np.testing.assert_array_equal(other.rain, base.rain)
        assert base.rain.any()
    if part != "dropouts":
        np.testing.assert_array_equal(np.isnan(other.data.values), lost)
    if part in ("noise", "dropouts"):
        assert other.true.tobytes() == base.true.tobytes()
    if part == "dropouts":
        assert not np.isnan(other.data.values).any()
        np.testing.assert_array_equal(other.data.values[~lost], base.data.values[~lost])
    if part == "noise":
        np.testing.assert_array_equal(other.data.values[~lost], base.true.astype(np.float32)[~lost])
    if part in ("incidents", "weather"):
        calm = dataclasses.replace(WEEK, incidents=None, weather=None)
        assert week(**{part: None}).true.tobytes() != base.true.tobytes()
        assert simulate(calm, 0).balance.demand == base.balance.demand


def test_every_stream_is_of_its_own_and_of_its_seed() -> None:
    drawn = {stream(seed, name).random() for seed in (0, 1) for name in ("demand", "incidents", "weather", "noise", "dropouts", "stuck")}
    assert len(drawn) == 12


def test_demand_follows_the_hour_and_the_day() -> None:
    monday = TIMES[0]
    at = np.array([monday + 86400 * day + round(3600 * hour) for day, hour in ((1, 7.75), (1, 17.25), (1, 3), (5, 14), (6, 14))])
    # a Tuesday's humps by hand: exp(-(7.75 - 12.5)^2 / 18) of the midday's at the morning's peak
    morning = 0.10 + 0.70 + 0.80 * np.exp(-0.5 * (9.5 / 1.8) ** 2) + 0.38 * np.exp(-0.5 * (4.75 / 3) ** 2)
    np.testing.assert_allclose(factor(at), [morning, 1.02, 0.10362, 0.66, 0.594], rtol=2e-2)
    assert factor(at)[0] == pytest.approx(morning)


def test_noise_of_demand_lasts_and_has_the_size_that_is_set() -> None:
    times = TIMES[0] + 300 * np.arange(60_000)
    calm = DemandSettings(noise_sd=0, share_sd=0, day_sd=0, clock_h=0)
    base = draw_demand(Geometry(), calm, times, stream(0, "demand"))
    noisy = draw_demand(Geometry(), dataclasses.replace(calm, noise_sd=0.05, share_sd=0.1), times, stream(0, "demand"))
    relative = noisy.origin / base.origin - 1
    assert relative.std() == pytest.approx(0.05, rel=0.1)
    assert np.corrcoef(relative[1:], relative[:-1])[0, 1] == pytest.approx(0.98, abs=0.005)
    share = noisy.exits[:, 12] / 0.08 - 1
    assert share.std() == pytest.approx(0.1, rel=0.1)
    days = draw_demand(Geometry(), dataclasses.replace(calm, day_sd=0.04), times, stream(0, "demand")).origin / base.origin
    assert np.log(days[::288]).std() == pytest.approx(0.04, rel=0.2)
    assert np.ptp(days[:288]) < 1e-12
    assert np.log(days[::288]).std() > 0


def test_ramps_have_clocks_of_their_own() -> None:
    calm = DemandSettings(noise_sd=0, share_sd=0, day_sd=0)
    ramps = draw_demand(Geometry(), calm, TIMES, stream(0, "demand")).ramps
    peaks = [int(ramps[150:250, ramp.cell].argmax()) + 150 for ramp in Geometry().on_ramps]
    assert len(set(peaks)) > 3
    assert all(abs(peak - 207) <= 6 for peak in peaks)


def test_incidents_leave_a_lane_open_last_as_set_and_come_when_traffic_does() -> None:
    found = [incident for seed in range(3) for incident in whole(seed).incidents]
    minutes = np.array([(incident.end - incident.start) / 60 for incident in found])
    assert 10 <= minutes.min() <= minutes.max() <= 180
    assert 25 <= np.median(minutes) <= 46
    assert {incident.blocked for incident in found} == {1, 2}
    assert 0.1 < np.mean([incident.blocked == 2 for incident in found]) < 0.4
    night = np.mean([incident.start % 86400 < 5 * 3600 for incident in found])
    assert night < 0.1
    for incident in found:
        lanes = Geometry().lanes[incident.cell]
        assert incident.capacity_factor == pytest.approx(0.85 * (lanes - incident.blocked) / lanes)


def test_the_data_knows_its_road_and_what_happened_there_with_cells_of_any_length() -> None:
    geometry = Geometry(lanes=(3,) * 40, cell_km=0.5, on_ramps=(), off_ramps=(), detectors=(1, 7, 30))
    found = simulate(CorridorSettings(days=3, geometry=geometry, incidents=IncidentSettings(rate=0.3)), 0)
    road = found.data.road
    assert road is not None
    assert road.km.tolist() == pytest.approx([1.0, 4.0, 15.5])
    assert len(found.incidents) > 3
    assert road.incident_start.tolist() == [each.start for each in found.incidents]
    assert road.incident_end.tolist() == [each.end for each in found.incidents]
    assert road.incident_km.tolist() == pytest.approx([each.km for each in found.incidents])
    calm = simulate(CorridorSettings(days=1, geometry=geometry, incidents=None), 0).data.road
    assert calm is not None
    assert len(calm.incident_km) == 0


def test_incidents_that_meet_never_close_the_road() -> None:
    geometry = Geometry(lanes=(3, 3, 1), on_ramps=(), off_ramps=(), detectors=(0,))
    start = int(TIMES[10])
    many = [Incident(start, start + 1200, cell, 0.0, blocked, 1.0) for cell, blocked in ((0, 1), (1, 2), (1, 2), (2, 0))]
    found = capacity_factors(geometry, IncidentSettings(), many, TIMES)
    np.testing.assert_allclose(found[10], [0.85 * 2 / 3, 0.85 / 3, 0.85])
    assert (found[[9, 14]] == 1).all()


def test_an_incident_slows_the_traffic_before_it() -> None:
    found, free = week(), week(incidents=None)
    slower = []
    for incident in found.incidents:
        before = max(int(np.searchsorted(Geometry().detectors, incident.cell)) - 1, 0)
        rows = (found.data.timestamps >= incident.start) & (found.data.timestamps < incident.end)
        slower.append((free.true[rows, before, 0] - found.true[rows, before, 0]).mean())
    assert np.mean(slower) > 5


def test_it_rains_as_often_as_its_chain_says() -> None:
    times = TIMES[0] + 3600 * np.arange(50_000)
    rain = draw_rain(WeatherSettings(), times, stream(0, "weather"))
    assert rain.mean() == pytest.approx(0.02 / 0.22, rel=0.1)
    wet = np.flatnonzero(rain[:-1])
    assert (~rain[wet + 1]).mean() == pytest.approx(0.2, rel=0.1)
    fives = draw_rain(WeatherSettings(), TIMES[0] + 300 * np.arange(1200), stream(0, "weather"))
    np.testing.assert_array_equal(fives, np.repeat(rain[:100], 12))


def test_detectors_err_as_much_as_they_are_said_to() -> None:
    true = np.broadcast_to(np.array([60.0, 4800.0, 20.0]), (4000, 200, 3)).copy()
    shown = measured(true, NoiseSettings(), 300, stream(0, "noise"))
    speed, flow, occupancy = np.moveaxis(shown, -1, 0)
    assert (speed.mean(0) / 60 - 1).std() == pytest.approx(0.015, rel=0.2)
    assert speed.std(0).mean() == pytest.approx(np.sqrt(1.5**2 + 36 / 401), rel=0.02)
    assert (flow.mean(0) / 4800 - 1).std() == pytest.approx(0.02, rel=0.2)
    assert flow.std(0).mean() == pytest.approx(np.sqrt(12 * 0.5 * 4800), rel=0.02)
    assert occupancy.std(0).mean() == pytest.approx(0.6, rel=0.02)
    jam = measured(np.zeros((2000, 5, 3)), NoiseSettings(), 300, stream(0, "noise"))
    assert jam.min() == 0
    assert measured(np.full((2000, 5, 3), 129.0), NoiseSettings(), 300, stream(0, "noise"))[..., 0].max() == 130


def test_each_kind_of_loss_is_as_frequent_as_it_is_set() -> None:
    never = DropoutSettings(single=0, up_days=np.inf, all_days=np.inf)
    steps = 288 * 200

    def share(**changes: float) -> np.ndarray:
        return draw_lost(dataclasses.replace(never, **changes), steps, 20, 300, stream(0, "dropouts"))

    assert not share().any()
    assert share(single=0.005).mean() == pytest.approx(0.005, rel=0.05)
    assert share(up_days=10).mean() == pytest.approx(3 / 243, rel=0.2)
    all_at_once = share(all_days=14)
    assert (all_at_once == all_at_once[:, :1]).all()
    starts = np.flatnonzero(np.diff(all_at_once[:, 0].astype(int)) == 1)
    assert 6 <= len(starts) <= 26
    assert all_at_once[starts[0] + 1 : starts[0] + 7, 0].all()
    assert not all_at_once[starts[0] + 7, 0]


def test_a_stuck_detector_repeats_its_record_and_moves_no_other_stream() -> None:
    stuck = week(dropouts=DropoutSettings(stuck_days=2.0))
    base = week().data.values
    found = stuck.data.values
    np.testing.assert_array_equal(np.isnan(found), np.isnan(base))
    differ = (found != base) & ~np.isnan(base)
    assert 0.01 < differ.mean() < 0.2
    repeats = (found[1:] == found[:-1]).all(-1)
    assert repeats[differ[1:].any(-1)].mean() > 0.9
    assert not (base[1:] == base[:-1]).all(-1).any()
