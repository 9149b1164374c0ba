"""The Python API: fitted, asked, streamed, saved and loaded, without the workbench."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import traffic
from tests.traffic.making import made
from traffic.errors import TrafficError
from traffic.training.script import make_task
from traffic.training.trainer import train
from workbench.runs.scripted import QuietReporter

USE: dict[str, Any] = {
    "share_weights_across_vds": True, "targets": ["speed"], "window": {"sequence_length": 4, "prediction_length": 3},
}  # fmt: skip
QUANTILES = {"hidden_size": 8, "num_layers": 1, "quantiles": [0.1, 0.5, 0.9]}


def waves(steps: int = 400, seed: int = 0) -> traffic.TrafficData:
    """Speeds that swing with a period of 24 steps, so that a few epochs learn something."""
    data = made(steps, 3, ("flow", "speed"), seed=seed, missing=0.02)
    phase = np.sin(2 * np.pi * (np.arange(steps)[:, None] / 24 + np.arange(3) / 3))
    values = data.values.copy()
    values[..., 1] = np.where(np.isnan(values[..., 1]), np.nan, 60 + 20 * phase + 0.1 * (values[..., 1] - 60))
    return dataclasses.replace(data, values=values.astype(np.float32))


@cache
def fitted() -> traffic.ForecastModel:
    return traffic.ForecastModel.fit(
        waves(), use=USE, architecture=QUANTILES, training={"epochs": 40, "batch_size": 16, "optimizer": {"learning_rate": 1e-2}}
    )


def test_importing_the_package_imports_no_array_framework_and_names_are_there() -> None:
    code = "import sys, traffic; print(sorted({'jax', 'flax', 'numpy', 'dash'} & set(sys.modules)), 'ForecastModel' in dir(traffic))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["[]", "True"]
    for name in traffic.__all__:
        assert getattr(traffic, name) is not None
    with pytest.raises(AttributeError, match="nothing_there"):
        _ = traffic.nothing_there  # pyright: ignore[reportAttributeAccessIssue]


def test_a_fitted_model_is_scored_beside_the_baselines_and_beats_the_last_value() -> None:
    scores = fitted().scores
    assert list(scores) == ["model", "last_value", "historical_average", "ridge"]
    assert set(scores["model"]) >= {"masked_mae@null=nan/h3", "masked_mae@null=nan/avg", "masked_mape@null=0/avg"}
    assert scores["model"]["masked_mae@null=nan/h3"] < 0.5 * scores["last_value"]["masked_mae@null=nan/h3"]


def test_a_callback_sees_every_epoch_and_may_end_the_fit() -> None:
    seen: list[int] = []

    def stop_after_two(report: Any) -> bool:
        seen.append(report.epoch)
        return report.epoch == 2

    model = traffic.ForecastModel.fit(waves(200), use=USE, architecture=QUANTILES, training={"epochs": 9}, callbacks=[stop_after_two])
    assert seen == [1, 2]
    assert model.results is not None


def test_forecasts_of_the_test_windows_are_those_that_were_scored_and_depend_on_nothing_later() -> None:
    data, model = waves(), fitted()
    rows = np.arange(330, 390)
    found = model.forecast(data, rows)
    assert found.quantiles is not None
    assert (found.values.shape, found.quantiles.shape, found.levels) == ((60, 3, 3, 1), (60, 3, 3, 1, 3), (0.1, 0.5, 0.9))
    np.testing.assert_array_equal(found.times[:, 0], data.timestamps[rows + 1])
    np.testing.assert_array_equal(found.origins, data.timestamps[rows])
    truth = data.values[rows[:, None] + np.arange(1, 4)][..., 1:]
    error = np.abs(found.values - truth)[:, 2]
    assert np.nanmean(error) == pytest.approx(model.scores["model"]["masked_mae@null=nan/h3"], rel=0.15)
    assert np.nanmean((truth >= found.quantiles[..., 0]) & (truth <= found.quantiles[..., 2])) > 0.65
    cut = dataclasses.replace(data, values=data.values[:361], timestamps=data.timestamps[:361])
    np.testing.assert_allclose(model.forecast(cut).values[0], found.values[30], rtol=1e-5)


def test_detectors_are_found_by_name_and_others_do_not_matter() -> None:
    data, model = waves(), fitted()
    order = [2, 0, 1]
    mixed = dataclasses.replace(
        data, values=data.values[:, order][..., ::-1].copy(), sensor_ids=tuple(data.sensor_ids[number] for number in order),
        features=("speed", "flow"),
    )  # fmt: skip
    np.testing.assert_array_equal(model.forecast(mixed).values, model.forecast(data).values)
    fewer = dataclasses.replace(data, values=data.values[:, :2], sensor_ids=data.sensor_ids[:2])
    with pytest.raises(TrafficError) as caught:
        model.forecast(fewer)
    assert (caught.value.code, caught.value.sensor_id) == ("MODEL_SENSORS", "s2")


@pytest.mark.parametrize("rows", [[2], [400], []])
def test_a_row_without_a_window_before_it_is_refused(rows: list[int]) -> None:
    with pytest.raises(TrafficError) as caught:
        fitted().forecast(waves(), rows)
    assert (caught.value.code, caught.value.expected) == ("DATA_TOO_SHORT", (3, 399))


def test_data_of_another_interval_is_refused() -> None:
    data = waves()
    slow = dataclasses.replace(data, interval_s=600, timestamps=data.timestamps[0] + 2 * (data.timestamps - data.timestamps[0]))
    with pytest.raises(TrafficError) as caught:
        fitted().forecast(slow)
    assert (caught.value.code, caught.value.expected, caught.value.found) == ("DATA_TIME", 300, 600)


def test_data_in_another_unit_is_refused_rather_than_misread() -> None:
    data = waves()
    with pytest.raises(TrafficError) as caught:
        fitted().forecast(dataclasses.replace(data, units=("km/h", "mph")))
    assert (caught.value.code, caught.value.expected, caught.value.found) == ("DATA_UNIT", "km/h", "mph")


def test_a_model_that_was_saved_and_loaded_forecasts_and_streams_the_same(tmp_path: Path) -> None:
    data, model = waves(), fitted()
    model.save(tmp_path / "model.msgpack")
    loaded = traffic.ForecastModel.load(tmp_path / "model.msgpack")
    assert loaded.scores == model.scores
    assert next(iter(loaded.scores)) == "model"
    assert loaded.trained.use == model.trained.use
    before, after = model.forecast(data, [100, 399]), loaded.forecast(data, [100, 399])
    np.testing.assert_array_equal(after.quantiles, before.quantiles)
    stream = loaded.stream(adaptive=loaded.adaptive_levels(waves(seed=1)))
    found = [stream.observe(int(data.timestamps[row]), data.values[row]) for row in range(390, 400)]
    assert found[-1].forecast is not None
    np.testing.assert_allclose(found[-1].forecast, after.values[1], rtol=1e-5)
    (tmp_path / "torn.msgpack").write_bytes((tmp_path / "model.msgpack").read_bytes()[:-1])
    with pytest.raises(TrafficError):
        traffic.ForecastModel.load(tmp_path / "torn.msgpack")


def test_adaptive_levels_need_quantiles_and_a_window() -> None:
    point = traffic.ForecastModel.fit(waves(200), use=USE, architecture={"hidden_size": 4}, training={"epochs": 1})
    assert point.forecast(waves()).quantiles is None
    with pytest.raises(TrafficError) as caught:
        point.adaptive_levels(waves())
    assert caught.value.code == "MODEL_ONLINE"
    with pytest.raises(TrafficError) as caught:
        fitted().adaptive_levels(waves(6))
    assert caught.value.code == "DATA_TOO_SHORT"


def test_the_checkpoint_of_a_run_is_a_model_and_can_be_calibrated(tmp_path: Path) -> None:
    data = waves()
    task = make_task(data, "lstm", folder=tmp_path, use=USE, architecture=QUANTILES, training={"epochs": 1})
    kept = train(task, QuietReporter()).kept
    model = traffic.ForecastModel.load(kept)
    assert model.trained.features == ("flow", "speed")
    assert model.trained.calibration is not None
    plain = model.forecast(data, np.arange(10, 300))
    for per_detector in (False, True):
        found = model.calibrated(data, per_detector=per_detector).forecast(data, np.arange(10, 300))
        assert plain.quantiles is not None
        assert found.quantiles is not None
        np.testing.assert_array_equal(found.values, plain.values)
        truth = data.values[np.arange(10, 300)[:, None] + np.arange(1, 4)][..., 1:]
        inside = (truth >= found.quantiles[..., 0]) & (truth <= found.quantiles[..., 2])
        assert inside[~np.isnan(truth)].mean() == pytest.approx(0.8, abs=0.05)


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"kind": "lsmt"}, "MODEL_KIND", "Did you mean lstm"),
        ({"training": {"epoch": 1}}, "MODEL_VALUE", "did you mean epochs"),
        ({"training": {"epochs": 0}}, "MODEL_VALUE", "epochs: must be"),
        ({"use": {"targts": ["speed"]}}, "MODEL_VALUE", "did you mean targets"),
        ({"architecture": {"hidden_sise": 3}}, "MODEL_VALUE", "did you mean hidden_size"),
    ],
)
def test_what_is_refused_is_an_error_of_traffic_in_words(given: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(TrafficError, match=words) as caught:
        traffic.ForecastModel.fit(waves(), **given)
    assert caught.value.code == code
    assert "pydantic" not in str(caught.value)


def test_a_file_that_is_no_model_is_named_and_text_will_do_for_a_path(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    for name in ("none", "other"):
        with pytest.raises(TrafficError, match=name) as caught:
            traffic.ForecastModel.load(str(tmp_path / name))
        assert caught.value.code == "MODEL_FILE"
    (tmp_path / "t.csv").write_text("timestamp,a\n2024-01-01T00:00,1\n2024-01-01T00:05,2\n")
    assert traffic.read("csv_wide", str(tmp_path / "t.csv")).shape == (2, 1, 1)
