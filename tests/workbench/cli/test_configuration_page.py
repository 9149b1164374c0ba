"""The page on layered configuration shows what really happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT
from workbench.cli.app import run

PAGE = (ROOT / "docs" / "configuration.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def beside_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory that holds the page's experiment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRELLIS_HOME", str(tmp_path / "home"))
    (experiment,) = blocks("yaml")
    (tmp_path / "wider.yaml").write_text(experiment)


@pytest.mark.parametrize("block", blocks("console"), ids=lambda block: block.split()[3])
def test_a_command_of_the_page_prints_what_the_page_says(block: str, beside_its_file: None, capsys: pytest.CaptureFixture[str]) -> None:
    command, _, expected = block.partition("\n")
    code = run(shlex.split(command.removeprefix("$ trellis")))
    out, err = capsys.readouterr()
    assert out + err == expected
    assert code == (2 if err else 0)


def test_the_python_of_the_page_runs(beside_its_file: None) -> None:
    (program,) = blocks("python")
    names: dict[str, object] = {}
    exec(program, names)
    assert type(names["model"]).__name__ == "RCMVAE"


def test_every_shipped_file_that_the_page_names_exists() -> None:
    named = set(re.findall(r"(?:models|data|training|experiments)/\w+\.yaml", PAGE))
    assert len(named) >= 6
    assert [name for name in named if not (ROOT / "configs" / name).is_file()] == []
