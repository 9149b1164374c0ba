"""A complete configuration as the lines of a file, each with what it is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.layered.provenance import Leaf
from workbench.layered.resolved import ResolvedConfig
from workbench.layered.scalars import yaml_text
from workbench.layered.schema import Path


@dataclass(frozen=True)
class Line:
    """One line.

    Attributes:
        depth: how far it is indented. text: without its indentation. path: of the key or section that it belongs to.
        leaf: of the key that begins on it; None for a section's name, and for a further line of a value.
    """

    depth: int
    text: str
    path: Path
    leaf: Leaf | None = None


def lines_of(config: ResolvedConfig) -> Iterator[Line]:
    """The lines of every section, in the order of the schema."""
    above: Path = ()
    for path, leaf in config.leaves.items():
        section = path[:-1]
        for depth in range(len(section)):
            if section[: depth + 1] != above[: depth + 1]:
                yield Line(depth, f"{section[depth]}:", section[: depth + 1])
        above = section
        if isinstance(leaf.value, tuple) and any(isinstance(entry, dict) for entry in leaf.value):
            yield Line(len(section), f"{path[-1]}:", path, leaf)
            yield from (Line(len(section) + 1, f"- {yaml_text(entry)}", path) for entry in leaf.value)
            continue
        yield Line(len(section), f"{path[-1]}: {yaml_text(leaf.value)}", path, leaf)
