"""`trellis config`: what files make together, where values come from, and exit codes that scripts can use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workbench.cli.conftest import Said


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of the fake family in a folder of their own."""
    texts = {
        "models/toy.yaml": "family: fake\nmodel: {name: Toy}\n",
        "data/tiny.yaml": "family: fake\ndata: {dataset: tiny}\n",
        "training/long.yaml": "family: fake\ntraining:\n  max_epochs: 4\n",
        "experiments/two.yaml": "variants:\n  - {name: slow, set: {training.learning_rate: 0.01}}\n  - {name: fast}\n",
    }
    for name, text in texts.items():
        path = tmp_path / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "own"


@pytest.fixture
def named(folder: Path) -> Callable[..., list[str]]:
    """named("models/toy.yaml"): the files' paths."""
    return lambda *names: [str(folder / name) for name in names]


@pytest.fixture
def basics(named: Any) -> list[str]:
    return named("models/toy.yaml", "data/tiny.yaml", "training/long.yaml")


def test_show_prints_a_file_that_makes_the_same_configuration(trellis: Callable[..., Said], basics: list[str], folder: Path) -> None:
    said = trellis("config", "show", *basics, "--set", "training.clip=null")
    assert said.code == 0
    (folder / "all.yaml").write_text(said.out)
    again = trellis("config", "show", str(folder / "all.yaml"), "--json")
    values = json.loads(again.out)
    assert (values["values"]["training"]["max_epochs"], values["values"]["training"]["clip"]) == (4, None)
    assert values["fingerprint"] == yaml.safe_load(said.out)["meta"]["fingerprint"]
    assert values["sources"]["model.toy.input_shape"] == "derived(shape of the dataset)"


def test_show_says_warnings_apart_from_the_file(trellis: Callable[..., Said], basics: list[str]) -> None:
    said = trellis("config", "show", *basics, "--set", "training.use_noise=true", "--set", "training.noise_scale=0")
    assert said.code == 0
    assert "Note: cli#2: training.noise_scale: is 0" in said.err


def test_variants_are_shown_one_after_the_other_or_one_by_name(trellis: Callable[..., Said], basics: list[str], named: Any) -> None:
    files = [*basics, *named("experiments/two.yaml")]
    both = json.loads(trellis("config", "show", *files, "--json").out)
    assert [(one["variant"], one["values"]["training"]["learning_rate"]) for one in both] == [("slow", 0.01), ("fast", 0.1)]
    one = trellis("config", "explain", *files, "training.learning_rate", "--variant", "slow")
    assert one.out.splitlines() == ["training.learning_rate = 0.01", "    default(Training)       0.1", "  > experiments/two.yaml:2  0.01"]
    assert "variant fast" in trellis("config", "explain", *files, "training.learning_rate").out


def test_explain_says_who_set_a_key(trellis: Callable[..., Said], basics: list[str]) -> None:
    said = trellis("config", "explain", *basics, "training.max_epochs")
    assert said.code == 0
    assert said.out.splitlines() == ["training.max_epochs = 4", "    default(Training)     3", "  > training/long.yaml:3  4"]


def test_errors_are_one_line_each_on_standard_error_and_exit_with_2(trellis: Callable[..., Said], basics: list[str]) -> None:
    said = trellis("config", "validate", *basics, "--set", "training.max_epoch=3", "--set", "training.clip=-1")
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [
        "cli#1: CFG_UNKNOWN_KEY: there is no key training.max_epoch (Did you mean training.max_epochs?)",
        "cli#2: CFG_RANGE: training.clip must be greater than 0 (got -1)",
    ]


def test_errors_are_json_objects_for_machines(trellis: Callable[..., Said], basics: list[str], folder: Path) -> None:
    (folder / "training" / "long.yaml").write_text("training:\n  clip: -1\n  max_epoch: 3\n")
    said = trellis("config", "show", *basics, "--json")
    assert said.code == 2
    problems = [json.loads(line) for line in said.err.splitlines()]
    assert [(p["code"], p["file"], p["line"]) for p in problems] == [
        ("CFG_RANGE", "training/long.yaml", 2),
        ("CFG_UNKNOWN_KEY", "training/long.yaml", 3),
    ]


@pytest.mark.parametrize(
    "arguments",
    [("show", "nowhere.yaml"), ("explain", "nowhere.yaml", "a"), ("validate", "nowhere.yaml"), ("diff", "nowhere.yaml", "b.yaml")],
)
def test_a_file_that_does_not_exist_exits_with_2(trellis: Callable[..., Said], arguments: tuple[str, ...]) -> None:
    said = trellis("config", *arguments)
    assert said.code == 2
    assert said.err.startswith("nowhere.yaml: CFG_MISSING_FILE")


def test_validate_says_how_much_was_checked(trellis: Callable[..., Said], basics: list[str], named: Any) -> None:
    assert trellis("config", "validate", *basics, *named("experiments/two.yaml")).out == "2 configurations checked, all as expected.\n"
    assert json.loads(trellis("config", "validate", *basics, "--json").out) == {"checked": 1, "problems": []}
    assert trellis("config", "validate", "--set", "a=b").code == 2


def test_a_shipped_matrix_with_an_error_exits_with_2(trellis: Callable[..., Said]) -> None:
    # The fake family knows none of the shipped models.
    said = trellis("config", "validate")
    assert said.code == 2
    assert "CFG_UNKNOWN_MODEL" in said.err


def test_diff_tells_what_was_chosen_from_what_follows(trellis: Callable[..., Said], basics: list[str], folder: Path) -> None:
    for name, more in (("a", ()), ("b", ("--set", "training.max_epochs=9"))):
        (folder / f"{name}.yaml").write_text(trellis("config", "show", *basics, *more).out)
    a, b = str(folder / "a.yaml"), str(folder / "b.yaml")
    (found,) = json.loads(trellis("config", "diff", a, b, "--json").out)["chosen"]
    assert (found["key"], found["left"], found["right"]) == ("training.max_epochs", 4, 9)
    assert found["left_source"].startswith("a.yaml:")
    assert found["right_source"].startswith("b.yaml:")
    assert "training.max_epochs" in trellis("config", "diff", a, b).out
    assert trellis("config", "diff", a, a).out == "No difference.\n"


def test_models_lists_what_files_can_name(trellis: Callable[..., Said]) -> None:
    assert "model.toy" in trellis("config", "models").out
    assert json.loads(trellis("config", "models", "--json").out) == [
        {"name": "Toy", "family": "fake", "key": "toy", "description": "Learns one number."}
    ]


def test_a_model_is_exported_as_a_file_that_makes_it_again(trellis: Callable[..., Said], folder: Path) -> None:
    trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--set", "max_epochs=2", "--sample", "num_labeled=3")
    said = trellis("config", "export", "First")
    assert said.code == 0
    assert "# workbench(model #1)" in said.out
    (folder / "first.yaml").write_text(said.out)
    assert trellis("train", str(folder / "first.yaml")).code == 0
    shown = [json.loads(trellis("models", "show", number, "--json").out) for number in ("1", "2")]
    for key in ("config", "fingerprint", "uses"):
        assert shown[0][key] == shown[1][key]
    assert shown[0]["payload"]["sample"]["sha256"] == shown[1]["payload"]["sample"]["sha256"]
    assert shown[1]["name"] == "First (2)"


def test_a_dataset_that_neither_the_family_nor_the_workbench_has_is_refused(
    trellis: Callable[..., Said], basics: list[str], home: Path
) -> None:
    said = trellis("config", "show", *basics, "--set", "data.dataset=flowers")
    assert said.code == 2
    assert "has no dataset flowers" in said.err
