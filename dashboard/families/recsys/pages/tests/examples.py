"""Example customers of a test: what they had, what they are recommended, and what of it they took. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.components import icon
from dashboard.live.words import plural

CHOSEN, SHOWN = "recsys-test-customer", "recsys-test-example"


def examples(found: Sequence[Mapping[str, Any]]) -> Component:
    """A list to choose a customer of, and the first one."""
    options: Any = [{"value": str(place), "label": f"{one['buyer']} ({_hits(one)})"} for place, one in enumerate(found)]
    choice = html.Div(
        [html.Label("Customer", htmlFor=CHOSEN, className="field-label"), dbc.Select(id=CHOSEN, options=options, value="0")],
        className="example-choice",
    )
    return html.Div([choice, html.Div(example(found[0]), id=SHOWN, role="status")])


def _hits(one: Mapping[str, Any]) -> str:
    hits = sum(entry["hit"] for entry in one["top"])
    return plural(hits, "hit") if hits else "no hit"


LISTED = {
    "all": "The ten best by the model, of all products as in the headline.",
    "unseen": "The ten best by the model, as in the headline: without products that the customer had, but for those taken later.",
}
"""What a list is of, by the headline's rule for seen products."""
EARLIER = "The ten best by the model, without products that the customer had; the headline may count those."
"""What lists of earlier versions are of, which do not say it themselves."""


def example(one: Mapping[str, Any]) -> Component:
    """One customer in three columns."""
    about: Mapping[str, str] = one.get("about", {})
    missed = [item for item in one["wanted"] if item not in {entry["item"] for entry in one["top"]}]
    history = one["history"]
    left = one["history_rows"] - len(history)
    had = [
        html.Ol([html.Li(_product(item, about)) for item in reversed(history)], className="items"),
        *([html.P(f"and {left:,} before", className="muted")] if left > 0 else []),
    ]
    listed = [
        html.Li([*_product(entry["item"], about), *([html.Span([icon("check2-circle"), " hit"], className="hit-word")] if entry["hit"] else [])], className="hit" if entry["hit"] else "")
        for entry in one["top"]
    ]  # fmt: skip
    took = (
        html.P("Everything that was taken later is on the list.", className="muted")
        if one["wanted"] and not missed
        else html.Ul([html.Li(_product(item, about)) for item in missed], className="items")
    )
    return html.Div(
        [
            _column(f"Had before ({one['history_rows']:,})", had, "The latest first."),
            _column("Is recommended", [html.Ol(listed, className="items items-ranked")], LISTED[one["seen"]] if "seen" in one else EARLIER),
            _column(f"Took, but is not recommended ({len(missed)} of {len(one['wanted'])})", [took], "Products of the measured rows."),
        ],
        className="example",
    )


def _product(item: str, about: Mapping[str, str]) -> list[Component]:
    """A product's id, and what the data says of it."""
    words = about.get(item)
    return [html.Span(item), *([html.Span(words, className="item-about")] if words else [])]


def _column(title: str, body: Sequence[Component], note: str) -> Component:
    return html.Div([html.H3(title, className="group-title"), html.P(note, className="field-help"), *body])
