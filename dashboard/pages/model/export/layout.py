"""The Export tab as components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, icon, section
from dashboard.components.attributes import attrs
from dashboard.components.code import code
from workbench.commands.base import CommandError
from workbench.services import exports
from workbench.services.exports import Offer
from workbench.state import ModelRecord

if TYPE_CHECKING:
    from workbench.workbench import Workbench

ACTION = "export-action"
_PARTS = {"all": "All images", "train": "Training images", "validation": "Validation images", "test": "Held-out images"}
"""Parts of data in words; others are called what they are called."""


def page(workbench: Workbench, model: ModelRecord) -> Component:
    """Everything that the model gives, in groups; of small texts the text as well."""
    offered = exports.offers(workbench, model.id)
    texts = {offer.export.name: _text(workbench, model, offer) for offer in offered if offer.export.shown}
    groups = dict.fromkeys(offer.export.group for offer in offered)
    parts = tuple(dict.fromkeys(part for offer in offered for part in offer.export.parts))
    sections = [_group(group, [offer for offer in offered if offer.export.group == group], texts, parts) for group in groups]
    cancel = button("Cancel", id="export-cancel", small=True, disabled=True, title="End making the file")
    bar = html.Progress(id="export-progress", max="1", value="0", className="d-none", **attrs({"aria-label": "Progress of the file"}))
    line = html.Div([html.Span(id="export-words", className="muted", role="status"), bar, cancel], className="model-data-job export-line")
    chosen = [] if parts else [dcc.Input(id="export-part", type="hidden", value="")]
    return html.Div(
        [
            dcc.Store(id=ACTION), dcc.Store(id="export-ask"), dcc.Store(id="export-made"), dcc.Store(id="export-of", data=model.id),
            *chosen, *sections, line,
        ],
        className="model-data",
    )  # fmt: skip


def _text(workbench: Workbench, model: ModelRecord, offer: Offer) -> str:
    try:
        return exports.text_of(workbench, model, offer.export) if not offer.reason else ""
    except CommandError:
        return ""


def _group(title: str, offered: Sequence[Offer], texts: dict[str, str], parts: Sequence[str]) -> Component:
    rows = [_row(offer, texts.get(offer.export.name, "")) for offer in offered]
    with_parts = any(offer.export.parts for offer in offered)
    aside: Any = None
    if with_parts:
        options: Any = [{"label": _PARTS.get(part, part), "value": part} for part in parts]
        chooser = dbc.Select(id="export-part", options=options, value=parts[0], size="sm")
        aside = html.Div([html.Label("Of", htmlFor="export-part"), chooser], className="export-part")
    return section(title, html.Div(rows, className="exports"), aside=aside)


def _row(offer: Offer, text: str) -> Component:
    export = offer.export
    described = f"export-why-{export.name.replace('.', '-')}"
    go = button(
        "Download", small=True, icon_name="download", disabled=bool(offer.reason),
        **act(ACTION, "make", export.name), **attrs({"aria-label": f"Download: {export.title}", "aria-describedby": described}),
    )  # fmt: skip
    size: Any = html.Span(exports.size_words(offer.size), className="export-size")
    if export.parts:
        size = html.Span(exports.size_words(offer.size), className="export-size", id={"type": "export-size", "name": export.name})
    note = html.P(offer.size.note, className="export-note") if offer.size and offer.size.note else None
    why = html.P([icon("info-circle"), " ", offer.reason], className="export-why") if offer.reason else None
    name = html.H3([export.title, *([" ", badge("not now", "muted")] if offer.reason else [])])
    words = html.Div(
        [name, html.Div([html.P(export.words, className="field-help"), *(part for part in (note, why) if part)], id=described)]
    )
    row = html.Div([words, size, go], className="export-row")
    if not text:
        return row
    return html.Div([row, html.Details([html.Summary("Show it"), code(text, name=export.file)], className="data-more")])
