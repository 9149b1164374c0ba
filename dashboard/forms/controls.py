"""One control for one field: which kind it is follows from the field's type and choices."""

from __future__ import annotations

import json
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.forms.entries import entries_control, has_fields
from workbench.families import ImportString
from workbench.fields import FieldSpec

DEBOUNCE_MS = 250
OFF = "none"


def control_id(form: str, name: str) -> dict[str, str]:
    """The id of a field's control."""
    return {"form": form, "field": name}


def switch_id(form: str, name: str) -> dict[str, str]:
    """The id of the switch beside a choice that can be off."""
    return {"form": form, "field": name, "part": "switch"}


def dom_id(id: dict[str, str]) -> str:
    """A pattern id as the browser writes it, for labels."""
    return json.dumps(id, sort_keys=True, separators=(",", ":"))


def is_switch(spec: FieldSpec) -> bool:
    """Whether the field is a plain yes or no."""
    return spec.value_type is bool and not spec.choices


def can_be_off(spec: FieldSpec) -> bool:
    """Whether the field is shown as a switch with "how" beside it: "none" is one of several choices."""
    values = [value for value, _, _ in spec.choices]
    return OFF in values and len(values) > 3


def control(form: str, spec: FieldSpec, raw: Any, *, roomy: bool = False, placeholder: str = "", created: bool = False) -> Component:
    """The control of a field, holding `raw`: the family's own where it brings one.

    Args:
        roomy: shows a described choice as cards with their sentences rather than as a list to open.
        created: whether the form is that of a model that is there already.
    """
    id = control_id(form, spec.name)
    if spec.meta.control is not None:
        return ImportString(spec.meta.control).load()(form, spec, raw)
    if spec.composite is not None:
        return entries_control(id, spec, raw, created=created) if has_fields(spec) else _entries(id, spec, raw)
    if is_switch(spec):
        return dbc.Switch(id=id, value=bool(raw), label=spec.label, className="field-switch")
    if can_be_off(spec):
        return _switch_and_how(form, spec, raw)
    if spec.choices:
        return _cards(id, spec, raw) if roomy and not spec.meta.advanced else _select(id, spec, raw)
    mode = "numeric" if spec.value_type is int else None
    entry = dbc.Input(
        id=id,
        type="text",
        inputmode=mode,
        value=raw,
        placeholder=placeholder,
        debounce=DEBOUNCE_MS,
        autocomplete="off",
        className="field-input",
    )
    if not spec.meta.unit:
        return entry
    return html.Div([entry, html.Span(spec.meta.unit, className="input-group-text")], className="input-group")


def refused(spec: FieldSpec) -> dict[Any, str]:
    """The field's choices that are not yet available, with the reason."""
    return dict(spec.meta.unavailable_values)


def _select(id: Any, spec: FieldSpec, raw: Any, *, without_off: bool = False) -> Component:
    off = refused(spec)
    options: Any = [
        {"value": _key(value), "label": f"{label} (not yet available)" if value in off else label, "disabled": value in off, "title": text}
        for value, label, text in spec.choices
        if not (without_off and value == OFF)
    ]
    return dbc.Select(id=id, options=options, value=raw, className="field-input")


def _entries(id: Any, spec: FieldSpec, raw: Any) -> Component:
    """A value whose entries hold more than plain fields as JSON text, an entry a line."""
    return dbc.Textarea(
        id=id,
        value=raw,
        rows=min(12, max(3, str(raw or "").count("\n") + 1)),
        debounce=DEBOUNCE_MS,
        spellcheck=False,
        placeholder="none" if spec.optional else "[]",
        className="field-input field-entries",
    )


def _cards(id: Any, spec: FieldSpec, raw: Any) -> Component:
    off = refused(spec)
    options: list[Any] = []
    for value, label, text in spec.choices:
        words: list[Any] = [html.Span(label, className="choice-title"), html.Span(text, className="choice-text")]
        if value in off:
            words.append(html.Span(f"Not yet available: {off[value]}", className="choice-reason"))
        options.append({"value": _key(value), "label": html.Span(words, className="choice"), "disabled": value in off})
    return dbc.RadioItems(id=id, options=options, value=raw, className=f"choices choices-{min(len(options), 4)}")


def _switch_and_how(form: str, spec: FieldSpec, raw: Any) -> Component:
    switch = dbc.Switch(id=switch_id(form, spec.name), value=raw != OFF, label=spec.label, className="field-switch")
    how = _select(control_id(form, spec.name), spec, raw, without_off=True)
    return html.Div([switch, html.Div(how, className="field-how")], className="field-switch-how")


def _key(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
