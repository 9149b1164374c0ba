"""Detectors where they stand: plain scatters whose axes are equal on the ground, without anything from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from traffic.bundle import MODEL, TrafficBundle
from traffic.corridor.geometry import EARTH_RADIUS_KM
from traffic.figures.errors import scale_of, sensor_errors
from traffic.figures.looks import clean, error_text, nothing
from workbench.plotting import new_figure, plain, scale, theme

MAP_TITLE, NEIGHBOURS_TITLE = "Map of detectors", "Neighbours of a detector"
NO_PLACES = "The data does not say where its detectors stand."
KM_PER_DEGREE = float(np.radians(1.0) * EARTH_RADIUS_KM)
_BARS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Places:
    """Where detectors stand: N names and kilometres east and north of their middle (N, 2), NaN where unknown."""

    sensor_ids: tuple[str, ...]
    km: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Detectors whose place is known, bool (N,)."""
        return np.asarray(np.isfinite(self.km).all(1))


def places_of(sensor_ids: Sequence[str], coordinates: np.ndarray) -> Places:
    """Degrees of latitude and longitude (N, 2) as kilometres; longitudes are scaled by the cosine of the mean latitude."""
    known = np.isfinite(coordinates).all(1)
    if not known.any():
        return Places(tuple(sensor_ids), np.full(coordinates.shape, np.nan))
    middle = coordinates[known].mean(0)
    north = (coordinates[:, 0] - middle[0]) * KM_PER_DEGREE
    east = (coordinates[:, 1] - middle[1]) * KM_PER_DEGREE * np.cos(np.radians(middle[0]))
    return Places(tuple(sensor_ids), np.stack([east, north], axis=1))


def sensor_map(places: Places, values: np.ndarray, title: str, *, chosen: int | None = None, dark: bool = False) -> go.Figure:
    """Detectors coloured by a value (N,); those without one are hollow, the chosen one is ringed."""
    known = places.known
    if not known.any():
        return nothing(MAP_TITLE, NO_PLACES, dark=dark)
    figure = _ground(places, dark)
    colours = theme(dark)
    told = known & np.isfinite(values)
    for group, more in (
        (known & ~told, {"color": "rgba(0,0,0,0)", "line": {"color": colours.muted, "width": 1.5}}),
        (told, {"color": clean(values[told]), "colorscale": scale(colours.sequential[1:]), "showscale": True, "colorbar": {"title": {"text": plain(title)}},
                "line": {"color": colours.ground, "width": 1}}),
    ):  # fmt: skip
        if group.any():
            where = np.flatnonzero(group)
            words = [f"{plain(places.sensor_ids[n])}<br>{_value(values[n])}" for n in where]
            figure.add_trace(_points(places, where, words, {"size": 12, **more}, "not measured" if not told[where[0]] else plain(title)))
    if chosen is not None and known[chosen]:
        ring = {"size": 20, "color": "rgba(0,0,0,0)", "line": {"color": colours.ink, "width": 2}}
        figure.add_trace(_points(places, np.array([chosen]), [plain(places.sensor_ids[chosen])], ring, "chosen"))
    return figure.update_layout(showlegend=False)


def neighbour_map(
    places: Places, neighbours: np.ndarray, weights: np.ndarray, chosen: int, *, isolated: np.ndarray, dark: bool = False
) -> go.Figure:
    """Lines from one detector to its neighbours (J,), as strong as their weights (J,); detectors without any are crosses.

    Args:
        isolated: detectors that have no neighbour, bool (N,).
    """
    known = places.known
    if not known.any() or not known[chosen]:
        return nothing(NEIGHBOURS_TITLE, NO_PLACES, dark=dark)
    figure, colours = _ground(places, dark), theme(dark)
    strongest = float(weights.max()) if weights.size and weights.max() > 0 else 1.0
    for other, weight in zip(neighbours.tolist(), weights.tolist(), strict=True):
        if weight > 0 and known[other]:
            line = {"color": colours.second, "width": 1 + 5 * weight / strongest}
            ends = places.km[[chosen, other]]
            figure.add_trace(
                go.Scatter(
                    x=clean(ends[:, 0]),
                    y=clean(ends[:, 1]),
                    mode="lines",
                    line=line,
                    hoverinfo="skip",
                    name=plain(places.sensor_ids[other]),
                )
            )
    weight_of = {other: weight for other, weight in zip(neighbours.tolist(), weights.tolist(), strict=True) if weight > 0}
    where = np.flatnonzero(known)
    words = [f"{plain(places.sensor_ids[n])}<br>{f'weight {weight_of[n]:.3f}' if n in weight_of else 'no neighbour'}" for n in where]
    marker: dict[str, Any] = {
        "size": [14 if n == chosen else 9 for n in where], "symbol": ["x" if isolated[n] else "circle" for n in where],
        "color": [colours.second if n == chosen or n in weight_of else colours.line for n in where], "line": {"color": colours.muted, "width": 1},
    }  # fmt: skip
    figure.add_trace(_points(places, where, words, marker, "detectors"))
    return figure.update_layout(showlegend=False)


def draw_map(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """MAE of the first target by detector."""
    evaluation = bundle.evaluation(MODEL)
    places = places_of(bundle.facts.sensor_ids, bundle.coordinates)
    return sensor_map(places, sensor_errors(evaluation), scale_of(evaluation, bundle.facts.units[0]).short, dark=dark)


def draw_neighbours(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The neighbours of the detector that has most weight on them."""
    if not bundle.neighbours.size:
        return nothing(NEIGHBOURS_TITLE, "This model does not look at neighbours.", dark=dark)
    return neighbours_of(bundle, int(bundle.neighbour_weight.sum(1).argmax()), dark=dark)


def neighbours_of(bundle: TrafficBundle, sensor: int, *, dark: bool = False) -> go.Figure:
    """The neighbours of a detector."""
    if not bundle.neighbours.size:
        return nothing(NEIGHBOURS_TITLE, "This model does not look at neighbours.", dark=dark)
    isolated = np.asarray(~np.isfinite(bundle.neighbour_m).any(1))
    places = places_of(bundle.facts.sensor_ids, bundle.coordinates)
    return neighbour_map(places, bundle.neighbours[sensor], bundle.neighbour_weight[sensor], sensor, isolated=isolated, dark=dark)


def _ground(places: Places, dark: bool) -> go.Figure:
    """Equal axes with a scale bar."""
    known = places.km[places.known]
    low, high = known.min(0), known.max(0)
    extent = float(max((high - low).max(), 0.05))
    length = next((bar for bar in reversed(_BARS) if bar <= extent / 3), extent / 3)
    margin = 0.1 * extent
    x0, y0 = float(low[0]), float(low[1] - 2 * margin)
    figure = new_figure(dark=dark, hovermode="closest")
    colours = theme(dark)
    figure.add_shape(type="line", x0=x0, x1=x0 + length, y0=y0, y1=y0, line={"color": colours.ink, "width": 3})
    figure.add_annotation(
        x=x0 + length / 2, y=y0, text=f"{length:g} km" if length >= 1 else f"{1000 * length:.0f} m", yanchor="bottom", font={"size": 11}
    )
    figure.update_xaxes(title_text="east (km)", range=[low[0] - margin, high[0] + margin], zeroline=False)
    return figure.update_yaxes(
        title_text="north (km)", range=[low[1] - 3 * margin, high[1] + margin], scaleanchor="x", scaleratio=1, zeroline=False
    )


def _points(places: Places, where: np.ndarray, words: list[str], marker: dict[str, Any], name: str) -> go.Scatter:
    x, y = clean(places.km[where, 0]), clean(places.km[where, 1])
    return go.Scatter(
        x=x, y=y, mode="markers", marker=marker, text=words, hovertemplate="%{text}<extra></extra>", name=name, customdata=where.tolist()
    )


def _value(value: float) -> str:
    return error_text(value) if np.isfinite(value) else "not measured"
