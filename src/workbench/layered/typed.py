"""A node of a file as a key's typed value, or why it cannot be one."""

from __future__ import annotations

import math
import typing
from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.fields import AUTO, FieldSpec, range_problem, show_value
from workbench.layered.names import close_names, did_you_mean
from workbench.layered.problems import Code
from workbench.layered.schema import Key
from workbench.layered.yaml12 import ListNode, MapNode, Mark, Node, ScalarNode, kind_words, parse_value

_WANTED: dict[type, str] = {
    bool: "true or false", int: "a whole number", float: "a number", str: "text", tuple: "a list", dict: "keys and values",
}  # fmt: skip


class Refused(ValueError):
    """A value that a key does not take: code, sentence without the key, hint.

    Attributes:
        path: where in a value with entries, as in `1.units`; empty for the value itself. mark: its place in the file, if known.
    """

    def __init__(self, code: Code, message: str, hint: str | None = None, path: str = "", mark: Mark | None = None) -> None:
        super().__init__(message)
        self.code: Code = code
        self.message = message
        self.hint = hint
        self.path = path
        self.mark = mark


class RefusedEntries(ValueError):
    """Everything that a key does not take of a value with entries."""

    def __init__(self, refused: Iterable[Refused]) -> None:
        self.refused = tuple(refused)
        super().__init__("; ".join(one.message for one in self.refused))


def typed(key: Key, node: Node) -> Any:
    """The node as the key's value. Whole numbers pass for numbers, nothing else for something else.

    Raises:
        Refused: RefusedEntries for a value with entries.
    """
    spec = key.spec
    if isinstance(node, ScalarNode) and node.value is None:
        if spec.optional:
            return None
        raise Refused("CFG_NULL", "must not be null", f"Give {_wanted(key)}, or leave the key out.")
    if isinstance(node, ScalarNode) and node.value == AUTO and key.accepts_auto:
        return AUTO
    if spec.composite is not None:
        # Entries are read by this very function.
        from workbench.layered.entries import typed_entries

        return typed_entries(key, node)
    if isinstance(node, ScalarNode) and node.value in spec.words_beside:
        return node.value
    value = _tuple(key, node) if spec.value_type is tuple else _scalar(key, spec.value_type, node)
    _require_choice(spec, value)
    problem = range_problem(spec, value)
    if problem:
        raise Refused("CFG_RANGE", problem)
    return value


def typed_text(key: Key, text: str, source: str) -> Any:
    """The text of an override as the key's value: text fields take it as it is, others read it as YAML. Raises Refused, LayeredError."""
    if key.spec.value_type is str:
        if text == "null" and key.spec.optional:
            return None
        node = parse_value("''", source)
        assert isinstance(node, ScalarNode)
        return typed(key, ScalarNode(text, text, False, node.mark))
    node = parse_value(text, source)
    if isinstance(node, MapNode) and key.spec.composite is None:
        raise Refused("CFG_OVERRIDE", "sets a mapping", "Set its keys one by one.")
    return typed(key, node)


def _scalar(key: Key, wanted: type, node: Node) -> Any:
    if not isinstance(node, ScalarNode):
        raise wrong_type(key, node)
    value = node.value
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            value = float(value)
        except OverflowError:
            raise Refused("CFG_RANGE", "is too large a number") from None
    if wanted is str and isinstance(value, int) and not isinstance(value, bool) and node.plain:
        return node.text
    if type(value) is not wanted:
        raise wrong_type(key, node)
    if isinstance(value, float) and not math.isfinite(value):
        raise Refused("CFG_RANGE", f"must be a finite number (got {node.text})")
    return value


def _tuple(key: Key, node: Node) -> tuple[Any, ...]:
    if not isinstance(node, ListNode):
        raise wrong_type(key, node)
    spec = key.spec
    value = tuple(_scalar(key, spec.item_type, entry) for entry in node.items)
    strange = [entry for entry in value if spec.item_options and entry not in spec.item_options]
    if strange:
        options = [str(option) for option in spec.item_options]
        hint = did_you_mean(close_names(str(strange[0]), options))
        raise Refused("CFG_RANGE", f"must hold {', '.join(options)} alone (got {str(strange[0])[:80]})", hint)
    try:
        return TypeAdapter(spec.annotation).validate_python(value)
    except ValidationError:
        listed = next(arm for arm in (spec.annotation, *typing.get_args(spec.annotation)) if typing.get_origin(arm) is tuple)
        raise Refused("CFG_TYPE", f"must be a list of {len(typing.get_args(listed))} values (got {len(value)})") from None


def _require_choice(spec: FieldSpec, value: Any) -> None:
    options = [option for option, _, _ in spec.choices]
    if spec.value_type is str and options and value not in options:
        hint = did_you_mean(close_names(str(value), options))
        raise Refused("CFG_RANGE", f"must be one of {', '.join(options)} (got {value[:80]})", hint)


def wrong_type(key: Key, node: Node) -> Refused:
    got = f"{kind_words(node)} ({show_value(node.value)[:80]})" if isinstance(node, ScalarNode) else kind_words(node)
    quotes = key.spec.value_type is str and isinstance(node, ScalarNode)
    return Refused("CFG_TYPE", f"must be {_wanted(key)}, not {got}", "Put it in quotes." if quotes else None)


def _wanted(key: Key) -> str:
    spec = key.spec
    words = _WANTED[spec.value_type]
    if spec.composite is not None:
        words = "a list of mappings" if spec.composite.many else "a mapping"
    elif spec.value_type is tuple:
        names = {str: "texts", float: "numbers", int: "whole numbers"}
        words = " or ".join([f"a list of {names[spec.item_type]}", *map(str, spec.words_beside)])
    return words + (" or auto" if key.accepts_auto else "") + (" or null" if spec.optional else "")
