"""Putting a module together: blocks taken as text, what nothing uses left out, the whole formatted."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruff.__main__ import find_ruff_bin

from recsys.codegen.definitions import definitions, names_in, reached

LINE_LENGTH = 110

RULES = "E,F,I,B"

UNBREAKABLE = "E501"
"""Too long a line is no fault here: the formatter breaks what can be broken, and a column's name cannot."""

BLOCKS = Path(__file__).parent / "blocks"

_OWN = "recsys.codegen.blocks"


@dataclass(frozen=True)
class Section:
    """A stretch of a module: a heading, and definitions by name, in order."""

    heading: str
    definitions: dict[str, str]


def block(name: str) -> dict[str, str]:
    """The functions and classes of a file in `blocks`, as text by name."""
    return dict(definitions(BLOCKS / f"{name}.py"))


def block_imports(names: Iterable[str]) -> set[str]:
    """What some files in `blocks` import from elsewhere, a line each."""
    return {line for name in names for line in _imports(BLOCKS / f"{name}.py")}


@cache
def _imports(file: Path) -> tuple[str, ...]:
    found = (
        node
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
    )
    return tuple(ast.unparse(node) for node in found if not str(getattr(node, "module", "")).startswith(_OWN))


def assembled(sections: Sequence[Section], imports: Iterable[str], roots: Iterable[str]) -> str:
    """Imports and sections, without what the roots do not lead to.

    Args:
        sections: in order. imports: lines to choose from. roots: names of definitions that are asked for.
    """
    known = {name: text for section in sections for name, text in section.definitions.items()}
    kept = reached(known, roots)
    parts = []
    for section in sections:
        texts = [text for name, text in section.definitions.items() if name in kept]
        if texts:
            parts.append(f"# --- {section.heading} ---\n\n\n" + "\n\n\n".join(texts))
    used = set().union(*(names_in(known[name]) for name in kept))
    return f"{_head(imports, used)}\n\n\n" + "\n\n\n".join(parts) + "\n"


def _head(imports: Iterable[str], used: set[str]) -> str:
    """The imports that are used as a linter wants them: Python's own, then others, each in order."""
    needed = sorted((one for one in map(_imported, imports) if used & one.names), key=lambda one: one.place)
    groups = ("\n".join(one.line for one in needed if one.shipped == shipped) for shipped in (True, False))
    return "\n\n".join(group for group in groups if group)


@dataclass(frozen=True)
class _Imported:
    """An import: its line, the names that it gives, where it stands, and whether Python ships the module."""

    line: str
    names: frozenset[str]
    place: tuple[bool, str]
    shipped: bool


@cache
def _imported(line: str) -> _Imported:
    (node,) = ast.parse(line).body
    assert isinstance(node, ast.Import | ast.ImportFrom)
    names = frozenset((alias.asname or alias.name).split(".")[0] for alias in node.names)
    whole = isinstance(node, ast.Import)
    module = node.names[0].name if isinstance(node, ast.Import) else str(node.module)
    return _Imported(line, names, (not whole, module), module.partition(".")[0] in sys.stdlib_module_names)


def formatted(text: str) -> str:
    """A module's text in the usual form.

    Raises:
        SyntaxError: if it is no Python.
    """
    try:
        return _ruff(text, "format")
    except RuntimeError:
        # a parse of every good module would take as long as the formatter
        ast.parse(text)
        raise


def complaints(text: str) -> list[tuple[int, str]]:
    """What a linter says against a module, (line, sentence); one more where its form is not the usual one."""
    found = _run(
        text, "check", "--select", RULES, "--ignore", UNBREAKABLE, "--output-format", "concise", "--quiet"
    )
    said = []
    for line in found.stdout.splitlines():
        _, number, _, message = line.split(":", 3)
        said.append((int(number), message.strip()))
    if not said and _ruff(text, "format") != text:
        said.append((1, "the module is not in the usual form"))
    return said


def _ruff(text: str, *arguments: str) -> str:
    done = _run(text, *arguments)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the formatter failed: {done.stderr.strip()}")
    return done.stdout


@cache
def _formatter() -> str:
    return find_ruff_bin()


def _run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [_formatter(), *arguments, "--isolated", "--no-cache"]
    command += ["--line-length", str(LINE_LENGTH)] if arguments[0] == "format" else []
    command += ["--config", f"line-length={LINE_LENGTH}"] if arguments[0] == "check" else []
    return subprocess.run([*command, "-"], input=text, capture_output=True, text=True, check=False)
