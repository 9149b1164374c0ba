"""Looking into trees of Dash components without a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def walk(node: Any) -> Iterator[Any]:
    """Every component and text in the tree, parents first; labels and options that hold components included."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from walk(child)
    elif isinstance(node, dict):
        yield from walk(list(node.values()))
    elif node is not None:
        yield node
        for name in ("children", "options", "label"):
            yield from walk(getattr(node, name, None) if hasattr(node, "to_plotly_json") else None)


def text_of(node: Any) -> str:
    """All the text in the tree, parts separated by spaces."""
    return " ".join(part for part in walk(node) if isinstance(part, str))


def with_id(node: Any, id: Any) -> Any:
    """The component of that id. Raises KeyError."""
    for part in walk(node):
        if getattr(part, "id", None) == id:
            return part
    raise KeyError(id)


def having(node: Any, **properties: Any) -> list[Any]:
    """Every component whose properties have these values; `_` in a name stands for a dash."""
    wanted = {name.replace("_", "-"): value for name, value in properties.items()}
    found = []
    for part in walk(node):
        if not hasattr(part, "to_plotly_json"):
            continue
        props = part.to_plotly_json()["props"]
        if all(props.get(name, props.get(name.replace("-", "_"))) == value for name, value in wanted.items()):
            found.append(part)
    return found


def of_class(node: Any, name: str) -> list[Any]:
    """Every component with that CSS class."""
    return [part for part in walk(node) if name in str(getattr(part, "className", "") or "").split()]


def found(node: Any, wanted: Callable[[Any], Any]) -> list[Any]:
    """Every component of which `wanted` is true."""
    return [part for part in walk(node) if hasattr(part, "to_plotly_json") and wanted(part)]
