"""Values as people read them, and the closest known name to a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Literal

AUTO: Literal["auto"] = "auto"
Auto = Literal["auto"]
"""The value that lets the model choose; `resolve` of the model type replaces it."""

_MOST_SHOWN = 80


def capitalised(text: str, *keys: str | None) -> str:
    """A text with a capital first letter, unless its first word is a key: keys are written as they are.

    Args:
        keys: names that are keys though they look like words; others are known by their dots and underscores.

    >>> capitalised("there is no key x"), capitalised("data.num_vds must be 1"), capitalised("layer is missing", "layer")
    ('There is no key x', 'data.num_vds must be 1', 'layer is missing')
    """
    first = text.split(maxsplit=1)[0].rstrip(".:,;") if text.strip() else ""
    if first in keys or "." in first or "_" in first:
        return text
    return text[:1].upper() + text[1:]


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, if any is close."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def closest_of(names: Iterable[str], known: Iterable[str]) -> str | None:
    """The known name most like one of several, if any is close: of a dotted name and its last part, say."""
    known = list(known)
    found = [(difflib.SequenceMatcher(None, guess, name).ratio(), guess) for name in names if (guess := closest(name, known))]
    return max(found)[1] if found else None


def show_value(value: Any) -> str:
    """A value as people read it: yes, none, 256, 128, 0.001."""
    if value is True or value is False:
        return "yes" if value else "no"
    if value is None:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ", ".join(show_value(v) for v in value)
    return str(value)


def brief_value(value: Any) -> str:
    """The same for a message, which no value makes longer than a line."""
    text = show_value(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
