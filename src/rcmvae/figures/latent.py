"""The latent space as a cloud of points, coloured in four ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures.words import NO_COMPONENTS, NO_LABELS, class_name
from workbench.plotting import WEBGL_FROM, category, empty_figure, new_figure, scale, scatter, symbol, theme

MOST_POINTS = 20_000
"""Points drawn at most; beyond it a fixed random part of the images is shown, and the figure says so."""


@dataclass(frozen=True)
class Cloud:
    """Points in the plane.

    Attributes:
        positions: the images shown, int (n,), in random order. x, y: float32 (n,). x_title, y_title: what the axes are.
        note: said under the figure if not every image is shown.
    """

    positions: np.ndarray
    x: np.ndarray
    y: np.ndarray
    x_title: str
    y_title: str
    note: str


def cloud(bundle: DiagnosticsBundle) -> Cloud:
    """Posterior means in two dimensions: as they are with D = 2, spread at random over the second axis with D = 1, else their
    first two principal components."""
    n = len(bundle.rows)
    rng = np.random.default_rng(0)
    positions = rng.permutation(n)[:MOST_POINTS]
    note = f"{len(positions):,} of {n:,} images" if len(positions) < n else ""
    mu = bundle.mu
    if mu.shape[1] == 2:
        return Cloud(positions, mu[positions, 0], mu[positions, 1], "z₁", "z₂", note)
    if mu.shape[1] == 1:
        spread = rng.random(n).astype(np.float32)
        return Cloud(positions, mu[positions, 0], spread[positions], "z", "spread at random", note)
    centred = mu.astype(np.float64) - mu.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(-variances)[:2]
    flat = (centred @ _fixed_signs(axes[:, order])).astype(np.float32)[positions]
    share = variances[order] / max(variances.sum(), 1e-12)
    titles = [f"principal component {i + 1} ({part:.0%} of the variance)" for i, part in enumerate(share)]
    return Cloud(positions, flat[:, 0], flat[:, 1], titles[0], titles[1], note)


def latent_by_class(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Points by true class; images whose class is unknown are grey."""
    known = np.unique(bundle.true_labels[bundle.true_labels >= 0])
    groups = {int(label): class_name(bundle, int(label)) for label in known}
    if (bundle.true_labels < 0).any():
        groups = {-1: "unknown", **groups}
    return _grouped(bundle, bundle.true_labels, groups, "class", dark)


def latent_by_component(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Points by the component with the highest responsibility."""
    if not bundle.components:
        return empty_figure(NO_COMPONENTS, dark=dark)
    selected = bundle.selected
    groups = {int(k): str(k) for k in np.unique(selected)}
    return _grouped(bundle, selected, groups, "component", dark)


def latent_by_certainty(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Points by the certainty of their prediction; the uncertain ones lie on top."""
    return _graded(bundle, bundle.certainty, "certainty", theme(dark).low_high, -1, dark)


def latent_by_ood(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Points by their out-of-distribution score; the strange ones lie on top."""
    return _graded(bundle, bundle.ood, "OOD score", theme(dark).low_high[::-1], 1, dark)


def _grouped(bundle: DiagnosticsBundle, values: np.ndarray, groups: dict[int, str], title: str, dark: bool) -> go.Figure:
    points = cloud(bundle)
    shown = values[points.positions]
    traces = []
    for value, name in groups.items():
        inside = shown == value
        colour = category(value, dark=dark) if value >= 0 else theme(dark).muted
        marker = {"size": _size(len(shown)), "color": colour, "symbol": symbol(max(value, 0)), "opacity": 0.8}
        traces.append(_points(bundle, points, inside, marker, name, f"{title} {name}"))
    return _framed(points, traces, dark).update_layout(legend_title_text=title, showlegend=len(groups) <= 40)


def _graded(bundle: DiagnosticsBundle, values: np.ndarray, title: str, colours: Sequence[str], order: int, dark: bool) -> go.Figure:
    if np.isnan(values).all():
        return empty_figure(NO_LABELS, dark=dark)
    points = cloud(bundle)
    rank = np.argsort(order * values[points.positions], kind="stable")
    sorted_points = Cloud(points.positions[rank], points.x[rank], points.y[rank], points.x_title, points.y_title, points.note)
    marker = {
        "size": _size(len(rank)),
        "color": values[sorted_points.positions],
        "colorscale": scale(colours),
        "cmin": 0,
        "cmax": 1,
        "opacity": 0.85,
        "colorbar": {"title": {"text": title}, "tickformat": ".0%"},
    }
    trace = _points(bundle, sorted_points, np.ones(len(rank), bool), marker, title, f"{title} %{{marker.color:.0%}}")
    return _framed(points, [trace], dark).update_layout(showlegend=False)


def _points(bundle: DiagnosticsBundle, points: Cloud, inside: np.ndarray, marker: dict, name: str, head: str) -> go.Scatter | go.Scattergl:
    where = points.positions[inside]
    details = [bundle.rows[where].astype(np.float32), bundle.certainty[where]]
    hover = f"<b>{head}</b><br>row %{{customdata[0]}}"
    if bundle.components:
        details.append(bundle.selected[where].astype(np.float32))
        hover += "<br>component %{customdata[2]}"
    options: dict = {}
    if len(points.positions) <= WEBGL_FROM:
        options["text"] = [_words(bundle, int(i)) for i in where]
        hover += "<br>%{text}"
    if bundle.has_labels:
        hover += "<br>certainty %{customdata[1]:.0%}"
    return scatter(
        len(points.positions),
        x=points.x[inside],
        y=points.y[inside],
        customdata=np.stack(details, axis=1),
        mode="markers",
        name=name,
        marker=marker,
        hovertemplate=hover + "<extra></extra>",
        **options,
    )


def _words(bundle: DiagnosticsBundle, position: int) -> str:
    true = f"true class {class_name(bundle, int(bundle.true_labels[position]))}"
    predicted = int(bundle.predictions[position])
    return true if predicted < 0 else f"{true}, predicted {class_name(bundle, predicted)}"


def _framed(points: Cloud, traces: list, dark: bool) -> go.Figure:
    figure = new_figure(traces, dark=dark, dragmode="pan")
    figure.update_xaxes(title_text=points.x_title, zeroline=False)
    figure.update_yaxes(title_text=points.y_title, zeroline=False)
    if points.y_title == "spread at random":
        figure.update_yaxes(showticklabels=False, showgrid=False)
    else:
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
    if points.note:
        figure.add_annotation(text=points.note, x=1, y=1, xref="paper", yref="paper", xanchor="right", yanchor="top")
    return figure


def _size(n: int) -> float:
    return 7 if n <= 800 else 5.5 if n <= 2_500 else 4 if n <= WEBGL_FROM else 3


def _fixed_signs(axes: np.ndarray) -> np.ndarray:
    """Axes whose largest entry is positive, so that a plot never flips between runs."""
    largest = np.abs(axes).argmax(axis=0)
    return axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1, 1)
