"""One run: its errors beside the baselines, what it forecast at any hour of its test days, where it errs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import empty_state, icon_button, link_button, page_header, parts_of_page, run_badge, section, wait_outline
from dashboard.components.attributes import attrs
from dashboard.families.traffic.pages import addresses
from dashboard.families.traffic.pages.results.lead import doubts, lead_words
from dashboard.families.traffic.pages.results.tables import error_table, window_words
from dashboard.families.traffic.reading import Result
from dashboard.pages.model.diagnose import DIAL_WAIT
from traffic.bundle import TrafficBundle
from traffic.data.clock import clock_text
from traffic.figures.forecasts import days_of, hardest, windows_of_day
from traffic.figures.table import table_of
from traffic.metrics.scores import shown_steps
from traffic.metrics_declared import ERRORS
from traffic.windows.time_features import DAY_S
from workbench.commands.base import CommandError

RUN, LINK, SHOWN = "forecast-run", "forecast-link", "forecast-shown"
SENSOR, DAY, AT, AT_WORDS, TARGET, METRIC, STEP = (
    "forecast-sensor", "forecast-day", "forecast-at", "forecast-at-words", "forecast-target", "forecast-metric", "forecast-step",
)  # fmt: skip
FAN, MAP, ROAD, AHEAD, HORIZON, HOURS, SENSORS, BESIDE, NEIGHBOURS, COVERAGE = (
    "forecast-fan", "forecast-map", "forecast-road", "forecast-ahead", "forecast-horizon", "forecast-hours", "forecast-sensors", "forecast-beside",
    "forecast-neighbours", "forecast-coverage",
)  # fmt: skip
ASKS = ("sensor", "day", "at", "target", "metric", "step")
CRUMBS = [("Forecasting", addresses.HOME), ("Results", addresses.RESULTS)]
HEIGHTS = {BESIDE: 250, FAN: 380, MAP: 380, ROAD: 300, AHEAD: 300}


@dataclass(frozen=True)
class Look:
    """What is looked at: places of a detector, a day, a kept window and a target, an error, and a step (from 1; 0: all together)."""

    sensor: int
    day: int
    window: int
    target: int = 0
    metric: str = "mae"
    step: int = 0


def look_of(bundle: TrafficBundle, query: Mapping[str, str]) -> Look | None:
    """What an address asks for; what it leaves out is the hardest forecast. None for a run that kept no window.

    Raises CommandError not_found for what the run does not have.
    """
    facts, days = bundle.facts, days_of(bundle)
    if not days:
        return None
    window, sensor = hardest(bundle) or (0, 0)
    target = _place(facts.target_names, query.get("target"), "target", 0)
    sensor = _place(facts.sensor_ids, query.get("sensor"), "detector", sensor)
    day = int(bundle.timestamps[bundle.origins[window]]) // DAY_S * DAY_S
    if query.get("day"):
        day = days[_place([clock_text(each)[:10] for each in days], query["day"], "day", 0)]
        window = int(windows_of_day(bundle, day)[0])
    if query.get("at"):
        own = windows_of_day(bundle, day)
        window = int(own[_place([time_words(bundle, int(each)) for each in own], query["at"], "time", 0)])
    metric = query.get("metric") or "mae"
    steps = [str(step) for step in (0, *shown_steps(bundle.horizon))]
    _place(tuple(ERRORS), metric, "error", 0)
    return Look(sensor, day, window, target, metric, int(steps[_place(steps, query.get("step"), "step", 0)]))


def _place(known: Sequence[str], wanted: str | None, word: str, other: int) -> int:
    if not wanted:
        return other
    if wanted not in known:
        raise CommandError(f"This run has no {word} {wanted[:80]!r}.", word, code="not_found")
    return list(known).index(wanted)


def query_of(bundle: TrafficBundle, look: Look) -> dict[str, str]:
    """The query that asks for it."""
    facts = bundle.facts
    return {
        "sensor": facts.sensor_ids[look.sensor], "day": clock_text(look.day)[:10], "at": time_words(bundle, look.window),
        "target": facts.target_names[look.target] if look.target else "", "metric": look.metric if look.metric != "mae" else "",
        "step": str(look.step) if look.step else "",
    }  # fmt: skip


def time_words(bundle: TrafficBundle, window: int) -> str:
    """The local time at which a kept window's forecast is made."""
    return clock_text(int(bundle.timestamps[bundle.origins[window]]))[11:16]


def page(result: Result, bundle: TrafficBundle | None, look: Look | None) -> Component:
    """The whole page."""
    run = result.run
    lead: list[Any] = [dcc.Link(result.name, href=result.href), f" on {result.dataset}"]
    actions = [
        link_button("The run's page", result.href),
        *([link_button("The model's figures", result.figures)] if result.figures else []),
    ]
    head = page_header([f"Forecasts of #{run.number} ", run_badge(run)], lead=lead, crumbs=CRUMBS, actions=actions)
    if bundle is None or result.errors is None:
        text = result.why or "This run kept no forecasts."
        return html.Div(
            [head, empty_state("No forecasts to look at", text, actions=[link_button("All results", addresses.RESULTS, kind="primary")])]
        )
    parts = [("Beside the baselines", "beside"), *([("Forecasts", "replay")] if look else []), ("Where it errs", "errors")]
    stores = [dcc.Store(id=RUN, data=run.id), dcc.Store(id=LINK)]
    return html.Div(
        [*stores, head, parts_of_page(parts), _beside(result, bundle), *([_replay(bundle, look)] if look else []), _errors(bundle, look)],
        className="forecasting",
    )


def _beside(result: Result, bundle: TrafficBundle) -> Component:
    errors = result.errors
    assert errors is not None
    table = error_table(table_of([(result.name, [errors])]), {})
    words = lead_words(errors, bundle.facts.units[0])
    lead = [html.P(words[:1].upper() + words[1:], className="errors-headline")]
    lead += [html.P(text, className="notice notice-warning") for text in doubts(errors)]
    graph = _place_of(BESIDE, "The model's error less each baseline's, with intervals", HEIGHTS[BESIDE])
    return section("Beside the baselines", [*window_words(errors, result.dataset), *lead, table, graph], id="beside")


def _replay(bundle: TrafficBundle, look: Look) -> Component:
    facts = bundle.facts
    own = windows_of_day(bundle, look.day)
    days: list[Any] = [{"value": str(day), "label": day_words(day)} for day in days_of(bundle)]
    sensors: list[Any] = [{"value": str(n), "label": name} for n, name in enumerate(facts.sensor_ids)]
    controls = [
        _field("Detector", SENSOR, dbc.Select(id=SENSOR, options=sensors, value=str(look.sensor), size="sm")),
        _field("Day", DAY, dbc.Select(id=DAY, options=days, value=str(look.day), size="sm")),
        *_target(bundle, look),
        html.Div(
            [
                html.Label("Forecast made at", htmlFor=AT, className="field-label"),
                html.Div([icon_button("play-fill", "Play", **attrs({"data-plays": AT})), slider(len(own), int(np.searchsorted(own, look.window))), html.Output(time_words(bundle, look.window), id=AT_WORDS)], className="forecast-slide"),
            ],
            className="field forecast-at",
        ),
    ]  # fmt: skip
    pair = html.Div(
        [_place_of(FAN, "What was forecast at that time, and what came"), _place_of(MAP, "Detectors by their error; a click chooses one")],
        className="forecast-pair",
    )
    roads = html.Div(
        [
            html.Div([html.H3("As it was measured", className="mini-title"), _place_of(ROAD, "The day along the road as it was measured")]),
            html.Div([html.H3(f"As it was forecast {minutes_words(bundle)} before", className="mini-title"), _place_of(AHEAD, "The day as it was forecast")]),
        ],
        className="forecast-roads",
    )  # fmt: skip
    note = "Move or play through a day: the forecast as it was made at that time, against what came. Arrow keys move the slider; a click on the map chooses a detector."
    return section("Forecasts", [html.Div(controls, className="forecast-controls"), pair, roads], id="replay", note=note)


def slider(count: int, value: int) -> Component:
    """The slider over the windows of a day."""
    return dbc.Input(
        id=AT, type="range", min=0, max=max(0, count - 1), step=1, value=str(value), debounce=DIAL_WAIT, className="form-range live-slider"
    )


def day_words(day: int) -> str:
    """A day as people read it: Wed 2024-02-07."""
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[(day // DAY_S + 3) % 7]
    return f"{weekday} {clock_text(day)[:10]}"


def minutes_words(bundle: TrafficBundle) -> str:
    """How far ahead the last step is."""
    return f"{bundle.horizon * bundle.facts.interval_s / 60:g} min"


def _target(bundle: TrafficBundle, look: Look) -> list[Component]:
    names = bundle.facts.target_names
    options: list[Any] = [{"value": str(n), "label": name} for n, name in enumerate(names)]
    select = dbc.Select(id=TARGET, options=options, value=str(look.target), size="sm")
    return [html.Div(_field("Target", TARGET, select), className="" if len(names) > 1 else "d-none")]


def _errors(bundle: TrafficBundle, look: Look | None) -> Component:
    metrics: list[Any] = [{"value": name, "label": title} for name, title in ERRORS.items()]
    facts = bundle.facts
    steps: list[Any] = [{"value": "0", "label": "all horizons"}]
    steps += [{"value": str(step), "label": f"{step * facts.interval_s / 60:g} min ahead"} for step in shown_steps(bundle.horizon)]
    controls = [
        _field("Error", METRIC, dbc.Select(id=METRIC, options=metrics, value=look.metric if look else "mae", size="sm")),
        _field("Map", STEP, dbc.Select(id=STEP, options=steps, value=str(look.step if look else 0), size="sm")),
        *([] if look else [html.Div([*_target(bundle, Look(0, 0, 0))])]),
    ]
    graphs = [
        ("By horizon", HORIZON, "Errors over the minutes ahead"), ("By hour", HOURS, "Errors over the hours of weekdays and weekends"),
        ("By detector", SENSORS, "Errors of each detector"),
        *([("Coverage of the interval", COVERAGE, "The share of targets within the interval")] if facts.quantiles else []),
        *([("Neighbours of the detector", NEIGHBOURS, "Whom the detector's forecast looks at")] if bundle.neighbours.size else []),
    ]  # fmt: skip
    cards = [html.Div([html.H3(title, className="mini-title"), _place_of(id, label)]) for title, id, label in graphs]
    return section(
        "Where it errs", [html.Div(controls, className="forecast-controls"), html.Div(cards, className="forecast-errors")], id="errors"
    )


def _field(label: str, id: str, control: Component) -> Component:
    return html.Div([html.Label(label, htmlFor=id, className="field-label"), control], className="field")


def _place_of(id: str, label: str, height: int | None = None) -> Component:
    """A graph's place until it is drawn."""
    style = {"minHeight": f"{height or HEIGHTS.get(id, 320)}px"}
    return html.Div(wait_outline(4, label=f"Drawing: {label}"), id=id, style=style, **attrs({"aria-label": label}), role="group")
