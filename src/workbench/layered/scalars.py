"""Scalars of the YAML 1.2 core schema: text to value, and value to text that reads back as the same value."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INF = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NAN = re.compile(r"\.(nan|NaN|NAN)")
_SAFE = re.compile(r"[A-Za-z_][A-Za-z0-9_./+-]*( [A-Za-z0-9_./+-]+)*")
_OLD_WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""Words that readers of YAML 1.1 take for something else; they are written in quotes."""

Scalar = None | bool | int | float | str


def scalar_value(text: str) -> Scalar:
    """What a plain (unquoted) scalar means. Raises ValueError for a whole number of too many digits."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEX.fullmatch(text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _INF.fullmatch(text):
        return -math.inf if text.startswith("-") else math.inf
    if _NAN.fullmatch(text):
        return math.nan
    return text


def yaml_text(value: Any) -> str:
    """A scalar, or a list or mapping of them, as YAML in one line; readers of YAML 1.1 and 1.2 take it for the same."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(yaml_text(entry) for entry in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{yaml_text(name)}: {yaml_text(entry)}' for name, entry in value.items())}}}"
    if isinstance(value, str):
        plain = _SAFE.fullmatch(value) and value.lower() not in _OLD_WORDS and isinstance(scalar_value(value), str)
        return value if plain else json.dumps(value, ensure_ascii=False)
    return str(value)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return ".nan"
    if math.isinf(value):
        return "-.inf" if value < 0 else ".inf"
    mantissa, e, exponent = repr(value).partition("e")
    if not e:
        return mantissa
    # YAML 1.1 knows a number with an exponent only by its dot and the exponent's sign.
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent if exponent[0] in '+-' else '+' + exponent}"
