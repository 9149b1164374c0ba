"""All runs beside their baselines. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import empty_state, icon, link_button, run_badge, section, time_of
from dashboard.components.attributes import attrs
from dashboard.components.link_choice import link_choice
from dashboard.components.marks import marks
from dashboard.families.traffic.pages import addresses
from dashboard.families.traffic.pages.frame import chapter
from dashboard.families.traffic.pages.results.lead import lead_words
from dashboard.families.traffic.pages.results.tables import error_table, window_words
from dashboard.families.traffic.reading import Result, by_seed, by_windows, common_name
from traffic.figures.table import table_of
from traffic.warnings import caveats, few_epochs
from workbench.listing.views import FEWEST, MOST

LEAD = "Errors of every run on its test windows, beside what simple rules reach on the same ones."


def page(found: Sequence[Result], *, seeds: bool, picked: Sequence[str], all_runs: int = 0) -> Component:
    """The page.

    Args:
        seeds: whether runs that differ in nothing but their seeds share a row. picked: ids of runs to compare.
        all_runs: how many there are, if more than `found`.
    """
    if not found:
        return chapter("results", LEAD, [nothing()])
    measured = by_windows(found)
    rest = [result for result in found if result.errors is None]
    tools = html.Div([*link_choice("Rows", _ways(seeds, picked)), html.Div(_compare(picked), className="spring-end")], className="toolbar")
    body: list[Any] = [tools] if measured else []
    body += [_group(group, seeds=seeds, picked=picked) for group in measured]
    if rest:
        body.append(_others(rest))
    if all_runs > len(found):
        older = dcc.Link("Runs", href=addresses.with_query("/runs", {"where": f"family = {addresses.FAMILY}"}))
        body.append(html.P([f"These are the newest {len(found):,} of {all_runs:,} runs; all are in ", older, "."], className="field-help"))
    return chapter("results", LEAD, body)


def nothing() -> Component:
    """What is there before the first run."""
    text = "Choose files on the first tab and run them; what a run measures stands here beside its baselines."
    return empty_state("No forecast yet", text, actions=[link_button("Set up a run", addresses.HOME, kind="primary")])


def _ways(seeds: bool, picked: Sequence[str]) -> list[tuple[str, str, bool]]:
    return [(address(seeds=False, picked=picked), "Each run", not seeds), (address(seeds=True, picked=picked), "Seeds together", seeds)]


def address(*, seeds: bool, picked: Sequence[str]) -> str:
    """Where the same is seen."""
    return addresses.with_query(addresses.RESULTS, {"rows": "seeds" if seeds else "", "picked": ",".join(picked)})


def _compare(picked: Sequence[str]) -> list[Component]:
    if not picked:
        return [html.Span("Mark runs to compare them.", className="muted")]
    if len(picked) < FEWEST:
        return [html.Span(f"Mark {FEWEST - len(picked)} more to compare.", className="muted")]
    if len(picked) > MOST:
        return [html.Span(f"At most {MOST} runs can be compared.", className="muted")]
    return [link_button(f"Compare {len(picked)} runs", addresses.compare(picked), kind="primary", small=True)]


def _group(group: Sequence[Result], *, seeds: bool, picked: Sequence[str]) -> Component:
    rows = by_seed(group) if seeds else [[result] for result in group]
    named = [(common_name(members) if len(members) > 1 else members[0].name, members) for members in rows]
    table = table_of([(name, [result.errors for result in members if result.errors is not None]) for name, members in named])
    names = {number: _name(name, members) for number, (name, members) in enumerate(named)}
    picks = {number: _pick(members, seeds=seeds, picked=picked) for number, (_, members) in enumerate(named)}
    first = group[0]
    assert first.errors is not None
    return section(first.dataset or "Runs", [*window_words(first.errors, first.dataset), error_table(table, names, picks=picks)])


def _name(name: str, members: Sequence[Result]) -> Component:
    shown: list[Any] = []
    for result in members:
        run = result.run
        shown += [" ", dcc.Link(f"#{run.number}", href=addresses.one_run(run.id), title="Its forecasts")]
    errors = members[0].errors
    lead = lead_words(errors, errors.facts.units[0]) if errors is not None and len(members) == 1 else ""
    title: Any = (
        dcc.Link(name, href=addresses.one_run(members[0].run.id), className="errors-link") if len(members) == 1 else html.Span(name)
    )
    lines = [html.Div(lead, className="errors-lead")] if lead else []
    if errors is not None:
        check = few_epochs(errors.facts.epochs)
        lines += [
            html.Div(each.text, className="errors-lead errors-doubt") for each in (*([check] if check else []), *caveats(errors.facts))
        ]
    return html.Div([title, html.Span(shown, className="muted"), *lines])


def _pick(members: Sequence[Result], *, seeds: bool, picked: Sequence[str]) -> Component:
    own = [result.run.id for result in members]
    there = all(id in picked for id in own)
    after = [id for id in picked if id not in own] if there else [*(id for id in picked if id not in own), *own]
    numbers = ", ".join(f"#{result.run.number}" for result in members)
    words = f"{'Leave' if there else 'Mark'} {numbers} {'out' if there else 'to compare'}"
    return html.A(
        [icon("check-square-fill" if there else "square"), html.Span(words, className="visually-hidden")],
        href=address(seeds=seeds, picked=after), className="errors-pick", title=words, **marks("?picked", own),
    )  # fmt: skip


def _others(found: Sequence[Result]) -> Component:
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in ("Run", "State", "Started", "")]))
    rows = [
        html.Tr(
            [
                html.Th([dcc.Link(f"{result.name} #{result.run.number}", href=result.href)], scope="row"), html.Td(run_badge(result.run)),
                html.Td(time_of(result.run.started_at, empty="not yet")), html.Td(result.why, className="wide muted"),
            ]
        )
        for result in found
    ]  # fmt: skip
    table = html.Table([head, html.Tbody(rows)], className="plain-table")
    return section(
        "Without results", html.Div(table, className="table-scroll", tabIndex="0", **attrs({"aria-label": "Runs without results"}))
    )
