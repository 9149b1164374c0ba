"""Hints name commands and options that there are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import typer

from tests.conftest import ROOT
from workbench.cli.app import build
from workbench.cli.places import free_place
from workbench.commands.base import CommandError
from workbench.settings import Settings

SPOKEN = re.compile(r"`trellis ([^`]+)`")
VALUE = "\0"
"""Stands for what a hint fills in."""


def texts(path: Path) -> Iterator[str]:
    """Every text of a module, those in pieces as one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    within = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in within:
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)


HINTS = sorted({
    (str(path.relative_to(ROOT)), spoken)
    for folder in ("src", "dashboard") for path in (ROOT / folder).rglob("*.py") for text in texts(path) for spoken in SPOKEN.findall(text)
})  # fmt: skip


@pytest.fixture(scope="module")
def tree() -> Any:
    return typer.main.get_command(build())


def told(tree: Any, words: list[str]) -> tuple[Any, list[str]]:
    """The command that words begin with, and the rest of them."""
    command = tree
    for place, word in enumerate(words):
        if not hasattr(command, "commands") or word.startswith("-"):
            return command, words[place:]
        if word not in command.commands:
            return command, words[place:]
        command = command.commands[word]
    return command, []


def problems(tree: Any, spoken: str) -> list[str]:
    """What is wrong with a command line in a text."""
    command, rest = told(tree, spoken.split())
    known = {name for option in command.get_params(click.Context(command)) for name in (*option.opts, *option.secondary_opts)}
    wrong = [f"`trellis {spoken}` has no {word}" for word in rest if word.startswith("--") and word.partition("=")[0] not in known]
    if command is tree and VALUE not in spoken and rest and rest[0].isidentifier() and rest[0].islower():
        wrong.append(f"`trellis {spoken}` is no command")
    return wrong


def test_commands_in_backticks_are_there_with_their_options(tree: Any) -> None:
    assert problems(tree, "backup all.zip --file other.zip")
    assert problems(tree, "bakup all.zip")
    assert len(HINTS) > 40
    assert [(place, wrong) for place, spoken in HINTS if (wrong := problems(tree, spoken))] == []


COMMANDS = {"backup": None, "export": "--out", "predict": "--out", "labels export": "--out", "quick-tests export": "--to"}
"""The commands that write a file -> the option that names it; None where it is an argument."""


@pytest.mark.parametrize(("command", "option"), COMMANDS.items())
def test_where_a_file_is_there_the_hint_names_options_of_that_command(tree: Any, command: str, option: str | None, tmp_path: Path) -> None:
    file = tmp_path / "there"
    file.touch()
    with pytest.raises(CommandError) as caught:
        free_place(file, Settings.load(home=tmp_path / "home"), force=False, option=option)
    found, rest = told(tree, command.split())
    assert rest == []
    options = {name for each in found.params for name in each.opts}
    assert set(re.findall(r"--[\w-]+", str(caught.value.hint))) == {"--force", *([option] if option else [])}
    assert {"--force", *([option] if option else [])} <= options
    names = {argument.name for argument in found.params}
    assert (option or "--file").removeprefix("--") in names
