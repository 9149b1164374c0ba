"""The page about recommenders: its commands do what it says, on a file of the form that it shows."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recsys.cli.instant import InstantWorkers
from tests.recsys.cli.pages import blocks, lines_of
from workbench import families
from workbench.cli.app import run
from workbench.runs import executor

PAGE = "docs/recommenders.md"


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The families as they are shipped, with tests that end at once."""
    monkeypatch.setattr(executor, "LocalExecutor", InstantWorkers)
    families.family.cache_clear()
    yield
    families.family.cache_clear()


def test_every_command_of_the_page_works_in_its_order(
    shipped: None, home: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(blocks(PAGE, "python")[0], {})
    commands = [line for block in blocks(PAGE, "sh") for line in lines_of(block)]
    said, values = {}, {}
    for line in commands:
        line = line.with_values(values)
        code = run(line.arguments)
        out, err = capsys.readouterr()
        assert code == 0, (line, err)
        said[line.arguments[:2]] = out + err
        if line.name:
            values[line.name] = line.value(out)
        if line.into:
            (tmp_path / line.into).write_text(out)
    assert {verbs[0] for verbs in said} == {"data", "features", "recommenders", "quick-tests", "models"}
    assert "may be none" in said["quick-tests", "start"] or "better" in said["quick-tests", "start"]
    assert "Embedding size" in said["quick-tests", "compare"]
    assert json.loads((tmp_path / "test.json").read_text())["status"] == "completed"
    assert "preprocessing_fn" in {
        node.name
        for node in ast.parse((tmp_path / "preprocessing.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    }


def test_no_number_of_a_test_stands_fixed_on_the_page() -> None:
    for block in blocks(PAGE, "sh"):
        for line in lines_of(block):
            if line.arguments[0] == "quick-tests":
                assert not [word for word in line.arguments[2:3] if word.lstrip("#").isdigit()], line


def test_commands_that_the_page_only_mentions_exist(capsys: Any) -> None:
    text = re.sub(
        r"^```.*?^```$", "", Path(__file__).parents[3].joinpath(PAGE).read_text(), flags=re.M | re.S
    )
    mentioned = {tuple(words.split()[:2]) for words in re.findall(r"`trellis ([a-z-]+ [a-z-]+)", text)}
    assert len(mentioned) >= 5
    for verbs in mentioned:
        assert run([*verbs, "--help"]) == 0, verbs
    capsys.readouterr()
