"""What is wrong with the fields of a request, in words: one problem a field, named as the sender wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.fields import FieldProblem, closest

_PLACES = ("body", "query", "path", "header")
_TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
"""What pydantic says that a value is not, by the error's type."""


def problems_of_request(items: Sequence[Any], body: Any, known: Sequence[str]) -> list[FieldProblem]:
    """The problems that pydantic found in a request.

    Where a value may be one of several types, pydantic has a problem for each of them; here they are one.

    Args:
        items: what pydantic's `errors()` gives. body: the request's body; None if it has none or is not at hand.
        known: the fields of the body.
    """
    groups: dict[tuple[str, ...], list[Any]] = {}
    for item in items:
        groups.setdefault(_written(item, body), []).append(item)
    return [_problem(location, group, known) for location, group in groups.items()]


def _written(item: Any, body: Any) -> tuple[str, ...]:
    """The place of a problem as the sender knows it: without the names of types that pydantic tried there."""
    place, parts = next(iter(item["loc"]), None), item["loc"][1:]
    if place not in ("body", "query") or not parts or (place == "body" and body is None):
        return tuple(str(part) for part in item["loc"])
    found, value = [str(place)], body if place == "body" else {parts[0]: None}
    for at, part in enumerate(parts):
        missing = item["type"] == "missing" and at == len(parts) - 1
        if isinstance(value, Mapping) and (part in value or missing):
            value = value.get(part)
        elif isinstance(value, Sequence) and isinstance(part, int) and part < len(value):
            value = value[part]
        elif at < 1 or not isinstance(part, str):
            value = None
        else:
            continue
        found.append(str(part))
    return tuple(found)


def _problem(location: Sequence[str], items: Sequence[Any], known: Sequence[str]) -> FieldProblem:
    path = ".".join(location[1:] if len(location) > 1 and location[0] in _PLACES else location)
    item = next((item for item in items if item["type"] not in _TYPES), items[0])
    message = item["msg"].removeprefix("Value error, ")
    hint = None
    if item["type"] == "extra_forbidden":
        guess = closest(location[-1], known)
        hint = f"Did you mean {guess}?" if guess else f"Known fields: {', '.join(known)}." if known else None
        message = f"unknown field{f'; did you mean {guess}?' if guess else ''}"
    elif item["type"] == "json_invalid":
        path, message = "body", "is not valid JSON"
    elif len(items) > 1 and item["type"] in _TYPES:
        wanted = " or ".join(dict.fromkeys(_TYPES[item["type"]] for item in items))
        message = f"{'is missing: it ' if item.get('input') is None else ''}must be {wanted}"
    return FieldProblem(path, message[0].lower() + message[1:], plain(item.get("input")), hint)


def plain(value: Any) -> Any:
    """The value as it can go out as JSON; text is cut at 200 characters."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else str(value)
    if isinstance(value, list | tuple):
        return [plain(v) for v in value[:20]]
    if isinstance(value, dict):
        return {str(k)[:200]: plain(v) for k, v in list(value.items())[:20]}
    return str(value)[:200]
