"""Streams: equal to forecasts in batches, across gaps, saved and restored, refused where they must be."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.traffic.making import MONDAY
from tests.traffic.online.making import HORIZON, LOOKBACK, POOLING, batch_forecast, data, task, trained
from traffic.data.contract import TrafficData
from traffic.errors import TrafficError
from traffic.intervals.adaptive import adaptive
from traffic.intervals.calibration import Calibration
from traffic.online.stream import OnlineForecast, Stream
from traffic.trained import Trained, load
from traffic.training.errors import CheckpointError

QUANTILES: dict[str, Any] = {"quantiles": [0.1, 0.5, 0.9]}
SHIFT = Calibration((0.1, 0.5, 0.9), np.full((1, HORIZON, 1, 1), 2.0))


def run(stream: Stream, series: TrafficData, rows: range | list[int]) -> list[OnlineForecast]:
    return [stream.observe(int(series.timestamps[row]), series.values[row]) for row in rows]


@pytest.fixture
def model(tmp_path: Path) -> Trained:
    return trained(task(tmp_path))


@pytest.mark.parametrize(
    ("kind", "architecture", "use"),
    [
        ("lstm", {}, {}),
        ("lstm", {"bidirectional": True, **QUANTILES}, {"impute": "profile"}),
        ("lstm", {"tod_embedding_dim": 3, "dow_embedding_dim": 2}, {"share_weights_across_vds": False}),
        ("xlstm", {"social_pooling": POOLING}, {"impute": "mean", "scaler": {"method": "minmax", "per_sensor": True}}),
        ("transformer", {}, {"time_features": ["dow"], "mask_as_input": False}),
        ("transformer", {"social_pooling": {**POOLING, "type": "distance"}}, {"time_features": []}),
    ],
)
def test_a_windowed_stream_gives_the_forecasts_of_the_same_windows_in_batches(
    tmp_path: Path, kind: str, architecture: dict[str, Any], use: dict[str, Any]
) -> None:
    job = task(tmp_path, kind, use=use, **architecture)
    model = trained(job)
    found = run(Stream(model), data(), range(40))
    assert all(each.forecast is None and each.quantiles is None for each in found[: LOOKBACK - 1])
    ends = np.arange(LOOKBACK - 1, 40)
    expected = batch_forecast(job, model, ends)
    quantiles = [each.quantiles if model.quantiles else each.forecast for each in found[LOOKBACK - 1 :]]
    np.testing.assert_allclose(np.array(quantiles), expected, rtol=1e-6, atol=2e-5)
    assert found[-1].forecast is not None
    assert found[-1].forecast.shape == (HORIZON, 4, 1)
    np.testing.assert_array_equal(found[-1].times, found[-1].timestamp + 300 * np.arange(1, HORIZON + 1))


def test_nothing_is_compiled_after_the_first_step_whatever_comes(model: Trained) -> None:
    stream, series = Stream(model), data()
    rows = [*range(10), *range(15, 30), *range(60, 70)]
    found = run(stream, series, rows)
    assert [each.filled for each in found if each.filled] == [5]
    assert sum(each.reset for each in found) == 1
    assert stream._network.step._cache_size() == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("mode", ["windowed", "stateful"])
def test_a_gap_is_the_same_as_steps_in_which_nothing_was_measured(model: Trained, mode: Any) -> None:
    series = data()
    values = series.values.copy()
    values[20:32] = np.nan
    blank = dataclasses.replace(series, values=values)
    without, with_gap = Stream(model, mode=mode), Stream(model, mode=mode)
    expected = run(without, blank, range(40))
    found = run(with_gap, blank, [*range(20), *range(32, 40)])
    assert [each.filled for each in found] == [0] * 20 + [12] + [0] * 7
    for mine, theirs in zip(found[20:], expected[32:], strict=True):
        np.testing.assert_array_equal(mine.forecast, theirs.forecast)


@pytest.mark.parametrize("mode", ["windowed", "stateful"])
def test_a_longer_gap_forgets_the_past_and_says_so(model: Trained, mode: Any) -> None:
    series = data()
    stream = Stream(model, mode=mode)
    run(stream, series, range(20))
    found = run(stream, series, range(33, 50))
    assert [each.reset for each in found] == [True] + [False] * 16
    assert all(each.filled == 0 for each in found)
    fresh = run(Stream(model, mode=mode), series, range(33, 50))
    for mine, theirs in zip(found, fresh, strict=True):
        assert (mine.forecast is None) == (theirs.forecast is None)
        if mine.forecast is not None and theirs.forecast is not None:
            np.testing.assert_array_equal(mine.forecast, theirs.forecast)
    assert stream.steps == 17


@pytest.mark.parametrize(
    ("timestamp", "values", "code"),
    [
        (MONDAY + 300 * 9, np.ones((4, 2)), "DATA_TIME"),
        (MONDAY + 300 * 3, np.ones((4, 2)), "DATA_TIME"),
        (MONDAY + 300 * 10 + 1, np.ones((4, 2)), "DATA_GAP"),
        (MONDAY + 300 * 10, np.ones((3, 2)), "MODEL_SHAPE"),
        (MONDAY + 300 * 10, np.ones(4), "MODEL_SHAPE"),
        (MONDAY + 300 * 10, np.full((4, 2), np.inf), "DATA_NONFINITE"),
    ],
)
def test_a_step_that_cannot_be_is_refused_and_leaves_the_stream_as_it_was(
    model: Trained, timestamp: int, values: np.ndarray, code: str
) -> None:
    series = data()
    stream, other = Stream(model), Stream(model)
    run(stream, series, range(10))
    run(other, series, range(10))
    with pytest.raises(TrafficError) as caught:
        stream.observe(timestamp, values)
    assert caught.value.code == code
    np.testing.assert_array_equal(run(stream, series, [10])[0].forecast, run(other, series, [10])[0].forecast)


@pytest.mark.parametrize("mode", ["windowed", "stateful"])
@pytest.mark.parametrize("kind", ["lstm", "xlstm"])
def test_a_stream_that_was_saved_goes_on_exactly_as_if_it_had_not_stopped(tmp_path: Path, kind: str, mode: Any) -> None:
    job = task(tmp_path, kind, social_pooling=POOLING, **QUANTILES)
    model = trained(job)
    levels = adaptive(*_validation(job, model), model.quantiles)
    series = data()
    stream = Stream(model, mode=mode, adaptive=levels)
    run(stream, series, range(25))
    stream.save(tmp_path / "stream.msgpack")
    model.save(tmp_path / "model.msgpack")
    restored = Stream.restore(tmp_path / "stream.msgpack", load(tmp_path / "model.msgpack"))
    assert (restored.mode, restored.steps) == (mode, 25)
    assert restored.adaptive is not None
    for mine, theirs in zip(run(restored, series, range(25, 60)), run(stream, series, range(25, 60)), strict=True):
        np.testing.assert_array_equal(mine.quantiles, theirs.quantiles)
    assert stream.adaptive is not None
    np.testing.assert_array_equal(restored.adaptive.miss, stream.adaptive.miss)


def test_a_stream_of_another_model_or_a_torn_file_is_refused(tmp_path: Path, model: Trained) -> None:
    stream = Stream(model)
    run(stream, data(), range(8))
    path = tmp_path / "stream.msgpack"
    stream.save(path)
    other = dataclasses.replace(model, parameters={name: value + 1 for name, value in model.parameters.items()})
    with pytest.raises(CheckpointError, match="another model"):
        Stream.restore(path, other)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(CheckpointError, match="damaged"):
        Stream.restore(path, model)


def test_zeros_that_mean_nothing_was_measured_are_missing_in_a_stream_too(tmp_path: Path) -> None:
    series = data(missing=0.0)
    model = trained(task(tmp_path, use={"zeros_as_missing": "both"}, series=series))
    zero, missing = Stream(model), Stream(model)
    for row in range(12):
        values = series.values[row].copy()
        values[0, 0] = 0.0
        blank = np.where(values == 0, np.nan, values)
        first, second = (stream.observe(int(series.timestamps[row]), each) for stream, each in ((zero, values), (missing, blank)))
    np.testing.assert_array_equal(first.forecast, second.forecast)


@pytest.mark.parametrize("impute", ["ffill", "profile", "mean"])
def test_whatever_is_missing_every_forecast_is_a_number(tmp_path: Path, impute: str) -> None:
    series = data(missing=0.0)
    silent = series.values.copy()
    silent[:, 3] = np.nan  # a detector that never measured anything, in training neither
    model = trained(task(tmp_path, use={"impute": impute}, series=dataclasses.replace(series, values=silent)))
    generator = np.random.default_rng(0)
    for mode in ("windowed", "stateful"):
        stream = Stream(model, mode=mode)
        for row in range(60):
            share = generator.choice([0.0, 0.5, 1.0])
            values = np.where(generator.random((4, 2)) < share, np.nan, series.values[row])
            forecast = stream.observe(int(series.timestamps[row]), values).forecast
            assert forecast is None or np.isfinite(forecast).all()
        assert forecast is not None


def test_quantiles_are_in_order_calibrated_and_the_forecast_is_their_median(tmp_path: Path) -> None:
    job = task(tmp_path, **QUANTILES)
    plain = trained(job)
    found, moved = (
        run(Stream(each), data(), range(20))[-1] for each in (plain, dataclasses.replace(plain, calibration=SHIFT))
    )  # fmt: skip
    assert found.quantiles is not None
    assert moved.quantiles is not None
    assert (np.diff(found.quantiles, axis=-1) >= 0).all()
    np.testing.assert_array_equal(found.forecast, found.quantiles[..., 1])
    np.testing.assert_allclose(moved.quantiles - found.quantiles, np.broadcast_to([-2.0, 0, 2.0], found.quantiles.shape), atol=1e-4)


def test_adaptive_levels_learn_from_what_was_forecast_for_each_horizon(tmp_path: Path) -> None:
    job = task(tmp_path, **QUANTILES)
    model = trained(job)
    series = data(missing=0.0)
    start = adaptive(*_validation(job, model), model.quantiles)
    stream = Stream(model, adaptive=start)
    run(stream, series, range(LOOKBACK))
    assert stream.adaptive is not None
    np.testing.assert_array_equal(stream.adaptive.miss, start.miss)  # the first forecast has just been made
    # nothing that any interval holds: each horizon learns it as soon as a forecast for this step had been made
    for later in range(HORIZON):
        before = stream.adaptive.miss
        stream.observe(int(series.timestamps[LOOKBACK + later]), np.full((4, 2), 1e9))
        moved = (stream.adaptive.miss < before)[0, :, 0, 0]
        np.testing.assert_array_equal(moved, np.arange(HORIZON) <= later)
    missing = stream.adaptive.miss
    stream.observe(int(series.timestamps[LOOKBACK + HORIZON]), np.full((4, 2), np.nan))
    np.testing.assert_array_equal(stream.adaptive.miss, missing)


def test_adaptive_levels_of_other_quantiles_are_refused(tmp_path: Path, model: Trained) -> None:
    job = task(tmp_path / "other", **QUANTILES)
    with pytest.raises(TrafficError) as caught:
        Stream(model, adaptive=adaptive(*_validation(job, trained(job)), (0.1, 0.5, 0.9)))
    assert caught.value.code == "MODEL_ONLINE"


def _validation(job: Any, model: Trained) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Forecasts of the validation windows with their truths and masks."""
    ends = job.prepared.split.val
    rows = ends[:, None] + np.arange(1, HORIZON + 1)
    return batch_forecast(job, model, ends), job.prepared.targets[rows], job.prepared.target_mask[rows]
