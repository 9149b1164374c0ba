"""What figures share: who is drawn how, panels side by side, and what stands where nothing can be drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from recsys.metrics import GROUPS
from workbench.plotting import template, theme

NO_EPOCH = "No epoch was trained."
NO_RANKS = "This model ranks no products."
NO_RATINGS = "This model predicts no ratings."
RULES = {"all": "all products ranked", "unseen": "products that a buyer had are left out"}

_DASHES = {
    "model": "solid", "popularity": "dash", "item_knn": "dot", "ease": "dashdot", "oracle": "longdash",
    "mean": "dash", "user_item_means": "dot",
}  # fmt: skip
_COLOURS = {"popularity": 1, "item_knn": 0, "ease": 3, "mean": 1, "user_item_means": 0}


def title_of(who: str) -> str:
    """What a model or baseline is called."""
    return GROUPS.get(who, who)


def line_of(who: str, dark: bool) -> dict[str, Any]:
    """Colour, dash and width of somebody's line; the model's is the widest, the oracle's grey."""
    colours = theme(dark)
    colour = colours.second if who == "model" else colours.muted
    if who in _COLOURS:
        colour = colours.categories[_COLOURS[who]]
    return {"color": colour, "dash": _DASHES.get(who, "solid"), "width": 3 if who == "model" else 2}


def panels(titles: Sequence[str], *, dark: bool, gap: float = 0.12, **layout: Any) -> go.Figure:
    """Axes side by side, each with a title; one needs none. `gap`: share of the width between."""
    figure = make_subplots(
        1, len(titles), subplot_titles=None if len(titles) == 1 else titles, horizontal_spacing=gap
    )
    figure.update_layout(template=template(dark), **layout)
    figure.update_annotations(font={"size": 12, "color": theme(dark).ink})
    if len(titles) > 1:
        figure.update_layout(margin={"t": 56}, legend={"yref": "container", "y": 0.995, "yanchor": "top"})
    return figure
