"""Curves over the epochs: loss, its terms, accuracy, and the optimiser."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.diagnostics.metrics.training import NOT_LOSSES
from rcmvae.figures.words import metric_title
from workbench.plotting import HOVER, SHARE, empty_figure, new_figure, template, theme

Values = Sequence[float | None]
Table = Mapping[str, Values]
"""Metric name -> one value an epoch."""

SPLITS = ("train", "validation")
NOTHING_YET = "No epoch is done yet."


def loss_curves(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Training and validation loss."""
    return draw_loss(_epochs(bundle), _table(bundle), kept=_kept(bundle), dark=dark)


def loss_terms(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Each term of the loss on axes of its own."""
    return draw_terms(_epochs(bundle), _table(bundle), kept=_kept(bundle), dark=dark)


def accuracy_curve(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Accuracy on the labelled validation images."""
    return draw_accuracy(_epochs(bundle), _table(bundle), kept=_kept(bundle), dark=dark)


def optimiser_curves(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Learning rate and gradient norm."""
    return draw_optimiser(_epochs(bundle), _table(bundle), dark=dark)


def draw_loss(epochs: Sequence[int], table: Table, *, kept: int | None = None, dark: bool = False) -> go.Figure:
    """Loss curves of a metrics table. `kept`: the epoch whose weights were kept."""
    lines = {split: table[f"{split}/loss"] for split in SPLITS if _any(table.get(f"{split}/loss"))}
    if not lines:
        return empty_figure(NOTHING_YET, dark=dark)
    figure = new_figure(dark=dark, hovermode="x unified")
    for split, values in lines.items():
        _add_line(figure, epochs, values, split, dark, unit=" nats")
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text="loss (nats an image)")
    return _mark_kept(figure, kept, epochs, dark)


def draw_terms(epochs: Sequence[int], table: Table, *, kept: int | None = None, dark: bool = False) -> go.Figure:
    """One small plot for each loss term of a metrics table."""
    names = term_names(table)
    if not names:
        return empty_figure(NOTHING_YET, dark=dark)
    columns = 1 if len(names) == 1 else 2 if len(names) <= 4 else 3
    rows = -(-len(names) // columns)
    titles = [metric_title(name) for name in names]
    figure = make_subplots(rows, columns, subplot_titles=titles, vertical_spacing=0.42 / max(rows, 2), horizontal_spacing=0.2 / columns)
    figure.update_layout(template=template(dark), hovermode="x", margin={"t": 48})
    figure.update_annotations(font={"size": 12, "color": theme(dark).ink})
    named: set[str] = set()
    for i, name in enumerate(names):
        place = {"row": i // columns + 1, "col": i % columns + 1}
        for split in SPLITS:
            values = table.get(f"{split}/{name}")
            if values is not None and _any(values):
                _add_line(figure, epochs, values, split, dark, unit=" nats", legend=split not in named, place=place)
                named.add(split)
    figure.update_yaxes(nticks=4)
    figure.update_xaxes(nticks=5)
    figure.update_xaxes(title_text="epoch", row=rows)
    figure.update_layout(legend={"yref": "container", "y": 0.995, "yanchor": "top"})
    return _mark_kept(figure, kept, epochs, dark, words=None)


def draw_accuracy(epochs: Sequence[int], table: Table, *, kept: int | None = None, dark: bool = False) -> go.Figure:
    """Accuracy curves of a metrics table."""
    lines = {split: table[f"{split}/accuracy"] for split in (*SPLITS, "test") if _any(table.get(f"{split}/accuracy"))}
    if not lines:
        return empty_figure("No labelled validation images: accuracy is only known at the end.", dark=dark)
    figure = new_figure(dark=dark, hovermode="x unified")
    for split, values in lines.items():
        _add_line(figure, epochs, values, split, dark, form=".1%")
    figure.update_xaxes(title_text="epoch")
    figure.update_yaxes(title_text="accuracy", tickformat=SHARE, minallowed=0, maxallowed=1.01)
    return _mark_kept(figure, kept, epochs, dark, words="bottom")


def draw_optimiser(epochs: Sequence[int], table: Table, *, dark: bool = False) -> go.Figure:
    """Learning rate and gradient norm of a metrics table, one above the other."""
    parts = {"train/learning_rate": "learning rate", "train/grad_norm": "gradient norm"}
    shown = {title: table[name] for name, title in parts.items() if _any(table.get(name))}
    if not shown:
        return empty_figure(NOTHING_YET, dark=dark)
    figure = make_subplots(len(shown), 1, shared_xaxes=True, vertical_spacing=0.08)
    figure.update_layout(template=template(dark), hovermode="x", showlegend=False)
    for i, (title, values) in enumerate(shown.items(), start=1):
        line = {"color": theme(dark).second}
        hover = f"epoch %{{x}}<br>{title} %{{y:{HOVER}}}<extra></extra>"
        trace = go.Scatter(x=list(epochs), y=_clean(values), mode=_mode(epochs), line=line, name=title, hovertemplate=hover)
        figure.add_trace(trace, row=i, col=1)
        figure.update_yaxes(title_text=title, nticks=5, rangemode="tozero", row=i, col=1)
    figure.update_xaxes(title_text="epoch", row=len(shown), col=1)
    _whole_epochs(figure, epochs)
    return figure


def term_names(table: Table) -> list[str]:
    """The loss terms that a metrics table holds, in its order."""
    names = dict.fromkeys(name.split("/", 1)[1] for name, values in table.items() if name.split("/")[0] in SPLITS and _any(values))
    return [name for name in names if name not in NOT_LOSSES]


def _add_line(
    figure: go.Figure,
    epochs: Sequence[int],
    values: Values,
    split: str,
    dark: bool,
    *,
    unit: str = "",
    form: str = ".4~g",
    legend: bool = True,
    place: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    colours = theme(dark)
    colour = {"train": colours.first, "validation": colours.second}.get(split, colours.categories[1])
    line = {"color": colour, "dash": "4px,2px" if split == "train" else "solid", "width": 2}
    common = {"x": list(epochs), "mode": _mode(epochs), "legendgroup": split, "name": split, "connectgaps": True}
    hover = f"{split} %{{y:{form}}}{unit}<extra></extra>"
    figure.add_trace(
        go.Scatter(y=_clean(values), line=line, marker={"size": 5, "color": colour}, showlegend=legend, hovertemplate=hover, **common),
        **place,
    )


def _mark_kept(figure: go.Figure, kept: int | None, epochs: Sequence[int], dark: bool, *, words: str | None = "top") -> go.Figure:
    """A dotted line at the epoch whose weights were kept; `words`: the end at which it is named, where curves leave room."""
    _whole_epochs(figure, epochs)
    if kept is None:
        return figure
    figure.add_vline(x=kept, line={"color": theme(dark).muted, "width": 1, "dash": "dot"})
    if words:
        right = len(epochs) > 1 and kept > (epochs[0] + epochs[-1]) / 2
        place = {"xanchor": "right", "xshift": -4} if right else {"xanchor": "left", "xshift": 4}
        figure.add_annotation(x=kept, y=float(words == "top"), yref="paper", yanchor=words, text=f"kept: epoch {kept}", **place)
    return figure


def _whole_epochs(figure: go.Figure, epochs: Sequence[int]) -> None:
    """Ticks at whole epochs when there are only a few of them."""
    if len(epochs) <= 6:
        figure.update_xaxes(dtick=1)


def _mode(epochs: Sequence[int]) -> str:
    return "lines+markers" if len(epochs) <= 3 else "lines"


def _clean(values: Values) -> list[float | None]:
    """Plain floats, None where there is nothing to draw."""
    return [None if value is None or not math.isfinite(value) else float(value) for value in values]


def _any(values: Values | None) -> bool:
    return values is not None and any(value is not None and math.isfinite(value) for value in values)


def _epochs(bundle: DiagnosticsBundle) -> list[int]:
    return [int(epoch) for epoch in bundle.metric_epochs]


def _table(bundle: DiagnosticsBundle) -> dict[str, list[float]]:
    """The metric history as plain lists, in the order in which people read the terms."""
    order = {name: i for i, name in enumerate(("loss", "elbo", "reconstruction_loss", "kl_z", "kl_c", "classification_loss"))}
    names = sorted((str(n) for n in bundle.metric_names), key=lambda n: (order.get(n.split("/")[-1], len(order)), n))
    return {name: np.asarray(bundle.history(name)).tolist() for name in names}


def _kept(bundle: DiagnosticsBundle) -> int | None:
    """The kept epoch's number on the epoch axis."""
    best = bundle.facts.best_epoch
    return int(bundle.metric_epochs[best - 1]) if best and best <= len(bundle.metric_epochs) else None
