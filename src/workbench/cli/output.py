"""What the command line prints: JSON for machines, tables for people, errors in words."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workbench.commands.base import CommandError
from workbench.datasets import UNRULED, DatasetError
from workbench.fields import ConfigError, FieldProblem
from workbench.layered.problems import LayeredError

FAILED = 1
WRONG_CONFIG = 2
INTERRUPTED = 130

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]
"""The option that every command with a result has."""


def console() -> Console:
    """A console on standard output as it is now."""
    return Console(highlight=False)


def error_console() -> Console:
    """A console on standard error as it is now; progress goes there too, so that output stays clean."""
    return Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """A plain table, or the sentence `empty`. Cells are text, never markup."""
    rows = list(rows)
    if not rows:
        console().print(Text(empty))
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values under each other."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(name), Text(value))
    console().print(table)


def say(sentence: str) -> None:
    """A sentence for people, on standard error."""
    error_console().print(Text(sentence), soft_wrap=True)


def say_error(error: Exception) -> int:
    """Say what is wrong, field by field where it is about fields, and what to do. Returns the exit code."""
    out = error_console()
    out.print(Text.assemble(("Error: ", "bold red"), _message(error)), soft_wrap=True)
    for hint in _hints(error):
        out.print(Text(f"  {hint}"), soft_wrap=True)
    return FAILED


def say_layered(error: LayeredError, *, as_json: bool) -> int:
    """Say what is wrong with configuration files, a line each, or a JSON object each. Returns the exit code."""
    for problem in error.problems:
        sys.stderr.write((json.dumps(problem.plain(), ensure_ascii=False) if as_json else str(problem)) + "\n")
    return WRONG_CONFIG


def say_fault(error: Exception) -> int:
    """Something unforeseen: keep the traceback in a file and say where. Returns the exit code."""
    logging.getLogger(__name__).debug("unforeseen", exc_info=error)
    handle, name = tempfile.mkstemp(prefix="trellis-error-", suffix=".txt")
    with os.fdopen(handle, "w") as file:
        file.write("".join(traceback.format_exception(error)))
    first = str(error).strip().splitlines()[:1] or [""]
    say_error(RuntimeError(f"{type(error).__name__}: {first[0]} This is a fault of Trellis; details are in {Path(name)}."))
    return FAILED


def _message(error: Exception) -> str:
    problems = _problems(error)
    if len(problems) > 1:
        return f"{len(problems)} things are wrong, and nothing was changed.\n" + "\n".join(f"  {_problem(problem)}" for problem in problems)
    if isinstance(error, DatasetError) and error.code != UNRULED:
        where = f"{error.where}: " if error.where.casefold() not in error.message.casefold() else ""
        return f"{where}{error.message.removesuffix('.')} ({error.code})."
    words, code = str(error) or type(error).__name__, problems[0].code if problems else None
    return f"{words.removesuffix('.')} ({code})." if code else words


def _hints(error: Exception) -> list[str]:
    hints = [problem.hint for problem in _problems(error)]
    if isinstance(error, CommandError):
        hints.append(error.hint)
    if isinstance(error, DatasetError) and error.code != UNRULED:
        return [error.hint] if error.hint else []
    return [hint for hint in dict.fromkeys(hints) if hint and hint not in str(error)]


def _problems(error: Exception) -> tuple[FieldProblem, ...]:
    return error.problems if isinstance(error, CommandError | ConfigError) else ()


def _problem(problem: FieldProblem) -> str:
    words = problem.message if problem.message.startswith(problem.path) else f"{problem.path}: {problem.message}"
    return f"{words} ({problem.code})" if problem.code else words
