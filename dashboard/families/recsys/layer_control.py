"""Layers on the Create page: in words, from a model of Model Structure, which is where they are built.

The control holds the layers as JSON text out of sight, as every value with entries is held. What fills it is the choice of a
preset, as elsewhere, or of a stored model; the wizard of models leads back with the model that it made chosen.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update, set_props
from dash.development.base_component import Component

from dashboard.acting import needs
from dashboard.context import current
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.forms.controls import control_id
from workbench.fields import FieldSpec

FORM, LISTS = "create", ("buyer_tower_layers", "product_tower_layers", "rating_head_layers")
CHOOSER, NONE = "recsys-towers-of", "none"
STRUCTURE, BACK, FAMILY = "structure", "create", "recsys"


def control(form: str, spec: FieldSpec, raw: Any) -> Component:
    """A list of layers in words; the first one offers the stored models and the way to the wizard."""
    parts: list[Component] = [
        dbc.Input(id=control_id(form, spec.name), type="hidden", value=raw),
        html.P(words(raw), id=_words_id(form, spec.name), className="mono"),
    ]
    if spec.name == LISTS[0]:
        parts.append(_chooser())
    return html.Div(parts)


def _words_id(form: str, name: str) -> dict[str, str]:
    return {**control_id(form, name), "part": "words"}


def _chooser() -> Component:
    options: Any = [{"value": NONE, "label": "Choose a model"}]
    build = addresses.with_query(addresses.new_model(), {"for": BACK, "step": "2"})
    return html.Div(
        [
            html.Label("Everything as in", htmlFor=CHOOSER, className="field-label"),
            dbc.Select(id=CHOOSER, options=options, value=NONE),
            dcc.Link("Build towers in Recommenders", href=build, className="btn btn-sm btn-outline-secondary"),
        ],
        className="widths-of",
    )


def words(raw: Any) -> str:
    """Layers in a line: "Dense 128 ReLU → Dropout 0.2"; for text that is none, that it cannot be read."""
    from dashboard.families.recsys.pages.models.builder import layer_words
    from recsys.model.draft import read_draft

    try:
        held = json.loads(raw or "[]")
    except ValueError:
        held = None
    layers = read_draft({LISTS[0]: held}).layers(LISTS[0]) if isinstance(held, list) else [None]
    if None in layers:
        return "These layers cannot be read."
    named = [layer_words(layer, None) for layer in layers if layer is not None]
    return " → ".join(f"{title} ({detail})" for title, detail in named) or "None"


def after_saving(back: str, id: str) -> str:
    """Where the wizard leads once a model is saved: to where it was called from, else to the model."""
    if back == BACK:
        return addresses.with_query("/create", {"family": FAMILY, STRUCTURE: id})
    return addresses.one_model(id)


def way_back(back: str) -> str:
    """Where the wizard leads if nothing is saved: to where it was called from; "" for nowhere of its own."""
    return addresses.with_query("/create", {"family": FAMILY}) if back == BACK else ""


def fill(config_id: str) -> None:
    """Tell the form's controls everything that a stored model says. Raises CommandError not_found."""
    from dashboard.forms import raw_of
    from recsys.model.config import document_of
    from recsys.model.flat import FIELDS

    document = document_of(MODELS.configs(current()).get(config_id).recommender)
    for name, spec in FIELDS.specs.items():
        if spec.meta.in_form and spec.meta.unavailable is None:
            set_props(control_id(FORM, name), {"value": raw_of(spec, document[name])})


def register(app: Dash) -> None:
    """Add what the control does."""
    for name in LISTS:
        app.callback(Output(_words_id(FORM, name), "children"), Input(control_id(FORM, name), "value"), prevent_initial_call=True)(
            needs("read")(words)
        )

    @app.callback(Output(CHOOSER, "options"), Output(CHOOSER, "value"), Input(CHOOSER, "id"), State("url", "search"))
    @needs("read")
    def offer(_: str, search: str | None) -> Any:
        known = [(record.id, record.name) for record in MODELS.configs(current()).list()]
        asked = parse_qs((search or "").removeprefix("?")).get(STRUCTURE, [NONE])[0]
        options = [{"value": NONE, "label": "Choose a model"}, *({"value": id, "label": name} for id, name in known)]
        return options, asked if asked in dict(known) else NONE

    @app.callback(Output(CHOOSER, "className"), Input(CHOOSER, "value"), prevent_initial_call=True)
    @needs("read")
    def take(config_id: str | None) -> Any:
        if config_id and config_id != NONE:
            fill(config_id)
        return no_update
