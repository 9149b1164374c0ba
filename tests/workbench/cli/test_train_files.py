"""`trellis train FILE...`: models of configuration files are made and trained like those of the pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from rcmvae.holding import held
from tests.support.records import run_record
from tests.workbench.cli.conftest import Said
from workbench.cli import train_files
from workbench.cli.following import Follower
from workbench.settings import Settings
from workbench.state import RunState
from workbench.workbench import Workbench

MODEL = "layer: model\nmodel: {name: Toy}\n"
EXPERIMENT = """\
layer: experiment
family: fake
includes: [toy.yaml]
experiment: {name: Toys, tags: [fun], note: Just to see.}
allow_structural: [model.toy.width]
model:
  toy: {width: 16}
data: {dataset: tiny, num_labeled: 4}
training:
  max_epochs: 2
"""


@pytest.fixture
def experiment(tmp_path: Path) -> Callable[..., str]:
    """experiment("variants: ..."): the path of an experiment with that added."""

    def write(more: str = "") -> str:
        (tmp_path / "toy.yaml").write_text(MODEL)
        (tmp_path / "toys.yaml").write_text(EXPERIMENT + more)
        return str(tmp_path / "toys.yaml")

    return write


def state(home: Path) -> Any:
    bench = Workbench.open(Settings.load(home=home))
    try:
        return bench.state()
    finally:
        bench.close()


def folder_of(home: Path, run: Any) -> Path:
    return home / "artefacts" / "runs" / run.id


def test_a_file_makes_a_model_trains_it_and_both_are_in_the_workbench(trellis: Callable[..., Said], experiment: Any, home: Path) -> None:
    said = trellis("train", experiment(), "--set", "training.learning_rate=0.2")
    assert said.code == 0
    assert "completed" in said.out
    (model,), (run,) = state(home).models.values(), state(home).runs.values()
    assert (model.name, model.tags, model.note) == ("Toys", ("fun",), "Just to see.")
    assert (model.config["architecture"]["width"], model.config["architecture"]["parts"], held(model).sample.n_labelled) == (16, "auto", 4)
    assert (run.config["training"]["max_epochs"], run.config["training"]["learning_rate"], run.epochs_done) == (2, 0.2, 2)
    assert model.weights is not None


def test_the_runs_folder_says_which_file_set_what(trellis: Callable[..., Said], experiment: Any, home: Path) -> None:
    trellis("train", experiment(), "--set", "training.learning_rate=0.2")
    (run,) = state(home).runs.values()
    text = (folder_of(home, run) / "resolved_config.yaml").read_text()
    said = {line.split(":")[0].strip(): line.partition("  # ")[2] for line in text.splitlines() if "  # " in line}
    assert said["width"] == "toys.yaml:7:16"
    assert said["max_epochs"] == "toys.yaml:10:15"
    assert said["learning_rate"] == "cli#1"
    assert said["parts"] == "derived(auto)"
    assert said["input_shape"] == "derived(shape of the dataset)"
    assert said["clip"] == "default(Training)"
    meta = yaml.safe_load(text)["meta"]
    assert meta["overrides"] == ["training.learning_rate=0.2"]
    assert list(meta["files"]) == ["toys.yaml"]
    assert (meta["run"], meta["model_fingerprint"]) == (run.id, run.fingerprint)


def test_a_value_that_was_edited_since_is_called_the_workbenchs(trellis: Callable[..., Said], experiment: Any, home: Path) -> None:
    trellis("train", experiment())
    trellis("train", "--model", "Toys", "--set", "max_epochs=1")
    last = max(state(home).runs.values(), key=lambda run: run.number)
    lines = (folder_of(home, last) / "resolved_config.yaml").read_text().splitlines()
    assert any("max_epochs: 1 " in line and line.endswith("# workbench(model #1)") for line in lines)
    assert any("width: 16 " in line and "# toys.yaml:7:16" in line for line in lines)


def test_training_a_resolved_file_makes_an_equal_model(trellis: Callable[..., Said], experiment: Any, home: Path) -> None:
    trellis("train", experiment())
    (first,) = state(home).runs.values()
    resolved = folder_of(home, first) / "resolved_config.yaml"
    said = trellis("train", str(resolved), "--json")
    assert said.code == 0, said.err
    (again,) = json.loads(said.out)
    second = state(home).runs[again["id"]]
    for name in ("fingerprint", "config", "seed"):
        assert getattr(second, name) == getattr(first, name)
    assert held(second).sample.sha256 == held(first).sample.sha256
    metas = [yaml.safe_load((folder_of(home, run) / "resolved_config.yaml").read_text())["meta"] for run in (first, second)]
    assert metas[0]["fingerprint"] == metas[1]["fingerprint"] == again["config_fingerprint"]
    assert metas[0]["architecture_sha256"] == metas[1]["architecture_sha256"]
    assert first.headline == second.headline
    assert sorted(model.name for model in state(home).models.values()) == ["Toys", "Toys (2)"]


def test_every_variant_and_seed_is_a_model_and_a_run_and_a_table_compares_them(
    trellis: Callable[..., Said], experiment: Any, home: Path
) -> None:
    path = experiment("variants:\n  - {name: slow, set: {training.learning_rate: 0.01}}\n  - {name: fast}\n")
    said = trellis("train", path, "--seeds", "2")
    assert said.code == 0
    models = sorted(state(home).models.values(), key=lambda model: model.number)
    assert [model.name for model in models] == [
        "Toys, slow, seed 42", "Toys, slow, seed 43", "Toys, fast, seed 42", "Toys, fast, seed 43",
    ]  # fmt: skip
    assert [(m.config["training"]["learning_rate"], m.config["training"]["random_seed"]) for m in models] == [
        (0.01, 42),
        (0.01, 43),
        (0.1, 42),
        (0.1, 43),
    ]
    assert len({held(m).sample.sha256 for m in models}) == 1
    for model in models:
        assert model.name in said.out
    assert said.out.count("completed") == 4
    assert "Loss" in said.out
    assert said.out.count(" ± ") == 2


def test_a_wrong_file_makes_nothing(trellis: Callable[..., Said], experiment: Any, home: Path) -> None:
    path = experiment("variants:\n  - {name: good}\n  - {name: bad, set: {training.learning_rate: 7}}\n")
    said = trellis("train", path)
    assert said.code == 2
    assert "toys.yaml:13: CFG_RANGE: training.learning_rate" in said.err
    assert not state(home).models


def test_a_failed_run_exits_with_1_and_says_why(trellis: Callable[..., Said], experiment: Any) -> None:
    said = trellis("train", experiment(), "--set", "training.fail_at_epoch=2")
    assert said.code == 1
    assert "Run #1: RuntimeError: the loss is not finite at epoch 2" in said.err


def test_an_interrupted_run_ends_the_rest_and_exits_with_130(
    trellis: Callable[..., Said], experiment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = Follower.follow

    def interrupted(self: Follower, after: int = 0) -> Any:
        self.interrupted = True
        return follow(self, after)

    monkeypatch.setattr(Follower, "follow", interrupted)
    said = trellis("train", experiment("variants: [{name: a}, {name: b}]\n"))
    assert said.code == 130
    assert "Not trained: Toys, b. `trellis train --model model_" in said.err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("FILE", "--model", "x"), "files say everything"),
        (("FILE", "--preset", "mixed"), "files say everything"),
        (("FILE", "--sample", "num_labeled=3"), "files say everything"),
        (("--preset", "mixed", "--data", "tiny", "--seeds", "2"), "--seeds needs configuration files"),
        (("FILE", "--seeds", "0"), "--seeds"),
    ],
)
def test_options_of_the_other_forms_are_refused(
    trellis: Callable[..., Said], experiment: Any, arguments: tuple[str, ...], text: str
) -> None:
    path = experiment()
    said = trellis("train", *(path if argument == "FILE" else argument for argument in arguments))
    assert said.code == 2
    assert text in " ".join(said.err.replace("│", " ").split())


def test_an_imported_dataset_can_be_named(
    trellis: Callable[..., Said], experiment: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.support.fake_data import FACTS
    from workbench.layered.resolve import resolve
    from workbench.services import layered

    class Datasets:
        def facts(self, dataset: str) -> Any:
            return FACTS if dataset == "mine" else None

    class Record:
        deleted_at = None
        family = "fake"

    class Bench:
        datasets = Datasets()

        def state(self) -> Any:
            return type("State", (), {"datasets": {"mine": Record()}})()

    bench: Any = Bench()
    config = resolve([experiment()], ["data.dataset=mine"], find_dataset=lambda entry, name: layered.find_dataset(bench, entry, name))
    assert config["data.dataset"] == "mine"


def test_options_that_files_leave_no_room_for_say_what_does_the_same(trellis: Callable[..., Said], experiment: Any, home: Path) -> None:
    named = trellis("train", experiment(), "--name", "My toy")
    assert named.code == 2
    assert "--set 'experiment.name=My toy'" in named.err
    assert "files say everything" in trellis("train", experiment(), "--preset", "mixed", "--name", "x").err
    assert "--allow-structural needs configuration files" in trellis("train", "--preset", "mixed", "--allow-structural").err


def test_overrides_change_the_architecture_where_that_is_allowed(
    trellis: Callable[..., Said], experiment: Any, tmp_path: Path, home: Path
) -> None:
    experiment()
    (tmp_path / "toys.yaml").write_text(
        EXPERIMENT.replace("allow_structural: [model.toy.width]\n", "").replace("  toy: {width: 16}\n", "  toy: {}\n")
    )
    wider = (str(tmp_path / "toys.yaml"), "--set", "model.toy.width=5")
    assert "--allow-structural" in trellis("train", *wider).err
    assert trellis("train", *wider, "--allow-structural").code == 0
    (model,) = state(home).models.values()
    assert model.config["architecture"]["width"] == 5


def test_what_limits_a_completed_runs_results_stands_below_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    workbench: Any = None
    runs = [
        run_record(number=1, state=RunState.COMPLETED, reason="Trained on 5 of 9 windows."),
        run_record(number=2, state=RunState.COMPLETED),
    ]
    train_files._tell(workbench, [], [], runs, as_json=False)
    said = capsys.readouterr()
    assert "Run #1: Trained on 5 of 9 windows." in said.out + said.err
    assert "Run #2" not in said.out + said.err
