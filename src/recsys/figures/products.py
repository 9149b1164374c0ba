"""What is recommended and how products lie: shares by popularity, and products as points."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from recsys.evaluation.product_map import ProductMap
from recsys.figures.looks import NO_RANKS
from recsys.training.bundle import Bundle
from workbench.plotting import (
    CORNER,
    SHARE,
    category,
    empty_figure,
    new_figure,
    plain,
    scale,
    scatter,
    symbol,
    theme,
)


def popularity_bias(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """The share of train rows and of recommendations that each tenth of the catalogue has, most popular first."""
    deciles = bundle.told["popularity"]
    if deciles is None:
        return empty_figure(NO_RANKS, dark=dark)
    colours = theme(dark)
    places = [str(place) for place in range(1, len(deciles["products"]) + 1)]
    bars = [
        go.Bar(
            x=places,
            y=deciles[key],
            name=name,
            marker={"color": colour, "pattern": {"shape": pattern, "size": 6}},
            customdata=deciles["products"],
            hovertemplate=f"group %{{x}}, %{{customdata:,}} products<br>%{{y:.1%}} of the {words}<extra></extra>",
        )
        for key, name, words, colour, pattern in (
            ("train", "train rows", "train rows", colours.first, "/"),
            ("recommended", "recommended", "places in top-10 lists", colours.second, ""),
        )
    ]
    figure = new_figure(bars, dark=dark, barmode="group", showlegend=True)
    figure.update_xaxes(
        title_text="products by popularity, ten equal groups, most popular first",
        type="category",
        showgrid=False,
    )
    return figure.update_yaxes(title_text="share", tickformat=SHARE, rangemode="tozero")


def product_map(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """Products by the first two principal components of their embeddings, coloured by an attribute."""
    shown = bundle.products
    if shown is None or not len(shown.items):
        return empty_figure("No products were kept.", dark=dark)
    figure = new_figure(dark=dark, showlegend=bool(shown.attribute))
    for trace in _by_value(shown, dark) if shown.attribute else [_by_count(shown, dark)]:
        figure.add_trace(trace)
    if shown.attribute:
        figure.update_layout(legend_title_text=plain(shown.attribute))
    if len(shown.items) < shown.total:
        figure.add_annotation(
            text=f"{len(shown.items):,} of {shown.total:,} products, drawn by the seed", **CORNER
        )
    first, second = shown.explained
    figure.update_xaxes(title_text=f"first principal component ({first:.0%} of the variance)", zeroline=False)
    return figure.update_yaxes(
        title_text=f"second ({second:.0%})", scaleanchor="x", scaleratio=1, zeroline=False
    )


def _by_value(shown: ProductMap, dark: bool) -> list[go.Scatter | go.Scattergl]:
    """A trace for each value of the attribute, the most frequent first."""
    names, places, counts = np.unique(shown.values, return_inverse=True, return_counts=True)
    return [
        _points(
            shown, places == value, plain(str(names[value])),
            {"size": 7, "color": category(index, dark=dark), "symbol": symbol(index), "opacity": 0.85},
        )
        for index, value in enumerate(np.argsort(-counts, kind="stable"))
    ]  # fmt: skip


def _by_count(shown: ProductMap, dark: bool) -> go.Scatter | go.Scattergl:
    marker = {
        "size": 7,
        "color": np.log10(1 + shown.counts).tolist(),
        "colorscale": scale(theme(dark).sequential[1:]),
        "showscale": True,
        "colorbar": {"title": {"text": "log<sub>10</sub>(1 + train rows)"}},
    }
    return _points(shown, np.ones(len(shown.items), bool), "products", marker)


def _points(shown: ProductMap, where: np.ndarray, name: str, marker: dict) -> go.Scatter | go.Scattergl:
    x, y = shown.coordinates[where].T.astype(float).tolist()
    named = zip(shown.items[where].tolist(), shown.counts[where].tolist(), strict=True)
    return scatter(
        len(shown.items),
        x=x,
        y=y,
        mode="markers",
        name=name,
        marker=marker,
        customdata=[[plain(item), count] for item, count in named],
        hovertemplate=f"<b>%{{customdata[0]}}</b><br>{name}<br>%{{customdata[1]:,}} train rows<extra></extra>",
    )
