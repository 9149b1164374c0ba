"""Files that can be chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.layered.provenance import Layer
from workbench.services.config_files import ConfigFile, config_files, own_root


def chosen(home: Path, *names: str) -> list[ConfigFile]:
    by_name = {file.name: file for file in config_files(home)}
    return [by_name[name] for name in names]


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
