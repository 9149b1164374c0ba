"""A form's text as a typed value, or an error for its control."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from workbench.fields.spec import FieldSpec, range_problem
from workbench.fields.words import AUTO, show_value


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
            if text == "":
                raise ValueError(f"{spec.label} needs a value")
        raw = text
        if spec.value_type is tuple:
            raw = [part for part in text.replace(";", ",").replace("x", ",").split(",") if part.strip()]
        elif spec.value_type is bool:
            raw = text.lower() in ("true", "yes", "on", "1")
        elif spec.value_type is int:
            raw = _as_int(text)
    elif raw is None:
        if spec.optional:
            return None
        if spec.accepts_auto:
            return AUTO
        raise ValueError(f"{spec.label} needs a value")
    elif isinstance(raw, float) and spec.value_type is int:
        raw = _as_int(str(raw))
    try:
        value = _adapter(spec.annotation).validate_python(raw)
    except ValidationError as error:
        kind = {int: "a whole number", float: "a number", tuple: "numbers separated by commas"}.get(spec.value_type, "one of the choices")
        raise ValueError(f"{spec.label} must be {kind} (got {show_value(raw)})") from error
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{spec.label} must be a finite number")
    problem = range_problem(spec, value)
    if problem:
        raise ValueError(f"{spec.label} {problem}")
    return value


@cache
def _adapter_cached(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation)


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return _adapter_cached(annotation)


def _as_int(text: str) -> int | str:
    """Whole numbers also as "1e3" or "128.0"; anything else unchanged, for the type check to refuse."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if math.isfinite(number) and number == int(number) else text
