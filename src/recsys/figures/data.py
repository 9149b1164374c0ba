"""How a table's rows are spread: over items, and over time."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recsys.data.stats import EventsPerDay, Popularity
from workbench.plotting import faded, new_figure, theme


def popularity(curve: Popularity, *, dark: bool = False, height: int = 260) -> go.Figure:
    """The share of all rows that the most popular items have, by their share of the items."""
    most = curve.items[-1] if curve.items else 1
    figure = new_figure(dark=dark, height=height)
    colour = theme(dark).second
    figure.add_trace(
        go.Scatter(
            x=[100 * count / most for count in curve.items], y=[100 * share for share in curve.share], customdata=list(curve.items), mode="lines",
            line={"color": colour, "width": 2}, fill="tozeroy", fillcolor=faded(colour, 0.14),
            hovertemplate="%{customdata:,} items have %{y:.1f} % of the rows<extra></extra>",
        )
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            line={"color": theme(dark).first, "dash": "4px,3px", "width": 1},
            hoverinfo="skip",
        )
    )
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="most popular items, % of all", range=[0, 100])
    figure.update_yaxes(title_text="% of the rows", range=[0, 102])
    return figure


def events(days: EventsPerDay, *, dark: bool = False, height: int = 260) -> go.Figure:
    """Rows over time, by day or by several days."""
    start = np.datetime64(days.first, "D") + np.arange(len(days.counts)) * days.step
    figure = new_figure(dark=dark, height=height)
    figure.add_trace(
        go.Scatter(
            x=start.astype(str).tolist(), y=list(days.counts), mode="lines", line={"color": theme(dark).second, "width": 1.4},
            hovertemplate="%{x}: %{y:,} rows<extra></extra>",
        )
    )  # fmt: skip
    figure.update_layout(showlegend=False)
    figure.update_yaxes(
        title_text="rows a day" if days.step == 1 else f"rows in {days.step} days", rangemode="tozero"
    )
    return figure
