"""Where images stand in a picture of the latent space."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from workbench.plotting import theme

MOST_POINTS = 20_000
"""Points drawn at most; beyond it a fixed random part of the images is shown, and the figure says so."""

MOST_CELLS = 100
"""Components drawn apart at most; with more only the most used have a cell."""

EDGE = 0.95
"""Part of a cell's half side beyond which points are held back, so that none lies on a neighbour's ground."""


@dataclass(frozen=True)
class Cell:
    """The square in which one component's own latent space is drawn: its name, middle and half a side."""

    name: str
    x: float
    y: float
    half: float


@dataclass(frozen=True)
class Cloud:
    """Points in the plane.

    Attributes:
        positions: the images shown, int (n,), in random order. x, y: float32 (n,).
        x_title, y_title: what the axes are. y_scaled: whether both axes have the same unit.
        note: what is not shown, if anything. cells: one a component, if each has latents of its own.
    """

    positions: np.ndarray
    x: np.ndarray
    y: np.ndarray
    x_title: str
    y_title: str
    y_scaled: bool = True
    note: str = ""
    cells: tuple[Cell, ...] = ()


def cloud(bundle: DiagnosticsBundle) -> Cloud:
    """Posterior means in two dimensions.

    As they are with D = 2, spread at random over the second axis with D = 1, else their first two principal components.
    With decentralized latents every component has a space of its own: an image then stands where its selected component puts
    it, in that component's cell.
    """
    if bundle.facts.latent_layout == "decentralized" and bundle.components:
        return _apart(bundle)
    rng = np.random.default_rng(0)
    n = len(bundle.rows)
    positions = rng.permutation(n)[:MOST_POINTS]
    x, y, titles = plane(bundle.mu, rng)
    note = _note(len(positions), n)
    return Cloud(positions, x[positions], y[positions], *titles, y_scaled=bundle.mu.shape[1] > 1, note=note)


def _apart(bundle: DiagnosticsBundle) -> Cloud:
    """Each image in the cell of its selected component."""
    rng = np.random.default_rng(0)
    order = rng.permutation(len(bundle.detail))
    selected = bundle.selected[bundle.detail][order]
    found = in_cells(selected, bundle.component_mu[order, selected], bundle.components, rng)
    shown = np.flatnonzero(np.isfinite(found.x))[:MOST_POINTS]
    note = _note(len(shown), len(bundle.rows))
    return Cloud(bundle.detail[order[shown]], found.x[shown], found.y[shown], *found.titles, note=note, cells=found.cells)


@dataclass(frozen=True)
class InCells:
    """Images in the cells of components: `x`, `y` float32 (n,), NaN for images of components without a cell; the axes' titles."""

    x: np.ndarray
    y: np.ndarray
    titles: tuple[str, str]
    cells: tuple[Cell, ...]


def in_cells(selected: np.ndarray, means: np.ndarray, components: int, rng: np.random.Generator) -> InCells:
    """Each image in the cell of its component, cells in a grid from the upper left; the most used components have one.

    Args:
        selected: component of each image, int (n,). means: posterior mean in that component's own space, (n, D).
    """
    shown = np.sort(np.argsort(-np.bincount(selected, minlength=components), kind="stable")[:MOST_CELLS])
    inside = np.flatnonzero(np.isin(selected, shown))
    x, y, titles = plane(means[inside], rng)
    if means.shape[1] == 1:
        y = (y - 0.5) * 2
    half = float(max(1.0, np.quantile(np.abs(np.concatenate([x, y])), 0.995))) * 1.1 if len(inside) else 1.0
    columns = max(1, round(math.sqrt(len(shown) * 1.4)))
    step = 2.1 * half
    cells = tuple(Cell(str(k), (i % columns) * step, -(i // columns) * step, half) for i, k in enumerate(shown))
    place = np.searchsorted(shown, selected[inside])
    middles = np.array([(cell.x, cell.y) for cell in cells], np.float32).reshape(-1, 2)[place]
    edge = EDGE * half
    everywhere = np.full((2, len(selected)), np.nan, np.float32)
    everywhere[0, inside] = np.clip(x, -edge, edge) + middles[:, 0]
    everywhere[1, inside] = np.clip(y, -edge, edge) + middles[:, 1]
    return InCells(everywhere[0], everywhere[1], (f"{titles[0]}, components apart", titles[1]), cells)


def plane(mu: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, tuple[str, str]]:
    """Two coordinates of each mean, float32 (n,), and what they are called."""
    if mu.shape[1] == 2:
        return mu[:, 0], mu[:, 1], ("z₁", "z₂")
    if mu.shape[1] == 1:
        return mu[:, 0], rng.random(len(mu)).astype(np.float32), ("z", "spread at random")
    centred = mu.astype(np.float64) - mu.mean(axis=0)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    order = np.argsort(-variances)[:2]
    flat = (centred @ _fixed_signs(axes[:, order])).astype(np.float32)
    share = variances[order] / max(variances.sum(), 1e-12)
    first, second = (f"principal component {i + 1} ({part:.0%} of the variance)" for i, part in enumerate(share))
    return flat[:, 0], flat[:, 1], (first, second)


def draw_cells(figure: go.Figure, cells: Sequence[Cell], dark: bool) -> None:
    """Each component's own latent space as a framed square with its number."""
    figure.update_xaxes(showticklabels=False, showgrid=False).update_yaxes(showticklabels=False, showgrid=False)
    line = {"color": theme(dark).line, "width": 1}
    sides = [(c.x - c.half, c.y - c.half, c.x + c.half, c.y + c.half) for c in cells]
    shapes = [{"type": "rect", "x0": a, "y0": b, "x1": c, "y1": d, "line": line, "layer": "below"} for a, b, c, d in sides]
    words = [
        {"text": c.name, "x": c.x - c.half, "y": c.y + c.half, "xanchor": "left", "yanchor": "top", "xshift": 2, "showarrow": False}
        for c in cells
    ]
    figure.update_layout(shapes=shapes, annotations=words)


def _fixed_signs(axes: np.ndarray) -> np.ndarray:
    """Axes whose largest entry is positive, so that a plot never flips between runs."""
    largest = np.abs(axes).argmax(axis=0)
    return axes * np.where(axes[largest, np.arange(axes.shape[1])] < 0, -1, 1)


def _note(shown: int, n: int) -> str:
    return f"{shown:,} of {n:,} images" if shown < n else ""
