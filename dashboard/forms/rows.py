"""A field's row: label, control, help, message, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components import icon
from dashboard.components.attributes import attrs
from dashboard.components.code import with_code
from dashboard.forms.controls import can_be_off, control, control_id, dom_id, is_switch
from dashboard.forms.looks import Look
from workbench.fields import FieldSpec, show_value, value_words

_WIDE = 100_000


def field_row(
    form: str,
    spec: FieldSpec,
    raw: Any,
    look: Look | None = None,
    *,
    roomy: bool = False,
    show_default: bool = False,
    created: bool = False,
    titled: bool = True,
) -> Component:
    """The row of a field.

    Args:
        raw: what the control holds (`raw_of`). look: how it looks at first.
        roomy: described choices as cards. show_default: add the default to the help sentence.
        created: whether the form is that of a model that is there already: what is locked within its values is shown as fixed.
        titled: whether the title of the field's group stands above; its name says the group otherwise.
    """
    look = look or Look()
    name = label_in_group(spec) if titled else spec.label
    labelled_by_control = is_switch(spec) or can_be_off(spec)
    heading: list[Any] = (
        []
        if labelled_by_control
        else [html.Span(name, className="field-label")]
        if spec.composite is not None
        else [html.Label(name, htmlFor=dom_id(control_id(form, spec.name)), className="field-label")]
    )
    heading.append(
        html.Button(
            [html.Span(f"was {look.was}" if look.was else "", className="field-was-text"), icon("arrow-counterclockwise")],
            type="button",
            className="field-was",
            hidden=look.was is None,
            title=f"Set {spec.label} back",
        )
    )
    message = look.error or look.warning or look.idle or look.source or ""
    classes = ["field", f"field-{_size(spec, roomy)}"] + (["is-invalid"] if look.error else ["is-warned"] if look.warning else [])
    body = [
        html.Div(heading, className="field-head"),
        control(form, spec, raw, roomy=roomy, placeholder=look.placeholder, created=created),
        html.P(with_code(help_text(spec, show_default)), className="field-help"),
        html.P(message, className="field-message", **attrs({"aria-live": "polite"})),
    ]
    return html.Div(body, className=" ".join(classes), hidden=not look.shown, **attrs({"data-form": form, "data-field": spec.name}))


def field_rows(
    form: str,
    specs: Iterable[FieldSpec],
    raw: Mapping[str, Any],
    looks: Mapping[str, Look],
    *,
    roomy: bool = False,
    show_default: bool = False,
    created: bool = False,
    titled: bool = True,
) -> list[Component]:
    """Rows of those fields that are meant for forms and whose effect exists."""
    return [
        field_row(form, s, raw.get(s.name), looks.get(s.name), roomy=roomy, show_default=show_default, created=created, titled=titled)
        for s in specs
        if s.meta.in_form and s.meta.unavailable is None
    ]


def section_groups(specs: Iterable[FieldSpec]) -> list[tuple[str, tuple[FieldSpec, ...]]]:
    """Fields grouped by section, sections in order of their first field."""
    groups: dict[str, list[FieldSpec]] = {}
    for spec in specs:
        groups.setdefault(spec.section, []).append(spec)
    return [(name, tuple(members)) for name, members in groups.items()]


def advanced_group(title: str, rows: Sequence[Component], *, note: str = "", opened: bool = False) -> Component:
    """Rows folded away behind a title."""
    summary = html.Summary([html.Span(title), html.Span(note, className="muted")], className="more-title")
    return html.Details([summary, html.Div(list(rows), className="more-body")], open=opened, className="more")


def label_in_group(spec: FieldSpec) -> str:
    """A field's name below the title of its group, which says already what sub-config it belongs to."""
    return spec.meta.label if spec.section == spec.group else spec.label


def help_text(spec: FieldSpec, show_default: bool) -> str:
    """The field's sentence, its range, and its default where asked for."""
    parts = [spec.meta.help]
    span = range_words(spec)
    if span and not spec.choices:
        parts.append(f"{span[0].upper()}{span[1:]}.")
    if show_default and not spec.required:
        parts.append(f"Default: {show_value(spec.default) if spec.composite is None else value_words(spec, spec.default)}.")
    return " ".join(part for part in parts if part)


def range_words(spec: FieldSpec) -> str:
    """The field's range, but for bounds so wide that nobody meets them."""
    wide = spec.meta.le is not None and spec.meta.le >= _WIDE
    if not wide:
        return spec.range_text()
    return f"at least {show_value(spec.meta.ge)}" if spec.meta.ge else ""


def _size(spec: FieldSpec, roomy: bool) -> str:
    if spec.composite is not None:
        return "wide"
    if spec.choices and roomy and not spec.meta.advanced and not can_be_off(spec):
        return "wide"
    return "half"
