"""Several runs beside one another and beside the baselines, those that differ in their seeds together. Pure."""

from __future__ import annotations

import math
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
from traffic.figures.looks import error_text, signed_text
from traffic.figures.table import Table, table_of
from traffic.metrics.bootstrap import RESAMPLES, mean_of, no_interval, paired_difference
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
    """Each row's mean less the first row's, of the seeds that both have, with intervals."""
    if len(members) < 2 or not all(errors_of(own) for own in members):
        return []
    return [
        html.H3(f"Differences, whole days drawn anew {RESAMPLES:,} times", className="mini-title"),
        html.Ul([html.Li(difference_words(own, members[0])) for own in members[1:]], className="forecast-differences"),
    ]


def difference_words(own: Sequence[Result], base: Sequence[Result]) -> str:
    """Which of two rows has the lower MAE, by how much, and of which seeds."""
    first, second, seeds = _of_shared_seeds(errors_of(own), errors_of(base))
    found = paired_difference(mean_of([each.evaluations[0] for each in first]), mean_of([each.evaluations[0] for each in second]))
    unit, (one, other) = first[0].facts.units[0], (_called(own), _called(base))
    interval = f"95 %: {signed_text(found.low, 3)} to {signed_text(found.high, 3)}" if found.told else no_interval(found.days)
    if not math.isfinite(found.value):
        return f"{one} and {other}: nothing was measured."
    if found.told and found.low <= 0 <= found.high:
        return f"{one} and {other} are not told apart: MAE of the first less the second {signed_text(found.value, 3)} {unit} ({interval}). {seeds}"
    word = "better" if found.value < 0 else "worse"
    if found.told:
        low, high = sorted((abs(found.low), abs(found.high)))
        interval = f"95 %: {error_text(low, 3)} to {error_text(high, 3)}"
    return f"{one} is {error_text(abs(found.value), 3)} {unit} {word} in MAE than {other} ({interval}). {seeds}"


def _called(own: Sequence[Result]) -> str:
    return common_name(own) if len(own) > 1 else f"{own[0].name} #{own[0].run.number}"


def _of_shared_seeds(own: Sequence[Errors], base: Sequence[Errors]) -> tuple[Sequence[Errors], Sequence[Errors], str]:
    """The runs of seeds that both have, one a seed, and which seeds these are; all of them where they share none."""
    one, other = ({each.facts.seed: each for each in reversed(runs) if each.facts.seed is not None} for runs in (own, base))
    shared = sorted(one.keys() & other.keys())
    if not shared:
        return own, base, "" if len(own) == len(base) == 1 else "They share no seed: means over all of each."
    words = f"Seed {shared[0]}." if len(shared) == 1 else f"Means over the seeds {', '.join(map(str, shared))}."
    return [one[seed] for seed in shared], [other[seed] for seed in shared], words


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
