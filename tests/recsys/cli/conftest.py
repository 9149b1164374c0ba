"""The command line on a small family of recommenders, whose tests end at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.recsys.cli import instant
from tests.workbench.cli.conftest import Said
from workbench import families
from workbench.cli.app import run
from workbench.runs import executor


@pytest.fixture
def trellis(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Said]]:
    """trellis("features", "list"): carries out one command line in this process."""
    monkeypatch.setattr(families, "FAMILIES", {"recsys": "tests.recsys.cli.instant:FAMILY"})
    monkeypatch.setattr(executor, "LocalExecutor", instant.InstantWorkers)
    monkeypatch.setattr(instant.InstantWorkers, "work", True)
    monkeypatch.setattr(instant.InstantWorkers, "failing", None)
    monkeypatch.setenv("COLUMNS", "200")
    families.family.cache_clear()

    def carry_out(*arguments: Any) -> Said:
        code = run([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    yield carry_out
    families.family.cache_clear()


@pytest.fixture
def told(trellis: Callable[..., Said]) -> Callable[..., Any]:
    """told("features", "list"): what a command that works prints with --json."""

    def ask(*arguments: Any) -> Any:
        said = trellis(*arguments, "--json")
        assert said.code == 0, said.err
        return json.loads(said.out)

    return ask


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """document(values): a file that holds them as JSON."""

    def write(values: Any, name: str = "document.json") -> Path:
        path = tmp_path / name
        path.write_text(values if isinstance(values, str) else json.dumps(values))
        return path

    return write
