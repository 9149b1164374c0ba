"""Putting a module together: blocks taken as text, what nothing uses left out, the whole formatted."""

from __future__ import annotations

import ast
import subprocess
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
    needed = [line for line in sorted(imports) if used & _imported(line)]
    return "\n".join(needed) + "\n\n\n" + "\n\n\n".join(parts) + "\n"


def _imported(line: str) -> set[str]:
    (node,) = ast.parse(line).body
    assert isinstance(node, ast.Import | ast.ImportFrom)
    return {(alias.asname or alias.name).split(".")[0] for alias in node.names}


def formatted(text: str) -> str:
    """A module's text in the usual form, its imports sorted.

    Raises:
        SyntaxError: if it is no Python.
    """
    ast.parse(text)
    in_order = _ruff(text, "check", "--select", "I", "--fix", "--quiet")
    return _ruff(in_order, "format")


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


def _run(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [find_ruff_bin(), *arguments, "--isolated", "--no-cache"]
    command += ["--line-length", str(LINE_LENGTH)] if arguments[0] == "format" else []
    command += ["--config", f"line-length={LINE_LENGTH}"] if arguments[0] == "check" else []
    return subprocess.run([*command, "-"], input=text, capture_output=True, text=True, check=False)
