"""Whether generated code is what it should be: it compiles, it is well formed, it imports only what it may."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from recsys.codegen.assembly import complaints

ALLOWED = frozenset(
    {
        "__future__", "math", "time", "types", "zlib", "numpy", "tensorflow", "tensorflow_recommenders",
        "tensorflow_transform", "tfx_bsl",
    }
)  # fmt: skip
"""Packages that generated code may import."""


@dataclass(frozen=True)
class Problem:
    """The first thing wrong with a module."""

    line: int
    message: str


def check_source(source: str) -> Problem | None:
    """The first thing wrong with a module's text; None for a good one."""
    try:
        tree = ast.parse(source)
        compile(source, "<generated>", "exec")
    except SyntaxError as error:
        return Problem(error.lineno or 1, f"{error.msg}.")
    for node in ast.walk(tree):
        for name in _imports(node):
            if name.partition(".")[0] not in ALLOWED:
                return Problem(getattr(node, "lineno", 1), f"It imports {name}, which it may not.")
    said = complaints(source)
    return Problem(*said[0]) if said else None


def _imports(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []
