"""The graphs of the results, as components. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from dash.development.base_component import Component

from dashboard import plots
from dashboard.families.traffic.pages.results import one
from dashboard.families.traffic.pages.results.compare import lines_of
from dashboard.families.traffic.reading import Result
from traffic.bundle import MODEL, TrafficBundle
from traffic.figures import errors as by
from traffic.figures import forecasts, maps
from workbench.commands.base import CommandError

HEIGHT = 320
BOTH = 520
"""Of the errors by hour where weekdays and weekends have a panel each."""


def look_of(bundle: TrafficBundle, sensor: Any, day: Any, at: Any, target: Any = 0, metric: str | None = None, step: Any = 0) -> one.Look:
    """What the controls say. Raises CommandError for what no control of the page says."""
    try:
        first, place = int(day), int(at or 0)
        own = forecasts.windows_of_day(bundle, first)
        look = one.Look(int(sensor or 0), first, int(own[min(place, len(own) - 1)]), int(target or 0), metric or "mae", int(step or 0))
    except (ValueError, IndexError, TypeError) as error:
        raise _unknown() from error
    if not (0 <= look.sensor < len(bundle.facts.sensor_ids) and 0 <= look.target < len(bundle.facts.target_names)):
        raise _unknown()
    return look


def _unknown() -> CommandError:
    return CommandError("This run has no such forecast.", hint="Reload the page.")


def last_of_day(bundle: TrafficBundle, day: int) -> int:
    """The largest place of a window among those of a day."""
    return max(0, len(forecasts.windows_of_day(bundle, day)) - 1)


def fan(bundle: TrafficBundle, look: one.Look, *, dark: bool) -> Component:
    """The forecast of one time at one detector; its axis spans what the detector ever measured, so that days can be compared."""
    found = forecasts.fan_of(bundle, look.window, look.sensor, target=look.target)
    figure = forecasts.forecast_fan(found, dark=dark)
    seen = bundle.truth[:, look.sensor, look.target]
    if np.isfinite(seen).any():
        figure.update_yaxes(range=[0, 1.08 * float(np.nanmax(seen))])
    words = f"Forecast of {found.target} at {found.sensor} made at {one.time_words(bundle, look.window)}, and what came"
    return _graph(figure, one.FAN, words, one.HEIGHTS[one.FAN])


def roads(bundle: TrafficBundle, day: int, target: int, *, dark: bool) -> tuple[Component, Component]:
    """A day as it was measured, and as it was forecast as far ahead as the model sees, on one scale of colours and one of time."""
    was = forecasts.road_of(bundle, day, target=target)
    ahead = forecasts.road_of(bundle, day, target=target, step=bundle.horizon)
    figures = [forecasts.time_space(road, dark=dark) for road in (was, ahead)]
    known = was.values[np.isfinite(was.values)]
    if len(known):
        for figure in figures:
            figure.update_traces(zmin=float(known.min()), zmax=float(known.max()), selector={"type": "heatmap"})
    if len(was.times):
        half = bundle.facts.interval_s // 2
        ends = forecasts.clock(np.array([was.times[0] - half, was.times[-1] + half]))
        for figure in figures:
            figure.update_xaxes(range=ends)
    first = _graph(figures[0], one.ROAD, f"{was.name} along the road on {one.day_words(day)}", one.HEIGHTS[one.ROAD])
    return first, _graph(figures[1], one.AHEAD, f"The same as it was forecast {one.minutes_words(bundle)} before", one.HEIGHTS[one.AHEAD])


def map_of(bundle: TrafficBundle, sensor: int, metric: str, target: int, step: int, *, dark: bool) -> Component:
    """Detectors by their error."""
    evaluation = bundle.evaluation(MODEL)
    scale = by.scale_of(evaluation, bundle.facts.units[target], metric, target)
    values = by.sensor_errors(evaluation, metric, target, step or None)
    places = maps.places_of(bundle.facts.sensor_ids, bundle.coordinates)
    figure = maps.sensor_map(places, values, scale.short, chosen=sensor, dark=dark)
    return _graph(figure, one.MAP, "Map of detectors coloured by their error", one.HEIGHTS[one.MAP])


def errors(bundle: TrafficBundle, metric: str, target: int, *, dark: bool) -> tuple[Component, Component, Component]:
    """Errors by horizon, hour and detector."""
    evaluations = by.evaluations_of(bundle)
    scale = by.scale_of(evaluations[0], bundle.facts.units[target], metric, target)
    horizon = by.error_by_horizon(by.horizon_lines(evaluations, metric, target), scale, bundle.facts.interval_s, dark=dark)
    hours = by.error_by_time_of_day(*by.hour_lines(evaluations, metric, target), scale, dark=dark)
    both = len(list(hours.select_xaxes())) > 1
    sensors = by.error_by_sensor(by.sensor_lines(evaluations, metric, target), bundle.facts.sensor_ids, scale, dark=dark)
    return (
        _graph(horizon, one.HORIZON, "Errors over the minutes ahead"), _graph(hours, one.HOURS, "Errors over the hours of weekdays and weekends", BOTH if both else HEIGHT),
        _graph(sensors, one.SENSORS, "Errors of each detector"),
    )  # fmt: skip


def beside(bundle: TrafficBundle, *, dark: bool) -> Component:
    """The model less each baseline."""
    return _graph(
        by.draw_differences(bundle, dark=dark),
        one.BESIDE,
        "The model's error less each baseline's, with intervals",
        one.HEIGHTS[one.BESIDE],
    )


def neighbours(bundle: TrafficBundle, sensor: int, *, dark: bool) -> Component:
    """Whom a detector's forecast looks at."""
    return _graph(maps.neighbours_of(bundle, sensor, dark=dark), one.NEIGHBOURS, "Lines to the detectors whose states are used")


def coverage(bundle: TrafficBundle, *, dark: bool) -> Component:
    """How well the interval covers."""
    return _graph(by.interval_coverage(bundle, dark=dark), one.COVERAGE, "Share of targets within the interval by horizon")


def compared(group: Sequence[Result], *, dark: bool) -> Component:
    """Errors by horizon of several runs, bands over their seeds."""
    first = group[0].errors
    assert first is not None
    scale = by.scale_of(first.evaluations[0], first.facts.units[0])
    figure = by.error_by_horizon(lines_of(group), scale, first.facts.interval_s, dark=dark)
    return _graph(figure, f"compare-{group[0].run.id}", "Errors over the minutes ahead of each run and baseline")


def _graph(figure: Any, of: str, label: str, height: int = HEIGHT) -> Component:
    figure.update_layout(height=height, uirevision=of)
    return plots.graph(figure, {"type": "forecast-graph", "of": of}, label=label)
