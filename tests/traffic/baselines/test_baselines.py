"""Baselines against scikit-learn, NumPy and published counts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import Ridge as SklearnRidge

from tests.traffic.making import MONDAY, made
from traffic.baselines.naive import HistoricalAverage, LastValue
from traffic.baselines.ridge import fit_ridge
from traffic.data.reading import read
from traffic.metrics.evaluate import evaluate
from traffic.metrics.scores import scores
from traffic.windows.prepare import Prepared, prepare
from traffic.windows.splits import split
from traffic.windows.windows import WindowSize


def ready(steps: int = 3000, lookback: int = 12, missing: float = 0.1, features: tuple[str, ...] = ("speed", "flow")) -> Prepared:
    data = made(steps, 2, features, missing=missing)
    walk = 60 + np.cumsum(np.random.default_rng(5).normal(0, 1, data.values.shape), axis=0).astype(np.float32)
    data = dataclasses.replace(data, values=np.where(np.isnan(data.values), data.values, walk), targets=features[-1:])
    return prepare(data, split(data, WindowSize(lookback, 4)))


def test_the_last_value_is_the_last_measurement() -> None:
    prepared = ready()
    ends = prepared.split.test
    found = LastValue(prepared).forecast(ends)
    assert found.shape == (len(ends), 4, 2, 1)
    for number in range(0, len(ends), 37):
        for sensor in range(2):
            row = int(ends[number])
            while not prepared.target_mask[row, sensor, 0]:
                row -= 1
            np.testing.assert_array_equal(found[number, :, sensor, 0], prepared.targets[row, sensor, 0])


def slow_average(prepared: Prepared, time: int, sensor: int) -> float:
    """The mean of the slot of the week, of weekday or weekend, of any day, of the nearest slot within an hour (the earlier of two as near,
    its own kind of day first), or of the detector; the first with enough measurements."""
    rows = np.flatnonzero(prepared.split.training_rows & prepared.target_mask[:, sensor, 0])
    times = prepared.timestamps[rows]
    weekend = ((times // 86400 + 3) % 7 >= 5) == ((time // 86400 + 3) % 7 >= 5)
    values = prepared.targets[rows, sensor, 0].astype(np.float64)
    week = (time - times) % (7 * 86400) // 300 == 0
    if week.sum() > 1:
        return float(values[week].mean())
    for away in (0, *(side * near for near in range(1, 13) for side in (-1, 1))):
        slot = (time + 300 * away - times) % 86400 // 300 == 0
        for chosen in (slot & weekend, slot):
            if chosen.any():
                return float(values[chosen].mean())
    return float(values.mean())


@pytest.mark.parametrize("steps", [900, 9000])
def test_the_historical_average_falls_back_from_slot_to_kind_of_day_to_any_day_to_near_slots(steps: int) -> None:
    prepared = ready(steps, missing=0.4)
    ends = prepared.split.test[:: max(1, steps // 300)]
    found = HistoricalAverage(prepared).forecast(ends)
    for number, end in enumerate(ends):
        for step in range(4):
            time = int(prepared.timestamps[end + 1 + step])
            for sensor in range(2):
                assert found[number, step, sensor, 0] == pytest.approx(slow_average(prepared, time, sensor), rel=1e-6)


@pytest.mark.parametrize(("first", "unseen"), [(3, "weekends"), (5, "weekdays")])
def test_where_training_saw_one_kind_of_day_the_others_take_its_hours(first: int, unseen: str) -> None:
    steps = 4 * 288
    hours = 60 + 20 * np.sin(2 * np.pi * np.arange(steps) / 288)
    noise = np.random.default_rng(0).normal(0, 1, (steps, 2))
    values = (hours[:, None] + noise)[..., None].astype(np.float32)
    data = made(steps, 2, values=values, start=MONDAY + first * 86400)
    prepared = prepare(data, split(data, WindowSize(12, 4), ratios=(0.5, 0.2, 0.3)))
    assert prepared.unseen_days == unseen
    for forecaster in (HistoricalAverage(prepared), HistoricalAverage(prepared, by_week=False), fit_ridge(prepared)):
        assert scores(evaluate(prepared, forecaster, "test"))["test/masked_mae@null=nan/avg"] < 1.5


@pytest.mark.parametrize(("lookback", "lags", "missing"), [(12, 12, 0.1), (20, 12, 0.7), (5, 5, 0.0)])
def test_the_ridge_agrees_with_scikit_learn(lookback: int, lags: int, missing: float) -> None:
    prepared = ready(lookback=lookback, missing=missing)
    profile = prepared.profile.by_day(prepared.timestamps)[..., 1]
    sd = prepared.target_sd[0]
    lagged = (prepared.filled[..., 0] - profile) / sd
    aims = (prepared.targets[..., 0] - profile) / sd
    ridge = fit_ridge(prepared)
    for step in (1, 4):
        x, y = [], []
        for end in prepared.split.train:
            for sensor in range(2):
                if prepared.target_mask[end + step, sensor, 0]:
                    x.append(lagged[end - lags + 1 : end + 1, sensor])
                    y.append(aims[end + step, sensor])
        expected = SklearnRidge(alpha=1.0).fit(np.array(x), np.array(y))
        np.testing.assert_allclose(ridge.weights[step - 1, 0, :-1], expected.coef_, rtol=1e-6, atol=1e-8)
        assert ridge.weights[step - 1, 0, -1] == pytest.approx(expected.intercept_, abs=1e-8)
        ends = prepared.split.test[:50]
        wanted = [[expected.predict(lagged[e - lags + 1 : e + 1, s][None])[0] * sd + profile[e + step, s] for s in range(2)] for e in ends]
        np.testing.assert_allclose(ridge.forecast(ends)[:, step - 1, :, 0], wanted, rtol=1e-5)


def test_each_target_has_a_map_of_its_own() -> None:
    prepared = ready()
    both = made(3000, 2, ("speed", "flow"), missing=0.1)
    both = dataclasses.replace(both, targets=("speed", "flow"))
    ridge = fit_ridge(prepare(both, prepared.split))
    assert ridge.weights.shape == (4, 2, 13)
    assert not np.allclose(ridge.weights[:, 0], ridge.weights[:, 1])


def test_a_target_that_was_never_measured_in_training_gives_what_is_usual() -> None:
    prepared = ready()
    mask = prepared.target_mask & ~prepared.split.training_rows[:, None, None]
    blind = dataclasses.replace(prepared, target_mask=mask)
    assert not fit_ridge(blind).weights.any()


@pytest.fixture(scope="module")
def sixty(metr_la_60: Path) -> Prepared:
    data = read("csv_wide", metr_la_60, zeros_as_missing="both")
    return prepare(data, split(data, WindowSize()), zeros_as_missing="both")


LAST = ((3.38, 6.28, 8.22), (4.04, 7.88, 10.21), (5.07, 10.01, 13.39))
AVERAGE = ((4.18, 7.99, 10.95),) * 3
RIDGE = ((3.26, 5.73, 8.14), (3.73, 6.70, 9.58), (4.16, 7.54, 10.91))


def test_baselines_on_metr_la_60_err_as_they_are_known_to(sixty: Prepared) -> None:
    assert sixty.split.counts == (7174, 1005, 2034)
    for forecaster, expected in (
        (LastValue(sixty), LAST),
        (HistoricalAverage(sixty), AVERAGE),
        (fit_ridge(sixty), RIDGE),
    ):
        found = scores(evaluate(sixty, forecaster, "test"))
        for horizon, values in zip((3, 6, 12), expected, strict=True):
            for metric, value in zip(("mae", "rmse", "mape"), values, strict=True):
                assert found[f"test/masked_{metric}@null=0/h{horizon}"] == pytest.approx(value, abs=0.011), (forecaster.name, horizon)
    profile = scores(evaluate(sixty, HistoricalAverage(sixty, by_week=False), "test"))
    assert profile["test/masked_mae@null=0/avg"] == pytest.approx(4.40, abs=0.011)
