"""Many small images in one figure: tiles set into one PNG, with labels at the sides and a hover text for each tile."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from PIL import Image

from workbench.plotting import new_figure, plain, theme

LEAST_TILE = 32
"""Pixels of a tile's longer side at least; smaller images are enlarged by whole factors."""
GAP_SHARE = 0.08
BLOCK_GAP_SHARE = 0.35


@dataclass(frozen=True)
class Tiles:
    """Images in rows and columns.

    Attributes:
        images: uint8 (R, C, H, W, L), L 1 or 3.
        rows, columns: labels of R rows and C columns; empty text for none.
        hover: text of each tile, R x C, or empty. captions: short text below each tile, R x C, or empty.
        framed: (row, column) of tiles that stand out. blank: those that are left empty.
        row_gaps, column_gaps: indices before which a wider gap stands, to part blocks.
    """

    images: np.ndarray
    rows: Sequence[str] = ()
    columns: Sequence[str] = ()
    hover: Sequence[Sequence[str]] = ()
    captions: Sequence[Sequence[str]] = ()
    framed: Sequence[tuple[int, int]] = ()
    blank: Sequence[tuple[int, int]] = ()
    row_gaps: Sequence[int] = ()
    column_gaps: Sequence[int] = ()
    column_title: str = ""
    row_title: str = ""


def draw_tiles(tiles: Tiles, *, dark: bool = False) -> go.Figure:
    """The tiles as one figure; labels stand below and to the left, whatever the size."""
    enlarged = _enlarge(tiles.images)
    height, width = enlarged.shape[2:4]
    below = range(enlarged.shape[0]) if tiles.captions else tiles.row_gaps
    tops = _starts(enlarged.shape[0], height, below)
    lefts = _starts(enlarged.shape[1], width, tiles.column_gaps)
    room = int(height * BLOCK_GAP_SHARE) if tiles.captions else 0
    canvas = np.zeros((int(tops[-1]) + height + room, int(lefts[-1]) + width, 4), np.uint8)
    for i, top in enumerate(tops):
        for j, left in enumerate(lefts):
            canvas[top : top + height, left : left + width, :3] = enlarged[i, j]
            canvas[top : top + height, left : left + width, 3] = 0 if (i, j) in tiles.blank else 255
    figure = new_figure(
        [go.Image(source=png_uri(canvas), hoverinfo="skip", x0=0, y0=0)],
        dark=dark,
        showlegend=False,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
    )
    middles_x, middles_y = lefts + width / 2, tops + height / 2
    if tiles.hover:
        shown = [(i, j) for i in range(len(tops)) for j in range(len(lefts)) if (i, j) not in tiles.blank]
        figure.add_trace(
            go.Scatter(
                x=[float(middles_x[j]) for _, j in shown],
                y=[float(middles_y[i]) for i, _ in shown],
                mode="markers",
                marker={"opacity": 0, "size": 18},
                text=[tiles.hover[i][j] for i, j in shown],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    if tiles.captions:
        _caption(figure, tiles.captions, middles_x, tops + height)
    line = {"color": theme(dark).categories[1], "width": 2}
    places = [(int(lefts[column]), int(tops[row])) for row, column in tiles.framed]
    figure.update_layout(
        shapes=[{"type": "rect", "x0": x - 1, "y0": y - 1, "x1": x + width, "y1": y + height, "line": line} for x, y in places]
    )
    _label(figure, "x", tiles.columns, middles_x, tiles.column_title)
    _label(figure, "y", tiles.rows, middles_y, tiles.row_title)
    return figure


def _caption(figure: go.Figure, captions: Sequence[Sequence[str]], middles: np.ndarray, bottoms: np.ndarray) -> None:
    """Text below the tiles, one trace for all."""
    words = [
        (float(x), float(y), text) for y, line in zip(bottoms, captions, strict=True) for x, text in zip(middles, line, strict=True) if text
    ]
    figure.add_trace(
        go.Scatter(
            x=[x for x, _, _ in words], y=[y for _, y, _ in words], text=[text for _, _, text in words], mode="text",
            textposition="bottom center", textfont={"size": 10}, hoverinfo="skip",
        )
    )  # fmt: skip


def png_uri(pixels: np.ndarray) -> str:
    """uint8 (H, W, 4) as a PNG in a data address."""
    buffer = io.BytesIO()
    Image.fromarray(pixels, mode=None).save(buffer, format="png", optimize=False)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def _enlarge(images: np.ndarray) -> np.ndarray:
    """Each image repeated by a whole factor and widened to three colours."""
    factor = max(1, -(-LEAST_TILE // max(images.shape[2:4])))
    large = images.repeat(factor, axis=2).repeat(factor, axis=3)
    return large if large.shape[4] == 3 else large.repeat(3, axis=4)


def _starts(count: int, size: int, wider_before: Sequence[int]) -> np.ndarray:
    """Where each tile starts, int (count,)."""
    gap, wide = max(1, round(size * GAP_SHARE)), max(2, round(size * BLOCK_GAP_SHARE))
    steps = [0] + [size + (wide if i in wider_before else gap) for i in range(1, count)]
    return np.cumsum(steps)


def _label(figure: go.Figure, axis: str, labels: Sequence[str], middles: np.ndarray, title: str) -> None:
    shown = [(middle, plain(label)) for middle, label in zip(middles, labels, strict=False) if label]
    options = {
        "showgrid": False,
        "zeroline": False,
        "tickmode": "array",
        "tickvals": [float(middle) for middle, _ in shown],
        "ticktext": [label for _, label in shown],
        "showticklabels": bool(shown),
        "title": {"text": title},
    }
    figure.update_layout({f"{axis}axis": options})
