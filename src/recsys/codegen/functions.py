"""The source text of functions that generated modules carry along, read from the modules that define them.

A function comes with every constant and function of those modules that it uses, and with nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path


def carried(files: Sequence[Path], used: Iterable[str]) -> tuple[str, ...]:
    """What a module has to carry to use some functions.

    Args:
        files: the modules that define them; names are unique among them. used: names of functions.

    Returns:
        The text of each definition, constants first, in the order of the files.

    Raises:
        KeyError: for a name that no file defines.
    """
    known = {name: found for file in files for name, found in _definitions(file).items()}
    needed: set[str] = set()
    waiting = list(used)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += [other for other in _names(known[name]) if other in known]
    chosen = [known[name] for name in known if name in needed]
    constants = [text for text in chosen if not text.startswith("def ")]
    return (*constants, *(text for text in chosen if text.startswith("def ")))


@cache
def _definitions(file: Path) -> dict[str, str]:
    """The text of each constant and function at the top of a module, by name."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        name = _defined(node)
        if name is not None:
            assert node.end_lineno is not None
            found[name] = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return found


def _defined(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


@cache
def _names(text: str) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
