"""The shipped smoke test from its file to its run folder, as continuous integration carries it out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars
import pytest

import traffic
from tests.workbench.cli.conftest import ThreadWorkers
from traffic.bundle import load as load_bundle
from workbench.cli.app import run
from workbench.layered import resolve
from workbench.runs import executor
from workbench.services.layered import config_of
from workbench.settings import Settings
from workbench.state import RunState
from workbench.workbench import Workbench


def test_the_smoke_test_trains_and_leaves_its_files(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executor, "LocalExecutor", ThreadWorkers)
    ThreadWorkers.threads.clear()
    assert run(["train", "experiments/quick_smoke_test.yaml", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["config_fingerprint"] == resolve(["experiments/quick_smoke_test.yaml"]).sha256
    bench = Workbench.open(Settings.load(home=home, check_state=True))
    try:
        (record,) = bench.state().runs.values()
        assert (record.state, record.epochs_done) == (RunState.COMPLETED, 2)
        (model,) = bench.state().models.values()
        assert (model.name, model.model_type) == ("Quick smoke test", "lstm")
        dataset = bench.state().datasets[model.uses[0]]
        assert (dataset.source, dataset.name, dataset.params["days"] if dataset.params else None) == (
            "corridor_simulator", "Simulated corridor, days 3", 3,
        )  # fmt: skip
        folder = bench.artefacts.path(f"runs/{record.id}")
        again = resolve([next(folder.rglob("resolved_config.yaml"))])
        assert again.sha256 == told["config_fingerprint"]
        assert config_of(bench, model).sha256 == told["config_fingerprint"]
        assert model.weights is not None
        assert bench.artefacts.path(model.weights.path).is_file()
        known = traffic.ForecastModel.load(bench.artefacts.path(model.weights.path)).trained
        assert (len(known.sensor_ids), known.target_names, known.horizon) == (8, ("speed",), 12)
        (measured,) = folder.rglob("metrics.json")
        assert json.loads(measured.read_text())["test/masked_mae@null=nan/avg"] > 0
        events = [event.kind for event in bench.runs.events(record.id).items]
        assert {"started", "epoch", "checkpoint"} <= set(events)
        kept = load_bundle(next(folder.rglob("diagnostics.npz")))
        assert np.isfinite(kept.position_km).all(), "the road of a corridor of somebody's own is known"
        assert list(folder.rglob("summary.json"))
        assert list(folder.rglob("per_sensor.csv"))
    finally:
        bench.close()
    taken = tmp_path / "taken"
    taken.mkdir()
    monkeypatch.chdir(taken)
    _taken_out(taken, capsys)
    assert run(["train", "experiments/quick_smoke_test.yaml", "--set", "training.epochs=1", "--json"]) == 0
    bench = Workbench.open(Settings.load(home=home, check_state=True))
    try:
        assert len([d for d in bench.state().datasets.values() if d.source == "corridor_simulator"]) == 1
    finally:
        bench.close()


def _refuses_in_a_sentence(script: Path, *arguments: str, told: str) -> None:
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def _taken_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weights, script and forecasts of the model: the script runs beside the weights, the tables hold what the bundle does."""
    for name in ("weights", "snippet", "forecasts.csv", "forecasts.parquet"):
        assert run(["export", "Quick smoke test", name]) == 0, capsys.readouterr().err
    capsys.readouterr()
    (script,) = folder.glob("*forecast.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 12 * 8
    assert all(" speed " in line and "VD" in line and line.endswith(" km/h") for line in lines)
    _refuses_in_a_sentence(script, "csv_wide", str(folder / "nowhere.csv"), told="nowhere.csv is not there")
    _refuses_in_a_sentence(script, "csvwide", str(script), told="Did you mean csv_wide?")
    _refuses_in_a_sentence(script, "csv_wide", str(script), told="line 1, column 1")
    _refuses_in_a_sentence(script, "csv_wide", told="KIND FILE")
    (table,), (packed,) = folder.glob("*forecasts.csv"), folder.glob("*forecasts.parquet")
    assert table.read_text().splitlines()[1].split(",")[2] == "5", "whole minutes are whole numbers"
    shown, kept = polars.read_csv(table), polars.read_parquet(packed)
    assert shown.columns == kept.columns == ["made_at", "time", "minutes", "detector", "target", "unit", "forecast", "measured"]
    assert len(shown) == len(kept) == kept["detector"].n_unique() * kept["minutes"].n_unique() * kept["made_at"].n_unique()
    assert sorted(kept["minutes"].unique()) == [5 * step for step in range(1, 13)]
    assert kept["time"].to_list()[0] > kept["made_at"].to_list()[0]
    assert kept["measured"].is_nan().sum() == 0
