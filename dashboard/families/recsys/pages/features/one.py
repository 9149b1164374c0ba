"""One stored configuration of features, and two side by side: `/recommenders/features/<id>`, `/recommenders/features/compare`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from dash import Dash, Input, Output, dcc, html, no_update
from dash.development.base_component import Component

from dashboard.components import act, button, link_button, notify, page_header, read_action, section, time_of
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.features.builder import TITLES
from dashboard.families.recsys.pages.features.side import breakdown
from dashboard.families.recsys.pages.models.one import tests
from dashboard.families.recsys.pages.services import recommenders
from dashboard.shell import go, redraw
from recsys.differences import Difference, differences
from recsys.features.dims import tensor_dims
from recsys.records import FeatureConfigRecord
from workbench.commands.base import CommandError

if TYPE_CHECKING:
    from recsys.service import RecommenderService

ACTION = "recsys-one-feature-action"


def render(context: AppContext, config_id: str) -> Component:
    """`/recommenders/features/<id>`. Raises CommandError not_found."""
    service = recommenders(context.workbench)
    record = service.features.get(config_id)
    dataset = context.workbench.state().datasets.get(record.dataset_id)
    crumbs = [("Recommenders", addresses.HOME), ("Features", addresses.FEATURES)]
    actions = [
        link_button("Edit", f"{addresses.FEATURES}/{record.id}/edit"),
        link_button("Clone", addresses.with_query(f"{addresses.FEATURES}/new", {"from": record.id})),
        button("Delete", kind="danger", icon_name="trash", **act(ACTION, "delete", record.id)),
        link_button("Test it", addresses.with_query(f"{addresses.TESTS}/new", {"features": record.id}), kind="primary"),
    ]  # fmt: skip
    dims = tensor_dims(record.features)
    table = html.P(
        [
            "Of ",
            dcc.Link(dataset.name, href=addresses.one_dataset(dataset.id)) if dataset else record.dataset_id,
            f", version {record.version}.",
        ]
    )
    widths = html.Div([breakdown(TITLES[name], dims.of(name)) for name in TITLES], className="side-by-side")
    return html.Div(
        [
            dcc.Store(id=ACTION), page_header(record.name, lead=record.description or table, actions=actions, crumbs=crumbs),
            section("Tensor dimensions", [table, widths] if record.description else widths),
            section("Tests that used it", tests(service.features.tests(record.id))),
            section("preprocessing.py", _code(service, record), note="The same transforms for tensorflow-transform."),
            section("As JSON", frame.code(json.dumps(record.config, indent=2, ensure_ascii=False), name=f"features-{record.number}.json")),
            section("Versions", versions(record)),
        ],
        id="recsys-one-feature",
    )  # fmt: skip


def _code(service: RecommenderService, record: FeatureConfigRecord) -> Component:
    try:
        return frame.code(service.code.preprocessing(record.id).source, name="preprocessing.py")
    except CommandError as error:
        reasons = [html.Li(problem.message) for problem in error.problems] or [html.Li(error.message)]
        return html.Div([html.P("It cannot be written as things are:"), html.Ul(reasons)], className="notice notice-warning")


def versions(record: FeatureConfigRecord) -> Component:
    """Earlier versions with what each changed, the newest first."""
    known = sorted(record.versions.values(), key=lambda v: v.version, reverse=True)
    items = []
    for version, before in zip_longest(known, known[1:]):
        changed = differences(before.config, version.config) if before is not None else ()
        words = f"{len(changed)} changes" if before is not None else "first"
        detail = [html.Details([html.Summary(words), different(changed, "Before", "After")])] if changed else [html.Span(words)]
        back = (
            [] if version.version == record.version
            else [button("Restore", small=True, **act(ACTION, "restore", record.id, value=str(version.version)))]
        )  # fmt: skip
        items.append(html.Li([html.Strong(f"Version {version.version}"), " · ", time_of(version.at), " ", *back, *detail]))
    return html.Ul(items, className="plain-list versions")


def render_compare(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/features/compare?ids=a,b`. Raises CommandError for anything but two configurations."""
    keys = [part for part in (query or {}).get("ids", "").split(",") if part]
    if len(keys) != 2 or keys[0] == keys[1]:
        raise CommandError("Two different configurations can be compared.", "ids", "Press Compare on two of the list.")
    features = recommenders(context.workbench).features
    left, right = (features.get(key) for key in keys)
    found = differences(left.config, right.config)
    crumbs = [("Recommenders", addresses.HOME), ("Features", addresses.FEATURES)]
    columns = [
        html.Div([html.H3(dcc.Link(r.name, href=f"{addresses.FEATURES}/{r.id}"), className="tower-title"), *(breakdown(TITLES[n], tensor_dims(r.features).of(n)) for n in TITLES)], className="compared")
        for r in (left, right)
    ]  # fmt: skip
    lead = f"{len(found)} settings differ." if found else "They say the same."
    return html.Div(
        [
            page_header(f"{left.name} and {right.name}", lead=lead, crumbs=crumbs),
            section("Tensor dimensions", html.Div(columns, className="side-by-side")), section("What differs", different(found, left.name, right.name)),
        ],
        id="recsys-features-compared",
    )  # fmt: skip


def different(found: Sequence[Difference], left: str, right: str) -> Component:
    """Settings that differ, value beside value."""
    if not found:
        return html.P("Nothing.", className="field-help")
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in ("Where", left, right)]))
    rows = [html.Tr([html.Th(where(d.pointer), scope="row"), html.Td(_shown(d.before)), html.Td(_shown(d.after))]) for d in found]
    return html.Div(html.Table([head, html.Tbody(rows)], className="table table-sm"), className="table-scroll", tabIndex="0")


def where(pointer: str) -> str:
    """A place of the document in words: "buyer feature 2, transforms, embedding"."""
    names = {"buyer_model_features": "buyer feature", "product_model_features": "product feature", "buyer_model_crosses": "buyer cross",
             "product_model_crosses": "product cross", "target_column": "target"}  # fmt: skip
    parts = pointer.removeprefix("/").split("/")
    first, rest = names.get(parts[0], parts[0]), parts[1:]
    if rest and rest[0].isdecimal():
        first, rest = f"{first} {int(rest[0]) + 1}", rest[1:]
    return ", ".join([first, *(part.replace("_", " ") for part in rest)])


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("column") or json.dumps(value, ensure_ascii=False))
    return "none" if value is None else str(value)


def register(app: Dash) -> None:
    """Add the page's callbacks."""

    @app.callback(Output(ACTION, "storage_type"), Input(ACTION, "data"), prevent_initial_call=True)
    def act_on_it(data: Any) -> Any:
        action = read_action(data)
        features, workbench = recommenders(current().workbench).features, current().workbench
        if action is not None and action.name == "delete":
            record = features.delete(actor=actor(), key=action.id)
            notify(f"Deleted {record.name}.", undo=workbench.state().versions[record.id])
            go(addresses.FEATURES)
        elif action is not None and action.name == "restore":
            record = features.restore_version(actor=actor(), key=action.id, version=int(action.value or 0))
            notify(
                f"Restored version {action.value} of {record.name} as version {record.version}.", undo=workbench.state().versions[record.id]
            )
            redraw()
        return no_update
