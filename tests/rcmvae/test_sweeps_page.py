"""docs/sweeps.md runs from top to bottom, and the sweeps of shipped files begin."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.workbench.cli.conftest import ThreadWorkers
from workbench.cli.app import run
from workbench.families import FAMILIES
from workbench.runs import executor
from workbench.services.layered import create_model, planned
from workbench.settings import Settings
from workbench.sweeps.records import sweeps_of
from workbench.workbench import Workbench

PAGE = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


@pytest.fixture
def at_home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A working directory with the page's experiment, and workers that are threads of this process."""
    monkeypatch.setattr(executor, "LocalExecutor", ThreadWorkers)
    monkeypatch.chdir(tmp_path)
    ThreadWorkers.threads.clear()
    (experiment,) = blocks("yaml")
    (tmp_path / "searched.yaml").write_text(experiment)
    return Settings.load(home=home)


def test_every_command_of_the_page_runs_and_finds_what_it_says(at_home: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    commands = [line.removeprefix("trellis ") for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 8
    for command in commands:
        assert run(shlex.split(command)) == 0, (command, capsys.readouterr())
        for thread in ThreadWorkers.threads:
            thread.join()
        ThreadWorkers.threads.clear()
    bench = Workbench.open(at_home)
    files, architectures, rates = sweeps_of(bench.state())
    assert (rates.name, rates.state, rates.trials) == ("Learning rates", "completed", 3)
    assert (architectures.architectures, architectures.state) == (True, "completed")
    assert files.reason == "All 2 combinations were tried."
    best = bench.sweeps.best(rates.id)
    model = bench.models.get(rates.model_id)
    assert best.trial
    assert {path: model.config["training"][path] for path in best.trial.values} == best.trial.values
    bench.close()


@pytest.mark.parametrize("family", FAMILIES)
def test_the_sweep_of_the_shipped_file_of_a_family_begins(at_home: Settings, family: str) -> None:
    bench = Workbench.open(at_home)
    (config,) = planned(bench, [f"experiments/{family}_sweep.yaml"])
    model = create_model(bench, config, actor="user:test")
    sweep = bench.sweeps.create(actor="user:test", model_id=model.id, settings=config["experiment.sweep"])
    assert model.family == family
    assert len(sweep.space) >= 2
    bench.close()
