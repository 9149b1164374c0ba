"""The network from within: weights and gradients of every layer in bins, and how long they are over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from recsys.figures.looks import panels
from recsys.histograms import Binned, Epoch, Layer
from recsys.training.bundle import Bundle
from workbench.plotting import empty_figure, faded, plain, template, theme

NOT_ASKED = "No histograms were asked for. Set “Histograms every” in the model's settings to keep some."

MOST_EPOCHS = 20
"""Epochs on the slider: of more, some that are evenly apart, the first and the last among them."""

_KINDS = ("weights", "gradients")
_TITLES = ("Weights at the epoch's end", "Gradients of its first batch")
_ROW, _HEAD, _FOOT = 64, 56, 96
"""Heights in pixels: of a layer's row, and of what stands above and below them all."""

_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def weights(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """Weights and gradients of every layer in an epoch that a slider chooses, each in bins of its own; the last one first."""
    epochs = shown(bundle.histograms)
    if not epochs:
        return empty_figure(NOT_ASKED, dark=dark)
    names = [layer.name for layer in epochs[-1].layers]
    figure = make_subplots(
        len(names), 2, horizontal_spacing=0.08, vertical_spacing=0.35 / len(names), column_titles=_TITLES
    )
    height = _HEAD + _ROW * len(names) + _FOOT
    figure.update_layout(
        template=template(dark), showlegend=False, height=height, margin={"t": _HEAD, "b": _FOOT}
    )
    colours = theme(dark)
    for row, layer in enumerate(epochs[-1].layers, start=1):
        for column, kind in enumerate(_KINDS, start=1):
            colour = colours.second if kind == "weights" else colours.categories[1]
            trace = go.Scatter(
                **_outline(getattr(layer, kind)), mode="lines", line={"color": colour, "width": 1, "shape": "hv"},
                fill="tozeroy", fillcolor=faded(colour, 0.35), name=plain(layer.name),
                hovertemplate="from %{x:.3g}: %{y:,}<extra></extra>",
            )  # fmt: skip
            figure.add_trace(trace, row=row, col=column)
    figure.update_yaxes(visible=False, rangemode="tozero")
    figure.update_xaxes(nticks=4, tickfont={"size": 9}, zeroline=True)
    for row, name in enumerate(names, start=1):
        number = 2 * row - 1
        figure.add_annotation(
            text=plain(name), x=0, y=1, xref=f"x{number} domain" if row > 1 else "x domain",
            yref=f"y{number} domain" if row > 1 else "y domain", xanchor="left", yanchor="bottom", font={"size": 10},
        )  # fmt: skip
    figure.update_layout(sliders=[_slider(epochs, names, colours.muted)])
    return figure


def layer_norms(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """How long every layer's weights and gradients are, over the epochs that were looked at."""
    epochs = bundle.histograms
    if not epochs:
        return empty_figure(NOT_ASKED, dark=dark)
    figure = panels(_TITLES, dark=dark, hovermode="closest", showlegend=True)
    categories = theme(dark).categories
    for place, layer in enumerate(epochs[-1].layers):
        line = {
            "color": categories[place % len(categories)],
            "dash": _DASHES[place % len(_DASHES)],
            "width": 2,
        }
        for column, kind in enumerate(_KINDS, start=1):
            norms = [binned.norm if (binned := _of(epoch, layer.name, kind)) else None for epoch in epochs]
            trace = go.Scatter(
                x=[epoch.epoch for epoch in epochs], y=norms, name=plain(layer.name), line=line,
                mode="lines+markers" if len(epochs) <= 3 else "lines", marker={"size": 5}, legendgroup=layer.name,
                showlegend=column == 1, hovertemplate="%{fullData.name} %{y:.4g}<extra></extra>",
            )  # fmt: skip
            figure.add_trace(trace, row=1, col=column)
    figure.update_yaxes(rangemode="tozero", title_text="length", col=1)
    figure.update_xaxes(title_text="epoch")
    # names of layers are long: they stand below, where they have the whole width
    figure.update_layout(legend={"y": -0.2, "yanchor": "top", "yref": "paper"}, margin={"b": 120})
    return figure


def shown(epochs: Sequence[Epoch]) -> tuple[Epoch, ...]:
    """The epochs of the slider."""
    if len(epochs) <= MOST_EPOCHS:
        return tuple(epochs)
    places = sorted({round(place * (len(epochs) - 1) / (MOST_EPOCHS - 1)) for place in range(MOST_EPOCHS)})
    return tuple(epochs[place] for place in places)


def _slider(epochs: Sequence[Epoch], names: Sequence[str], colour: str) -> dict[str, Any]:
    steps = []
    for epoch in epochs:
        outlines = [_outline(_of(epoch, name, kind)) for name in names for kind in _KINDS]
        values = {axis: [outline[axis] for outline in outlines] for axis in ("x", "y")}
        steps.append({"label": str(epoch.epoch), "method": "restyle", "args": [values]})
    return {
        "active": len(steps) - 1, "steps": steps, "currentvalue": {"prefix": "Epoch ", "font": {"size": 12}},
        "pad": {"t": 36}, "font": {"size": 10, "color": colour}, "len": 1.0, "x": 0,
    }  # fmt: skip


def _of(epoch: Epoch, name: str, kind: str) -> Binned | None:
    layer: Layer | None = next((layer for layer in epoch.layers if layer.name == name), None)
    return None if layer is None else getattr(layer, kind)


def _outline(binned: Binned | None) -> Mapping[str, list[float]]:
    """A histogram as a line of steps: each bin's count from its left edge on."""
    if binned is None:
        return {"x": [], "y": []}
    return {"x": binned.edges, "y": [*binned.counts, binned.counts[-1]]}
