"""The source text of definitions that generated modules carry along, read from the modules that have them.

A definition comes with every other one of those modules that it uses, and with nothing else.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType


def carried(files: Sequence[Path], used: Iterable[str]) -> tuple[str, ...]:
    """What a module has to carry to use some functions.

    Args:
        files: the modules that define them; names are unique among them. used: names of functions.

    Returns:
        The text of each definition, constants first, in the order of the files.

    Raises:
        KeyError: for a name that no file defines.
    """
    known = {name: found for file in files for name, found in definitions(file).items()}
    needed = reached(known, used)
    chosen = [known[name] for name in known if name in needed]
    constants = [text for text in chosen if not text.startswith("def ")]
    return (*constants, *(text for text in chosen if text.startswith("def ")))


@cache
def definitions(file: Path) -> Mapping[str, str]:
    """The text of each constant, function and class at the top of a module, by name, in their order."""
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        name = _defined(node)
        if name is not None:
            found[name] = "\n".join(lines[node.lineno - 1 : node.end_lineno])
    return MappingProxyType(found)


def reached(known: Mapping[str, str], roots: Iterable[str]) -> set[str]:
    """The names of the definitions that some of them lead to, themselves among them.

    Raises:
        KeyError: for a root that is not known.
    """
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in names_in(known[name]) if other in known]
    return found


@cache
def names_in(text: str) -> frozenset[str]:
    """The names that a piece of code reads or sets."""
    return frozenset(node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))


def _defined(node: ast.stmt) -> str | None:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None
