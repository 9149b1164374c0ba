"""YAML files read as plain data with positions: mappings, lists and scalars of the YAML 1.2 core schema, and nothing else.

PyYAML's safe parser does the reading; what its events mean is decided here. Anchors, aliases, merge keys, tags,
directives, several documents and keys that are no text are refused, and so is whatever passes a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import yaml

from workbench.layered.problems import Code, LayeredError, fail
from workbench.layered.scalars import Scalar, scalar_value

MAX_BYTES = 1024 * 1024
MAX_NESTING = 32
MAX_LIST = 10_000
MAX_SCALAR = 64 * 1024

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A scalar: its value, its text as it was written, and whether it stood without quotes."""

    value: Scalar
    text: str
    plain: bool
    mark: Mark


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping's entry: where its key stands, and its value."""

    mark: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping, in the order of the file."""

    entries: Mapping[str, Entry]
    mark: Mark


Node = ScalarNode | ListNode | MapNode


def parse(data: bytes, file: str) -> MapNode:
    """A file's content; an empty one is an empty mapping.

    Args:
        file: its name for people.

    Raises:
        LayeredError: CFG_PARSE, CFG_DUPLICATE_KEY, CFG_LIMIT, with file and line.
    """
    if len(data) > MAX_BYTES:
        raise fail("CFG_LIMIT", f"the file has {len(data):,} bytes, more than {MAX_BYTES:,}", file=file, line=1, hint="Split the file.")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise fail("CFG_PARSE", "the file is not UTF-8 text", file=file, line=line, hint="Save it as UTF-8.") from error
    root = _Reader(file).read(text.removeprefix("\ufeff"))
    if root is None:
        return MapNode(MappingProxyType({}), Mark(1, 1))
    if not isinstance(root, MapNode):
        raise fail("CFG_PARSE", f"the file holds {kind_words(root)} instead of keys and values", file=file, line=root.mark.line)
    return root


def parse_value(text: str, file: str) -> Node:
    """A single value, as on a command line: a scalar or a flow list. Raises LayeredError."""
    root = _Reader(file).read(text)
    return ScalarNode(None, "", True, Mark(1, 1)) if root is None else root


def plain(node: Node) -> Any:
    """A node as plain Python values."""
    if isinstance(node, MapNode):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return node.value


def set_twice(key: str, first: Mark, second: Mark) -> str:
    """What is said of a key that stands at two places of a file."""
    both = f"in line {first.line} and in line {second.line}"
    return f"{key} is set twice, {f'both in line {first.line}' if first.line == second.line else both}"


def kind_words(node: Node) -> str:
    """What a node is, in words, as in "must be a whole number, not a list"."""
    if isinstance(node, MapNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    names: dict[type, str] = {bool: "a truth value", int: "a whole number", float: "a number", str: "text"}
    return "nothing" if node.value is None else names[type(node.value)]


@dataclass
class _Open:
    """A mapping or list that is being read."""

    mark: Mark
    mapping: bool
    entries: dict[str, Entry] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)
    key: tuple[str, Mark] | None = None


class _Reader:
    """Reads one file. `file` is its name for people."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._stack: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0

    def read(self, text: str) -> Node | None:
        """The one document's root, or None for a file without content."""
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            words = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read"
            raise self._fail("CFG_PARSE", f"not valid YAML: {words}", _mark(mark) if mark else Mark(1, 1)) from error
        return self._root

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_features(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_features(event)
            self._open(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._stack.pop()
            self._place(MapNode(MappingProxyType(done.entries), done.mark) if done.mapping else ListNode(tuple(done.items), done.mark))
        elif isinstance(event, yaml.AliasEvent):
            raise self._fail("CFG_PARSE", f"the alias *{event.anchor} is not allowed", _mark(event.start_mark), "Write the value out.")
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._fail("CFG_PARSE", "a second document begins here", _mark(event.start_mark), "Use a file for each.")
            if event.version or event.tags:
                raise self._fail("CFG_PARSE", "directives (%) are not allowed", Mark(1, 1), "Remove the line.")

    def _refuse_features(self, event: Any) -> None:
        if event.anchor is not None:
            raise self._fail("CFG_PARSE", f"the anchor &{event.anchor} is not allowed", _mark(event.start_mark), "Write the value out.")
        if event.tag is not None:
            raise self._fail("CFG_PARSE", f"the tag {event.tag} is not allowed", _mark(event.start_mark), "Remove the tag.")

    def _open(self, event: Any) -> None:
        mark = _mark(event.start_mark)
        self._refuse_as_key(mark)
        if len(self._stack) >= MAX_NESTING:
            raise self._fail("CFG_LIMIT", f"values are nested more than {MAX_NESTING} deep", mark)
        self._stack.append(_Open(mark, isinstance(event, yaml.MappingStartEvent)))

    def _refuse_as_key(self, mark: Mark) -> None:
        if self._stack and self._stack[-1].mapping and self._stack[-1].key is None:
            raise self._fail("CFG_PARSE", "a key must be text", mark)

    def _scalar(self, event: Any) -> None:
        mark = _mark(event.start_mark)
        if len(event.value) > MAX_SCALAR // 4 and len(event.value.encode()) > MAX_SCALAR:
            raise self._fail("CFG_LIMIT", f"a value has more than {MAX_SCALAR:,} bytes", mark)
        unquoted = event.style in (None, "")
        try:
            value = scalar_value(event.value) if unquoted else event.value
        except ValueError as error:
            raise self._fail("CFG_LIMIT", f"a whole number of {len(event.value):,} digits", mark) from error
        node = ScalarNode(value, event.value, unquoted, mark)
        if self._stack and self._stack[-1].mapping and self._stack[-1].key is None:
            self._key(node)
        else:
            self._place(node)

    def _key(self, node: ScalarNode) -> None:
        if not isinstance(node.value, str):
            raise self._fail("CFG_PARSE", f"the key {node.text or 'null'} is not text", node.mark, "Put it in quotes if it is a name.")
        if node.plain and node.value == "<<":
            raise self._fail("CFG_PARSE", "merge keys (<<) are not allowed", node.mark, "Use includes.")
        holder = self._stack[-1]
        if node.value in holder.entries:
            message = set_twice(node.value, holder.entries[node.value].mark, node.mark)
            raise self._fail("CFG_DUPLICATE_KEY", message, node.mark, "Keep one of the two.", key=node.value)
        holder.key = (node.value, node.mark)

    def _place(self, node: Node) -> None:
        if not self._stack:
            self._root = node
            return
        holder = self._stack[-1]
        if holder.mapping:
            assert holder.key is not None
            name, mark = holder.key
            holder.entries[name], holder.key = Entry(mark, node), None
        elif len(holder.items) >= MAX_LIST:
            raise self._fail("CFG_LIMIT", f"a list has more than {MAX_LIST:,} entries", node.mark)
        else:
            holder.items.append(node)

    def _fail(self, code: Code, message: str, mark: Mark, hint: str | None = None, key: str | None = None) -> LayeredError:
        return fail(code, message, key=key, file=self._file, line=mark.line, hint=hint)


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)
