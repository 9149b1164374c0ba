"""What is wrong with a request, in words: where, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from workbench.fields import FieldProblem, closest

_PLACES = ("body", "query", "path", "header")

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "must be text",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "dict_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
}
"""Kind of an error of pydantic -> what would be right, with what the error knows of it."""

_PATTERNS: Mapping[tuple[str, str], str] = {
    ("header", "If-Match"): 'must be the ETag of an answer, quotes included, such as "3", or *',
    ("query", "cursor"): "must be `next` of an answer; leave it out for the first page",
}
"""What has a form of its own -> which."""


def problem_of(item: Any, body: Any, query: Sequence[str]) -> FieldProblem:
    """An error of pydantic as a problem of the request; its value as it came.

    Args:
        body: the type of the body, None for a request without one. query: the query parameters that the address takes.
    """
    location = [str(part) for part in item["loc"]]
    inside = location[1:] if len(location) > 1 and location[0] in _PLACES else location
    value, context = item.get("input"), item.get("ctx", {})
    if item["type"] == "json_invalid":
        where = f" at character {location[-1]}" if location[-1].isdecimal() else ""
        why = f": {str(context['error']).lower()}{where}" if "error" in context else ""
        return FieldProblem("body", f"is not valid JSON{why}", None)
    path = ".".join(inside)
    if item["type"] == "extra_forbidden":
        asked = location[0] == "query"
        what, known = ("query parameter", list(query)) if asked else ("field", fields_at(body, inside[:-1]))
        guess = closest(inside[-1], known)
        others = f"Known {what}s: {', '.join(known)}." if known else f"There are no {what}s here."
        hint = f"Did you mean {guess}?" if guess else others
        return FieldProblem(path, f"unknown {what}{f'; did you mean {guess}?' if guess else ''}", value, hint)
    if item["type"] == "missing":
        return FieldProblem(path, _WORDS["missing"], None)
    pattern = _PATTERNS.get((location[0], inside[-1])) if item["type"] == "string_pattern_mismatch" else None
    words = pattern or _WORDS.get(item["type"])
    if words is None:
        message = item["msg"].removeprefix("Value error, ")
        return FieldProblem(path, message[0].lower() + message[1:], value)
    return FieldProblem(path, words.format(**context), value)


def fields_at(body: Any, path: Sequence[str]) -> list[str]:
    """The fields that a place of a body may have; none where nothing is known of it."""
    for name in ("", *path):
        if name and not name.isdecimal():
            info = getattr(body, "model_fields", {}).get(name)
            body = None if info is None else info.annotation
        arms = [arm for arm in get_args(body) if hasattr(arm, "model_fields")]
        body = arms[0] if arms else body
    return list(getattr(body, "model_fields", {}))
