"""What was forecast and what came: fans of one detector, and the whole road over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from traffic.bundle import TrafficBundle
from traffic.figures.looks import clean, clock, line_of, nothing
from traffic.intervals.levels import level_text
from traffic.windows.time_features import DAY_S
from workbench.plotting import HOVER, faded, new_figure, plain, scale, theme

BEFORE, AFTER = 36, 12
"""Steps that a fan shows before the forecast's origin, and after its last step."""

FAN_TITLE, ROAD_TITLE = "Forecast and what came", "Speed along the road"


@dataclass(frozen=True)
class Band:
    """An interval of a forecast: the share that it should cover, and its ends (P,)."""

    share: float
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class Incident:
    """A known incident: from when to when, in seconds of local clock, and where along the road."""

    start: int
    end: int
    km: float


@dataclass(frozen=True)
class Fan:
    """A forecast of one detector and what came.

    Attributes:
        sensor, target, unit: of what. times, truth: (T,), seconds of local clock and measurements, NaN where there is none.
        origin: time of the last input. ahead, forecast: (P,), times and the point forecast. bands: widest first.
        incidents: on its road, cut to the times. km: where along that the detector lies, None where that is unknown.
    """

    sensor: str
    target: str
    unit: str
    times: np.ndarray
    truth: np.ndarray
    origin: int
    ahead: np.ndarray
    forecast: np.ndarray
    bands: tuple[Band, ...] = ()
    incidents: tuple[Incident, ...] = ()
    km: float | None = None


@dataclass(frozen=True)
class Road:
    """Values by time and detector.

    Attributes:
        times: (T,). positions: (N,), where detectors stand, ascending. labels: N names. values: (T, N), NaN where there is none.
        name, unit: of the values. in_km: whether positions are kilometres, not places in order. incidents: on it, if so.
    """

    times: np.ndarray
    positions: np.ndarray
    labels: tuple[str, ...]
    values: np.ndarray
    name: str
    unit: str
    in_km: bool
    incidents: tuple[Incident, ...] = ()


def forecast_fan(fan: Fan, *, dark: bool = False) -> go.Figure:
    """What one forecast said, its intervals, and what was measured before and after."""
    if not np.isfinite(fan.truth).any() and not np.isfinite(fan.forecast).any():
        return nothing(f"{FAN_TITLE}: {fan.sensor}", "Nothing was measured or forecast here.", dark=dark)
    colours = theme(dark)
    figure = new_figure(dark=dark, hovermode="x unified", showlegend=True)
    x = clock(fan.ahead)
    for number, band in enumerate(fan.bands):
        edge = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "legendgroup": f"band{number}"}
        figure.add_trace(go.Scatter(y=clean(band.low), showlegend=False, name=f"{level_text(band.share)} low", **edge))
        fill = faded(colours.second, 0.16 + 0.16 * number)
        figure.add_trace(go.Scatter(y=clean(band.high), name=f"{level_text(band.share)} interval", fill="tonexty", fillcolor=fill, **edge))
    unit = plain(fan.unit)
    measured = {"color": colours.ink, "width": 1.6}
    hover = f"%{{y:{HOVER}}} {unit}"
    figure.add_trace(
        go.Scatter(
            x=clock(fan.times), y=clean(fan.truth), mode="lines", name="Measured", line=measured, connectgaps=False, hovertemplate=hover
        )
    )
    figure.add_trace(
        go.Scatter(x=x, y=clean(fan.forecast), mode="lines+markers", name="Forecast", line=line_of("model", dark), marker={"size": 5}, hovertemplate=hover)
    )  # fmt: skip
    figure.add_vline(x=clock(np.array([fan.origin]))[0], line={"color": colours.muted, "width": 1.5, "dash": "dot"})
    for number, incident in enumerate(fan.incidents):
        first, last = clock(np.array([incident.start, incident.end]))
        where = {"text": f"incident, km {incident.km:.1f}", "font": {"size": 11}, "yshift": -14 * (number % 3)}
        figure.add_vrect(
            x0=first, x1=last, fillcolor=colours.bad, opacity=0.12, line_width=0, layer="below", annotation=where, annotation_position="top left",
        )  # fmt: skip
    place = "" if fan.km is None else f" at km {fan.km:.1f}"
    figure.update_xaxes(title_text=f"local time, {plain(fan.sensor)}{place}")
    return figure.update_yaxes(title_text=f"{plain(fan.target)} ({unit})", rangemode="tozero")


def time_space(road: Road, *, dark: bool = False) -> go.Figure:
    """A heat map of the road over time: queues show as slow bands that grow upstream."""
    if not road.values.size or not np.isfinite(road.values).any():
        return nothing(ROAD_TITLE, "Nothing was measured here.", dark=dark)
    figure = new_figure(dark=dark)
    bar = {"title": {"text": f"{plain(road.name)} ({plain(road.unit)})"}}
    places = [plain(label) for label in road.labels]
    figure.add_trace(
        go.Heatmap(
            x=clock(road.times), y=clean(road.positions), z=np.round(road.values.T, 1).astype(np.float32), customdata=None, text=None,
            colorscale=scale(theme(dark).low_high), colorbar=bar, hovertemplate=f"%{{x}}<br>%{{z:{HOVER}}} {plain(road.unit)}<extra></extra>",
        )
    )  # fmt: skip
    if road.in_km and road.incidents:
        spans = [(clock(np.array([each.start, each.end])), each.km) for each in road.incidents]
        figure.add_trace(
            go.Scatter(
                x=[x for (first, last), _ in spans for x in (first, last, None)], y=[y for _, km in spans for y in (km, km, None)],
                mode="lines", line={"color": theme(dark).ink, "width": 3}, name="Incident", showlegend=False,
                hovertemplate="incident at km %{y:.1f}<br>%{x}<extra></extra>",
            )
        )  # fmt: skip
    few = max(1, len(places) // 8)
    ticks = {} if road.in_km else {"tickvals": clean(road.positions)[::few], "ticktext": places[::few]}
    figure.update_xaxes(title_text="local time")
    return figure.update_yaxes(title_text="position (km)" if road.in_km else "detector (in order)", **ticks)


def fan_of(bundle: TrafficBundle, window: int, sensor: int, *, target: int = 0) -> Fan:
    """The fan of a kept window (its position among them) at a detector."""
    facts, row = bundle.facts, int(bundle.origins[window])
    first, stop = max(0, row - BEFORE), min(len(bundle.timestamps), row + bundle.horizon + AFTER + 1)
    ahead = slice(row + 1, row + 1 + bundle.horizon)
    quantiles = bundle.quantile_forecast[window, :, sensor, target]
    pairs = [(k, len(facts.quantiles) - 1 - k) for k in range(len(facts.quantiles) // 2)]
    bands = tuple(Band(facts.quantiles[b] - facts.quantiles[a], quantiles[:, a], quantiles[:, b]) for a, b in pairs)
    times = bundle.timestamps[first:stop]
    return Fan(
        facts.sensor_ids[sensor], facts.target_names[target], facts.units[target], times, bundle.truth[first:stop, sensor, target],
        int(bundle.timestamps[row]), bundle.timestamps[ahead], bundle.forecast[window, :, sensor, target], bands,
        incidents_within(bundle, int(times[0]), int(times[-1])), float(km) if np.isfinite(km := bundle.position_km[sensor]) else None,
    )  # fmt: skip


def incidents_within(bundle: TrafficBundle, first: int, last: int) -> tuple[Incident, ...]:
    """The known incidents that reach into a time, cut to it."""
    known = zip(bundle.incident_start.tolist(), bundle.incident_end.tolist(), bundle.incident_km.tolist(), strict=True)
    return tuple(Incident(max(start, first), min(end, last), km) for start, end, km in known if start <= last and end >= first)


def days_of(bundle: TrafficBundle) -> list[int]:
    """First second of each day that a kept window's last input lies in, ascending."""
    return sorted({int(bundle.timestamps[row]) // DAY_S * DAY_S for row in bundle.origins})


def windows_of_day(bundle: TrafficBundle, day: int) -> np.ndarray:
    """Positions of the kept windows whose last input lies in a day, ascending."""
    return np.flatnonzero(bundle.timestamps[bundle.origins] // DAY_S * DAY_S == day)


def road_of(bundle: TrafficBundle, day: int, *, target: int = 0, step: int = 0) -> Road:
    """A day as it was measured (step 0), or as it was forecast that many steps before."""
    rows = np.flatnonzero(bundle.timestamps // DAY_S * DAY_S == day)
    in_km = bool(np.isfinite(bundle.position_km).all()) and len(bundle.position_km) > 0
    order = np.argsort(bundle.position_km, kind="stable") if in_km else along(bundle.coordinates)
    values = bundle.truth[rows][:, :, target]
    if step:
        by_row = {int(row) + step: window for window, row in enumerate(bundle.origins)}
        values = np.full_like(values, np.nan)
        for place, row in enumerate(rows):
            if int(row) in by_row:
                values[place] = bundle.forecast[by_row[int(row)], step - 1, :, target]
    positions = bundle.position_km[order] if in_km else np.arange(len(order), dtype=np.float32)
    labels = tuple(bundle.facts.sensor_ids[place] for place in order)
    facts = bundle.facts
    times = bundle.timestamps[rows]
    incidents = incidents_within(bundle, int(times[0]), int(times[-1])) if in_km and len(times) else ()
    return Road(times, positions, labels, values[:, order], facts.target_names[target], facts.units[target], in_km, incidents)


def along(coordinates: np.ndarray) -> np.ndarray:
    """Detectors (N,) in the order in which they lie along the direction in which they spread most; as they are where places are unknown.

    Args:
        coordinates: (N, 2), degrees.
    """
    if len(coordinates) < 2 or not np.isfinite(coordinates).all():
        return np.arange(len(coordinates))
    east_north = (coordinates - coordinates.mean(0))[:, ::-1] * [np.cos(np.radians(coordinates[:, 0].mean())), 1.0]
    direction = np.linalg.svd(east_north, full_matrices=False)[2][0]
    return np.argsort(east_north @ direction * np.sign(direction[np.abs(direction).argmax()]), kind="stable")


def draw_fan(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The forecast that was farthest from what came, at its detector."""
    found = hardest(bundle)
    return nothing(FAN_TITLE, "No test window was kept.", dark=dark) if found is None else forecast_fan(fan_of(bundle, *found), dark=dark)


def hardest(bundle: TrafficBundle) -> tuple[int, int] | None:
    """(kept window, detector) of the largest mean error of the first target; None if nothing can be told."""
    worst: tuple[float, int, int] | None = None
    for window, row in enumerate(bundle.origins):
        truth = bundle.truth[row + 1 : row + 1 + bundle.horizon, :, 0]
        known = np.isfinite(truth)
        sums = np.where(known, np.abs(bundle.forecast[window, :, :, 0] - np.where(known, truth, 0)), 0).sum(0)
        means = np.where(known.sum(0) * 2 >= bundle.horizon, sums / np.maximum(known.sum(0), 1), -1.0)
        sensor = int(means.argmax()) if means.size else 0
        if means.size and means[sensor] >= 0 and (worst is None or means[sensor] > worst[0]):
            worst = (float(means[sensor]), window, sensor)
    return None if worst is None else (worst[1], worst[2])


def draw_road(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The first whole day that was kept."""
    days: Sequence[int] = days_of(bundle)
    if not days:
        return nothing(ROAD_TITLE, "No test window was kept.", dark=dark)
    day = max(days, key=lambda each: (len(windows_of_day(bundle, each)), -each))
    return time_space(road_of(bundle, day), dark=dark)
