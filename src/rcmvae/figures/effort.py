"""The progress of the labelling as figures: labels over time, and what they brought."""

from __future__ import annotations

from datetime import UTC, datetime

import plotly.graph_objects as go

from rcmvae.explore.effort_read import Effort
from workbench.plotting import category, empty_figure, faded, new_figure

HEIGHT = 300


def labels_over_time(effort: Effort, *, dark: bool = False) -> go.Figure:
    """How many labels there were when; a step a change."""
    if len(effort.series) < 2:
        return empty_figure("No label was given or taken away since the model was created.", dark=dark)
    times = [datetime.fromtimestamp(at, UTC) for at, _ in effort.series]
    figure = new_figure(dark=dark, height=HEIGHT)
    figure.add_scatter(
        x=times, y=[total for _, total in effort.series], mode="lines", line={"shape": "hv", "color": category(0, dark=dark)}, name="labels",
        hovertemplate="%{y:,} labels<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(title_text="time (UTC)")
    figure.update_yaxes(title_text="labels", rangemode="tozero")
    return figure


def accuracy_by_labels(effort: Effort, *, dark: bool = False) -> go.Figure:
    """Held-out accuracy of each run against the labels it began with, the curve fitted to them, what more labels would bring, and what random
    labelling reaches, if that was computed."""
    if not effort.runs and effort.random is None:
        return empty_figure("No run with an accuracy on held-out images yet: train the model, and it appears here.", dark=dark)
    figure = new_figure(dark=dark, height=HEIGHT)
    estimate, colour = effort.estimate, category(0, dark=dark)
    if effort.random is not None:
        points, other = effort.random.points, category(2, dark=dark)
        figure.add_scatter(
            x=[point.labels for point in points], y=[100 * point.mean for point in points], mode="lines+markers",
            name="random labels, ± one standard deviation", line={"color": other}, marker={"symbol": "square", "size": 7},
            error_y={"type": "data", "array": [100 * point.spread for point in points], "color": other},
            text=[f"{point.draws} draws" for point in points], hovertemplate="%{y:.1f} % with %{x:,} random labels, %{text}<extra></extra>",
        )  # fmt: skip
    if estimate.curve:
        figure.add_scatter(
            x=[labels for labels, _ in estimate.curve], y=[100 * share for _, share in estimate.curve], mode="lines", name="fitted power law",
            line={"dash": "dash", "color": faded(colour, 0.6)}, hovertemplate="%{y:.1f} %",
        )  # fmt: skip
    figure.add_scatter(
        x=[run.labels for run in effort.runs], y=[100 * run.accuracy for run in effort.runs], mode="markers", name="runs",
        marker={"size": 9, "color": colour}, text=[f"run #{run.number}" for run in effort.runs],
        hovertemplate="%{text}: %{y:.1f} % with %{x:,} labels<extra></extra>",
    )  # fmt: skip
    if estimate.middle is not None and estimate.low is not None and estimate.high is not None:
        figure.add_scatter(
            x=[estimate.labels], y=[100 * estimate.middle], mode="markers", name="estimate, 80 % interval",
            marker={"size": 10, "symbol": "diamond-open", "color": category(1, dark=dark)},
            error_y={
                "type": "data", "symmetric": False, "array": [100 * (estimate.high - estimate.middle)],
                "arrayminus": [100 * (estimate.middle - estimate.low)], "color": category(1, dark=dark),
            },
            hovertemplate="about %{y:.1f} % with %{x:,} labels<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title_text="labels at the start of the run")
    figure.update_yaxes(title_text="held-out accuracy", ticksuffix=" %")
    return figure
