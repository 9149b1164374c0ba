"""The latents of each channel (component): which images it takes, how firmly, and of which class they are.

Colour is the true class, opacity the responsibility. An image that a channel is hardly responsible for would be invisible there and
is left out, so that all channels together hold hardly more points than there are images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures.cloud import EDGE, Cell, draw_cells, plane
from rcmvae.figures.words import NO_COMPONENTS, class_name, class_names
from workbench.plotting import CORNER, category, empty_figure, new_figure, scatter, symbol, theme

CHANNELS_SHOWN = 50
"""Channels that have a cell, or an entry of the menu, at most: the most used."""
MENU_INK_DARK = "#7b8a82"
"""Plotly paints the entry under the pointer nearly white in every theme; this grey can be read on that and on the dark ground."""
NAMED_CHANNELS = 12
"""Channels up to which cells have room for the class that claims them."""
ASPECT = 1.7
"""Columns per row of the grid."""
MOST_POINTS = 20_000
LEAST_RESPONSIBILITY = 0.05
FAINTEST = 0.12
"""Opacity of a point just above the least responsibility; fully responsible is 0.9."""


@dataclass(frozen=True)
class ChannelPoints:
    """Pairs of an image and a channel that is responsible for it, in random order.

    Attributes:
        shown: channels drawn, ascending, int (S,). image: int (n,) positions in the bundle. place: int (n,) indices into `shown`.
        responsibility: float (n,). x, y: float32 (n,). titles: of the axes.
    """

    shown: np.ndarray
    image: np.ndarray
    place: np.ndarray
    responsibility: np.ndarray
    x: np.ndarray
    y: np.ndarray
    titles: tuple[str, str]


def channel_latents(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """A grid with one cell a channel: the latents of the images it takes."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    points = channel_points(bundle)
    middle, half = _window(points)
    columns = max(1, round(math.sqrt(len(points.shown) * ASPECT)))
    step = 2.1 * half
    cells = [Cell(name, (i % columns) * step, -(i // columns) * step, half) for i, name in enumerate(_names(bundle, points.shown))]
    middles = np.array([(cell.x, cell.y) for cell in cells], np.float32)[points.place]
    x = np.clip(points.x - middle[0], -EDGE * half, EDGE * half) + middles[:, 0]
    y = np.clip(points.y - middle[1], -EDGE * half, EDGE * half) + middles[:, 1]
    labels = bundle.known_labels[points.image]
    traces = []
    for label in np.unique(labels):
        inside = np.flatnonzero(labels == label)
        marker = _marker(points.responsibility[inside], _size(len(x), len(cells))) | _look(int(label), dark)
        traces.append(_trace(bundle, points, inside, x[inside], y[inside], marker, name=class_name(bundle, int(label))))
        # a point's own opacity would fade the legend's sign too
        traces[-1].update(showlegend=False, legendgroup=str(label))
        traces.append(_key(bundle, int(label), dark))
    figure = new_figure(traces, dark=dark, dragmode="pan", legend_title_text="class")
    figure.update_xaxes(title_text=f"{points.titles[0]}, in every cell", zeroline=False)
    figure.update_yaxes(title_text=points.titles[1], zeroline=False, scaleanchor="x", scaleratio=1)
    draw_cells(figure, cells, dark)
    return figure.update_layout(showlegend=len(np.unique(labels)) <= 40)


def channel_latent(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """One channel at a time, chosen from a menu: the latents of the images it takes. The most used channel comes first."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    points = channel_points(bundle)
    usage = bundle.responsibilities.mean(axis=0)[points.shown]
    order = np.argsort(-usage, kind="stable")
    names = _names(bundle, points.shown)
    middle, half = _window(points)
    labels = bundle.known_labels[points.image]
    colours = np.array([_look(label, dark)["color"] for label in range(-1, bundle.classes)], dtype=object)
    symbols = np.array([_look(label, dark)["symbol"] for label in range(-1, bundle.classes)], dtype=object)
    traces: list[Any] = [_key(bundle, int(label), dark) for label in np.unique(labels)]
    if bundle.component_mu.shape[1] == 1:
        traces.append(_ground(points, dark))
    keys = len(traces)
    for nth, place in enumerate(order):
        inside = np.flatnonzero(points.place == place)
        looks = {"color": colours[labels[inside] + 1].tolist(), "symbol": symbols[labels[inside] + 1].tolist()}
        marker = _marker(points.responsibility[inside], _size(len(inside), 1)) | looks
        traces.append(_trace(bundle, points, inside, points.x[inside], points.y[inside], marker, visible=nth == 0, showlegend=False))
    buttons = [
        {
            "label": f"channel {names[place]}, usage {usage[place]:.1%}",
            "method": "restyle",
            "args": [{"visible": [nth == other for other in range(len(order))]}, list(range(keys, keys + len(order)))],
        }
        for nth, place in enumerate(order)
    ]
    # the menu takes the place above the plot, so the legend stands beside it
    legend = {"orientation": "v", "x": 1.01, "xanchor": "left", "y": 1, "yanchor": "top", "title": {"text": "class"}}
    figure = new_figure(traces, dark=dark, dragmode="pan", legend=legend, showlegend=keys <= 40)
    ranges = [[float(m - half), float(m + half)] for m in middle]
    figure.update_xaxes(title_text=points.titles[0], zeroline=False, range=ranges[0])
    figure.update_yaxes(title_text=points.titles[1], zeroline=False, range=ranges[1])
    if bundle.mu.shape[1] > 1:
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
    look = theme(dark)
    menu = {
        "buttons": buttons, "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "showactive": False, "bgcolor": look.ground,
        "bordercolor": look.line, "font": {"size": 11, "color": MENU_INK_DARK if dark else look.muted}, "pad": {"t": 0, "b": 2},
    }  # fmt: skip
    return figure.update_layout(updatemenus=[menu], margin={"t": 44})


def active_channels(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """How many channels the curriculum has opened over the epochs, and how many the data uses."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    if not len(bundle.active_epochs):
        unlogged = bundle.facts.open_components is not None
        words = (
            "No history: the mixture was not logged (mixture_history_log_every)."
            if unlogged
            else "All channels are open from the start: no curriculum."
        )
        return empty_figure(words, dark=dark)
    look = theme(dark)
    active = bundle.active_history.astype(bool)
    count = active.sum(axis=1)
    new = np.diff(active.astype(int), axis=0, prepend=active[:1].astype(int)) > 0
    opened = [", ".join(map(str, np.flatnonzero(row))) for row in new]
    hover = [f"<br>opened: {words}" if words else "" for words in opened]
    epochs = bundle.active_epochs.tolist()
    lines = [
        go.Scatter(
            x=epochs, y=count.tolist(), name="active channels", mode="lines", line={"color": look.second, "shape": "hv"},
            customdata=hover, hovertemplate="epoch %{x}<br>%{y} active%{customdata}<extra></extra>",
        )
    ]  # fmt: skip
    where = [i for i, words in enumerate(opened) if words]
    if where:
        lines.append(
            go.Scatter(
                x=[epochs[i] for i in where], y=count[where].tolist(), name="opened", mode="markers+text" if len(where) <= 15 else "markers",
                text=[opened[i] for i in where], textposition="top left", textfont={"size": 10, "color": look.muted},
                marker={"color": look.second, "size": 7}, hoverinfo="skip",
            )
        )  # fmt: skip
    if bundle.mixture_epochs.shape == bundle.active_epochs.shape:
        usage = bundle.usage_history.astype(float)
        entropy = -(usage * np.log(np.where(usage > 0, usage, 1))).sum(axis=1)
        lines.append(
            go.Scatter(
                x=bundle.mixture_epochs.tolist(), y=np.exp(entropy).tolist(), name="effective channels (K_eff)", mode="lines",
                line={"color": look.first, "dash": "4px,2px"}, hovertemplate="epoch %{x}<br>K_eff %{y:.1f}<extra></extra>",
            )
        )  # fmt: skip
    figure = new_figure(lines, dark=dark, showlegend=True)
    figure.add_hline(y=bundle.components, line={"color": look.muted, "width": 1, "dash": "dot"})
    figure.add_annotation(text=f"{count[-1]} of {bundle.components} active", **CORNER)
    figure.update_xaxes(title_text="epoch")
    return figure.update_yaxes(title_text="channels", range=[0, bundle.components * 1.08])


def channel_points(bundle: DiagnosticsBundle) -> ChannelPoints:
    """The points of all channels shown. With decentralized latents a point lies where its channel puts the image, all channels on
    the same two axes; in the shared layout it lies at the image's one latent."""
    usage = bundle.responsibilities.mean(axis=0)
    shown = np.sort(np.argsort(-usage, kind="stable")[:CHANNELS_SHOWN])
    apart = bundle.component_mu.shape[1] > 1
    known = bundle.detail if apart else np.arange(len(bundle.rows))
    r = bundle.responsibilities[known][:, shown]
    image, place = np.nonzero(r >= LEAST_RESPONSIBILITY)
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(image))[:MOST_POINTS]
    image, place = image[chosen], place[chosen]
    mu = bundle.component_mu[image, shown[place]] if apart else bundle.mu[known[image]]
    x, y, titles = plane(mu, rng)
    return ChannelPoints(shown, known[image], place, r[image, place], x, y, titles)


def _window(points: ChannelPoints) -> tuple[tuple[float, float], float]:
    """Middle and half a side of the square that all cells show, outliers left to its edge."""
    middle, halves = [], []
    for values in (points.x, points.y):
        low, high = np.quantile(values, [0.005, 0.995])
        middle.append(float(low + high) / 2)
        halves.append(float(high - low) / 2)
    return (middle[0], middle[1]), max(*halves, 0.5) * 1.15


def _names(bundle: DiagnosticsBundle, shown: np.ndarray) -> list[str]:
    """Numbers, and where there is room the class that claims the channel."""
    names = class_names(bundle.facts.class_names, 8)
    claims = bundle.claims if len(shown) <= NAMED_CHANNELS else np.full_like(bundle.claims, -1)
    return [f"{k}: class {names[claims[k]]}" if 0 <= claims[k] < len(names) else str(k) for k in shown]


def _ground(points: ChannelPoints, dark: bool) -> go.Scatter | go.Scattergl:
    """All images once, faint: where in the common latent space a channel stands."""
    _, once = np.unique(points.image, return_index=True)
    marker = {"size": 3, "color": theme(dark).muted, "opacity": 0.3}
    return scatter(len(points.x), x=points.x[once], y=points.y[once], mode="markers", marker=marker, showlegend=False, hoverinfo="skip")


def _marker(responsibility: np.ndarray, size: float) -> dict[str, Any]:
    opacity = FAINTEST + (0.9 - FAINTEST) * responsibility
    return {"size": size, "opacity": np.round(opacity, 2).tolist(), "line": {"width": 0}}


def _look(label: int, dark: bool) -> dict[str, Any]:
    return {"color": category(label, dark=dark) if label >= 0 else theme(dark).muted, "symbol": symbol(max(label, 0))}


def _key(bundle: DiagnosticsBundle, label: int, dark: bool) -> go.Scatter:
    """An entry of the legend."""
    return go.Scatter(
        x=[None], y=[None], mode="markers", name=class_name(bundle, label), marker={"size": 7, **_look(label, dark)}, legendgroup=str(label),
    )  # fmt: skip


def _trace(
    bundle: DiagnosticsBundle, points: ChannelPoints, inside: np.ndarray, x: np.ndarray, y: np.ndarray, marker: dict, **options: Any
) -> go.Scatter | go.Scattergl:
    image = points.image[inside]
    data = np.stack([bundle.rows[image], points.shown[points.place[inside]], points.responsibility[inside]], axis=1)
    names = [class_name(bundle, int(label)) for label in bundle.known_labels[image]]
    return scatter(
        len(points.x), x=x, y=y, mode="markers", marker=marker, customdata=data, text=names,
        hovertemplate="<b>channel %{customdata[1]}</b><br>row %{customdata[0]}<br>class %{text}<br>responsibility %{customdata[2]:.0%}<extra></extra>",
        **options,
    )  # fmt: skip


def _size(points: int, cells: int) -> float:
    return 7 if points <= 800 and cells == 1 else 5.5 if points <= 2_500 and cells <= 20 else 4 if points <= 5_000 else 3
