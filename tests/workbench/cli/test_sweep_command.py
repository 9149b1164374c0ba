"""`trellis sweep` and `trellis sweeps` on the fake family."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.cli.conftest import ThreadWorkers


@pytest.fixture
def model(trellis: Callable[..., Any]) -> str:
    """A trained model's name."""
    assert trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "Searched", "--set", "max_epochs=2").code == 0
    ThreadWorkers.threads.clear()
    return "Searched"


def test_a_sweep_of_a_model_runs_to_its_end_and_its_best_settings_become_the_models(trellis: Callable[..., Any], model: str) -> None:
    done = trellis(
        "sweep", "--model", model, "--set", "learning_rate=0.01..0.5:log", "--set", "clip=1,2", "--trials", "3", "--sampler", "random",
        "--pruner", "none", "--name", "Rates", "--json",
    )  # fmt: skip
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["state"], told["name"], len(told["trials_begun"])) == ("completed", "Rates", 3)
    best = next(row for row in told["trials_begun"] if row["best"])
    shown = trellis("sweeps", "show", "Rates")
    assert "3 of 3 trials: 3 completed" in shown.out
    assert "(best)" in shown.out
    assert "Rates" in trellis("sweeps").out
    used = trellis("sweeps", "use-best", "1")
    assert used.code == 0, used.err
    config = json.loads(trellis("models", "show", model, "--json").out)["config"]["training"]
    assert config["learning_rate"] == best["values"]["learning_rate"]


def test_mistakes_of_a_search_are_all_told_and_nothing_is_made(trellis: Callable[..., Any], model: str) -> None:
    done = trellis("sweep", "--model", model, "--set", "learning_rat=1..2", "--set", "clip=3..1", "--sampler", "tpf")
    assert done.code == 1
    for word in ("learning_rate", "clip", "tpe"):
        assert word in done.err
    assert "No sweeps yet" in trellis("sweeps").out


def test_a_detached_sweep_is_stopped_and_resumed_with_more_trials(trellis: Callable[..., Any], model: str) -> None:
    assert trellis("sweep", "--model", model, "--set", "clip=1,2,3", "--trials", "2", "--detach").code == 0
    assert "stopped" in trellis("sweeps", "stop", "1").out
    assert trellis("sweeps", "stop", "1").code == 1
    done = trellis("sweeps", "resume", "#1", "--trials", "3", "--json")
    assert (done.code, json.loads(done.out)["state"]) == (0, "completed")
    assert "has had its 3 trials" in trellis("sweeps", "resume", "1").err


def test_a_file_says_what_is_searched_and_the_command_line_says_more(trellis: Callable[..., Any], tmp_path: Path) -> None:
    model, path = tmp_path / "model.yaml", tmp_path / "experiment.yaml"
    model.write_text("layer: model\nfamily: fake\nmodel: {name: Toy}\n")
    data = tmp_path / "data.yaml"
    data.write_text("layer: data\nfamily: fake\ndata: {dataset: tiny}\n")
    path.write_text("""layer: experiment
family: fake
experiment:
  name: From a file
  sweep:
    space: ["training.learning_rate=0.1,0.2", "clip=1,2"]
    sampler: grid
    trials: 9
training: {max_epochs: 2}
""")
    done = trellis("sweep", str(model), str(data), str(path), "--set", "clip=3,4", "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["reason"], told["sampler"]) == ("All 4 combinations were tried.", "grid")
    assert {row["values"]["clip"] for row in told["trials_begun"]} == {3.0, 4.0}


def test_a_new_model_for_a_search_of_architectures(trellis: Callable[..., Any]) -> None:
    done = trellis(
        "sweep", "--dataset", "tiny", "--preset", "mixed", "--set", "width=4,8", "--set", "max_epochs=1,2", "--trials", "2", "--json"
    )
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["architectures"] is True
    models = json.loads(trellis("models", "--json").out)
    assert sum("sweep-1" in made["tags"] for made in models) == 2


def test_what_does_not_go_together_on_the_command_line_is_refused(trellis: Callable[..., Any]) -> None:
    assert trellis("sweep").code == 2
    assert trellis("sweeps", "show", "9").code == 1
