"""Figures of components as plain values (`workbench.plotting.Sketch`): drawn with every epoch of a run, and once for a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from rcmvae.diagnostics.channels import effective_components
from rcmvae.figures.words import class_names
from workbench.plotting import CORNER, HOVER, SHARE, Sketch, dotted, empty_sketch, faded, note, scale, sketch, theme

MOST_NAMED = 40
"""Components, and classes, up to which an axis names each; beyond, Plotly chooses which to show."""


def pi_and_usage(
    pi: Sequence[float] | np.ndarray, usage: Sequence[float] | np.ndarray, labels: Sequence[str], active: int, *, dark: bool
) -> Sketch:
    """Bars of pi and usage side by side, (K,) each; the dotted line is an even share of the `active` components."""
    colours = theme(dark)
    k = len(usage)
    common = {
        "type": "bar", "x": list(range(k)), "text": _in_a_line(labels), "textposition": "none",
        "hovertemplate": "component %{text}<br>%{fullData.name} %{y:.2%}<extra></extra>",
    }  # fmt: skip
    bars = [
        {**common, "y": np.asarray(pi, float).tolist(), "name": "prior weight π", "marker": {"color": faded(colours.first, 0.55)}},
        {**common, "y": np.asarray(usage, float).tolist(), "name": "usage", "marker": {"color": colours.second}},
    ]
    words = f"K_eff {effective_components(np.asarray(usage, float)):.1f} of {active}{' open' if active < k else ''}"
    return sketch(
        bars, barmode="group", bargroupgap=0.05, shapes=[dotted(colours.muted, y=1 / active)], annotations=[note(words, **CORNER)],
        xaxis=component_axis(labels), yaxis={"title": {"text": "share"}, "tickformat": SHARE, "rangemode": "tozero"},
    )  # fmt: skip


def responsibility_histogram(counts: Sequence[float] | np.ndarray, components: int | None, *, dark: bool) -> Sketch:
    """Bars of equal-width bins over [0, 1]; the dotted line is 1/K of K open `components`, below which no image can fall."""
    counts = np.asarray(counts, float)
    total = counts.sum()
    if not total:
        return empty_sketch("No images to count.")
    edges = np.linspace(0, 1, len(counts) + 1)
    bars = {
        "type": "bar", "x": ((edges[:-1] + edges[1:]) / 2).tolist(), "y": (counts / total).tolist(), "width": 0.92 / len(counts),
        "marker": {"color": theme(dark).second}, "customdata": [f"{low:.2f} to {high:.2f}" for low, high in pairwise(edges)],
        "hovertemplate": "largest r %{customdata}<br>%{y:.1%} of the images<extra></extra>",
    }  # fmt: skip
    least: dict[str, Any] = {}
    if components:
        words = note("1/K", x=1 / components, y=1, yref="paper", yanchor="top", xanchor="left", xshift=4)
        least = {"shapes": [dotted(theme(dark).muted, x=1 / components)], "annotations": [words]}
    return sketch(
        [bars], showlegend=False, **least,
        xaxis={"title": {"text": "largest responsibility of an image"}, "range": [0, 1], "showgrid": False},
        yaxis={"title": {"text": "share of images"}, "tickformat": SHARE, "rangemode": "tozero"},
    )  # fmt: skip


def component_kl(values: Sequence[float | None] | np.ndarray, labels: Sequence[str], *, dark: bool) -> Sketch:
    """Bars in nats, (K,); components that are responsible for nothing have none."""
    kl = np.array([np.nan if value is None else value for value in values], float)
    bars = {
        "type": "bar", "x": list(range(len(kl))), "y": [None if np.isnan(value) else float(value) for value in kl],
        "marker": {"color": theme(dark).second}, "text": _in_a_line(labels), "textposition": "none",
        "hovertemplate": f"component %{{text}}<br>%{{y:{HOVER}}} nats<extra></extra>",
    }  # fmt: skip
    middle: dict[str, Any] = {}
    if np.isfinite(kl).any():
        mean = float(np.nanmean(kl))
        middle = {"shapes": [dotted(theme(dark).muted, y=mean)], "annotations": [note(f"mean {mean:.2f} nats", **CORNER)]}
    axis = {"title": {"text": "KL of z (nats an image)"}, "rangemode": "tozero"}
    return sketch([bars], showlegend=False, **middle, xaxis=component_axis(labels), yaxis=axis)


def class_by_component(
    values: np.ndarray,
    components: Sequence[str],
    names: Sequence[str],
    title: str,
    *,
    dark: bool,
    x_title: str = "component",
    claimed: Sequence[tuple[int, int]] = (),
) -> Sketch:
    """A map of classes (rows) by components (columns) with values in [0, 1], (Y, K); `claimed` (column, class) pairs are framed."""
    classes = class_names(names)
    words = _in_a_line(components)
    heat: dict[str, Any] = {
        "type": "heatmap", "z": np.asarray(values, np.float32), "zmin": 0, "zmax": 1, "colorscale": scale(theme(dark).sequential),
        "customdata": [[[word, name] for word in words] for name in classes],
        "hovertemplate": f"component %{{customdata[0]}}<br>class %{{customdata[1]}}<br>{title} %{{z:.1%}}<extra></extra>",
        "xgap": 1, "ygap": 1, "colorbar": {"title": {"text": title}, "tickformat": SHARE},
    }  # fmt: skip
    if values.size <= 300:
        percent = values.shape[1] <= 12
        text = [["" if np.isnan(v) or v < 0.015 else f"{v:.0%}" if percent else f"{100 * v:.0f}" for v in row] for row in values]
        heat |= {"text": text, "texttemplate": "%{text}", "textfont": {"size": 10}}
    line = {"color": theme(dark).categories[1], "width": 2}
    frames = [
        {"type": "rect", "x0": column - 0.46, "x1": column + 0.46, "y0": row - 0.46, "y1": row + 0.46, "line": line}
        for column, row in claimed
    ]
    ticks = {"tickvals": list(range(len(classes))), "ticktext": classes} if len(classes) <= MOST_NAMED else {}
    axis = {"title": {"text": "class"}, "autorange": "reversed", "showgrid": False, "zeroline": False, **ticks}
    return sketch([heat], showlegend=False, shapes=frames, xaxis=component_axis(components, x_title), yaxis=axis)


def component_axis(labels: Sequence[str], title: str | None = None) -> dict[str, Any]:
    """An axis of component numbers (and whose they are)."""
    named = len(labels) <= MOST_NAMED
    if title is None:
        title = "component, and the class that claims it" if named and any("<br>" in label for label in labels) else "component"
    ticks = {"tickvals": list(range(len(labels))), "ticktext": list(labels)} if named else {}
    return {"title": {"text": title}, "showgrid": False, "zeroline": False, **ticks}


def _in_a_line(labels: Sequence[str]) -> list[str]:
    return [label.replace("<br>", ", ") for label in labels]
