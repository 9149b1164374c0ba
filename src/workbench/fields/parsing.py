"""A given value, often a form's text, as a typed value, or an error for its control."""

from __future__ import annotations

import json
import math
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from workbench.fields.spec import FieldSpec, range_problem
from workbench.fields.words import AUTO, brief_value, show_value

_KIND_WORDS = {bool: "true or false", int: "a whole number", float: "a number", tuple: "numbers separated by commas"}
_BOOL_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def parse_value(spec: FieldSpec, raw: Any) -> Any:
    """A given value without entries, text or not, as the field's typed value. Raises ValueError with a sentence."""
    choices = spec.choices
    if choices and spec.value_type is str and not (isinstance(raw, str) and raw.strip() == "" and (spec.optional or spec.accepts_auto)):
        value = raw.strip() if isinstance(raw, str) else raw
        if value is None and spec.optional:
            return None
        if isinstance(value, str) and any(value == option for option, _, _ in choices):
            return value
        if spec.optional and isinstance(value, str) and value.lower() == "none":
            return None
        options = ", ".join(show_value(option) for option, _, _ in choices)
        raise ValueError(f"{spec.label} must be one of {options} (got {brief_value(shown(raw))})")
    return parse_field(spec, raw)


def shown(value: Any) -> Any:
    """A given value fit for an error message and for JSON."""
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return str(value)[:200]
    return value if len(text) <= 200 else text[:200]


def parse_field(spec: FieldSpec, raw: Any) -> Any:
    """A form's raw value (usually text) as the field's typed value.

    Empty text means none or auto where the field allows it. Raises ValueError with a sentence for the control.
    """
    if isinstance(raw, str):
        text = raw.strip()
        if text.lower() == AUTO and spec.accepts_auto:
            return AUTO
        if text == "" or text.lower() == "none":
            if spec.optional:
                return None
            if spec.accepts_auto:
                return AUTO
            if spec.may_be_empty:
                return ()
            if text == "":
                raise ValueError(f"{spec.label} needs a value")
        if text in spec.words_beside:
            return text
        raw = text
        if spec.value_type is tuple:
            raw = _listed(text if spec.item_type is str else text.replace("x", ","))
        elif spec.value_type is bool:
            raw = _BOOL_WORDS.get(text.lower(), text)
        elif spec.value_type is int:
            raw = _as_int(text)
    elif raw is None:
        if spec.optional:
            return None
        if spec.accepts_auto:
            return AUTO
        if spec.may_be_empty:
            return ()
        raise ValueError(f"{spec.label} needs a value")
    elif isinstance(raw, float) and spec.value_type is int:
        raw = _as_int(str(raw))
    try:
        if spec.value_type in _KIND_WORDS and spec.value_type is not bool and _holds_bool(raw):
            raise ValueError("a truth value is no number")
        value = _adapter(spec.annotation).validate_python(raw)
    except ValueError as error:
        raise ValueError(f"{spec.label} must be {_expected(spec)} (got {brief_value(raw)})") from error
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{spec.label} must be a finite number")
    problem = range_problem(spec, value)
    if problem:
        raise ValueError(f"{spec.label} {problem}")
    return value


def _listed(text: str) -> list[str]:
    """The entries of a list as text, in brackets or without."""
    inside = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return [part.strip() for part in inside.replace(";", ",").split(",") if part.strip()]


def _expected(spec: FieldSpec) -> str:
    """What a field takes, in words: its choices where it has some."""
    choices = ", ".join(show_value(option) for option, _, _ in spec.choices)
    if spec.value_type is tuple and spec.item_type is str:
        among = f" among {', '.join(map(str, spec.item_options))}" if spec.item_options else ""
        return f"texts separated by commas{among}"
    if spec.words_beside:
        return f"{_KIND_WORDS[spec.value_type]}, or {', '.join(map(str, spec.words_beside))}"
    return _KIND_WORDS.get(spec.value_type) or (f"one of {choices}" if choices else "a value of its type")


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _holds_bool(raw: Any) -> bool:
    return isinstance(raw, bool) or (isinstance(raw, list | tuple) and any(isinstance(entry, bool) for entry in raw))


def _as_int(text: str) -> int | str:
    """Whole numbers also as "1e3" or "128.0"; anything else unchanged, for the type check to refuse."""
    if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 100:
        return int(text)
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if math.isfinite(number) and number == int(number) else text
