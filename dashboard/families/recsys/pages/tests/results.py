"""What a test found: the verdict and the headlines, doubts, every figure, example customers, pictures. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import section
from dashboard.families.recsys.pages.tests import examples, headline, tables
from dashboard.families.recsys.pages.tests.ids import ACTION
from dashboard.live.words import plural
from dashboard.pages.model.diagnose import Place, figure_card, not_applicable

TOLD_OTHERWISE = ("loss", "ranking_metrics", "lift", "vocabulary", "timeline")
"""Figures whose content the page has already: as curves, beside the headline, as tables."""
DOUBTS_SHOWN = 2
"""Doubts in sight; the rest is folded away."""

Part = tuple[str, str, Component]
"""Words for the list of contents, the id that they lead to, and what stands there."""


def folded(title: str, body: Any, *, id: str, opened: bool = False) -> Component:
    """A part that is a detail; a link to its id opens it, as the id is within what is folded."""
    head = html.Summary(html.H2(title, className="section-title"), className="more-title")
    return html.Details([head, html.Div(body, id=id, className="section-body")], open=opened, className="panel section fold-section")


def parts(told: Mapping[str, Any], facts: Component, *, mends: bool = False) -> list[Part]:
    """What the results say in words and tables.

    Args:
        told: what the test kept. facts: what it took and counted. mends: whether a click on a doubt can open a test without it.
    """
    found: list[Part] = [("Result", "result", result(told, facts, mends=mends))]
    if told["metrics"].get("model"):
        found.append(("Figures of quality", "metrics", section("Figures of quality", tables.metrics(told), id="metrics")))
    if told.get("examples"):
        note = "Ten of the customers that were measured, drawn by the seed; each list is of the first of its measured rows."
        customers = section("Example customers", examples.examples(told["examples"]), id="customers", note=note)
        found.append(("Customers", "customers", customers))
    return found


def result(told: Mapping[str, Any], facts: Component, *, mends: bool) -> Component:
    """The verdict, the headlines beside the baselines, what was counted, and what is doubtful."""
    ones = headline.headlines(told)
    note = "The model beside what it must beat, on the same rows by the same rule." if ones else None
    verdict = [html.P(headline.verdict(one), className="verdict-line") for one in ones]
    doubts = headline.warning_list(told.get("warnings", ()), ACTION if mends else None)
    return section("Result", [*verdict, *([headline.cards(told)] if ones else []), facts, *doubts_list(doubts)], id="result", note=note)


def doubts_list(doubts: Sequence[Component]) -> list[Component]:
    """The gravest in sight, the others folded away."""
    if not doubts:
        return []
    first, rest = list(doubts[:DOUBTS_SHOWN]), list(doubts[DOUBTS_SHOWN:])
    title = html.Summary(plural(len(rest), "more doubt"), className="more-title")
    more = [html.Details([title, html.Div(rest, className="live-notices")], className="unfold")] if rest else []
    return [html.Div([html.Div(first, className="live-notices"), *more], className="test-doubts")]


def pictures(run_id: str, places: Sequence[Place], *, has_bundle: bool) -> list[Part]:
    """The family's figures, drawn as they come into view; none where nothing was kept to draw them of."""
    others = [place for place in places if place.figure.name not in TOLD_OTHERWISE]
    drawn = [place for place in others if place.state == "shown"] if has_bundle else []
    if not drawn:
        return []
    rest = [place for place in others if place.state != "shown"]
    shown = html.Div(
        [
            dcc.Store(id="figure-run", data=run_id),
            dcc.Download(id="figure-download"),
            dcc.Store(id="figure-action"),
            dcc.Store(id="figure-dials", data={}),
            html.Span(id="figure-labels", hidden=True),
            html.H2("Figures", className="section-title figures-title"),
            html.Div([figure_card(place.figure, {}) for place in drawn], className="figure-grid"),
            *([not_applicable(rest)] if rest else []),
        ],
        id="figures",
    )
    return [("Figures", "figures", shown)]
