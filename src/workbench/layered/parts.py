"""Configs that may be absent (`early_stopping: null`): layers that set some of their keys leave the others as they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from workbench import fields
from workbench.fields import ConfigError, FieldSpec, field_specs
from workbench.layered.merge import merge
from workbench.layered.provenance import Leaf, Write
from workbench.layered.schema import Key, Path, Schema
from workbench.layered.yaml12 import Entry, MapNode, Mark, Node, ScalarNode, parse_value


def holder_of(schema: Schema, path: Path) -> Key | None:
    """The key of a config that may be absent and that a longer path leads into; None for any other path."""
    held = (schema.keys.get(path[:length]) for length in range(len(path) - 1, 0, -1))
    return next((key for key in held if key is not None and key.spec.merges), None)


def part_node(holder: Key, rest: Path, text: str, source: str) -> Node:
    """What an override sets within such a config, as a file would have it: text fields take it as it is. Raises LayeredError."""
    assert holder.spec.composite is not None
    inner = {spec.name: spec for spec in field_specs(holder.spec.composite.entries[0])}.get(".".join(rest))
    node = parse_value("''", source) if _is_text(inner, text) else parse_value(text, source)
    mark = Mark(1, 1)
    if isinstance(node, ScalarNode) and _is_text(inner, text):
        node = ScalarNode(text, text, False, node.mark)
    for part in reversed(rest):
        node = MapNode(MappingProxyType({part: Entry(mark, node)}), mark)
    return node


def put_together(key: Key, leaf: Leaf, default: Any) -> Leaf:
    """The complete value of such a config, from the default on, and what held after each of its writers.

    Raises:
        ConfigError: for a value that is refused as a whole, or lacks something.
    """
    value, chain = default, list[Write]()
    for write in leaf.chain:
        value = merge(value if isinstance(value, Mapping) else {}, write.value) if write.partial else write.value
        chain.append(replace(write, value=_completed(key.spec, value)))
    whole = fields.typed(key.spec, value)
    return replace(leaf, value=whole, given=whole, chain=(*chain[:-1], replace(chain[-1], value=whole)))


def _completed(spec: FieldSpec, value: Any) -> Any:
    """As complete as it can be: what is refused for now may be mended by a stronger writer."""
    try:
        return fields.typed(spec, value)
    except ConfigError:
        return value


def _is_text(spec: FieldSpec | None, text: str) -> bool:
    return spec is not None and spec.value_type is str and not (text == "null" and spec.optional)
