"""The shipped smoke test from its file to its run folder, as continuous integration carries it out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workbench.cli.conftest import ThreadWorkers
from workbench.cli.app import run
from workbench.layered import resolve
from workbench.services import runs as run_service
from workbench.services.layered import config_of
from workbench.settings import Settings
from workbench.state import RunState
from workbench.workbench import Workbench


def test_the_smoke_test_trains_and_leaves_its_files(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_service, "LocalExecutor", ThreadWorkers)
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
        assert list(folder.rglob("summary.json"))
        assert list(folder.rglob("per_sensor.csv"))
    finally:
        bench.close()
    assert run(["train", "experiments/quick_smoke_test.yaml", "--set", "training.epochs=1", "--json"]) == 0
    bench = Workbench.open(Settings.load(home=home, check_state=True))
    try:
        assert len([d for d in bench.state().datasets.values() if d.source == "corridor_simulator"]) == 1
    finally:
        bench.close()
