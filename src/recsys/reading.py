"""Whether a given value can be a setting, in words; and values as messages show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from workbench.fields import AUTO, FieldSpec, closest, show_value

Fault = Literal["number", "range", "value"]
"""What is wrong with a setting: it is no finite number, is out of its range, or anything else."""


def setting_problem(spec: FieldSpec, raw: Any) -> tuple[Fault, str] | None:
    """What is wrong with a plain setting, if anything, and the sentence that says so.

    Texts are no numbers, and neither are truth values.
    """
    if (raw is None and spec.optional) or (spec.accepts_auto and isinstance(raw, str) and raw == AUTO):
        return None
    if spec.choices:
        known = [value for value, _, _ in spec.choices]
        expected, fits = f"one of {', '.join(map(str, known))}", isinstance(raw, str) and raw in known
    elif spec.value_type is bool:
        expected, fits = "true or false", isinstance(raw, bool)
    elif spec.value_type is str:
        expected, fits = "text", isinstance(raw, str) and is_unicode(raw)
    else:
        return _number_problem(spec, raw)
    return None if fits else ("value", f"{spec.name} must be {expected} (got {short(raw)})")


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """A hint with the known name that is most like one that is not; None if none is."""
    guess = closest(name, known)
    return f"Did you mean {guess}?" if guess else None


def _number_problem(spec: FieldSpec, raw: Any) -> tuple[Fault, str] | None:
    name, meta = spec.name, spec.meta
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return "number", f"{name} must be a number (got {short(raw)})"
    if not _is_finite(raw):
        return "number", f"{name} must be a finite number"
    if (
        (meta.ge is not None and raw < meta.ge)
        or (meta.gt is not None and raw <= meta.gt)
        or (meta.le is not None and raw > meta.le)
        or (meta.lt is not None and raw >= meta.lt)
    ):
        return "range", f"{name} must be {_range(spec)}"
    if spec.value_type is int and raw != int(raw):
        return "value", f"{name} must be a whole number (got {short(raw)})"
    return None


def _range(spec: FieldSpec) -> str:
    """A range in words; one with two ends names both, also an end that is not within it."""
    meta = spec.meta
    least = meta.gt if meta.ge is None else meta.ge
    most = meta.lt if meta.le is None else meta.le
    return spec.range_text() if least is None or most is None else f"between {least} and {most}"


def _is_finite(raw: float) -> bool:
    try:
        return math.isfinite(raw)
    except OverflowError:  # an integer beyond every float
        return False


def printable(text: str) -> str:
    """A text that can stand in an answer whatever somebody sent."""
    return text.encode(errors="backslashreplace").decode()


def is_unicode(text: str) -> bool:
    """Whether a text has a UTF-8 form: half of a surrogate pair, which JSON can spell, has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def short(value: Any) -> str:
    """A value in a message."""
    if isinstance(value, Mapping):
        return "an object"
    return "a list" if isinstance(value, list | tuple) else printable(show_value(value)[:80])
