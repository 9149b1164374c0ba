"""What each layer may hold, and that unknown and structural keys are refused where they stand."""

from __future__ import annotations

import pytest

from tests.workbench.layered.conftest import Files, refused


@pytest.mark.parametrize(
    ("name", "text", "key"),
    [
        ("models/m2.yaml", "training: {max_epochs: 1}", "training"),
        ("models/m2.yaml", "data: {dataset: tiny}", "data"),
        ("data/d2.yaml", "training: {max_epochs: 1}", "training"),
        ("training/t2.yaml", "data: {dataset: tiny}", "data"),
        ("training/t2.yaml", "experiment: {name: x}", "experiment"),
        ("training/t2.yaml", "allow_structural: []", "allow_structural"),
        ("data/d2.yaml", "variants: []", "variants"),
    ],
)
def test_a_section_of_another_layer_is_refused(files: Files, name: str, text: str, key: str) -> None:
    files.basics()
    files.write(name, "\n" + text)
    names = {"models": "models/m.yaml", "data": "data/d.yaml", "training": "training/t.yaml"} | {name.split("/")[0]: name}
    if name.startswith("models"):
        files.write(name, f"model: {{name: Alpha}}\n{text}")
    error = refused(lambda: files.resolve(*names.values()))
    assert (error.code, error.key, error.file, error.line) == ("CFG_LAYER_CONTENT", key, name, 2)


@pytest.mark.parametrize(
    ("text", "key", "line", "hint"),
    [
        ("trainig: {}", "trainig", 2, "training"),
        ("training:\n  max_epoch: 3", "training.max_epoch", 3, "max_epochs"),
        ("training:\n  learning_raet: 3", "training.learning_raet", 3, "learning_rate"),
        ("model:\n  alpha:\n    widht: 3", "model.alpha.widht", 4, "width"),
        ("model:\n  alhpa: {}", "model.alhpa", 3, "alpha"),
        ("training: {+max_epochs: 3}", "training.+max_epochs", 2, "max_epochs"),
        ("training: {'layers[0]': 3}", "training.layers[0]", 2, None),
        ("experiment: {nmae: x}", "experiment.nmae", 2, "name"),
    ],
)
def test_an_unknown_key_is_refused_with_the_closest_names(files: Files, text: str, key: str, line: int, hint: str | None) -> None:
    error = refused(lambda: files.experiment(text))
    assert (error.code, error.key, error.file, error.line) == ("CFG_UNKNOWN_KEY", key, "experiments/x.yaml", line)
    if hint is not None:
        assert error.hint is not None
        assert hint in error.hint


def test_all_mistakes_of_one_resolution_are_told_together(files: Files) -> None:
    error = refused(
        lambda: files.experiment("training:\n  max_epoch: 3\n  learning_rate: fast\n  clip: -1\n", overrides=["training.nothing=1"])
    )
    assert [problem.code for problem in error.problems] == ["CFG_UNKNOWN_KEY", "CFG_TYPE", "CFG_RANGE", "CFG_UNKNOWN_KEY"]
    assert [problem.line for problem in error.problems] == [3, 4, 5, None]


@pytest.mark.parametrize(
    ("text", "code"),
    [("training:", "CFG_NULL"), ("training: null", "CFG_NULL"), ("training: 3", "CFG_TYPE"), ("model: {alpha: [1]}", "CFG_TYPE")],
)
def test_a_section_holds_keys_and_values(files: Files, text: str, code: str) -> None:
    assert refused(lambda: files.experiment(text)).code == code


@pytest.mark.parametrize("layer", ["data", "training", "experiments"])
def test_structural_keys_belong_to_the_model_layer(files: Files, layer: str) -> None:
    files.basics()
    files.write("experiments/e.yaml", "")
    body = "data: {dataset: tiny}\n" if layer == "data" else ""
    files.write(f"{layer}/s.yaml", body + "model:\n  alpha:\n    width: 9\n")
    names = {"models": "models/m.yaml", "data": "data/d.yaml", "training": "training/t.yaml", "experiments": "experiments/e.yaml"}
    error = refused(lambda: files.resolve(*(names | {layer: f"{layer}/s.yaml"}).values()))
    assert (error.code, error.key, error.file) == ("CFG_STRUCTURAL", "model.alpha.width", f"{layer}/s.yaml")
    assert "the model layer owns" in str(error)


def test_the_models_name_is_structural(files: Files) -> None:
    assert refused(lambda: files.experiment("model: {name: Beta}")).code == "CFG_STRUCTURAL"
    assert files.experiment("allow_structural: [model.name]\nmodel: {name: Beta}").entry.name == "Beta"


def test_an_experiment_may_set_the_structural_keys_that_it_lists(files: Files) -> None:
    text = "allow_structural: [model.alpha.width]\nmodel: {alpha: {width: 9}}"
    assert files.experiment(text)["model.alpha.width"] == 9
    assert files.experiment(text, overrides=["model.alpha.width=11"])["model.alpha.width"] == 11


def test_the_command_line_may_set_no_structural_key_that_the_experiment_does_not_list(files: Files) -> None:
    error = refused(lambda: files.experiment("", overrides=["model.alpha.width=11"]))
    assert (error.code, error.key, error.file) == ("CFG_STRUCTURAL", "model.alpha.width", "cli#1")
    assert "--allow-structural" in str(error.hint)


def test_overrides_may_set_structural_keys_where_that_is_allowed(files: Files) -> None:
    config = files.experiment("", overrides=["model.alpha.width=11"], structural=True)
    assert config["model.alpha.width"] == 11
    assert config.architecture_sha256 != files.experiment("").architecture_sha256
    error = refused(lambda: files.experiment("model: {alpha: {width: 9}}", structural=True))
    assert (error.code, error.file) == ("CFG_STRUCTURAL", "experiments/x.yaml")


def test_each_experiment_lists_its_own_structural_keys(files: Files) -> None:
    files.experiment("allow_structural: [model.alpha.width]\nmodel: {alpha: {width: 9}}")
    files.write("experiments/y.yaml", "includes: [x.yaml]\nmodel: {alpha: {width: 10}}")
    error = refused(lambda: files.resolve("experiments/y.yaml"))
    assert (error.code, error.file) == ("CFG_STRUCTURAL", "experiments/y.yaml")


@pytest.mark.parametrize(
    ("listed", "code"),
    [("model.alpha.width", "CFG_STRUCTURAL"), ("model.alpha.wdith", "CFG_UNKNOWN_KEY"), ("training.max_epochs", "CFG_STRUCTURAL")],
    ids=["unused", "unknown", "not structural"],
)
def test_entries_of_allow_structural_are_known_and_used(files: Files, listed: str, code: str) -> None:
    error = refused(lambda: files.experiment(f"allow_structural:\n  - {listed}\ntraining: {{max_epochs: 4}}"))
    assert (error.code, error.key, error.line) == (code, listed, 3)


def test_an_entry_of_allow_structural_may_serve_a_variant_or_the_command_line(files: Files) -> None:
    listed = "allow_structural: [model.alpha.width]\n"
    assert files.experiment(listed, overrides=["model.alpha.width=3"])["model.alpha.width"] == 3
    text = listed + "variants: [{name: a, set: {model.alpha.width: 5}}, {name: b}]"
    assert files.experiment(text, variant="a")["model.alpha.width"] == 5
    assert files.experiment(text, variant="b")["model.alpha.width"] == 8


def test_tunable_keys_of_a_model_may_be_set_by_every_layer_of_files(files: Files) -> None:
    files.basics()
    files.write("training/t2.yaml", "model: {alpha: {dropout: 0.5}}")
    assert files.resolve("models/m.yaml", "data/d.yaml", "training/t2.yaml")["model.alpha.dropout"] == 0.5


def test_a_data_file_may_hold_sections_of_other_models_which_stay_dormant(files: Files) -> None:
    files.basics()
    plain = files.resolve("models/m.yaml", "data/d.yaml")
    files.write("data/d2.yaml", "data: {dataset: tiny}\nmodel:\n  beta: {dropout: 0.4}\n  alpha: {dropout: 0.1}\n")
    config = files.resolve("models/m.yaml", "data/d2.yaml")
    assert [(dormant.key, dormant.source.short) for dormant in config.dormant] == [("model.beta", "data/d2.yaml:3")]
    assert "beta" not in config.values()["model"]
    assert config.sha256 == plain.sha256


def test_a_dormant_section_is_checked_against_its_own_model(files: Files) -> None:
    files.basics()
    files.write("data/d2.yaml", "data: {dataset: tiny}\nmodel: {beta: {dropout: 5, depht: 1, depth: 3}}")
    error = refused(lambda: files.resolve("models/m.yaml", "data/d2.yaml"))
    assert [problem.code for problem in error.problems] == ["CFG_RANGE", "CFG_UNKNOWN_KEY", "CFG_STRUCTURAL"]


@pytest.mark.parametrize("name", ["models/m2.yaml", "training/t2.yaml", "experiments/e.yaml"])
def test_a_section_of_another_model_is_refused_outside_data_files(files: Files, name: str) -> None:
    files.basics()
    files.write(name, "model: {name: Alpha, beta: {dropout: 0.4}}" if name.startswith("models") else "model: {beta: {dropout: 0.4}}")
    names = {"models": "models/m.yaml", "data": "data/d.yaml"} | {name.split("/")[0]: name}
    error = refused(lambda: files.resolve(*names.values()))
    assert (error.code, error.key, error.file) == ("CFG_INACTIVE_SECTION", "model.beta", name)
