"""How far predicted ratings are from actual ones."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recsys.figures.looks import NO_RATINGS, panels
from recsys.training.bundle import Bundle
from workbench.plotting import SHARE, empty_figure, faded, scatter, theme

MOST_POINTS = 5_000
MOST_BOXES = 12
"""Up to so many different ratings have a box each; more are drawn as points."""

BINS = 40


def rating_error(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """Predicted against actual ratings of the test rows, and the distribution of what is between them."""
    if "model" not in bundle.predicted or not len(bundle.actual):
        return empty_figure(NO_RATINGS, dark=dark)
    predicted, actual = bundle.predicted["model"].astype(float), bundle.actual.astype(float)
    colours = theme(dark)
    figure = panels(["Predicted against actual", "Predicted minus actual"], dark=dark, showlegend=False)
    values = np.unique(actual)
    if len(values) <= MOST_BOXES:
        figure.add_trace(_boxes(predicted, actual, values, dark), row=1, col=1)
        figure.update_xaxes(tickvals=values.tolist(), row=1, col=1)
    else:
        figure.add_trace(_points(predicted, actual, dark), row=1, col=1)
    ends = [float(actual.min()), float(actual.max())]
    line = {"color": colours.muted, "width": 1, "dash": "dot"}
    figure.add_trace(
        go.Scatter(x=ends, y=ends, mode="lines", line=line, name="exact", hoverinfo="skip"), row=1, col=1
    )
    figure.update_xaxes(title_text="actual rating", row=1, col=1)
    figure.update_yaxes(title_text="predicted rating", row=1, col=1)
    error = predicted - actual
    counts, edges = np.histogram(error, bins=BINS)
    bars = go.Bar(
        x=((edges[:-1] + edges[1:]) / 2).tolist(),
        y=(counts / len(error)).tolist(),
        customdata=counts.tolist(),
        marker={"color": colours.second},
        name="rows",
        hovertemplate="about %{x:.2f}: %{y:.1%} of the rows (%{customdata:,})<extra></extra>",
    )
    figure.add_trace(bars, row=1, col=2)
    figure.add_vline(x=0, line={"color": colours.muted, "width": 1.5}, row=1, col=2)  # pyright: ignore[reportArgumentType]
    spread = float(np.sqrt(np.square(error).mean()))
    words = f"residual (mean {error.mean():+.3f}, RMSE {spread:.3f})"
    figure.update_xaxes(title_text=words, showgrid=False, row=1, col=2)
    figure.update_yaxes(tickformat=SHARE, rangemode="tozero", row=1, col=2)
    return figure.update_layout(bargap=0.04)


def _boxes(predicted: np.ndarray, actual: np.ndarray, values: np.ndarray, dark: bool) -> go.Box:
    """Median, quartiles and the middle 90 % of the predictions for each actual rating."""
    quantiles = np.array(
        [np.quantile(predicted[actual == value], [0.05, 0.25, 0.5, 0.75, 0.95]) for value in values]
    )
    low, q1, median, q3, high = quantiles.T.tolist()
    colour = theme(dark).second
    return go.Box(
        x=values.tolist(), lowerfence=low, q1=q1, median=median, q3=q3, upperfence=high, name="model",
        line={"color": colour, "width": 1.5}, fillcolor=faded(colour, 0.25),
    )  # fmt: skip


def _points(predicted: np.ndarray, actual: np.ndarray, dark: bool) -> go.Scatter | go.Scattergl:
    """At most 5,000 rows at even distances."""
    rows = np.unique(np.linspace(0, len(actual) - 1, min(MOST_POINTS, len(actual))).round().astype(int))
    return scatter(
        len(rows),
        x=actual[rows].tolist(),
        y=predicted[rows].tolist(),
        mode="markers",
        name="model",
        marker={"size": 5, "color": faded(theme(dark).second, 0.4)},
        hovertemplate="actual %{x:.3g}<br>predicted %{y:.3g}<extra></extra>",
    )
