"""Figures of a model's data: what is missing by detector and over time, and what one detector measured in each set."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from traffic.figures.looks import clean, clock, nothing
from traffic.figures.maps import places_of, sensor_map
from traffic.model_data import Overview, Series
from workbench.plotting import HOVER, SHARE, faded, new_figure, plain, scale, scatter, theme

SET_TITLES: Mapping[str, str] = {"train": "Training", "val": "Validation", "test": "Test"}
MISSING = "share missing"
WORST = 40
"""Detectors in a picture of what each one misses, those that miss most."""


def map_of_missing(found: Overview, chosen: str | None = None, *, dark: bool = False) -> go.Figure:
    """Detectors where they stand, by the share of values that they miss in percent."""
    place = found.sensor_ids.index(chosen) if chosen in found.sensor_ids else None
    shares = 100 * found.health.missing
    figure = sensor_map(places_of(found.sensor_ids, found.coordinates), shares, "missing (%)", chosen=place, dark=dark)
    return figure.update_traces(marker_cmin=0, marker_cmax=max(1.0, float(shares.max(initial=0.0))), selector={"name": "missing (%)"})


def missing_by_detector(found: Overview, *, dark: bool = False) -> go.Figure:
    """The share of values that each detector misses, the largest first."""
    missing = found.health.missing
    if not missing.any():
        return nothing("Missing by detector", "No detector misses a value.", dark=dark)
    order = np.argsort(-missing, kind="stable")[:WORST]
    names = [plain(found.sensor_ids[place]) for place in order]
    bars = go.Bar(
        x=names, y=clean(missing[order], 6), marker={"color": theme(dark).second}, customdata=order.tolist(),
        hovertemplate="%{x}<br>%{y:.2%} missing<extra></extra>",
    )  # fmt: skip
    figure = new_figure([bars], dark=dark)
    more = (
        f"the {WORST} of {len(missing):,} detectors that miss most" if len(missing) > WORST else "detectors, that which misses most first"
    )
    figure.update_xaxes(title_text=more, type="category", showgrid=False, nticks=20)
    return figure.update_yaxes(title_text=MISSING, tickformat=".0~%" if missing.max() >= 0.05 else ".2~%", rangemode="tozero")


def missing_over_time(found: Overview, *, dark: bool = False) -> go.Figure:
    """The share of values that detectors miss over time: a row a detector; outages of one are lines, of all columns."""
    health = found.health
    if not health.missing.any():
        return nothing("Missing over time", "No value is missing.", dark=dark)
    colours = scale(theme(dark).sequential)
    heat = go.Heatmap(
        x=clock(health.times), y=[plain(name) for name in found.sensor_ids], z=np.round(health.over_time.T, 4), zmin=0, zmax=1, colorscale=colours,
        colorbar={"title": {"text": MISSING}, "tickformat": SHARE}, hovertemplate="%{y}<br>from %{x}<br>%{z:.1%} missing<extra></extra>",
    )  # fmt: skip
    figure = new_figure([heat], dark=dark)
    figure.update_xaxes(title_text="local time", nticks=6)
    return figure.update_yaxes(title_text="detector", type="category", showgrid=False, nticks=12)


def series_of(found: Overview, series: Series, *, dark: bool = False) -> go.Figure:
    """What a detector measured, as it came, with the time of each set shaded."""
    if not np.isfinite(series.values).any():
        return nothing(plain(f"{series.feature} at {series.sensor}"), "Nothing was measured here.", dark=dark)
    colours = theme(dark)
    line = {"color": colours.ink, "width": 1}
    hover = f"%{{x}}<br>%{{y:{HOVER}}} {plain(series.unit)}<extra></extra>"
    trace = scatter(
        len(series.values), x=clock(series.times), y=clean(series.values, 3), mode="lines", line=line, connectgaps=False, hovertemplate=hover,
        name=plain(series.feature), showlegend=False,
    )  # fmt: skip
    figure = new_figure([trace], dark=dark)
    for number, span in enumerate(found.spans):
        first, last = clock(np.array([span.first, span.last]))
        colour = colours.categories[number]
        figure.add_vrect(
            x0=first, x1=last, fillcolor=faded(colour, 0.16), line_width=0, layer="below",
            annotation={"text": SET_TITLES[span.name], "font": {"size": 11}, "yshift": -14 * number}, annotation_position="top left",
        )  # fmt: skip
    figure.update_xaxes(title_text=f"local time, {plain(series.sensor)}", nticks=8)
    return figure.update_yaxes(title_text=f"{plain(series.feature)} ({plain(series.unit)})", rangemode="tozero")
