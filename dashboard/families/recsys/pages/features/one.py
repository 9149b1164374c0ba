"""One stored configuration of features, and two side by side: `/recommenders/features/<id>`, `/recommenders/features/compare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import page_header, section
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, frame, one
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features.builder import TITLES
from dashboard.families.recsys.pages.features.side import breakdown
from dashboard.families.recsys.pages.services import recommenders
from recsys.differences import Difference, differences
from recsys.features.dims import tensor_dims
from recsys.records import FeatureConfigRecord
from workbench.commands.base import CommandError

if TYPE_CHECKING:
    from recsys.service import RecommenderService


def render(context: AppContext, config_id: str) -> Component:
    """`/recommenders/features/<id>`. Raises CommandError not_found."""
    service = recommenders(context.workbench)
    record = service.features.get(config_id)
    dataset = context.workbench.state().datasets.get(record.dataset_id)
    actions = one.actions(FEATURES, record, addresses.new_test(features=record.id))
    of = dcc.Link(dataset.name, href=addresses.one_dataset(dataset.id)) if dataset else record.dataset_id
    table = html.P(["Of ", of, f", version {record.version}."])
    widths = html.Div(_widths(record), className="side-by-side")
    return html.Div(
        [
            dcc.Store(id=FEATURES.one_action),
            page_header(record.name, lead=record.description or table, actions=actions, crumbs=FEATURES.crumbs),
            section("Tensor dimensions", [table, widths] if record.description else widths),
            section("Tests that used it", one.tests(service.features.tests(record.id))),
            section("preprocessing.py", _code(service, record), note="The same transforms for tensorflow-transform."),
            one.as_json(record.config, f"features-{record.number}.json"),
            section("Versions", one.versions(FEATURES, record, _changed)),
        ],
        id="recsys-one-feature",
    )


def _widths(record: FeatureConfigRecord) -> list[Component]:
    dims = tensor_dims(record.features)
    return [breakdown(TITLES[name], dims.of(name)) for name in TITLES]


def _code(service: RecommenderService, record: FeatureConfigRecord) -> Component:
    try:
        return frame.code(service.code.preprocessing(record.id).source, name="preprocessing.py")
    except CommandError as error:
        return one.refused(error, "It cannot be written as things are:")


def _changed(found: Sequence[Difference] | None) -> tuple[str, Sequence[Any]]:
    if not found:
        return "", [html.Span("first" if found is None else "0 changes")]
    return "", [html.Details([html.Summary(f"{len(found)} changes"), one.different(found, "Before", "After", where, "Where")])]


def render_compare(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/features/compare?ids=a,b`. Raises CommandError for anything but two configurations."""
    left, right = one.two_of(FEATURES, context, query)
    found = differences(left.config, right.config)
    columns = [
        html.Div([html.H3(dcc.Link(r.name, href=addresses.one(FEATURES.address, r.id)), className="tower-title"), *_widths(r)], className="compared")
        for r in (left, right)
    ]  # fmt: skip
    return html.Div(
        [
            page_header(f"{left.name} and {right.name}", lead=one.how_many(found), crumbs=FEATURES.crumbs),
            section("Tensor dimensions", html.Div(columns, className="side-by-side")),
            section("What differs", one.different(found, left.name, right.name, where, "Where")),
        ],
        id="recsys-features-compared",
    )


def where(pointer: str) -> str:
    """A place of the document in words: "buyer feature 2, transforms, embedding"."""
    names = {"buyer_model_features": "buyer feature", "product_model_features": "product feature", "buyer_model_crosses": "buyer cross",
             "product_model_crosses": "product cross", "target_column": "target"}  # fmt: skip
    parts = pointer.removeprefix("/").split("/")
    first, rest = names.get(parts[0], parts[0]), parts[1:]
    if rest and rest[0].isdecimal():
        first, rest = f"{first} {int(rest[0]) + 1}", rest[1:]
    return ", ".join([first, *(part.replace("_", " ") for part in rest)])
