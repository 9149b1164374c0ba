"""A forecasting model's Data tab as components. Pure, but for `body`, which reads what stands there at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import plots
from dashboard.components import badge, section, wait_outline
from dashboard.components.attributes import attrs
from dashboard.components.look import draw_look
from dashboard.context import AppContext
from dashboard.live.feed import Feed
from dashboard.live.words import plural
from dashboard.pages.model.view import ModelView
from traffic.data.clock import clock_text
from traffic.data.health import Trouble
from traffic.figures import data as figures
from traffic.model_data import Overview, Series
from workbench.looks import Look
from workbench.state import DatasetRecord

OF, FACTS, PROBLEMS, WHERE, SENSOR, FEATURE, SERIES = (
    "traffic-data-of", "traffic-data-facts", "traffic-data-problems", "traffic-data-where", "traffic-data-sensor", "traffic-data-feature",
    "traffic-data-series",
)  # fmt: skip
CLICKED = "traffic-data-graph"
NAMED = 12
"""Detectors that a problem names; the others are counted."""
HEIGHT, SERIES_HEIGHT = 320, 340


def body(context: AppContext, view: ModelView, feed: Feed, query: Mapping[str, str]) -> Component:
    """What the data is, what is wrong with it, and what detectors measured; all but the first is read after the page stands."""
    del feed, query
    context.workbench.warm()
    pickers = [
        html.Div([html.Label(words, htmlFor=id, className="field-label"), dbc.Select(id=id, options=[], size="sm")], className="field")
        for words, id in (("Detector", SENSOR), ("Feature", FEATURE))
    ]
    return html.Div(
        [
            dcc.Store(id=OF, data=view.record.id),
            section("What the data is", html.Div(wait_outline(3, label="Reading the data"), id=FACTS)),
            section("Problems", html.Div(wait_outline(2, label="Reading the data"), id=PROBLEMS)),
            section("Missing values", html.Div(wait_outline(4, label="Reading the data"), id=WHERE, className="forecast-errors"),
                    note="A click on a detector shows its series below."),
            section("What a detector measured", [html.Div(pickers, className="forecast-controls"), html.Div(wait_outline(4, label="Reading the series"), id=SERIES)],
                    note="As it came, before zeros, gaps or missing values are dealt with. The shades are the times of the targets of each set."),
        ],
        className="model-data",
    )  # fmt: skip


def facts(found: Overview, look: Look, dataset: DatasetRecord) -> Component:
    """What the model sees of the dataset, its sets, and the dataset's own statistics."""
    units = ", ".join(f"{name} in {unit}" for name, unit in zip(found.features, found.units, strict=True))
    rows = [
        html.Tr(
            [
                html.Th(figures.SET_TITLES[span.name], scope="row"), html.Td(f"{span.windows:,}", className="num"),
                html.Td(clock_text(span.first)[:16]), html.Td(clock_text(span.last)[:16]),
            ]
        )
        for span in found.spans
    ]  # fmt: skip
    head = html.Thead(html.Tr([html.Th(words, scope="col") for words in ("Set", "Windows", "First target", "Last target")]))
    table = html.Table([head, html.Tbody(rows)], className="plain-table")
    seen = f": {units}; it forecasts {', '.join(found.targets)}."
    link = dcc.Link(dataset.name, href=f"/datasets/{dataset.id}")
    words = html.P([f"This model sees {plural(len(found.sensor_ids), 'detector')} of ", link, seen])
    own = Look(facts=look.facts, tables=look.tables)
    return html.Div(
        [
            words,
            html.Div(table, className="table-scroll", tabIndex="0"),
            html.H3("Of the whole dataset", className="mini-title"),
            draw_look(own),
        ]
    )


def problems(found: Overview, look: Look) -> Component:
    """What is wrong with the model's detectors and clock, then what the dataset's statistics notice."""
    parts: list[Any] = [_trouble(each) for each in found.health.troubles]
    parts += [html.P(line, className="notice notice-warning") for line in look.notices]
    return html.Div(parts or [html.P("Nothing was found to be wrong.", className="field-help")], className="data-problems")


def _trouble(trouble: Trouble) -> Component:
    tone = ("danger", "exclamation-octagon", "serious") if trouble.grave else ("warning", "exclamation-triangle", "worth knowing")
    count = f" ({plural(len(trouble.sensors), 'detector')})" if trouble.sensors else ""
    head = html.H3([badge(tone[2], tone[0], icon_name=tone[1]), " ", f"{trouble.title}{count}"], className="data-problem-title")  # pyright: ignore[reportArgumentType]
    more = f" and {len(trouble.sensors) - NAMED:,} more" if len(trouble.sensors) > NAMED else ""
    names = [html.P(f"{', '.join(trouble.sensors[:NAMED])}{more}", className="data-names")] if trouble.sensors else []
    return html.Article([head, *names, html.P(trouble.advice, className="field-help")], className="data-problem")


def where(found: Overview, chosen: str | None, *, dark: bool) -> list[Component]:
    """The map and what is missing by detector and over time."""
    if not found.health.missing.any():
        lone = figures.map_of_missing(found, chosen, dark=dark).update_layout(height=HEIGHT, uirevision="map")
        graph = plots.graph(lone, {"type": CLICKED, "of": "map"}, label="Map of detectors")
        return [html.Div([html.P("No value is missing at any time.", className="field-help"), graph], className="whole-row")]
    drawn = (
        ("Where detectors stand", "map", figures.map_of_missing(found, chosen, dark=dark), "Map of detectors by the share of values that they miss"),
        ("Missing by detector", "bars", figures.missing_by_detector(found, dark=dark), "Share of missing values of each detector"),
        ("Missing over time", "time", figures.missing_over_time(found, dark=dark), "Share of missing values of each detector over time"),
    )  # fmt: skip
    cards = []
    for title, name, figure, label in drawn:
        figure.update_layout(height=HEIGHT, uirevision=name)
        graph = plots.graph(figure, {"type": CLICKED, "of": name}, label=label)
        cards.append(html.Div([html.H3(title, className="mini-title"), graph], className="whole-row" if name == "time" else ""))
    if found.zeros_missing:
        cards.insert(0, html.P("Zeros count as missing here, as they do for this model.", className="field-help whole-row"))
    return cards


def series(found: Overview, shown: Series, *, dark: bool) -> Component:
    """One detector's series."""
    figure = figures.series_of(found, shown, dark=dark).update_layout(height=SERIES_HEIGHT, uirevision=f"{shown.sensor} {shown.feature}")
    graph = plots.graph(figure, "traffic-data-graph-series", label=f"{shown.feature} measured by {shown.sensor}, with the sets shaded")
    absent = float((np.isnan(shown.values) | ((shown.values == 0) & found.zeros_missing)).mean())
    counted = " or zero" if found.zeros_missing else ""
    words = (
        []
        if shown.thinned
        else [f"{absent:.2%} of its values are missing{counted}." if absent else f"None of its values is missing{counted}."]
    )
    words += ["Of each stretch of time its least and largest value are drawn."] if shown.thinned else []
    return html.Div([graph, html.P(" ".join(words), className="field-help", **attrs({"aria-live": "polite"}))])


def choices(names: Sequence[str], first: str | None) -> tuple[list[dict[str, str]], str | None]:
    """Options of a picker and what it begins with."""
    return [{"value": name, "label": name} for name in names], first if first in names else names[0] if names else None
