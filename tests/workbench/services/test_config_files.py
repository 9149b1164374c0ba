"""Files that can be chosen, and experiments that are saved from what was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.commands.base import CommandError
from workbench.layered import ResolvedConfig, resolve, resolve_variants
from workbench.layered.provenance import Layer
from workbench.layered.resolve import built_in_dataset
from workbench.services.config_files import ConfigFile, config_files, own_root, save_experiment

PARTS = ("models/rcmvae_mixture_10.yaml", "data/rcmvae_digits.yaml", "training/rcmvae_default.yaml")


def chosen(home: Path, *names: str) -> list[ConfigFile]:
    by_name = {file.name: file for file in config_files(home)}
    return [by_name[name] for name in names]


def saved(home: Path, name: str, overrides: tuple[str, ...], *names: str) -> Path:
    files = chosen(home, *names)
    config = resolve([file.path for file in files], overrides)
    return save_experiment(home, name, files, [config], find_dataset=built_in_dataset)


def own(home: Path, name: str, text: str) -> Path:
    path = own_root(home) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_shipped_files_are_listed_with_what_they_say_of_themselves(tmp_path: Path) -> None:
    (priors,) = chosen(tmp_path, "experiments/rcmvae_priors.yaml")
    assert (priors.family, priors.layer, priors.own) == ("rcmvae", Layer.EXPERIMENT, False)
    assert priors.variants == ("standard", "mixture", "vamp", "geometric")
    assert priors.about.startswith("What a prior does")


def test_ones_own_file_stands_for_a_shipped_one_of_its_name_and_follows_its_changes(tmp_path: Path) -> None:
    own(tmp_path, "training/rcmvae_default.yaml", "# Mine.\nfamily: rcmvae\n")
    (file,) = chosen(tmp_path, "training/rcmvae_default.yaml")
    assert (file.own, file.about) == (True, "Mine.")
    own(tmp_path, "training/rcmvae_default.yaml", "# Mine, changed.\nfamily: rcmvae\n")
    assert chosen(tmp_path, "training/rcmvae_default.yaml")[0].about == "Mine, changed."


@pytest.mark.parametrize(("text", "words"), [("a: [", ""), ("a: 1\na: 2", "twice"), ("\xff", "")])
def test_a_file_that_cannot_be_read_hides_no_other(tmp_path: Path, text: str, words: str) -> None:
    path = own(tmp_path, "models/broken.yaml", "")
    path.write_bytes(text.encode("latin-1"))
    (file,) = chosen(tmp_path, "models/broken.yaml")
    assert file.problem
    assert words in file.problem
    assert len(config_files(tmp_path)) == 1 + len(config_files(tmp_path / "other"))


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


def test_a_name_that_is_taken_gets_a_number_and_one_without_letters_is_refused(tmp_path: Path) -> None:
    assert [saved(tmp_path, "Priors", (), *PARTS).stem for _ in range(2)] == ["priors", "priors_2"]
    assert saved(tmp_path, "rcmvae quick", (), *PARTS).stem == "rcmvae_quick_2"
    with pytest.raises(CommandError, match="letter or a digit"):
        saved(tmp_path, " ../ ", (), *PARTS)


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
