"""The latent space as a cloud of points, coloured in four ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures.cloud import Cloud, cloud, draw_cells
from rcmvae.figures.words import NO_COMPONENTS, NO_LABELS, class_name, class_words
from workbench.plotting import SHARE, WEBGL_FROM, category, empty_figure, new_figure, scale, scatter, symbol, theme


def latent_by_class(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Points by their class, as the data or people know it; images whose class is unknown are grey."""
    known = np.unique(bundle.known_labels[bundle.known_labels >= 0])
    groups = {int(label): class_name(bundle, int(label)) for label in known}
    if (bundle.known_labels < 0).any():
        groups = {-1: "unknown", **groups}
    return _grouped(bundle, bundle.known_labels, groups, "class", dark)


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
    sorted_points = replace(points, positions=points.positions[rank], x=points.x[rank], y=points.y[rank])
    marker = {
        "size": _size(len(rank)),
        "color": values[sorted_points.positions],
        "colorscale": scale(colours),
        "cmin": 0,
        "cmax": 1,
        "opacity": 0.85,
        "colorbar": {"title": {"text": title}, "tickformat": SHARE},
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
    true = class_words(bundle, position)
    predicted = int(bundle.predictions[position])
    return true if predicted < 0 else f"{true}, predicted {class_name(bundle, predicted)}"


def _framed(points: Cloud, traces: list, dark: bool) -> go.Figure:
    figure = new_figure(traces, dark=dark, dragmode="pan")
    figure.update_xaxes(title_text=points.x_title, zeroline=False)
    figure.update_yaxes(title_text=points.y_title, zeroline=False)
    if points.y_scaled:
        figure.update_yaxes(scaleanchor="x", scaleratio=1)
    else:
        figure.update_yaxes(showticklabels=False, showgrid=False)
    if points.cells:
        draw_cells(figure, points.cells, dark)
    if points.note:
        figure.add_annotation(text=points.note, x=1, y=1, xref="paper", yref="paper", xanchor="right", yanchor="top")
    return figure


def _size(n: int) -> float:
    return 7 if n <= 800 else 5.5 if n <= 2_500 else 4 if n <= WEBGL_FROM else 3
