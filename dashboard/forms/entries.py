"""The control of a value with fields of its own: a config that may be absent, or a list of entries of one or several types.

The value itself is JSON text in an input out of sight, as every other control holds text. Its fields are described beside it,
as those of a settings dialog are, and drawn by the browser (`assets/entries.js`), which writes what they hold back as JSON.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from dashboard.components.dialog import DialogField, field_of
from workbench.fields import FieldKind, FieldSpec, When, field_specs


def has_fields(spec: FieldSpec) -> bool:
    """Whether every field of every type of entry is plain, so that it has a control of its own."""
    composite = spec.composite
    return composite is not None and all(
        inner.composite is None and (inner.choices or inner.value_type in (int, float, bool, str))
        for entry in composite.entries
        for inner in field_specs(entry)  # pyright: ignore[reportArgumentType]
    )


def entries_control(id: Any, spec: FieldSpec, raw: Any, *, created: bool = False) -> Component:
    """The control of a value whose entries have plain fields (`has_fields`), holding JSON text.

    Args:
        created: whether it is a model's that is there already, so that what is structural of it is shown as fixed.
    """
    said = attrs({"data-entries": json.dumps({"id": id, **_described(spec, created and spec.kind is FieldKind.STRUCTURAL)})})
    return html.Div([dbc.Input(id=id, type="hidden", value=raw), html.Div(className="entries", **said)])


def _described(spec: FieldSpec, locked: bool) -> dict[str, Any]:
    """What the browser is told: whether it is a list, whether it may be absent, the fields of each type of entry, and what is fixed."""
    composite = spec.composite
    assert composite is not None
    kinds = [
        {
            "tag": "" if composite.tag is None else tag,
            "title": kind.replace("_", " ").capitalize(),
            "fields": [
                {**asdict(replace(_line(inner), locked=locked and inner.kind is FieldKind.STRUCTURAL)), "when": _when(inner)}
                for inner in field_specs(entry)  # pyright: ignore[reportArgumentType]
                if inner.name != composite.tag
            ],
        }
        for (kind, entry), tag in zip(composite.kinds().items(), composite.tags() or ("",) * len(composite.entries), strict=True)
    ]
    said = {"label": spec.meta.label, "many": composite.many, "optional": spec.optional, "tag": composite.tag or "", "kinds": kinds}
    return {**said, "locked": locked}


def _when(spec: FieldSpec) -> list[list[Any]]:
    """(field, values) of every field of the entry that must have one of those values for this one to apply."""
    condition = spec.meta.applies_when
    return [[name, list(values)] for name, values in condition.allowed] if isinstance(condition, When) else []


def _line(spec: FieldSpec) -> DialogField:
    """A field of an entry, holding its default; a number that may be found by itself is text, for its word."""
    line = field_of(spec, "" if spec.required else spec.default)
    return replace(line, kind="text", optional=False) if spec.accepts_auto and line.kind == "number" else line
