"""Several runs beside one another and beside the baselines, those that differ in their seeds together. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import empty_state, link_button, page_header, section, wait_outline
from dashboard.families.traffic.pages import addresses
from dashboard.families.traffic.pages.results.tables import error_table, window_words
from dashboard.families.traffic.reading import Result, by_seed, by_windows, common_name
from traffic.bundle import Errors
from traffic.figures.errors import Line, horizon_lines
from traffic.figures.looks import signed_text
from traffic.figures.table import Table, table_of
from traffic.metrics.bootstrap import paired_difference
from workbench.listing.views import FEWEST, MOST

IDS, GRAPHS = "forecast-compare-ids", "forecast-compare-graphs"
CRUMBS = [("Forecasting", addresses.HOME), ("Results", addresses.RESULTS)]


def wrong_number(count: int) -> Component:
    """The page for an address that names too few runs, or too many."""
    text = f"{FEWEST} to {MOST} runs can be compared, and the address names {count}. Mark them in the list of results."
    head = page_header("Compare forecasts", crumbs=CRUMBS)
    return html.Div(
        [head, empty_state("Choose the runs to compare", text, actions=[link_button("All results", addresses.RESULTS, kind="primary")])]
    )


def page(found: Sequence[Result]) -> Component:
    """The whole page."""
    lead = "Mean and spread over seeds, variants beside one another. The address can be shared."
    ids = [result.run.id for result in found]
    actions = [link_button("Settings and curves", f"/runs/compare?ids={','.join(ids)}")]
    body: list[Any] = [page_header("Compare forecasts", lead=lead, crumbs=CRUMBS, actions=actions)]
    groups = by_windows(found)
    if len(groups) > 1:
        body.append(
            html.P(
                "These runs were measured on different data, windows, masks or protocols: each kind has a table of its own.",
                className="notice",
            )
        )
    body += [_group(group) for group in groups]
    rest = [result for result in found if result.errors is None]
    if rest:
        items = [html.Li([dcc.Link(f"{result.name} #{result.run.number}", href=result.href), f": {result.why}"]) for result in rest]
        body.append(section("Without results", html.Ul(items)))
    return html.Div([dcc.Store(id=IDS, data=ids), *body], className="forecasting")


def _group(group: Sequence[Result]) -> Component:
    first = group[0].errors
    assert first is not None
    table, members = table_and_members(group)
    names = {number: _name(table.rows[number].name, own) for number, own in enumerate(members)}
    key = group[0].run.id
    graph = html.Div(wait_outline(4, label="Drawing: errors by horizon"), id={"type": GRAPHS, "group": key}, className="forecast-graph")
    parts = [*window_words(first, group[0].dataset), error_table(table, names), *_differences(members), graph]
    return section(group[0].dataset or "Runs", parts)


def table_and_members(group: Sequence[Result]) -> tuple[Table, list[list[Result]]]:
    """The table of comparable runs, and the runs of its first rows."""
    members = by_seed(group)
    named = [common_name(own) if len(own) > 1 else f"{own[0].name} #{own[0].run.number}" for own in members]
    return table_of([(name, errors_of(own)) for name, own in zip(named, members, strict=True)]), members


def errors_of(members: Sequence[Result]) -> list[Errors]:
    """Their errors."""
    return [result.errors for result in members if result.errors is not None]


def _name(name: str, members: Sequence[Result]) -> Component:
    links: list[Any] = []
    for result in members:
        links += [" ", dcc.Link(f"#{result.run.number}", href=addresses.one_run(result.run.id))]
    return html.Div([html.Span(name.rsplit(" #", 1)[0] if len(members) == 1 else name), html.Span(links, className="muted")])


def _differences(members: Sequence[Sequence[Result]]) -> list[Component]:
    """The first run of each row less that of the first row, with intervals."""
    base = members[0][0]
    if len(members) < 2 or base.errors is None:
        return []
    items = []
    for own in members[1:]:
        errors = own[0].errors
        if errors is None:
            continue
        found = paired_difference(errors.evaluations[0], base.errors.evaluations[0])
        verdict = "better" if found.high < 0 else "worse" if found.low > 0 else "not told apart"
        unit = errors.facts.units[0]
        items.append(
            html.Li(
                f"{own[0].name} #{own[0].run.number} against {base.name} #{base.run.number}: MAE {signed_text(found.value, 3)} {unit} "
                f"(95 %: {signed_text(found.low, 3)} to {signed_text(found.high, 3)}), {verdict}"
            )
        )
    return [
        html.H3("Differences, whole days drawn anew 1,000 times", className="mini-title"),
        html.Ul(items, className="forecast-differences"),
    ]


def lines_of(group: Sequence[Result]) -> list[Line]:
    """A line a row with a band over its seeds, and one a baseline."""
    table, members = table_and_members(group)
    lines = []
    for place, own in enumerate(members):
        values = np.stack([one.evaluations[0].total.metric("mae")[:, 0] for one in errors_of(own)])
        mean, spread = values.mean(0), values.std(0, ddof=1) if len(values) > 1 else None
        low, high = (None, None) if spread is None else (mean - spread, mean + spread)
        lines.append(Line("model", mean, low, high, label=table.rows[place].name, colour=place + 4))
    return [*lines, *horizon_lines(errors_of(members[0])[0].evaluations[1:])]
