"""Errors of the validation windows beside simple forecasts, while a run goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from tests.traffic.training.running import task_of
from traffic.baselines.naive import LastValue
from traffic.baselines.ridge import fit_ridge
from traffic.figures.live import validation_by_horizon
from traffic.metrics.evaluate import evaluate
from traffic.training.trainer import train
from workbench.plotting import checked
from workbench.runs.scripted import QuietReporter


def traces(figure: go.Figure) -> list[Any]:
    return list(figure.data)


def test_a_run_tells_what_there_is_to_beat_before_its_first_epoch_and_the_models_errors_after_each(tmp_path: Path) -> None:
    task, reporter = task_of(tmp_path), QuietReporter()
    train(task, reporter)
    told = reporter.telling["horizons"]
    assert len(told) == 1 + 4
    assert told[0]["model"] == []
    for each, method in (("last_value", LastValue(task.prepared)), ("ridge", fit_ridge(task.prepared))):
        expected = evaluate(task.prepared, method, "val").total.metric("mae")[:, 0]
        assert told[0]["baselines"][each] == pytest.approx(expected.tolist())
    for values, metrics in zip(told[1:], reporter.epochs, strict=True):
        assert values["baselines"] == told[0]["baselines"]
        assert np.mean(values["model"]) == pytest.approx(metrics["validation/masked_mae"])
        assert values["model"][2] == pytest.approx(metrics["validation/masked_mae_h3"])
    assert any(line.startswith("Simple forecasts") and " of speed in km/h: " in line and "ridge" in line for _, line in reporter.logs)
    for values in (told[0], told[-1]):
        drawn = validation_by_horizon(values)
        assert type(drawn) is dict, "what every epoch draws is no checked figure"
        names = [trace.name for trace in traces(checked(drawn))]
        assert names == ["Ridge", "Last value", "Historical average", *(["Model"] if values["model"] else [])]
