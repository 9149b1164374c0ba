"""What the best checkpoint of a run forecasts with, and what a run on a corridor keeps of its road."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.rcmvae.figures.reading import traces
from tests.traffic.training.running import bundle_of, task_of
from tests.traffic.training.standin import wavy
from traffic.corridor.geometry import Geometry
from traffic.corridor.scenario import CorridorSettings
from traffic.corridor.settings import IncidentSettings
from traffic.corridor.simulate import simulate
from traffic.figures.errors import interval_coverage
from traffic.forecasting import SeriesForecaster
from traffic.report import tables
from traffic.trained import load as load_trained
from traffic.training.checkpoint_content import CORRECTIONS, FORMAT
from traffic.training.errors import CheckpointError
from traffic.training.trainer import train
from workbench.runs.scripted import QuietReporter


@pytest.fixture(scope="module")
def corridor_run(tmp_path_factory):
    """A run with quantiles on a few detectors of a corridor with short cells and many incidents."""
    geometry = Geometry(lanes=(3,) * 40, cell_km=0.4, on_ramps=(), off_ramps=(), detectors=(3, 11, 20, 35))
    data = simulate(CorridorSettings(days=3, geometry=geometry, incidents=IncidentSettings(rate=0.5)), 0).data
    task = task_of(
        tmp_path_factory.mktemp("corridor"), data=data, use={"num_vds": 3, "features": ["speed"]},
        architecture={"quantiles": [0.05, 0.5, 0.95]}, training={"epochs": 2},
    )  # fmt: skip
    return task, data, train(task, QuietReporter())


def test_a_corridors_run_keeps_where_detectors_lie_and_the_incidents_of_its_windows(corridor_run) -> None:
    task, data, summary = corridor_run
    bundle = bundle_of(summary)
    km = dict(zip(data.sensor_ids, data.road.km.tolist(), strict=True))
    assert bundle.position_km.tolist() == pytest.approx([km[name] for name in task.data.sensor_ids])
    first, last = bundle.timestamps[0], bundle.timestamps[-1]
    within = [n for n, (a, b) in enumerate(zip(data.road.incident_start, data.road.incident_end, strict=True)) if b > first and a <= last]
    assert within
    assert bundle.incident_start.tolist() == data.road.incident_start[within].tolist()
    assert bundle.incident_km.tolist() == data.road.incident_km[within].tolist()


def test_the_kept_checkpoint_forecasts_with_the_calibration_that_the_run_reported(corridor_run) -> None:
    _, data, summary = corridor_run
    bundle, trained = bundle_of(summary), load_trained(summary.kept)
    assert trained.calibration is not None
    rows = np.searchsorted(data.timestamps, bundle.timestamps[bundle.origins[:40]])
    found = SeriesForecaster(trained).forecast(data, rows)
    uncalibrated = SeriesForecaster(replace(trained, calibration=None)).forecast(data, rows)
    assert found.quantiles is not None
    assert uncalibrated.quantiles is not None
    np.testing.assert_allclose(found.quantiles, bundle.quantile_forecast[:40], rtol=1e-4, atol=1e-3)
    assert not np.allclose(uncalibrated.quantiles, bundle.quantile_forecast[:40], rtol=1e-4, atol=1e-3)


def test_corrections_of_another_model_are_refused(corridor_run, tmp_path: Path) -> None:
    *_, summary = corridor_run
    content = FORMAT.read(summary.kept)
    path = tmp_path / "other.msgpack"
    path.write_bytes(FORMAT.encode(content.header, {**content.arrays, CORRECTIONS: np.zeros((2, 4, 1, 1))}))
    with pytest.raises(CheckpointError, match="not this model's"):
        load_trained(path)


def test_a_run_with_too_few_windows_to_calibrate_says_so_and_keeps_its_weights(tmp_path: Path) -> None:
    task = task_of(tmp_path, data=wavy(200), architecture={"quantiles": [0.001, 0.5, 0.999]}, training={"epochs": 1})
    summary = train(task, QuietReporter())
    assert "Intervals are not calibrated" in summary.shortfall
    assert load_trained(summary.kept).calibration is None
    bundle = bundle_of(summary)
    assert re.search(
        r"\d+ measured values at step 1 are too few for intervals of 99.8 %\. Give 499 in the validation set", bundle.facts.uncalibrated
    )
    assert not bundle.facts.calibrated
    assert bundle.coverage.shape == (1, 4)
    assert summary.metrics["test"]["masked_mae@null=nan/avg"]["value"] > 0
    assert "coverage" in summary.metrics["intervals"]
    assert "coverage_before" not in summary.metrics["intervals"]
    (trace,) = traces(interval_coverage(bundle))
    assert trace.name == "Not calibrated"
    table = next(each for each in tables(bundle) if each.title == "Intervals")
    assert "not calibrated" in table.note
    assert all(len(row) == len(table.columns) for row in table.rows)
