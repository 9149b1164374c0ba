"""Curves over the epochs: losses, validation metrics, and what each task's gradient weighs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from recsys.figures.looks import NO_EPOCH, panels
from recsys.metrics import METRICS
from recsys.training.bundle import Bundle
from workbench.plotting import HOVER, SHARE, empty_figure, faded, new_figure, theme

Values = Sequence[float | None]

LOSSES = {"loss": "Loss", "retrieval_loss": "Retrieval (nats a row)", "ranking_loss": "Rating"}
ERRORS = ("rmse", "mae")
_LABELS = {metric.key: metric.label for metric in METRICS}
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


def loss(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """Train and, where measured, validation loss; each task's own beside it."""
    epochs, table = _history(bundle)
    shown = {
        name: {
            part: table[f"{part}/{name}"] for part in ("train", "validation") if _any(table, f"{part}/{name}")
        }
        for name in LOSSES
    }
    shown = {name: lines for name, lines in shown.items() if lines}
    if not shown:
        return empty_figure(NO_EPOCH, dark=dark)
    figure = panels([LOSSES[name] for name in shown], dark=dark, hovermode="x unified", showlegend=True)
    colours, named = theme(dark), set()
    for column, lines in enumerate(shown.values(), start=1):
        for part, values in lines.items():
            line = {
                "color": colours.first if part == "train" else colours.second,
                "dash": "4px,2px" if part == "train" else "solid",
            }
            figure.add_trace(
                _line(epochs, values, part, line, legendgroup=part, showlegend=part not in named),
                row=1,
                col=column,
            )
            named.add(part)
    figure.update_yaxes(title_text="loss, mean over rows", row=1, col=1)
    return _epochs_below(figure, epochs)


def ranking_metrics(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """Recall, nDCG and MRR on validation rows; errors of ratings on axes of their own."""
    epochs, table = _history(bundle)
    found = [
        name.removeprefix("validation/")
        for name in table
        if name.startswith("validation/") and _any(table, name)
    ]
    shares = [name for name in found if name not in ERRORS and name not in LOSSES]
    errors = [name for name in ERRORS if name in found]
    groups = {title: names for title, names in (("Ranking", shares), ("Rating", errors)) if names}
    if not groups:
        return empty_figure("No validation rows: the metrics are only known at the end.", dark=dark)
    figure = panels(list(groups), dark=dark, hovermode="x unified", showlegend=True)
    for column, (title, names) in enumerate(groups.items(), start=1):
        for place, name in enumerate(names, start=len(shares) if title == "Rating" else 0):
            line = {"color": theme(dark).categories[place], "dash": _DASHES[place % len(_DASHES)]}
            form = ".1%" if title == "Ranking" else HOVER
            trace = _line(epochs, table[f"validation/{name}"], _LABELS.get(name, name), line, form=form)
            figure.add_trace(trace, row=1, col=column)
        if title == "Ranking":
            figure.update_yaxes(tickformat=SHARE, rangemode="tozero", row=1, col=column)
        else:
            figure.update_yaxes(title_text="in the rating's units", row=1, col=column)
    return _epochs_below(figure, epochs)


def gradient_share(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """What share of the gradient at the towers' outputs comes from each task."""
    epochs, table = _history(bundle)
    if not epochs:
        return empty_figure(NO_EPOCH, dark=dark)
    if not _any(table, "train/retrieval_share"):
        return empty_figure(
            "Shares are only measured where tasks are balanced by their gradients.", dark=dark
        )
    retrieval = table["train/retrieval_share"]
    rating = [None if share is None else 1 - share for share in retrieval]
    colours = theme(dark)
    figure = new_figure(dark=dark, hovermode="x unified", showlegend=True, legend_traceorder="normal")
    for name, values, colour in (
        ("retrieval", retrieval, colours.second),
        ("rating", rating, colours.categories[1]),
    ):
        figure.add_trace(
            _line(
                epochs,
                values,
                name,
                {"color": colour},
                form=".1%",
                stackgroup="tasks",
                fillcolor=faded(colour, 0.3),
            )
        )
    figure.update_yaxes(title_text="share of the gradient", tickformat=SHARE, range=[0, 1])
    return _epochs_below(figure, epochs)


def _history(bundle: Bundle) -> tuple[list[int], Mapping[str, Values]]:
    history = bundle.told["history"]
    return history["epochs"], history["metrics"]


def _any(table: Mapping[str, Values], name: str) -> bool:
    return any(value is not None for value in table.get(name, ()))


def _line(
    epochs: Sequence[int],
    values: Values,
    name: str,
    line: Mapping[str, Any],
    *,
    form: str = HOVER,
    **options: Any,
) -> go.Scatter:
    return go.Scatter(
        x=list(epochs), y=list(values), name=name, line={"width": 2, **line}, marker={"size": 5},
        mode="lines+markers" if len(epochs) <= 3 else "lines", hovertemplate=f"{name} %{{y:{form}}}<extra></extra>", **options,
    )  # fmt: skip


def _epochs_below(figure: go.Figure, epochs: Sequence[int]) -> go.Figure:
    figure.update_xaxes(title_text="epoch")
    if len(epochs) <= 6:
        figure.update_xaxes(dtick=1)
    return figure
