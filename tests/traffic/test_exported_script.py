"""The script that a model is taken out with, run beside its weights in a folder of its own."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tests.traffic.training.running import task_of
from tests.traffic.training.standin import wavy
from traffic import ForecastModel
from traffic.exporting import snippet
from traffic.training.trainer import train
from workbench.runs.scripted import QuietReporter


def written(folder: Path, monkeypatch: pytest.MonkeyPatch, quantiles: list[float]) -> Path:
    """The script and the weights of a small model in a folder; the script's path."""
    task = task_of(folder / "run", data=wavy(900, units=("mph",)), architecture={"quantiles": quantiles}, training={"epochs": 1})
    content = train(task, QuietReporter()).kept.read_bytes()
    (folder / "weights.msgpack").write_bytes(content)
    monkeypatch.setattr(snippet, "weights_of", lambda _: SimpleNamespace(sha256=hashlib.sha256(content).hexdigest()))
    monkeypatch.setattr(snippet, "run_of", lambda *_: SimpleNamespace(number=3))
    monkeypatch.setattr(snippet, "file_name", lambda *_: "weights.msgpack")
    model: Any = SimpleNamespace(name='Oak "1"', config={"architecture": {"quantiles": quantiles}})
    workbench: Any = SimpleNamespace(state=lambda: SimpleNamespace(datasets={}, dataset_of=lambda _: None))
    out = BytesIO()
    snippet.snippet_write(workbench, model, out, "", lambda *_: None)
    (folder / "my forecast.py").write_bytes(out.getvalue())
    rows = [",".join(["timestamp", *task.data.sensor_ids])]
    for time, values in zip(task.data.timestamps[-50:].astype("datetime64[s]"), task.data.values[-50:, :, 0], strict=True):
        rows.append(",".join([str(time), *("" if np.isnan(value) else f"{value:.3f}" for value in values)]))
    (folder / "data.csv").write_text("\n".join(rows) + "\n")
    return folder / "my forecast.py"


def ran(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("quantiles", [[], [0.05, 0.5, 0.95]])
def test_the_script_prints_forecasts_with_their_interval_where_the_model_has_one(
    quantiles: list[float], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = written(tmp_path, monkeypatch, quantiles)
    done = ran(script, "csv_wide", str(tmp_path / "data.csv"))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4 * 3
    number = r"(-?\d+\.\d)"
    form = rf"\S+ s\d speed {number} mph" + (rf" \(90 %: {number} to {number}\)" if quantiles else "")
    for line in lines:
        found = re.fullmatch(form, line)
        assert found, line
        if quantiles:
            value, low, high = map(float, found.groups())
            assert low <= value <= high
    assert ForecastModel.load(tmp_path / "weights.msgpack").trained.quantiles == tuple(quantiles)
    assert "Usage: python my forecast.py KIND FILE" in ran(script, "csv_wide").stderr
