"""One stored model, read only, and two side by side: `/recommenders/models/<id>`, `/recommenders/models/compare`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import act, button, icon, link_button, notify, page_header, read_action, section, state_badge, time_of
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.models.builder import layer_words
from dashboard.families.recsys.pages.models.wizard import ASSUMED
from dashboard.families.recsys.pages.services import recommenders
from dashboard.later import Later
from dashboard.shell import go, redraw
from recsys.differences import Difference, differences
from recsys.model.config import document_of
from recsys.model.flat import FIELDS
from recsys.model.params import dense_count
from recsys.model.plan import ASSUMED_DIMS, NetworkPlan, Step, network_plan
from recsys.model.summaries import type_label
from recsys.records import ModelConfigRecord
from workbench.commands.base import CommandError
from workbench.fields import applies, value_words
from workbench.state import RunRecord

if TYPE_CHECKING:
    from dashboard.families.recsys.pages.models import view
else:
    view = Later("dashboard.families.recsys.pages.models.view")

ACTION, CODE, CODE_OF = "recsys-one-model-action", "recsys-one-model-code", "recsys-one-model-code-of"


def render(context: AppContext, config_id: str) -> Component:
    """`/recommenders/models/<id>`. Raises CommandError not_found."""
    service = recommenders(context.workbench)
    record = service.models.get(config_id)
    model = record.recommender
    plan = network_plan(model, *ASSUMED_DIMS)
    crumbs = [("Recommenders", addresses.HOME), ("Model Structure", addresses.MODELS)]
    actions = [
        link_button("Edit", addresses.edit_model(record.id)), link_button("Clone", addresses.new_model(of=record.id)),
        button("Delete", kind="danger", icon_name="trash", **act(ACTION, "delete", record.id)),
        link_button("Test it", addresses.with_query(f"{addresses.TESTS}/new", {"model": record.id}), kind="primary"),
    ]  # fmt: skip
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
            dcc.Store(id=ACTION), dcc.Store(id="recsys-one-model-id", data=record.id),
            page_header(record.name, lead=record.description or type_label(model.model_type), actions=actions, crumbs=crumbs),
            section("Network", network(plan), note=note),
            section("Settings", settings(record)),
            section("Tests that used it", tests(service.models.tests(record.id))),
            section("Generated code", html.Div(html.P("The trainer is written for chosen features.", className="field-help"), id=CODE), aside=chooser),
            section("As JSON", frame.code(json.dumps(document_of(model), indent=2, ensure_ascii=False), name=f"model-{record.number}.json")),
            section("Versions", versions(record)),
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
    rows = []
    for step in steps:
        kind = "projection" if step.is_projection else step.layer.type
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


def tests(runs: Sequence[RunRecord]) -> Component:
    """Links to tests."""
    if not runs:
        return html.P("No test has used it yet.", className="field-help")
    rows = [
        html.Li(
            [dcc.Link(f"Test #{run.number}", href=f"{addresses.TESTS}/{run.id}"), " ", state_badge(run.state), " ", time_of(run.created_at)]
        )
        for run in runs[:20]
    ]
    return html.Ul(rows, className="plain-list")


def versions(record: ModelConfigRecord) -> Component:
    """Earlier versions with what each changed, the newest first."""
    known = sorted(record.versions.values(), key=lambda v: v.version, reverse=True)
    items = []
    for version, before in zip_longest(known, known[1:]):
        changed = differences(before.config, version.config) if before is not None else ()
        words = ", ".join(dict.fromkeys(_label(path_of(d).partition(".")[2]) for d in changed)) or (
            "first" if before is None else "nothing"
        )
        back = (
            [] if version.version == record.version
            else [button("Restore", small=True, **act(ACTION, "restore", record.id, value=str(version.version)))]
        )  # fmt: skip
        items.append(html.Li([html.Strong(f"Version {version.version}"), f" · {words} · ", time_of(version.at), " ", *back]))
    return html.Ul(items, className="plain-list versions")


def render_compare(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/models/compare?ids=a,b`. Raises CommandError for anything but two models."""
    keys = [part for part in (query or {}).get("ids", "").split(",") if part]
    if len(keys) != 2 or keys[0] == keys[1]:
        raise CommandError("Two different models can be compared.", "ids", "Press Compare on two models of the list.")
    models = recommenders(context.workbench).models
    left, right = (models.get(key) for key in keys)
    crumbs = [("Recommenders", addresses.HOME), ("Model Structure", addresses.MODELS)]
    found = differences(document_of(left.recommender), document_of(right.recommender))
    columns = [_compared(record, {path_of(d) for d in found}) for record in (left, right)]
    return html.Div(
        [
            page_header(
                f"{left.name} and {right.name}", lead=f"{len(found)} settings differ." if found else "They say the same.", crumbs=crumbs
            ),
            section(
                "Networks", html.Div(columns, className="side-by-side"), note="At 100 and 50 input dimensions; what differs is tinted."
            ),
            section("What differs", different(found, left.name, right.name)),
        ],
        id="recsys-models-compared",
    )


def _compared(record: ModelConfigRecord, paths: set[str]) -> Component:
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


def different(found: Sequence[Difference], left: str, right: str) -> Component:
    """Settings that differ, value beside value."""
    if not found:
        return html.P("Nothing.", className="field-help")
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in ("Setting", left, right)]))
    rows = [html.Tr([html.Th(_label(path_of(d)), scope="row"), html.Td(_shown(d.before)), html.Td(_shown(d.after))]) for d in found]
    return html.Table([head, html.Tbody(rows)], className="table table-sm")


def path_of(difference: Difference) -> str:
    """Where it is, as settings are addressed: `buyer_tower_layers.0.units`."""
    return difference.pointer.removeprefix("/").replace("/", ".")


def _label(path: str) -> str:
    name, _, rest = path.partition(".")
    label = FIELDS.specs[name].label if name in FIELDS.specs else name
    place, _, setting = rest.partition(".")
    return label if not rest else f"{label}, layer {int(place) + 1} {setting}".strip() if place.isdecimal() else f"{label}: {rest}"


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list | tuple) else str(value)


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(Output(CODE, "children"), Input(CODE_OF, "value"), State("recsys-one-model-id", "data"), prevent_initial_call=True)
    def show_code(features: str | None, model: str) -> Any:
        if features in (None, ASSUMED):
            return html.P("The trainer is written for chosen features.", className="field-help")
        try:
            made = recommenders(current().workbench).code.trainer(feature_config=features or "", model_config=model)
        except CommandError as error:
            reasons = [html.Li(problem.message) for problem in error.problems] or [html.Li(error.message)]
            return html.Div(
                [html.P("It cannot be written for these features:"), html.Ul(reasons)], className="notice notice-warning", role="alert"
            )
        return frame.code(made.trainer.source, name="trainer.py")

    @app.callback(Output(ACTION, "storage_type"), Input(ACTION, "data"), prevent_initial_call=True)
    def act_on_it(data: Any) -> Any:
        action = read_action(data)
        service = recommenders(current().workbench)
        if action is not None and action.name == "delete":
            record = service.models.delete(actor=actor(), key=action.id)
            notify(f"Deleted {record.name}.", undo=current().workbench.state().versions[record.id])
            go(addresses.MODELS)
        elif action is not None and action.name == "restore":
            record = service.models.restore_version(actor=actor(), key=action.id, version=int(action.value or 0))
            notify(
                f"Restored version {action.value} of {record.name} as version {record.version}.",
                undo=current().workbench.state().versions[record.id],
            )
            redraw()
        return no_update
