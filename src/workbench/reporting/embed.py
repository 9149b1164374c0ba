"""Figures as JSON to be written into a page, with what they have in common written once.

Figures of one report share coordinates, images and templates, and each is there in two themes; every large piece goes into
a table and is referred to as `{"$shared": index}`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

LARGE = 300
"""Characters from which a text is worth sharing."""


def embed(figures: Sequence[Any]) -> str:
    """`{"shared": [...], "figures": [...]}` as JSON that can stand inside a script element; None stays null."""
    table: dict[str, int] = {}
    plain = [None if figure is None else _share(json.loads(figure.to_json()), table) for figure in figures]
    text = json.dumps({"shared": [json.loads(piece) for piece in table], "figures": plain}, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _share(value: Any, table: dict[str, int], key: str = "") -> Any:
    if isinstance(value, str):
        return _refer(value, table) if len(value) >= LARGE else value
    if isinstance(value, dict):
        if key == "template" or len(value.get("bdata", "")) >= LARGE:
            return _refer(value, table)
        return {name: _share(part, table, name) for name, part in value.items()}
    if isinstance(value, list):
        return [_share(part, table) for part in value]
    return value


def _refer(value: Any, table: dict[str, int]) -> dict[str, int]:
    return {"$shared": table.setdefault(json.dumps(value, separators=(",", ":")), len(table))}
