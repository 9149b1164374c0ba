"""The training hub: the locked architecture, the settings that stay tunable, and the run as it trains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import button, icon, link_button, section
from dashboard.forms import Look, advanced_group, field_rows, looks_to_json, raw_of, section_groups
from dashboard.live.feed import Feed
from dashboard.live.panel import curve_graphs, diagnostics_section, log_section, notices_list, recent_runs
from dashboard.live.parts import part_place
from dashboard.live.warnings import notices
from dashboard.pages.model.view import ModelView
from dashboard.pages.models.rows import short_words
from workbench.fields import FieldSpec, modifiable_fields

FORM = "hub"


def hub(view: ModelView, feed: Feed, looks: Mapping[str, Look]) -> Component:
    """The Train tab."""
    live = [
        part_place("notices", notices_list(notices(view.family, feed)), className="live-notices", **_POLITE),
        section("Curves", curve_graphs(view.family.panels)),
    ]
    diagnostics = diagnostics_section([f for f in view.family.live_figures if f.applies(view.resolved, view.held) is None])
    if diagnostics is not None:
        live.append(diagnostics)
    live += [
        section("Recent runs", part_place("recent", recent_runs(view.runs, view.latest.id if view.latest else None, ()))),
        log_section(view.latest, feed),
    ]
    left = [settings_card(view, looks), architecture_card(view)]
    return html.Div([html.Div(left, className="hub-left"), html.Div(live, className="hub-right")], className="hub")


def architecture_card(view: ModelView) -> Component:
    """The architecture in words, read-only, with the one way to another one."""
    rows = [html.Div([html.Dt(label), html.Dd(value)]) for label, value in view.summary]
    clone = link_button("Clone with another architecture", f"/create?from={view.record.id}", small=True)
    words = html.Summary(short_words(view.summary, view.model_type.card), className="more-title")
    body = [
        # open on wide screens (assets/5-model.css)
        html.Details([words, html.Dl(rows, className="facts")], className="fold-narrow"),
        html.Div(
            [html.Span([icon("lock", className="me-1"), "Fixed since this model was created."], className="muted"), clone],
            className="card-foot",
        ),
    ]
    return section("Architecture (fixed)", body, id="architecture")


def settings_card(view: ModelView, looks: Mapping[str, Look]) -> Component:
    """Every setting that stays tunable, grouped; Save and Revert."""
    specs = form_specs(view)
    raw = {spec.name: raw_of(spec, view.values[spec.name]) for spec in specs}
    # what decides how long a run takes stands first, and open
    titled = sorted(section_groups(specs), key=lambda group: all(spec.name != view.model_type.length for spec in group[1]))
    groups = [_group(name, members, raw, looks, opened=position == 0) for position, (name, members) in enumerate(titled)]
    note = "Each run trains with the settings saved when it starts."
    foot = html.Div(
        [
            html.Span("", id="hub-changes", className="muted", **_POLITE),
            button("Revert", id="hub-revert", kind="quiet", small=True, disabled=True),
            button("Save", id="hub-save", kind="primary", small=True, disabled=True),
        ],
        className="form-foot",
    )
    body = [
        html.Div(applies_note(view.active is not None), id="hub-applies"),
        *groups,
        foot,
        dcc.Store(id="hub-looks", data=looks_to_json(FORM, looks)),
        dcc.Store(id="hub-baseline", data=baseline_of(specs, view.values)),
    ]
    search = link_button("Search settings…", f"/sweeps/new?model={view.record.id}", small=True)
    return section("Settings", body, id="settings", note=note, aside=search)


def applies_note(active: bool) -> Component | None:
    """Says during a run that changes are for the next."""
    if not active:
        return None
    return html.P(
        [icon("info-circle", className="me-1"), "A run is active: what you save applies from the next run."],
        className="note note-info",
        role="status",
    )


def form_specs(view: ModelView) -> tuple[FieldSpec, ...]:
    """The tunable fields that have a place in forms."""
    return tuple(s for s in modifiable_fields(*view.model_type.sections.values()) if s.meta.in_form and s.meta.unavailable is None)


def baseline_of(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> dict[str, Any]:
    """The saved values as controls hold them: what the form is compared with and reverts to."""
    return {spec.name: raw_of(spec, values[spec.name]) for spec in specs}


def _group(name: str, members: Sequence[FieldSpec], raw: Mapping[str, Any], looks: Mapping[str, Look], *, opened: bool) -> Component:
    plain = [s for s in members if not s.meta.advanced]
    more = [s for s in members if s.meta.advanced]
    rows = field_rows(FORM, plain, raw, looks, show_default=True, created=True)
    extra = field_rows(FORM, more, raw, looks, show_default=True, created=True)
    if not plain:
        return advanced_group(name, [html.Div(extra, className="fields")], opened=opened)
    return advanced_group(
        name,
        [html.Div(rows, className="fields"), *([advanced_group("More", [html.Div(extra, className="fields")])] if extra else [])],
        opened=opened,
    )


_POLITE: dict[str, Any] = {"aria-live": "polite"}
