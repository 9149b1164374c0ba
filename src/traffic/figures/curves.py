"""Curves over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from traffic.bundle import TrafficBundle
from traffic.figures.looks import clean, nothing
from workbench.plotting import HOVER, new_figure, theme

TITLE = "Loss"
SPLITS: Mapping[str, str] = {"training": "train/loss", "validation": "validation/loss"}
"""What is drawn, and how it is called in the history."""


def loss_curves(epochs: Sequence[int], lines: Mapping[str, np.ndarray], *, best: int | None = None, dark: bool = False) -> go.Figure:
    """Training and validation loss (E,) over the epochs, the best epoch marked."""
    if not any(np.isfinite(values).any() for values in lines.values()):
        return nothing(TITLE, "No epoch is done yet.", dark=dark)
    colours = theme(dark)
    looks = {"training": (colours.first, "solid"), "validation": (colours.second, "solid")}
    figure = new_figure(dark=dark, hovermode="x unified", showlegend=True)
    for name, values in lines.items():
        colour, dash = looks.get(name, (colours.muted, "dot"))
        mode = "lines" if len(epochs) > 1 else "markers"
        line = {"color": colour, "dash": dash, "width": 2}
        figure.add_trace(
            go.Scatter(
                x=list(epochs),
                y=clean(values),
                mode=mode,
                name=name.capitalize(),
                line=line,
                hovertemplate=f"{name} %{{y:{HOVER}}}<extra></extra>",
            )
        )
    if best is not None and best in epochs:
        figure.add_vline(x=best, line={"color": colours.muted, "width": 1.5, "dash": "dot"}, annotation_text=f"best epoch {best}")
    figure.update_xaxes(title_text="epoch")
    return figure.update_yaxes(title_text="loss (errors in training standard deviations)")


def draw_loss(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The loss of a run."""
    found = {split: bundle.history(name) for split, name in SPLITS.items()}
    lines = {split: values for split, values in found.items() if values is not None}
    return loss_curves(bundle.metric_epochs.tolist(), lines, best=bundle.facts.best_epoch, dark=dark)
