"""Where values come from: every key remembers who set it, in the order in which they did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, Literal

from workbench.layered.scalars import yaml_text

SHOWN = 60
"""Characters of a value in an explanation; longer ones are cut."""


class Layer(IntEnum):
    """The layers of files, weakest first; `CLI` stands for overrides on a command line."""

    MODEL = 0
    DATA = 1
    TRAINING = 2
    EXPERIMENT = 3
    CLI = 4

    @property
    def word(self) -> str:
        """The layer as files name it."""
        return "command line" if self is Layer.CLI else self.name.lower()


@dataclass(frozen=True)
class Source:
    """Who set a value: `default(Training)`, `training/x.yaml:4:3`, `cli#2`, `derived(rule)` or `workbench(model #7)`.

    Attributes:
        name: the config type, the file as shown to people, the override's number, the rule, or the record in the workbench.
    """

    kind: Literal["default", "file", "cli", "derived", "workbench"]
    name: str
    line: int | None = None
    column: int | None = None
    layer: Layer | None = None

    def __str__(self) -> str:
        if self.kind == "file":
            return f"{self.name}:{self.line}:{self.column}"
        return f"cli#{self.name}" if self.kind == "cli" else f"{self.kind}({self.name})"

    @property
    def short(self) -> str:
        """The same without the column."""
        return f"{self.name}:{self.line}" if self.kind == "file" else str(self)

    @property
    def file(self) -> str | None:
        """What an error names as its file; None for a default and a derived value."""
        return self.name if self.kind == "file" else f"cli#{self.name}" if self.kind == "cli" else None


@dataclass(frozen=True)
class Write:
    """One value that was set, by whom, and a remark for people.

    Attributes:
        lines: where the parts of a value with entries stand (`1.units` -> line). partial: these alone were set; the rest is as it was below.
    """

    source: Source
    value: Any
    note: str = ""
    lines: Mapping[str, int] = field(default_factory=dict)
    partial: bool = False

    def source_of(self, path: str) -> Source | None:
        """Who set what stands at a path within the value, with its line; None for a part that this writer left as it was."""
        at = path
        while at and at not in self.lines:
            at = at.rpartition(".")[0]
        if at:
            return replace(self.source, line=self.lines[at]) if self.source.kind == "file" else self.source
        within = any(part.startswith(f"{path}.") for part in self.lines)
        return self.source if not self.partial or within else None


@dataclass(frozen=True)
class Leaf:
    """A key's value and its history.

    Attributes:
        value: what holds. given: the same before the model's own `auto` was worked out; this is what a model stores.
        chain: every value that was set, weakest first; the last one holds. idle: it means nothing under the other values.
    """

    value: Any
    chain: tuple[Write, ...]
    given: Any = None
    idle: bool = False

    @classmethod
    def of(cls, value: Any, source: Source, lines: Mapping[str, int] | None = None, *, partial: bool = False) -> Leaf:
        """A value with one writer."""
        return cls(value, (Write(source, value, lines=lines or {}, partial=partial),), value)

    @property
    def source(self) -> Source:
        """Who set the value that holds."""
        return self.chain[-1].source

    @property
    def place(self) -> Source | None:
        """The strongest writer that stands in a file or on the command line."""
        return next((write.source for write in reversed(self.chain) if write.source.file is not None), None)

    def place_of(self, path: str) -> Source | None:
        """The strongest writer of what stands at a path within the value that stands in a file or on the command line."""
        placed = (write.source_of(path) for write in reversed(self.chain) if write.source.file is not None)
        return next(filter(None, placed), None)

    def after(self, older: Leaf) -> Leaf:
        """This value set over another."""
        return replace(self, chain=(*older.chain, *self.chain))

    def derived(self, rule: str, value: Any, *, given: Any, note: str = "") -> Leaf:
        """The value that a rule put in the place of this one."""
        return replace(self, value=value, given=given, chain=(*self.chain, Write(Source("derived", rule), value, note)))

    def noted(self, index: int, note: str) -> Leaf:
        """The same with a remark on one writer."""
        chain = list(self.chain)
        chain[index] = replace(chain[index], note=note)
        return replace(self, chain=tuple(chain))


def join(older: Leaf, newer: Leaf) -> Leaf:
    """What the merge makes of two values of one key."""
    return newer.after(older)


def explain_leaf(key: str, leaf: Leaf) -> str:
    """A key's value and its whole history, weakest first, the winner marked."""
    rows = [(write.source.short, _shown(write.value), write.note) for write in leaf.chain]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"{key} = {_shown(leaf.value)}" + ("    does not apply" if leaf.idle else "")]
    for number, (source, value, note) in enumerate(rows):
        marker = "  > " if number == len(rows) - 1 else "    "
        lines.append(f"{marker}{source:<{widths[0]}}  {value:<{widths[1]}}  {note}".rstrip())
    return "\n".join(lines)


def explain_all(leaves: Iterable[tuple[str, Leaf]]) -> str:
    """The histories of several keys, with an empty line between them."""
    return "\n\n".join(explain_leaf(key, leaf) for key, leaf in leaves)


def _shown(value: Any) -> str:
    text = yaml_text(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
