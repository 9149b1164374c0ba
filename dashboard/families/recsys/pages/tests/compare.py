"""Two to five tests beside each other: figures with the best marked, intervals, where they differ, their curves. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import plots
from dashboard.components import badge, empty_state, icon, link_button, page_header, run_badge, section
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.tests.headline import MEASURES, between, difference, listed
from dashboard.families.recsys.pages.tests.start import CRUMBS
from dashboard.families.recsys.pages.tests.test import title_of
from dashboard.live.words import duration
from workbench.families import Panel
from workbench.state import RunRecord

if TYPE_CHECKING:
    from dashboard.families.recsys.comparing import Comparison

FEWEST, MOST = 2, 5
CURVES, AXIS, IDS = "recsys-compare-curve", "recsys-compare-axis", "recsys-compare-ids"
SMOOTHING, LOG = "recsys-compare-smoothing", "recsys-compare-log"


def wrong_number(count: int) -> Component:
    """The page for an address that names too few tests, or too many."""
    head = page_header("Compare tests", crumbs=CRUMBS)
    text = f"{FEWEST} to {MOST} tests can be compared, and the address names {count}."
    return html.Div(
        [head, empty_state("Choose the tests to compare", text, actions=[link_button("All tests", addresses.TESTS, kind="primary")])]
    )


def page(found: Comparison, runs: Sequence[RunRecord], panels: Sequence[Panel]) -> Component:
    """The whole page.

    Args:
        panels: of the curves that any of them has.
    """
    lead = "The first is what the others are held against."
    head = page_header("Compare tests", lead=lead, crumbs=CRUMBS)
    note = [] if found.same_protocol else [html.Div([icon("exclamation-triangle"), html.Div(unlike(found))], className="note note-warning")]
    body = [
        section(
            "Figures", [*note, html.Div(figures(found, runs), className="table-scroll", tabIndex=0)], note="The best of each row is marked."
        ),
        section(
            "Differences with intervals",
            paired(found),
            note="95 % intervals of paired resamples of customers, where both tests measured the same rows.",
        ),
        section("Where they differ", differences(found)),
        *([curves(panels)] if any(panel.overlays for panel in panels) else []),
    ]
    return html.Div([head, *body, dcc.Store(id=IDS, data=[run.id for run in runs])], className="run-page")


def unlike(found: Comparison) -> list[Component]:
    """What makes the figures of tests hardly comparable."""
    numbers = [f"#{test.number}" for test in found.tests]
    without = [number for number, protocol in zip(numbers, found.protocols, strict=True) if not protocol]
    if without:
        return [html.Span(f"{listed(without)} {'has' if len(without) == 1 else 'have'} no results to compare.")]
    names = [name for name in found.protocols[0] if any(name in p and p[name] != found.protocols[0][name] for p in found.protocols)]
    if not names:
        return [html.Span("They have no figure in common.")]
    ways: dict[str, list[str]] = {}
    for number, protocol in zip(numbers, found.protocols, strict=True):
        if names[0] in protocol:
            ways.setdefault(protocol[names[0]], []).append(number)
    lines = [html.Li([html.Strong(listed(who)), f": {way}"]) for way, who in ways.items()]
    title = html.Summary("How each was measured", className="more-title")
    return [
        html.Span("They were not measured in the same way, so figures differ for that reason, too."),
        html.Details([title, html.Ul(lines, className="protocol")], className="unfold"),
    ]


def figures(found: Comparison, runs: Sequence[RunRecord]) -> Component:
    """A row a figure, a column a test."""
    heads = [
        html.Th([dcc.Link(f"#{test.number} {title_of(test)}", href=addresses.one_test(test.id)), html.Div(run_badge(run))], scope="col")
        for test, run in zip(found.tests, runs, strict=True)
    ]
    rows = [
        html.Tr(
            [
                html.Th(MEASURES.label(row.name), scope="row"),
                *(_value(row.name, value, place in row.best and len(row.best) < len(row.values)) for place, value in enumerate(row.values)),
            ]
        )
        for row in found.metrics
    ]
    rows.append(
        html.Tr([html.Th("Took", scope="row"), *(html.Td(duration(test.duration_seconds) or "–", className="num") for test in found.tests)])
    )
    return html.Table([html.Thead(html.Tr([html.Td(""), *heads])), html.Tbody(rows)], className="plain-table compare-table")


def _value(name: str, value: float | None, best: bool) -> Component:
    words: list[Any] = [MEASURES.text(name, value)]
    if best:
        words.append(html.Span([icon("star-fill", label="best")], className="best-mark"))
    return html.Td(words, className=f"num{' is-best' if best else ''}")


def paired(found: Comparison) -> Component:
    """Every further test against the first."""
    number = {test.id: test.number for test in found.tests}
    lines: list[Any] = []
    for pair in found.paired:
        who = f"#{number[pair.id]} against #{number[pair.against]}"
        if not pair.figures:
            lines.append(html.Tr([html.Th(who, scope="row"), html.Td(pair.reason, colSpan=3, className="muted")]))
        for name, lift in pair.figures.items():
            low, high = lift.absolute_interval.low, lift.absolute_interval.high
            lower = MEASURES.of(name).direction == "lower"
            word, tone = (
                ("may be none", "muted") if low <= 0 <= high else ("better", "good") if (high < 0) == lower else ("worse", "danger")
            )
            lines.append(
                html.Tr(
                    [
                        html.Th(who, scope="row"), html.Td(MEASURES.label(name)),
                        html.Td(f"{difference(name, lift.absolute)} ({between(name, low, high)})", className="num"), html.Td(badge(word, tone)),  # type: ignore[arg-type]
                    ]
                )
            )  # fmt: skip
    return html.Div(html.Table(html.Tbody(lines), className="plain-table"), className="table-scroll", tabIndex=0)


def differences(found: Comparison) -> Component:
    """Where features, model and settings are not those of the first test."""
    pointers: dict[str, list[str]] = {}
    for place, test in enumerate(found.config_differences, start=1):
        for one in test.differences:
            cells = pointers.setdefault(one.pointer, ["–" if one.kind == "added" else _shown(one.before)] * len(found.tests))
            cells[place] = "–" if one.kind == "removed" else _shown(one.after)
    if not pointers:
        return html.P("In nothing: they are the same test.", className="muted")
    head = html.Tr([html.Th("Where", scope="col"), *(html.Th(f"#{test.number}", scope="col") for test in found.tests)])
    rows = [
        html.Tr(
            [
                html.Th(html.Code(pointer), scope="row"),
                *(html.Td(cell, className="wide is-other" if cell != cells[0] else "wide") for cell in cells),
            ]
        )
        for pointer, cells in pointers.items()
    ]
    return html.Div(
        html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table compare-differs"), className="table-scroll", tabIndex=0
    )


def _shown(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def curves(panels: Sequence[Panel]) -> Component:
    """The courses of all tests laid over each other, by epochs or by seconds."""
    places = [
        html.Figure([html.Figcaption(panel.title, className="figure-title"), plots.graph(plots.blank(panel.height), {"type": CURVES, "name": panel.name}, label=panel.description)], className="live-figure")
        for panel in panels if panel.overlays
    ]  # fmt: skip
    axis: Any = [{"value": "epochs", "label": "Epochs"}, {"value": "seconds", "label": "Seconds"}]
    controls = html.Div(
        [
            html.Div([html.Label("Over", htmlFor=AXIS), dbc.Select(id=AXIS, options=axis, value="epochs", size="sm")], className="live-control"),
            html.Div(
                [html.Label("Smoothing", htmlFor=SMOOTHING), dbc.Input(id=SMOOTHING, type="range", min=0, max=0.95, step=0.05, value="0", className="form-range live-slider")],
                className="live-control",
            ),
            html.Div(dbc.Switch(id=LOG, label="Log scale", value=False), className="live-control"),
        ],
        className="live-controls",
    )  # fmt: skip
    return section("Curves", [controls, html.Div(places, className="live-pair")])
