"""The wizard of features as a page: two steps beside one summary. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import icon, link_button, page_header, section
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages import addresses, wizard
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features import builder
from dashboard.families.recsys.pages.features.draft import FeatureDraft
from dashboard.families.recsys.pages.features.side import GUIDE, summary
from dashboard.families.recsys.pages.features.verdict import FeatureVerdict
from recsys.records import FeatureConfigRecord


def page(
    draft: FeatureDraft, verdict: FeatureVerdict, *, step: int, title: str, dataset: str, datasets: Sequence[tuple[str, str, bool]] = (),
    crumb: str | None = None,
    stored: Sequence[FeatureConfigRecord] = (),
) -> Component:  # fmt: skip
    """The whole page.

    Args:
        dataset: name of the table. datasets: (address, name, chosen) of the tables that a new configuration may be of.
        crumb: name of the stored configuration that is edited. stored: configurations that a new one may be a copy of.
    """
    return wizard.page(
        GUIDE, draft, verdict, step=step, title=title, lead=f"What the columns of {dataset} become in both towers.", crumb=crumb,
        summary=summary(verdict), steps=[first(draft, verdict, dataset, datasets, stored), second(draft, verdict)],
    )  # fmt: skip


def without_roles(
    title: str, dataset_id: str, dataset: str, missing: Sequence[str], datasets: Sequence[tuple[str, str, bool]]
) -> Component:
    """What stands in the wizard's place for a table of which it is not known who took what.

    Args:
        missing: the roles that are not given to exactly one column. datasets: (address, name, chosen) of tables to choose instead.
    """
    words = f"Features need one column that is the {' and one that is the '.join(missing)}. Set the columns' roles first."
    go = link_button(f"Roles of {dataset}", addresses.one_dataset(dataset_id), kind="primary")
    parts: list[Any] = [html.P(words, className="notice notice-warning", role="alert"), html.P(go)]
    others = [dataset for dataset in datasets if not dataset[2]]
    if others:
        parts += [html.P("Or choose another dataset:", className="field-help"), _choice(others)]
    lead = f"What the columns of {dataset} become in both towers."
    header = page_header(title, lead=lead, crumbs=FEATURES.crumbs)
    return html.Div([header, section("Dataset", parts)], id="recsys-features-without-roles")


MANY = 8
"""More tables than this can be searched."""


def _choice(datasets: Sequence[tuple[str, str, bool]]) -> Component:
    """The tables as links; many of them with a search that leaves those whose names have its words."""
    links = [
        dcc.Link(words, href=href, className=f"btn btn-sm btn-outline-secondary{' active' if chosen else ''}")
        for href, words, chosen in datasets
    ]
    group = html.Div(links, className="kinds", role="group", **attrs({"aria-label": "Dataset"}))
    if len(datasets) <= MANY:
        return group
    words = "Search datasets"
    label = html.Label(words, htmlFor=FEATURES.id("datasets"), className="visually-hidden")
    box = dbc.Input(id=FEATURES.id("datasets"), type="search", placeholder=words, autocomplete="off")
    none = html.P("No dataset fits.", className="field-help", hidden=True)
    search = html.Div([label, icon("search"), box], className="search")
    return html.Div([search, group, none], className="narrowed", **attrs({"data-narrowed": "1"}))


def first(
    draft: FeatureDraft, verdict: FeatureVerdict, dataset: str, datasets: Sequence[tuple[str, str, bool]], stored: Sequence[FeatureConfigRecord]
) -> Component:  # fmt: skip
    """Name, table, what to start from."""
    facts = verdict.facts
    sizes = f"{facts.usable:,} rows, {len(facts.columns):,} columns"
    table: list[Any] = [html.P([html.Strong(dataset), f": {sizes}."])]
    if datasets:
        table.append(_choice(datasets))
    note = "A configuration belongs to one table." if draft.version is None else "The table of a stored configuration stays."
    sections = [wizard.names(FEATURES, draft, verdict), section("Dataset", table, note=note)]
    if draft.version is None:
        begin = html.Div(builder.beginnings(), className="board-tools")
        words = "What the columns suggest, nothing, or a copy; everything can be changed afterwards."
        sections.append(section("Start from", [begin, *wizard.copies(FEATURES, stored)], note=words))
    return wizard.step(1, sections)


def second(draft: FeatureDraft, verdict: FeatureVerdict) -> Component:
    """Columns into towers."""
    hint = "Drag a column or a feature by its sign, press a column's button, or move the focused one with Alt and the arrow keys."
    board = html.Div(builder.board(draft, verdict), id=FEATURES.id("board"), tabIndex="-1")
    tools = html.Div(builder.starts(draft), id=FEATURES.id("tools"))
    rows = html.Div(html.P("Reading the rows", className="field-help"), id=FEATURES.id("sample"))
    return wizard.step(2, [section("Columns and towers", board, note=hint, aside=tools), section("Sample rows", rows)])
