"""Training curves: which panels a run has, their figures, and the patch that makes a drawn one current.

Growing traces hold plain lists: a patch appends to them. A figure that is drawn in full is thinned to what a screen
can show; points that arrive later are appended as they come.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from dash import Patch
from plotly.subplots import make_subplots

from dashboard.live.feed import Feed, Series
from dashboard.live.words import metric_name

MAX_POINTS = 1_200
"""Points a trace is thinned to when it is drawn in full."""

TRAIN, VALIDATION = "train", "validation"
SHARES = ("max_responsibility", "max_gumbel_weight", "consistency_share", "sigma_at_bound")
"""Metrics between 0 and 1 that say how a step went rather than what it cost."""
_NOT_TERMS = {"loss", "accuracy", "learning_rate", "grad_norm", "examples_per_second", "elbo", *SHARES}


@dataclass(frozen=True)
class View:
    """How a person looks at curves: `smoothing` in [0, 1), a logarithmic loss axis, hidden terms, runs laid over."""

    smoothing: float = 0.0
    log: bool = False
    hidden: tuple[str, ...] = ()
    overlay: tuple[str, ...] = ()
    dark: bool = False

    @property
    def key(self) -> str:
        """What a drawn figure was drawn with; a patch fits only a figure of the same key."""
        return f"{self.smoothing}|{self.log}|{','.join(self.hidden)}|{','.join(self.overlay)}|{self.dark}"


@dataclass(frozen=True)
class Overlay:
    """Another run's curves under the current ones: `name` is what the legend says."""

    run_id: str
    name: str
    feed: Feed


@dataclass(frozen=True)
class Line:
    """One trace: the metric it shows and how it looks."""

    key: str
    name: str
    colour: str
    dash: str = "solid"
    width: float = 2


@dataclass(frozen=True)
class Panel:
    """One set of axes with its lines. `log` says whether the view's logarithmic switch applies to it."""

    title: str
    lines: tuple[Line, ...]
    log: bool = False
    share: bool = False


@dataclass(frozen=True)
class Palette:
    """The two colours every curve uses, and those of runs laid over."""

    train: str
    validation: str
    others: tuple[str, ...]


def leaves(feed: Feed) -> tuple[str, ...]:
    """The names of loss terms that the run has logged, in the order in which they came."""
    found: dict[str, None] = {}
    for key in feed.series:
        head, _, leaf = key.partition("/")
        if head in (TRAIN, VALIDATION) and leaf and leaf not in _NOT_TERMS:
            found.setdefault(leaf)
    return tuple(found)


def pair(feed: Feed, leaf: str, palette: Palette) -> tuple[Line, ...]:
    """Training and validation lines of one metric, as far as they exist."""
    lines = []
    if f"train/{leaf}" in feed.series:
        lines.append(Line(f"train/{leaf}", "Training", palette.train, "3px,2px", 1.5))
    if f"validation/{leaf}" in feed.series:
        lines.append(Line(f"validation/{leaf}", "Validation", palette.validation))
    return tuple(lines)


def loss_panels(feed: Feed, palette: Palette) -> tuple[Panel, ...]:
    """The loss."""
    return (Panel("Loss", pair(feed, "loss", palette), log=True),)


def accuracy_panels(feed: Feed, palette: Palette) -> tuple[Panel, ...]:
    """Accuracy on the splits that have labels."""
    return (Panel("Accuracy", pair(feed, "accuracy", palette), share=True),)


def term_panels(feed: Feed, palette: Palette, hidden: Sequence[str] = ()) -> tuple[Panel, ...]:
    """One small panel for each loss term that is not hidden, ELBO last."""
    names = [name for name in leaves(feed) if name not in hidden]
    if ("train/elbo" in feed.series or "validation/elbo" in feed.series) and "elbo" not in hidden:
        names.append("elbo")
    return tuple(Panel(metric_name(name), pair(feed, name, palette), log=name != "elbo") for name in names)


def optimiser_panels(feed: Feed, palette: Palette) -> tuple[Panel, ...]:
    """Learning rate, gradient norm, and what the trainer's diagnostics say in single numbers."""
    steps = tuple(
        Panel(metric_name(leaf), (Line(f"train/{leaf}", metric_name(leaf), palette.train),))
        for leaf in ("learning_rate", "grad_norm")
        if f"train/{leaf}" in feed.series
    )
    numbers = [
        key for key in feed.series if key.partition("/")[0] not in (TRAIN, VALIDATION, "test", key) and feed.series[key].last is not None
    ]
    shares = tuple(Panel(metric_name(leaf), lines) for leaf in SHARES if (lines := pair(feed, leaf, palette)))
    return (*steps, *shares, *(Panel(metric_name(key), (Line(key, metric_name(key), palette.validation),)) for key in numbers))


def smooth(values: Sequence[float | None], amount: float) -> list[float | None]:
    """Exponential moving average with the start corrected for (as in Adam, Kingma and Ba 2015, section 3); gaps stay gaps."""
    if amount <= 0:
        return [_finite(value) for value in values]
    mean, weight, out = 0.0, 0.0, []
    for value in values:
        if value is None or not math.isfinite(value):
            out.append(None)
            continue
        mean = amount * mean + (1 - amount) * value
        weight = amount * weight + (1 - amount)
        out.append(mean / weight)
    return out


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _points(series: Series, amount: float) -> tuple[list[int], list[float | None]]:
    xs, ys = list(series.x), smooth(series.y, amount)
    step = math.ceil(len(xs) / MAX_POINTS) if xs else 1
    if step > 1:
        keep = sorted({*range(0, len(xs), step), len(xs) - 1})
        xs, ys = [xs[i] for i in keep], [ys[i] for i in keep]
    return xs, ys


def draw(
    panels: Sequence[Panel], feed: Feed, view: View, palette: Palette, *, template: Any, columns: int = 1,
    overlays: Sequence[Overlay] = (), height: int = 260, row_height: int = 130,
) -> go.Figure:  # fmt: skip
    """The panels as one figure, `columns` abreast; own lines come first, so that `patch` finds them by position."""
    columns = max(1, min(columns, len(panels)))
    rows = max(1, math.ceil(len(panels) / columns))
    titles = [panel.title for panel in panels] if len(panels) > 1 else None
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=titles, vertical_spacing=min(0.32, 54 / max(height, rows * row_height)) if rows > 1 else 0,
        horizontal_spacing=0.09 if columns > 1 else 0,
    )  # fmt: skip
    for index, panel in enumerate(panels):
        row, column = index // columns + 1, index % columns + 1
        for line in panel.lines:
            xs, ys = _points(feed.series.get(line.key, Series()), view.smoothing)
            figure.add_trace(_trace(line, xs, ys, panel, show=index == 0), row=row, col=column)
    for position, overlay in enumerate(overlays):
        colour = palette.others[position % len(palette.others)]
        for index, panel in enumerate(panels):
            key = _overlay_key(panel, overlay.feed)
            if key is None:
                continue
            xs, ys = _points(overlay.feed.series[key], view.smoothing)
            line = Line(key, overlay.name, colour, "3px,2px" if key.startswith(TRAIN) else "solid", 1.3)
            trace = _trace(line, xs, ys, panel, show=index == 0)
            figure.add_trace(trace, row=index // columns + 1, col=index % columns + 1)
    for index, panel in enumerate(panels):
        row, column = index // columns + 1, index % columns + 1
        if view.log and panel.log:
            figure.update_yaxes(type="log", row=row, col=column)
        if panel.share:
            figure.update_yaxes(tickformat="~%", rangemode="normal", row=row, col=column)
    several = len(panels) > 1
    figure.update_layout(
        template=template, height=height if rows == 1 else rows * row_height + 40, uirevision="curves", hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1.0, "xanchor": "right"},
        margin={"l": 48, "r": 12, "t": 26 if several else 30, "b": 34},
        showlegend=not several and (len(panels[0].lines) > 1 or bool(overlays)),
    )  # fmt: skip
    last_row = rows
    for index in range(len(panels)):
        row = index // columns + 1
        below = index + columns >= len(panels)
        if below or row == last_row:
            figure.update_xaxes(title={"text": "Epoch", "standoff": 4}, row=row, col=index % columns + 1)
    figure.update_annotations(font={"size": 12})
    return figure


def _overlay_key(panel: Panel, feed: Feed) -> str | None:
    """The line of another run that a panel shows: its validation curve, else its training curve."""
    keys = [line.key for line in panel.lines]
    return next((key for key in (*[k for k in keys if k.startswith(VALIDATION)], *keys) if key in feed.series), None)


def _trace(line: Line, xs: list[int], ys: list[float | None], panel: Panel, *, show: bool) -> go.Scatter:
    text = "%{y:.2%}" if panel.share else "%{y:.4~g}"
    return go.Scatter(
        x=xs, y=ys, mode="lines+markers" if len(xs) == 1 else "lines", name=line.name, legendgroup=line.name, showlegend=show,
        line={"color": line.colour, "dash": line.dash, "width": line.width}, marker={"size": 5, "color": line.colour},
        hovertemplate=f"{text}<extra>{line.name}</extra>", connectgaps=True,
    )  # fmt: skip


def structure(panels: Sequence[Panel]) -> str:
    """What a figure consists of; a patch fits only a figure of the same structure."""
    return ";".join(f"{panel.title}:{','.join(line.key for line in panel.lines)}" for panel in panels)


def patch(panels: Sequence[Panel], feed: Feed, cursor: int, view: View) -> Patch | None:
    """What to append to the drawn figure for events after `cursor`; None if there is nothing."""
    patched, any_new, position = Patch(), False, 0
    for panel in panels:
        for line in panel.lines:
            series = feed.series.get(line.key, Series())
            n = series.fresh(cursor)
            if n:
                any_new = True
                patched["data"][position]["x"].extend(list(series.x[-n:]))
                patched["data"][position]["y"].extend(smooth(series.y, view.smoothing)[-n:])
                patched["data"][position]["mode"] = "lines"
            position += 1
    return patched if any_new else None
