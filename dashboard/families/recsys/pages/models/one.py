"""One stored model, read only, and two side by side: `/recommenders/models/<id>`, `/recommenders/models/compare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import icon, page_header, section
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, one
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models.builder import layer_words, output_place
from dashboard.families.recsys.pages.models.code import CODE, CODE_OF, MODEL, not_chosen
from dashboard.families.recsys.pages.models.ids import ASSUMED
from dashboard.families.recsys.pages.services import recommenders
from dashboard.later import Later
from recsys.differences import Difference, differences
from recsys.model.config import document_of
from recsys.model.flat import FIELDS
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, NetworkPlan, Step, network_plan
from recsys.model.summaries import type_label
from recsys.records import ModelConfigRecord
from workbench.fields import applies, value_words

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.models import view
else:
    view = Later("dashboard.families.recsys.pages.models.view")


def render(context: AppContext, config_id: str) -> Component:
    """`/recommenders/models/<id>`. Raises CommandError not_found."""
    service = recommenders(context.workbench)
    record = service.models.get(config_id)
    model = record.recommender
    plan = network_plan(model, *ASSUMED_DIMS)
    actions = one.actions(MODELS, record, addresses.new_test(model=record.id))
    features: Any = [
        {"value": ASSUMED, "label": "Choose features"},
        *({"value": id, "label": words} for id, words in view.feature_options(context)),
    ]
    chooser = html.Div(
        [html.Label("Code for", htmlFor=CODE_OF, className="field-label"), dbc.Select(id=CODE_OF, options=features, value=ASSUMED)],
        className="widths-of",
    )
    note = "At 100 and 50 input dimensions." + (
        " A test has used it, so the architecture is fixed." if service.models.is_locked(record.id) else ""
    )
    return html.Div(
        [
            dcc.Store(id=MODELS.one_action), dcc.Store(id=MODEL, data=record.id),
            page_header(record.name, lead=record.description or type_label(model.model_type), actions=actions, crumbs=MODELS.crumbs),
            section("Network", network(plan), note=note),
            section("Settings", settings(record)),
            section("Tests that used it", one.tests(service.models.tests(record.id))),
            section("Generated code", html.Div(not_chosen(), id=CODE), aside=chooser),
            one.as_json(document_of(model), f"model-{record.number}.json"),
            section("Versions", one.versions(MODELS, record, _changed)),
        ],
        id="recsys-one-model",
    )  # fmt: skip


def network(plan: NetworkPlan) -> Component:
    """Every layer with its widths and its parameters, tower beside tower."""
    if plan.shared:
        columns = [
            _stack("Buyer, its own", plan.buyer.own),
            _stack("Product, its own", plan.product.own),
            _stack("Shared by both", plan.shared),
        ]
    else:
        columns = [_stack("Buyer tower", plan.buyer.steps), _stack("Product tower", plan.product.steps)]
    if plan.head is not None:
        columns.append(_stack("Rating head", plan.head.steps))
    count = dense_count(plan)
    total = html.P(f"{count.total:,} dense parameters; tables of embeddings come on top.", className="tower-foot")
    return html.Div([html.Div([c for c in columns if c is not None], className="side-by-side"), total])


def _stack(title: str, steps: Sequence[Step], *, differs: bool = False) -> Component | None:
    if not steps:
        return None
    rows, output = [], output_place([None if step.is_projection else step.layer for step in steps])
    for place, step in enumerate(steps):
        kind = "projection" if step.is_projection else f"{step.layer.type}{' layer-output' if place == output else ''}"
        name, detail = layer_words(step.layer, step)
        name = "Projection" if step.is_projection else name
        text = html.Span([html.Span(name, className="layer-title"), html.Span(detail, className="layer-words")], className="layer-text")
        rows.append(
            html.Li(
                [html.Span(icon("lock") if step.is_projection else None, className="layer-mark"), text], className=f"layer layer-{kind}"
            )
        )
    return html.Section(
        [html.H3(title, className="tower-title"), html.Ol(rows, className="layers")], className=f"tower{' differs' if differs else ''}"
    )


def settings(record: ModelConfigRecord) -> Component:
    """The settings that mean something for the model, but for its layers."""
    document = document_of(record.recommender)
    pairs = [
        (spec.label, value_words(spec, document[name]))
        for name, spec in FIELDS.specs.items()
        if spec.composite is None and spec.meta.unavailable is None and applies(spec, document)
    ]
    return html.Dl([html.Div([html.Dt(label), html.Dd(words)]) for label, words in pairs], className="look-facts")


def render_compare(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/models/compare?ids=a,b`. Raises CommandError not_found."""
    return one.two_of(MODELS, context, query, _compared)


def _compared(left: ModelConfigRecord, right: ModelConfigRecord) -> Component:
    found = differences(document_of(left.recommender), document_of(right.recommender))
    columns = [_towers(record, {path_of(d) for d in found}) for record in (left, right)]
    return html.Div(
        [
            page_header(f"{left.name} and {right.name}", lead=one.how_many(found), crumbs=MODELS.crumbs),
            section(
                "Networks", html.Div(columns, className="side-by-side"), note="At 100 and 50 input dimensions; what differs is tinted."
            ),
            section("What differs", one.different(found, left.name, right.name, where, "Setting")),
        ],
        id="recsys-models-compared",
    )


def _towers(record: ModelConfigRecord, paths: set[str]) -> Component:
    plan = network_plan(record.recommender, *ASSUMED_DIMS)
    parts = []
    for title, setting, steps in (
        ("Buyer tower", "buyer_tower_layers", plan.buyer.steps), ("Product tower", "product_tower_layers", plan.product.steps),
        ("Rating head", "rating_head_layers", plan.head.steps if plan.head else ()),
    ):  # fmt: skip
        differs = any(path == setting or path.startswith(f"{setting}.") for path in paths)
        stack = _stack(title, steps, differs=differs)
        if stack is not None:
            parts.append(stack)
    heading = dcc.Link(record.name, href=addresses.one_model(record.id))
    return html.Div(
        [
            html.H3(heading, className="tower-title"),
            *parts,
            html.P(f"{dense_count(plan).total:,} dense parameters", className="tower-foot"),
        ],
        className="compared",
    )


def path_of(difference: Difference) -> str:
    """Where it is, as settings are addressed: `buyer_tower_layers.0.units`."""
    return difference.pointer.removeprefix("/").replace("/", ".")


def where(pointer: str) -> str:
    """A place of the document in words: "Buyer tower layers, layer 1 units"."""
    name, _, rest = pointer.removeprefix("/").replace("/", ".").partition(".")
    label = FIELDS.specs[name].label if name in FIELDS.specs else name
    place, _, setting = rest.partition(".")
    return label if not rest else f"{label}, layer {int(place) + 1} {setting}".strip() if place.isdecimal() else f"{label}: {rest}"


def _changed(found: Sequence[Difference] | None) -> tuple[str, Sequence[Any]]:
    labels = dict.fromkeys(where(f"/{path_of(d).partition('.')[2].replace('.', '/')}") for d in found or ())
    return ", ".join(labels) or ("first" if found is None else "nothing"), ()
