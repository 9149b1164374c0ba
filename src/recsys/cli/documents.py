"""Configurations as people hand them over: files of JSON or YAML, and settings as NAME=VALUE."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import typer

from recsys.data.shortening import shortened
from workbench.commands.base import CommandError
from workbench.layered.yaml12 import parse, parse_value, plain

STDIN = Path("-")
_WITHIN = ("config", "values")
"""Where the answers of commands have what makes the same again."""


def read_document(path: Path) -> dict[str, Any]:
    """What a file says of a configuration; JSON is read as the YAML that it is.

    What a command answers with --json has the configuration under `config`, of a model under `values`, and more
    beside it; then it is that.

    Args:
        path: the file; `-` for standard input.

    Raises:
        CommandError: for a file that cannot be read. LayeredError: with file and line, for one that is not YAML.
    """
    try:
        data = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.", "file") from error
    document = plain(parse(data, "standard input" if path == STDIN else str(path)))
    told = document if isinstance(document, dict) else {}
    return next((told[name] for name in _WITHIN if isinstance(told.get(name), dict)), document)


def named_after(path: Path) -> str:
    """The name of what is made from a file."""
    return "From standard input" if path == STDIN else path.stem


def read_settings(pairs: list[str] | None) -> dict[str, Any]:
    """NAME=VALUE texts as a document: 3, 0.5, true, null and [..] are what they look like, the rest is text.

    Raises:
        typer.BadParameter: for a text without =. LayeredError: for a value that is not YAML.
    """
    found: dict[str, Any] = {}
    for pair in pairs or []:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise typer.BadParameter(f"{pair[:80]!r} must be NAME=VALUE")
        found[name.strip()] = typed(text.strip(), name.strip())
    return found


def typed(text: str, name: str) -> Any:
    """One text as the value that it looks like. Raises LayeredError."""
    return plain(parse_value(text, f"--{name}"))


def shown(value: Any) -> str:
    """A value in a cell of a table: JSON, cut after 60 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return shortened(text, 60)
