"""Experiments that are saved from what was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workbench.services.test_config_files import chosen, own
from workbench.commands.base import CommandError
from workbench.commands.confirming import NameTaken
from workbench.layered import ResolvedConfig, resolve, resolve_variants
from workbench.layered.resolve import built_in_dataset
from workbench.layered.yaml12 import parse, plain
from workbench.services.config_files import ConfigFile, own_root
from workbench.services.saved_experiments import save_experiment

PARTS = ("models/rcmvae_mixture_10.yaml", "data/rcmvae_digits.yaml", "training/rcmvae_default.yaml")


def saved(home: Path, name: str, overrides: tuple[str, ...], *names: str, replace: bool = False) -> Path:
    files = chosen(home, *names)
    config = resolve([file.path for file in files], overrides)
    return save_experiment(home, name, files, [config], find_dataset=built_in_dataset, replace=replace)


def test_a_saved_experiment_makes_the_same_configuration_wherever_the_home_lies(tmp_path: Path) -> None:
    path = saved(tmp_path / "here", "My try: 5!", ("training.max_epochs=5", "model.rcmvae.num_classes=10"), *PARTS)
    assert path == tmp_path / "here" / "configs" / "experiments" / "my_try_5.yaml"
    config = resolve([path])
    assert (config["experiment.name"], config["training.max_epochs"]) == ("My try: 5!", 5)
    assert config.sha256 == resolve([file.path for file in chosen(tmp_path, *PARTS)], ["training.max_epochs=5"]).sha256
    (tmp_path / "here").rename(tmp_path / "there")
    moved = tmp_path / "there" / "configs" / "experiments" / "my_try_5.yaml"
    assert resolve([moved]).sha256 == config.sha256
    assert chosen(tmp_path / "there", "experiments/my_try_5.yaml")[0].own


def test_a_saved_experiment_includes_ones_own_files_and_experiments(tmp_path: Path) -> None:
    own(tmp_path, "training/slow.yaml", "family: rcmvae\ntraining: {learning_rate: 1e-5}\n")
    first = saved(tmp_path, "First", (), PARTS[0], PARTS[1], "training/slow.yaml")
    second = saved(tmp_path, "Second", ("training.max_epochs=7",), f"experiments/{first.name}")
    config = resolve([second])
    assert (config["training.learning_rate"], config["training.max_epochs"], config["experiment.name"]) == (1e-5, 7, "Second")


def includes_of(path: Path) -> list[str]:
    return plain(parse(path.read_bytes(), path.name))["includes"]


def test_an_experiment_that_is_saved_again_and_again_includes_the_files_that_the_first_was_made_of(tmp_path: Path) -> None:
    path = saved(tmp_path, "Round 0", ("training.max_epochs=3", "training.learning_rate=1e-5"), *PARTS)
    for round in range(1, 20):
        path = saved(tmp_path, f"Round {round}", (f"training.max_epochs={round}",), f"experiments/{path.name}")
    assert includes_of(path) == [f"../{name}" for name in PARTS]
    config = resolve([path])
    assert (config["training.max_epochs"], config["training.learning_rate"], config["experiment.name"]) == (19, 1e-5, "Round 19")
    for earlier in path.parent.glob("round_*.yaml"):
        if earlier != path:
            earlier.unlink()
    assert resolve([path]).sha256 == config.sha256


def test_an_experiment_that_includes_what_cannot_be_chosen_is_included_itself(tmp_path: Path) -> None:
    own(tmp_path, "more/slow.yaml", "family: rcmvae\nlayer: training\ntraining: {learning_rate: 1e-5}\n")
    names = "".join(f"  - ../{name}\n" for name in (*PARTS, "more/slow.yaml"))
    own(tmp_path, "experiments/mine.yaml", f"family: rcmvae\nincludes:\n{names}training: {{max_epochs: 4}}\n")
    path = saved(tmp_path, "Next", ("training.max_epochs=7",), "experiments/mine.yaml")
    assert includes_of(path) == ["../experiments/mine.yaml"]
    assert (resolve([path])["training.max_epochs"], resolve([path])["training.learning_rate"]) == (7, 1e-5)


def test_a_name_that_is_taken_is_asked_about_and_a_yes_replaces_it(tmp_path: Path) -> None:
    first = saved(tmp_path, "Priors", (), *PARTS)
    with pytest.raises(NameTaken, match="There is an experiment priors") as caught:
        saved(tmp_path, " PRIORS", ("training.max_epochs=7",), *PARTS)
    assert caught.value.question.endswith("Replace it?")
    assert resolve([first])["training.max_epochs"] != 7
    again = saved(tmp_path, "Priors", ("training.max_epochs=7",), f"experiments/{first.name}", replace=True)
    assert (again, resolve([again])["training.max_epochs"]) == (first, 7)
    assert [path.name for path in first.parent.iterdir()] == ["priors.yaml"]
    for replace in (False, True):
        with pytest.raises(CommandError, match="Trellis comes with"):
            saved(tmp_path, "rcmvae quick", (), *PARTS, replace=replace)


def test_what_is_to_be_replaced_stays_when_the_new_one_would_make_something_else(tmp_path: Path) -> None:
    first = saved(tmp_path, "Mine", (), *PARTS)
    before = first.read_bytes()
    config = resolve([file.path for file in chosen(tmp_path, *PARTS)], ["training.max_epochs=9"])
    others = chosen(tmp_path, "models/rcmvae_vamp_prior.yaml", *PARTS[1:])
    with pytest.raises(CommandError, match="another configuration"):
        save_experiment(tmp_path, "Mine", others, [config], find_dataset=built_in_dataset, replace=True)
    assert first.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("日本", "日本"),
        ("Größe: 5!", "größe_5"),
        ("हिन्दी", "हिन्दी"),
        ("ＡＢ", "ab"),
        ("../../etc", "etc"),
        ("𐌰" * 50, "𐌰" * 50),
        ("a" * 50, "a" * 50),
    ],
)
def test_a_file_is_called_by_the_letters_of_any_script(tmp_path: Path, name: str, stem: str) -> None:
    path = saved(tmp_path, name, (), *PARTS)
    assert (path.stem, path.parent) == (stem, own_root(tmp_path) / "experiments")
    assert resolve([path])["experiment.name"] == name
    assert chosen(tmp_path, f"experiments/{stem}.yaml")[0].own


@pytest.mark.parametrize(
    ("name", "words"), [(" ../ ", "letter or a digit"), ("", "letter or a digit"), ("x" * 300, "at most 50 characters; this one has 300")]
)
def test_a_name_without_letters_or_of_too_many_is_refused(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        saved(tmp_path, name, (), *PARTS)


def with_variants(home: Path, source: str, *overrides: str) -> tuple[list[ConfigFile], tuple[ResolvedConfig, ...]]:
    files = chosen(home, f"experiments/{source}.yaml")
    return files, resolve_variants([file.path for file in files], overrides)


@pytest.mark.parametrize(
    ("source", "overrides"),
    [
        ("rcmvae_priors", ()), ("rcmvae_priors", ("training.max_epochs=4",)),
        ("lstm_vs_xlstm", ("training.epochs=7", "data.window.prediction_length=6")),
        ("ablation_social", ("training.optimizer.learning_rate=3e-3",)),
        ("ablation_xlstm_blocks", ("model.xlstm.slstm_at=[0]",)),
    ],
)  # fmt: skip
def test_an_experiment_with_variants_is_saved_with_all_of_them(source: str, overrides: tuple[str, ...], tmp_path: Path) -> None:
    files, configs = with_variants(tmp_path, source, *overrides)
    path = save_experiment(tmp_path, "All of them", files, configs, find_dataset=built_in_dataset)
    again = resolve_variants([path])
    assert [(one.variant, one.sha256) for one in again] == [(one.variant, one.sha256) for one in configs]
    assert {one["experiment.name"] for one in again} == {"All of them"}
    assert again[0]["experiment.seeds"] == configs[0]["experiment.seeds"]
    (file,) = chosen(tmp_path, "experiments/all_of_them.yaml")
    assert file.variants == files[0].variants
    second = save_experiment(tmp_path, "Once more", [file], resolve_variants([path]), find_dataset=built_in_dataset)
    assert [one.sha256 for one in resolve_variants([second])] == [one.sha256 for one in configs]


def test_what_is_set_over_an_experiment_wins_over_what_a_variant_sets(tmp_path: Path) -> None:
    text = (
        "family: rcmvae\nincludes: [../models/rcmvae_standard_baseline.yaml, ../data/rcmvae_digits.yaml, ../training/rcmvae_default.yaml]\n"
    )
    own(tmp_path, "experiments/two.yaml", text + "variants:\n  - name: short\n    set: {training: {max_epochs: 2}}\n  - name: long\n")
    files, configs = with_variants(tmp_path, "two", "training.max_epochs=9")
    path = save_experiment(tmp_path, "Nine", files, configs, find_dataset=built_in_dataset)
    assert [one["training.max_epochs"] for one in resolve_variants([path])] == [9, 9]


def test_nothing_is_left_of_an_experiment_that_would_make_something_else(tmp_path: Path) -> None:
    config = resolve([file.path for file in chosen(tmp_path, *PARTS)], ["training.max_epochs=9"])
    others = chosen(tmp_path, "models/rcmvae_vamp_prior.yaml", *PARTS[1:])
    with pytest.raises(CommandError, match="another configuration"):
        save_experiment(tmp_path, "Mine", others, [config], find_dataset=built_in_dataset)
    assert not list(own_root(tmp_path).glob("*/*.yaml"))
