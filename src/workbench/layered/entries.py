"""Values with entries in files: lists of tagged mappings and mappings that may be absent, each error at its entry's line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from workbench import fields
from workbench.fields import Composite, ConfigError, FieldSpec, field_specs
from workbench.layered.names import close_names, did_you_mean
from workbench.layered.schema import Key
from workbench.layered.typed import Refused, RefusedEntries, typed, wrong_type
from workbench.layered.yaml12 import ListNode, MapNode, Mark, Node, ScalarNode, kind_words


def typed_entries(key: Key, node: Node) -> Any:
    """The node as the key's value: complete, unless it is to be merged with what weaker layers say of it.

    Raises RefusedEntries with everything that is wrong.
    """
    refused: list[Refused] = []
    value = _value(key, node, "", refused)
    if refused:
        raise RefusedEntries(refused)
    if key.spec.merges:
        return value
    try:
        return fields.typed(key.spec, value)
    except ConfigError as error:
        marks = dict(places(node))
        raise RefusedEntries(_late(key, problem, marks, node.mark) for problem in error.problems) from error


def places(node: Node, path: str = "") -> Iterator[tuple[str, Mark]]:
    """Where everything within a node stands: (path as in `1.units`, place)."""
    inner = (
        [(name, entry.mark, entry.node) for name, entry in node.entries.items()]
        if isinstance(node, MapNode)
        else [(str(index), item.mark, item) for index, item in enumerate(node.items)]
        if isinstance(node, ListNode)
        else []
    )
    for name, mark, child in inner:
        yield f"{path}{name}", mark
        yield from places(child, f"{path}{name}.")


def _late(key: Key, problem: fields.FieldProblem, marks: dict[str, Mark], top: Mark) -> Refused:
    """A problem of the whole value at the nearest place that the file has for it."""
    rest = problem.path.removeprefix(key.spec.name).lstrip(".")
    at = rest
    while at and at not in marks:
        at = at.rpartition(".")[0]
    code = "CFG_NULL" if problem.message.endswith("needs a value") else "CFG_RANGE"
    return Refused(code, f"is refused: {problem.message}", problem.hint, rest, marks.get(at, top))


def _value(key: Key, node: Node, path: str, refused: list[Refused]) -> Any:
    composite = key.spec.composite
    assert composite is not None
    if not composite.many:
        return _entry(key, composite, node, path, refused)
    if not isinstance(node, ListNode):
        wrong = wrong_type(key, node)
        refused.append(Refused(wrong.code, wrong.message, wrong.hint, path, node.mark))
        return None
    return tuple(_entry(key, composite, item, _joined(path, str(index)), refused) for index, item in enumerate(node.items))


def _entry(key: Key, composite: Composite, node: Node, path: str, refused: list[Refused]) -> Any:
    if not isinstance(node, MapNode):
        refused.append(Refused("CFG_TYPE", f"must hold keys and values, not {kind_words(node)}", None, path, node.mark))
        return None
    tag = node.entries.get(composite.tag or "")
    named = tag.node.value if tag is not None and isinstance(tag.node, ScalarNode) else None
    config_type = fields.entry_type(composite, {composite.tag or "": named})
    if config_type is None:
        listed = ", ".join(composite.tags())
        if tag is None:
            refused.append(Refused("CFG_NULL", f"needs {composite.tag}: one of {listed}", None, path, node.mark))
        else:
            hint = did_you_mean(close_names(str(named), composite.tags()))
            message = f"must be one of {listed}" + (f" (got {str(named)[:80]})" if named is not None else "")
            refused.append(Refused("CFG_RANGE", message, hint, _joined(path, composite.tag or ""), tag.node.mark))
        return None
    specs = {spec.name: spec for spec in field_specs(config_type)}
    return _fields(key, specs, node, path, "", refused)


def _fields(key: Key, specs: dict[str, FieldSpec], node: MapNode, path: str, prefix: str, refused: list[Refused]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for part, entry in node.entries.items():
        name, place = f"{prefix}{part}", _joined(path, part)
        if name in specs:
            try:
                values[part] = typed(replace(key, spec=specs[name], rule=None), entry.node)
            except RefusedEntries as error:
                refused += [Refused(r.code, r.message, r.hint, _joined(place, r.path), r.mark) for r in error.refused]
            except Refused as error:
                refused.append(Refused(error.code, error.message, error.hint, place, entry.node.mark))
        elif any(known.startswith(f"{name}.") for known in specs):
            if isinstance(entry.node, MapNode):
                values[part] = _fields(key, specs, entry.node, place, f"{name}.", refused)
            else:
                refused.append(Refused("CFG_TYPE", f"must hold keys and values, not {kind_words(entry.node)}", None, place, entry.mark))
        else:
            children = dict.fromkeys(known[len(prefix) :].partition(".")[0] for known in specs if known.startswith(prefix))
            hint = did_you_mean(close_names(part, children)) or f"It has {', '.join(children)}."
            refused.append(Refused("CFG_UNKNOWN_KEY", "is no key of it", hint, place, entry.mark))
    return values


def _joined(path: str, name: str) -> str:
    return ".".join(filter(None, (path, name)))
