"""Where a prior's components stand: a VampPrior's pseudo-images, a geometric prior's centres."""

from __future__ import annotations

import math

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.channels import class_mass, majority_classes
from rcmvae.figures.cloud import MOST_POINTS
from rcmvae.figures.montage import Tiles, draw_tiles
from rcmvae.figures.words import class_name, judged
from workbench.plotting import HOVER, category, empty_figure, faded, new_figure, scatter, symbol, theme

PSEUDO_SHOWN = 120
"""Pseudo-images drawn at most: those with the largest weights."""
MOST_RINGS = 60


def pseudo_inputs(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """A VampPrior's pseudo-images from the largest weight to the least, with weight and majority class."""
    if not len(bundle.pseudo_images):
        return empty_figure("Only a VampPrior has pseudo-inputs.", dark=dark)
    order = np.argsort(-bundle.pi, kind="stable")[:PSEUDO_SHOWN]
    where, _ = judged(bundle) or (np.zeros(len(bundle.rows), bool), "")
    mass = class_mass(bundle.responsibilities[where], bundle.known_labels[where], max(1, bundle.classes))
    owners = majority_classes(mass)
    usage = bundle.responsibilities.mean(axis=0)
    weights = bundle.pi.tolist()
    columns = max(1, min(len(order), round(math.sqrt(len(order) * 2.2))))
    rows = -(-len(order) // columns)
    tiles = np.zeros((rows * columns, *bundle.pseudo_images.shape[1:]), np.uint8)
    tiles[: len(order)] = bundle.pseudo_images[order]
    hover, under = [""] * len(tiles), [""] * len(tiles)
    for i, k in enumerate(order):
        owner = class_name(bundle, int(owners[k])) if bundle.classes and owners[k] >= 0 else ""
        words = f", mostly class {owner}" if owner else ""
        hover[i] = f"<b>component {k}</b>{words}<br>prior weight {bundle.pi[k]:.2%}<br>usage {usage[k]:.2%}"
        short = owner if len(owner) <= 8 else owner[:7] + "…"
        under[i] = f"{short} · {_percent(weights[k])}" if short else _percent(weights[k])
    grid = [slice(row * columns, (row + 1) * columns) for row in range(rows)]
    return draw_tiles(
        Tiles(
            tiles.reshape(rows, columns, *tiles.shape[1:]),
            hover=[hover[part] for part in grid],
            captions=[under[part] for part in grid],
            blank=[divmod(i, columns) for i in range(len(order), len(tiles))],
            column_title=f"majority class · prior weight{_left_out(len(order), len(bundle.pi))}",
        ),
        dark=dark,
    )


def geometric_centres(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """A geometric prior's centres, each with the ring of its standard deviation, over the latents of the images that choose them.

    Both show the first two dimensions. With decentralized latents an image stands where its selected component puts it.
    """
    if not len(bundle.centres):
        return empty_figure("Only a geometric prior has fixed centres.", dark=dark)
    apart = bundle.component_mu.shape[1] > 1
    known = bundle.detail if apart else np.arange(len(bundle.rows))
    known_at = np.random.default_rng(0).permutation(len(known))[:MOST_POINTS]
    images = known[known_at]
    selected = bundle.selected[images]
    mu = bundle.component_mu[known_at, selected] if apart else bundle.mu[images]
    size = 6 if len(images) <= 800 else 4.5 if len(images) <= 2_500 else 3
    traces = []
    for k in np.unique(selected):
        inside = np.flatnonzero(selected == k)
        names = [class_name(bundle, int(label)) for label in bundle.known_labels[images[inside]]]
        traces.append(
            scatter(
                len(images), x=mu[inside, 0], y=mu[inside, 1], mode="markers", name=str(k), text=names, customdata=bundle.rows[images[inside]],
                marker={"size": size, "color": category(int(k), dark=dark), "symbol": symbol(int(k)), "opacity": 0.55},
                hovertemplate=f"<b>component {k}</b><br>row %{{customdata}}<br>true class %{{text}}<extra></extra>",
            )
        )  # fmt: skip
    look = theme(dark)
    places = bundle.centres[:, :2].astype(float)
    numbers = [str(k) for k in range(len(places))]
    few = len(places) <= MOST_RINGS
    traces.append(
        go.Scatter(
            x=places[:, 0].tolist(), y=places[:, 1].tolist(), mode="markers+text" if few else "markers", name="centres", text=numbers,
            textposition="middle center", textfont={"size": 10, "color": look.ink}, showlegend=False,
            marker={"size": 18 if few else 7, "color": look.ground, "line": {"width": 2, "color": look.ink}},
            customdata=bundle.responsibilities.mean(axis=0).tolist(),
            hovertemplate=f"<b>centre of component %{{text}}</b><br>(%{{x:{HOVER}}}, %{{y:{HOVER}}})<br>usage %{{customdata:.1%}}<extra></extra>",
        )
    )  # fmt: skip
    figure = new_figure(traces, dark=dark, dragmode="pan", legend_title_text="component", showlegend=len(traces) <= 41)
    if few:
        line = {"color": faded(look.muted, 0.6), "width": 1, "dash": "dot"}
        figure.update_layout(
            shapes=[
                {"type": "circle", "x0": x - 1, "x1": x + 1, "y0": y - 1, "y1": y + 1, "line": line, "layer": "below"} for x, y in places
            ]
        )
    figure.update_xaxes(title_text="z₁", zeroline=False)
    return figure.update_yaxes(title_text="z₂", zeroline=False, scaleanchor="x", scaleratio=1)


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.0995 else f"{share:.0%}"


def _left_out(shown: int, components: int) -> str:
    return f" ({shown} of {components}, by weight)" if shown < components else ""
