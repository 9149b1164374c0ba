"""Accuracy against the number of labels, for several ways to choose them."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from rcmvae.active.curve_summary import labels_to_reach, lines
from rcmvae.label_curve import CurveRow
from workbench.plotting import category, empty_figure, faded, new_figure, symbol


def draw(rows: Sequence[CurveRow], *, dark: bool = False) -> go.Figure:
    """Mean test accuracy over seeds with a band of one standard deviation, a line for each strategy, and what it saves in words."""
    if not rows:
        return empty_figure("No round is done yet.", dark=dark)
    figure = new_figure(dark=dark, hovermode="x unified", height=520)
    seeds = len({row.seed for row in rows})
    for number, line in enumerate(lines(rows)):
        colour = category(number, dark=dark)
        x = line.labels.tolist()
        if seeds > 1:
            high, low = (100 * (line.mean + line.spread)).tolist(), (100 * (line.mean - line.spread)).tolist()
            figure.add_scatter(
                x=x + x[::-1], y=high + low[::-1], fill="toself", fillcolor=faded(colour, 0.15), line={"width": 0}, mode="lines",
                hoverinfo="skip", showlegend=False, legendgroup=line.strategy, name=f"{line.strategy} spread",
            )  # fmt: skip
        figure.add_scatter(
            x=x, y=(100 * line.mean).tolist(), name=line.strategy, mode="lines+markers", legendgroup=line.strategy,
            line={"color": colour}, marker={"symbol": symbol(number), "size": 7}, customdata=(100 * line.spread).tolist(),
            hovertemplate="%{y:.1f} % ± %{customdata:.1f}",
        )  # fmt: skip
    reached = labels_to_reach(rows)
    figure.update_xaxes(title_text="labels")
    figure.update_yaxes(title_text=f"test accuracy, mean of {seeds} label draw{'s' if seeds > 1 else ''}", ticksuffix=" %")
    figure.update_layout(margin={"l": 72, "r": 24, "t": 40, "b": 64 + 18 * len(reached)})
    if reached:
        words = "<br>".join(found.sentence + "." for found in reached)
        figure.add_annotation(text=words, x=0, y=-0.16, xref="paper", yref="paper", xanchor="left", yanchor="top", align="left")
    return figure
