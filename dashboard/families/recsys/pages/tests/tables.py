"""A test's results as tables: every figure by both rules for seen products, beside the others, and where the time went. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.families.recsys.pages.tests.headline import MEASURES, UNSEEN, UNSEEN_MEANING
from dashboard.live.panel import steps_list
from recsys.metrics import GROUPS
from recsys.progress import stage_words
from workbench.families import Step

SEEN_LEFT_OUT = "seen items removed"
"""What the protocol of a figure says where customers are not recommended what they had."""

ALL_WORDS, UNSEEN_WORDS = "All products", "Seen ones left out"


def metrics(told: Mapping[str, Any]) -> Component:
    """The model's figures by both rules, how they were taken, and everybody's beside them."""
    own = {figure["name"]: figure for figure in told["metrics"].get("model", ())}
    names = [name for name in own if not name.endswith(UNSEEN)]
    first = ALL_WORDS if told["seen"] == "all" else UNSEEN_WORDS
    head = html.Tr([html.Th(text, scope="col", className="num" if text else "") for text in ("", ALL_WORDS, UNSEEN_WORDS)])
    rows = [html.Tr([html.Th(MEASURES.label(name), scope="row"), *_both(name, own)]) for name in names]
    table = html.Div(
        html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table metric-table"), className="table-scroll", tabIndex=0
    )
    title = html.Summary("Beside the baselines", className="more-title")
    others = html.Details([title, everybody(told)], className="unfold")
    rule = (
        html.P(
            f"{UNSEEN_WORDS}: {UNSEEN_MEANING[0].lower()}{UNSEEN_MEANING[1:]} The headline follows “{first.lower()}”.",
            className="field-help",
        )
        if any(name.endswith(UNSEEN) for name in own)
        else None
    )
    return html.Div([table, rule, protocol(list(own.values())), others])


def _both(name: str, own: Mapping[str, Any]) -> list[Component]:
    if f"{name}{UNSEEN}" in own:
        return [_cell(own[name]), _cell(own[f"{name}{UNSEEN}"])]
    # What is of lists is measured one way only; a rating knows no such rule.
    blank = html.Td("", className="num")
    return [blank, _cell(own[name])] if SEEN_LEFT_OUT in own[name]["protocol"] else [_cell(own[name]), blank]


def _cell(figure: Mapping[str, Any]) -> Component:
    if figure["value"] is None:
        return html.Td(html.Span("–", title=figure["reason"] or "not measured"), className="num")
    return html.Td(MEASURES.text(figure["name"], figure["value"]), className="num", title=figure["protocol"])


def protocol(figures: Sequence[Mapping[str, Any]]) -> Component:
    """How figures were taken, and why some are missing: one line each way of taking them."""
    by_words: dict[str, list[str]] = {}
    for figure in figures:
        by_words.setdefault(figure["protocol"], []).append(MEASURES.label(figure["name"]).split(",")[0])
    lines = [html.Li([html.Strong(", ".join(dict.fromkeys(names))), f": {words}"]) for words, names in by_words.items()]
    lines += [
        html.Li([html.Strong(MEASURES.label(f["name"])), f" has no value: {f['reason']}"])
        for f in figures
        if f["value"] is None and f["reason"]
    ]
    return html.Details(
        [html.Summary("How it was measured", className="more-title"), html.Ul(lines, className="protocol")], className="unfold"
    )


def everybody(told: Mapping[str, Any]) -> Component:
    """Every figure of the model, the baselines and the oracle."""
    found = {who: {f["name"]: f for f in figures} for who, figures in told["metrics"].items()}
    people = [who for who in told["about"] if who in found]
    names = list(dict.fromkeys(name for who in people for name in found[who]))
    head = html.Tr([html.Th(text, scope="col") for text in ("", *(GROUPS.get(who, who) for who in people))])
    rows = [
        html.Tr(
            [
                html.Th(MEASURES.label(name), scope="row"),
                *(_cell(found[who][name]) if name in found[who] else html.Td("", className="num") for who in people),
            ]
        )
        for name in names
    ]
    said = [html.Li([html.Strong(GROUPS.get(who, who)), f": {about}"]) for who, about in told["about"].items() if about]
    table = html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="plain-table"), className="table-scroll", tabIndex=0)
    return html.Div([table, html.Ul(said, className="protocol")])


def timing(told: Mapping[str, Any]) -> Component:
    """Where a test's time went."""
    return steps_list([Step(stage_words(name), "done", seconds) for name, seconds in told["seconds"].items()])


def vocabulary(told: Mapping[str, Any]) -> Component | None:
    """Tables of terms: their sizes, what was cut, and what they do not know of each part."""
    rows = told.get("vocabulary", ())
    if not rows:
        return None
    names = ("Column", "Tower", "Terms", "Cut as rare", "Cut by size", "Unknown in train", "validation", "test")
    head = html.Tr([html.Th(name, scope="col") for name in names])
    body = [
        html.Tr(
            [
                html.Th(row["column"], scope="row"), html.Td(row["tower"]), *(html.Td(f"{row[key]:,}", className="num") for key in ("terms", "cut_by_frequency", "cut_by_size")),
                *(html.Td("–" if row["unknown"][part] is None else f"{100 * row['unknown'][part]:.1f} %", className="num") for part in ("train", "validation", "test")),
            ]
        )
        for row in rows
    ]  # fmt: skip
    return html.Div(html.Table([html.Thead(head), html.Tbody(body)], className="plain-table"), className="table-scroll", tabIndex=0)
