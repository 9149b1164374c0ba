"""What the command line prints: JSON for machines, tables for people, errors in words."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import tempfile
import textwrap
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
from workbench.fields import ConfigError, FieldProblem, with_name
from workbench.layered.problems import LayeredError
from workbench.listing.expressions.errors import ExpressionError

FAILED = 1
WRONG_CONFIG = 2
INTERRUPTED = 130

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_WIDE = 10_000
_LEAST = 5
"""Characters that a column needs at least."""

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of words.")]
"""The option that every command with a result has."""


def console() -> Console:
    """A console on standard output as it is now; what goes into a file or a program is as wide as it needs to be."""
    return Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDE)


def error_console() -> Console:
    """A console on standard error as it is now; progress goes there too, so that output stays clean."""
    return Console(stderr=True, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def shown(text: str) -> str:
    """Text as a terminal may have it: control characters but line breaks and tabs are written out, so that data never drives it."""
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), text)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], empty: str) -> None:
    """A plain table, or the sentence `empty`. Cells are text, never markup."""
    rows = list(rows)
    if not rows:
        console().print(Text(empty))
        return
    rows = [[shown(cell) for cell in row] for row in rows]
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    whole = _whole_columns(columns, rows, out.width)
    for place, column in enumerate(columns):
        table.add_column(Text(shown(column)), overflow="fold", no_wrap=place in whole)
    for row in rows:
        table.add_row(*map(Text, row))
    _print_lines(out, table)


def _print_lines(out: Console, table: Table) -> None:
    """Print a table without the blanks that fill its lines up to the widest one."""
    with out.capture() as captured:
        out.print(table)
    for line in captured.get().splitlines():
        out.print(Text.from_ansi(line.rstrip()), soft_wrap=True)


def _whole_columns(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> set[int]:
    """Columns that are not folded, because an id or a number that is cut is none any more: from the left, as far as there is room."""
    whole: set[int] = set()
    room = width - len(columns) - _LEAST * len(columns)
    for place in range(len(columns)):
        if any(" " in row[place].strip() for row in rows):
            continue
        room -= max(0, max(map(len, (columns[place], *(row[place] for row in rows)))) - _LEAST)
        if room < 0:
            break
        whole.add(place)
    return whole


def print_pairs(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values under each other."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(Text(shown(name)), Text(shown(value)))
    _print_lines(console(), table)


def say(sentence: str) -> None:
    """A sentence for people, on standard error."""
    error_console().print(Text(shown(sentence)), soft_wrap=True)


def say_error(error: Exception) -> int:
    """Say what is wrong, field by field where it is about fields, and what to do. Returns the exit code."""
    out = error_console()
    out.print(Text.assemble(("Error: ", "bold red"), shown(_message(error))), soft_wrap=True)
    if isinstance(error, ExpressionError):
        out.print(Text(shown(textwrap.indent(error.marked, "  "))), soft_wrap=True)
    for hint in _hints(error):
        out.print(Text(f"  {shown(hint)}"), soft_wrap=True)
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
    said = str(error).casefold()
    return [hint for hint in dict.fromkeys(hints) if hint and hint.casefold() not in said]


def _problems(error: Exception) -> tuple[FieldProblem, ...]:
    return error.problems if isinstance(error, CommandError | ConfigError) else ()


def _problem(problem: FieldProblem) -> str:
    words = with_name(problem.path, problem.message)
    return f"{words} ({problem.code})" if problem.code else words
