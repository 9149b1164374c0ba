"""One stored configuration of features, and two side by side: `/recommenders/features/<id>`, `/recommenders/features/compare`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import page_header, section
from dashboard.components.code import code
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, one
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features.builder import TITLES
from dashboard.families.recsys.pages.features.side import breakdown
from dashboard.families.recsys.pages.services import recommenders
from recsys.differences import Difference, differences
from recsys.features.config import TOWERS, Cross, Feature, FeatureConfig, Target
from recsys.features.dims import tensor_dims
from recsys.features.outputs import tower_outputs
from recsys.records import FeatureConfigRecord
from workbench.commands.base import CommandError
from workbench.fields import ConfigModel, choice_label, field_specs

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
            section("Columns", becomes(record.features)),
            section("Target", target_of(record.features.target_column)),
            section("Tests that used it", one.tests(service.features.tests(record.id))),
            section("preprocessing.py", _code(service, record), note="The same transforms for tensorflow-transform."),
            one.as_json(record.config, f"features-{record.number}.json"),
            section("Versions", one.versions(FEATURES, record, _changed)),
        ],
        id="recsys-one-feature",
    )


def becomes(config: FeatureConfig) -> Component:
    """What every feature and cross becomes, in the order in which tensors are joined: its side, transforms with settings, width."""
    rows = []
    for tower in TOWERS:
        outputs = tower_outputs(config, tower)
        for source in (*config.features(tower), *config.crosses(tower)):
            width = sum(output.dim for output in outputs if output.source is source)
            rows.append(
                html.Tr(
                    [
                        html.Th(_name(source), scope="row"),
                        html.Td(TITLES[tower]),
                        html.Td(_done(source)),
                        html.Td(f"{width:,}", className="number"),
                    ]
                )
            )
    if not rows:
        return html.P("Neither tower has a feature.", className="field-help")
    titles = ("Column", "Tower", "Transforms", "Width")
    head = html.Thead(html.Tr([html.Th(title, scope="col", className="number" if title == "Width" else "") for title in titles]))
    return html.Div(html.Table([head, html.Tbody(rows)], className="table table-sm columns-table"), className="table-scroll", tabIndex="0")


def target_of(target: Target | None) -> Component:
    """What a ranking model predicts, and what it is trained on."""
    if target is None:
        return html.P("None: a ranking model asks for a rating column when it is tested.", className="field-help")
    limit = "limited to the range trained on" if target.clip_predictions else "not limited"
    return html.P([html.Strong(target.column), f": {transforms_in_words(target.transforms) or 'as it is'}; predictions are {limit}."])


def _name(source: Feature | Cross) -> str:
    return " × ".join(member.column for member in source.features) if isinstance(source, Cross) else source.column


def _done(source: Feature | Cross) -> str:
    if not isinstance(source, Cross):
        return transforms_in_words(source.transforms) or "none"
    return f"Cross ({_settings(source)})"


def transforms_in_words(transforms: ConfigModel) -> str:
    """Transforms with their settings: `Embedding (dimension 32, ...), Null flag`; "" for none."""
    said = []
    for spec in field_specs(type(transforms)):
        value = getattr(transforms, spec.name)
        if isinstance(value, ConfigModel):
            said.append(f"{spec.label} ({_settings(value)})")
        elif value:
            said.append(spec.label)
    return ", ".join(said)


def _settings(held: ConfigModel) -> str:
    """A transform's settings; of switches, those that are on."""
    said = []
    for spec in field_specs(type(held)):
        value = getattr(held, spec.name)
        if spec.composite is not None or value is None or value is False:
            continue
        label = f"{spec.label[:1].lower()}{spec.label[1:]}"
        said.append(label if value is True else f"{label} {choice_label(spec, value)}")
    return ", ".join(said)


def _widths(record: FeatureConfigRecord) -> list[Component]:
    dims = tensor_dims(record.features)
    return [breakdown(TITLES[name], dims.of(name)) for name in TITLES]


def _code(service: RecommenderService, record: FeatureConfigRecord) -> Component:
    try:
        return code(service.code.preprocessing(record.id).source, name="preprocessing.py")
    except CommandError as error:
        return one.refused(error, "It cannot be written as things are:")


def _changed(found: Sequence[Difference] | None) -> tuple[str, Sequence[Any]]:
    if not found:
        return "", [html.Span("first" if found is None else "0 changes")]
    return "", [html.Details([html.Summary(f"{len(found)} changes"), one.different(found, "Before", "After", where, "Where")])]


def render_compare(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/features/compare?ids=a,b`. Raises CommandError not_found."""
    return one.two_of(FEATURES, context, query, _compared)


def _compared(left: FeatureConfigRecord, right: FeatureConfigRecord) -> Component:
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
