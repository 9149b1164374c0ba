"""Training curves: the axes of a family's panels, their figures, and the patch that makes a drawn one current.

Growing traces hold plain lists: a patch appends to them. A figure that is drawn in full is thinned to what a screen
can show; points that arrive later are appended as they come. Epochs are whole numbers, and so are the ticks of their axes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots
from pydantic import Field

from dashboard.live.feed import Feed, Series
from workbench.families import Metric, Metrics, Panel
from workbench.families.metrics import SPLIT_WORDS
from workbench.plotting import HOVER

NARROW_COLUMNS = 2
"""Axes abreast in a narrow window: with more, their titles overlap."""

MAX_POINTS = 1_200
"""Points a trace is thinned to when it is drawn in full."""

WHOLE_TICKS_UP_TO = 8
"""Epochs up to which an axis has a tick at each; left to itself, Plotly would put some between them."""

SHARES: dict[str, float] = {"clipmin": -0.02, "clipmax": 1.02}
"""What an axis of shares never goes beyond, with room for a line at its end."""

TRAIN, VALIDATION = "train", "validation"
LINEAR = "linear: there are values of 0 or less"
"""Said on axes that a logarithmic scale cannot show."""


@dataclass(frozen=True)
class View:
    """How a person looks at curves: `smoothing` in [0, 1), a logarithmic loss axis, hidden terms, runs laid over, a narrow window."""

    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.0
    log: bool = False
    hidden: tuple[str, ...] = ()
    overlay: tuple[str, ...] = ()
    dark: bool = False
    narrow: bool = False

    @property
    def key(self) -> str:
        """What a drawn figure was drawn with; a patch fits only a figure of the same key."""
        return f"{self.smoothing}|{self.log}|{','.join(self.hidden)}|{','.join(self.overlay)}|{self.dark}|{self.narrow}"


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
class Axes:
    """One set of axes with its lines. `positive` says whether a logarithmic axis can show all of them, `from_zero` is that of the metric."""

    title: str
    lines: tuple[Line, ...]
    share: bool = False
    positive: bool = True
    from_zero: bool = False


@dataclass(frozen=True)
class Palette:
    """The two colours every curve uses, and those of runs laid over."""

    train: str
    validation: str
    others: tuple[str, ...]


def axes_of(panel: Panel, feed: Feed, metrics: Metrics, palette: Palette, hidden: Sequence[str] = ()) -> tuple[Axes, ...]:
    """What a panel shows of a run: one set of axes for each of its metrics that is not hidden, or one for all of them."""
    shown = {metric.key: lines for metric, lines in _lines(panel, feed, metrics, palette) if metric.key not in hidden}
    named = {key: metrics.of(key) for key in shown}
    if panel.each:
        return tuple(_axes(named[key].label, lines, feed, named[key]) for key, lines in shown.items())
    several = len(shown) > 1
    lines = tuple(
        replace(_of_many(line, index, palette), name=f"{named[key].label}, {line.name.lower()}") if several else line
        for index, (key, found) in enumerate(shown.items())
        for line in found
    )
    first = next(iter(named.values()), None)
    return (_axes(panel.title, lines, feed, first),)


def hideable(panels: Sequence[Panel], feed: Feed, metrics: Metrics) -> tuple[Metric, ...]:
    """The metrics that the run has reported and that people may hide."""
    return tuple(metric for panel in panels if panel.hideable for metric, _ in _keys(panel, feed, metrics))


def reported(panel: Panel, feed: Feed, metrics: Metrics) -> bool:
    """Whether the run has reported anything that the panel shows."""
    return bool(_keys(panel, feed, metrics))


def _axes(title: str, lines: tuple[Line, ...], feed: Feed, metric: Metric | None) -> Axes:
    positive = all(feed.series.get(line.key, Series()).positive for line in lines)
    share, from_zero = (False, False) if metric is None else (metric.format == "share", metric.from_zero)
    return Axes(title, lines, share=share, positive=positive, from_zero=from_zero)


def _lines(panel: Panel, feed: Feed, metrics: Metrics, palette: Palette) -> list[tuple[Metric, tuple[Line, ...]]]:
    """The panel's metrics that the run has reported, each with its lines."""
    return [(metric, _pair(metric, keys, palette)) for metric, keys in _keys(panel, feed, metrics)]


def _keys(panel: Panel, feed: Feed, metrics: Metrics) -> tuple[tuple[Metric, tuple[str, ...]], ...]:
    """The panel's metrics that the run has reported, declared ones in their order, then the rest, each with the keys of its curves."""
    return _keys_among(panel, feed.reported, metrics)


@lru_cache(maxsize=256)
def _keys_among(panel: Panel, reported: tuple[str, ...], metrics: Metrics) -> tuple[tuple[Metric, tuple[str, ...]], ...]:
    found: dict[str, list[str]] = {metric.key: [] for metric in metrics.declared if metric.panel == panel.name}
    for key in reported:
        if key in metrics:
            if metrics.of(key).panel == panel.name:
                found[metrics.of(key).key].append(key)
        elif _rest(key) in panel.rest:
            found.setdefault(metrics.of(key).key, []).append(key)
    return tuple((metrics.of(name), tuple(keys)) for name, keys in found.items() if keys)


def _rest(key: str) -> str | None:
    """Where a metric that nobody declared belongs; one without a head is not drawn."""
    head, _, leaf = key.rpartition("/")
    if not head or head == "test":
        return None
    return "measured" if leaf and head in (TRAIN, VALIDATION) else "diagnostics"


def _pair(metric: Metric, keys: Sequence[str], palette: Palette) -> tuple[Line, ...]:
    """A metric's lines: training dashed below validation; one that has a single split by its own name."""
    lines = []
    for key in sorted(keys, key=_order):
        head = key.rpartition("/")[0]
        if head == TRAIN and len(metric.splits) == 1:
            lines.append(Line(key, metric.label, palette.train))
        elif head == TRAIN:
            lines.append(Line(key, "Training", palette.train, "3px,2px", 1.5))
        else:
            name = SPLIT_WORDS[head].capitalize() if head in SPLIT_WORDS else metric.label
            lines.append(Line(key, name, palette.validation, "dot" if head == "test" else "solid"))
    return tuple(lines)


def _of_many(line: Line, index: int, palette: Palette) -> Line:
    """A line of the metric at that place among several on the same axes: the first keeps its colours, each other has one of its own."""
    if index == 0 or not palette.others:
        return line
    return replace(line, colour=palette.others[(index - 1) % len(palette.others)])


def _order(key: str) -> int:
    head = key.rpartition("/")[0]
    return {TRAIN: 0, VALIDATION: 1}.get(head, 2)


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
    axes: Sequence[Axes], feed: Feed, view: View, palette: Palette, *, template: Any, columns: int = 1,
    overlays: Sequence[Overlay] = (), height: int = 260, row_height: int = 130, log: bool = True, own: bool = True,
) -> go.Figure:  # fmt: skip
    """The axes as one figure, `columns` abreast, fewer in a narrow window; own lines come first, so that `patch` finds them by
    position. `log`: whether the view's logarithmic switch applies. `own`: whether the lines of `feed` itself are drawn."""
    # Plotly looks at NumPy once any thread has begun to import it, and fails where that has not come to its end
    import numpy  # noqa: F401

    columns = max(1, min(columns, len(axes), NARROW_COLUMNS if view.narrow else columns))
    rows = max(1, math.ceil(len(axes) / columns))
    titles = [one.title for one in axes] if len(axes) > 1 else None
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=titles, vertical_spacing=min(0.32, 54 / max(height, rows * row_height)) if rows > 1 else 0,
        horizontal_spacing=(0.16 if view.narrow else 0.09) if columns > 1 else 0,
    )  # fmt: skip
    for index, one in enumerate(axes):
        row, column = index // columns + 1, index % columns + 1
        for line in one.lines if own else ():
            xs, ys = _points(feed.series.get(line.key, Series()), view.smoothing)
            figure.add_trace(_trace(line, xs, ys, one, show=index == 0), row=row, col=column)
    for position, overlay in enumerate(overlays):
        colour = palette.others[position % len(palette.others)]
        for index, one in enumerate(axes):
            key = _overlay_key(one, overlay.feed)
            if key is None:
                continue
            xs, ys = _points(overlay.feed.series[key], view.smoothing)
            line = Line(key, overlay.name, colour, "3px,2px" if key.startswith(TRAIN) else "solid", 1.3)
            trace = _trace(line, xs, ys, one, show=index == 0)
            figure.add_trace(trace, row=index // columns + 1, col=index % columns + 1)
    for index, one in enumerate(axes):
        row, column = index // columns + 1, index % columns + 1
        if view.log and log and not one.share:
            look: dict[str, Any] = {"type": "log"} if one.positive else {"title": {"text": LINEAR, "font": {"size": 11}}}
            figure.update_yaxes(look, row=row, col=column)
        elif one.from_zero:
            figure.update_yaxes(rangemode="tozero", row=row, col=column)
        if one.share:
            figure.update_yaxes(tickformat="~%", rangemode="normal", autorangeoptions=SHARES, row=row, col=column)
    several = len(axes) > 1
    figure.update_layout(
        template=template, height=height if rows == 1 else rows * row_height + 40, uirevision="curves", hovermode="x unified",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0.0, "xanchor": "left"},
        margin={"l": 48, "r": 12, "t": 26 if several else 30, "b": 34},
        showlegend=not several and ((own and len(axes[0].lines) > 1) or bool(overlays)),
    )  # fmt: skip
    last_row = rows
    for index in range(len(axes)):
        row = index // columns + 1
        below = index + columns >= len(axes)
        if below or row == last_row:
            figure.update_xaxes(title={"text": "Epoch", "standoff": 4}, row=row, col=index % columns + 1)
    if few_epochs(feed, overlays):
        figure.update_xaxes(tick0=0, dtick=1)
    figure.update_annotations(font={"size": 12})
    return figure


def few_epochs(feed: Feed, overlays: Sequence[Overlay] = ()) -> bool:
    """Whether there are so few epochs that each has a tick of its own."""
    return max([feed.epoch, *(overlay.feed.epoch for overlay in overlays)]) <= WHOLE_TICKS_UP_TO


def _overlay_key(one: Axes, feed: Feed) -> str | None:
    """The line of another run that axes show: its validation curve, else its training curve."""
    keys = [line.key for line in one.lines]
    return next((key for key in (*[k for k in keys if k.startswith(VALIDATION)], *keys) if key in feed.series), None)


def _trace(line: Line, xs: list[int], ys: list[float | None], one: Axes, *, show: bool) -> go.Scatter:
    text = "%{y:.2%}" if one.share else f"%{{y:{HOVER}}}"
    return go.Scatter(
        x=xs, y=ys, mode="lines+markers" if len(xs) == 1 else "lines", name=line.name, legendgroup=line.name, showlegend=show,
        line={"color": line.colour, "dash": line.dash, "width": line.width}, marker={"size": 5, "color": line.colour},
        hovertemplate=f"{text}<extra>{line.name}</extra>", connectgaps=True,
    )  # fmt: skip


def structure(axes: Sequence[Axes], feed: Feed, overlays: Sequence[Overlay] = ()) -> str:
    """What a figure consists of; a patch fits only a figure of the same structure."""
    lines = ";".join(f"{one.title}:{one.positive}:{','.join(line.key for line in one.lines)}" for one in axes)
    return f"{lines}|{few_epochs(feed, overlays)}"


def patch(axes: Sequence[Axes], feed: Feed, cursor: int, view: View) -> list[tuple[int, list[int], list[float | None]]]:
    """What to append to the drawn figure for events after `cursor`: (position of the trace, x, y) of each that grows."""
    added, position = [], 0
    for one in axes:
        for line in one.lines:
            series = feed.series.get(line.key, Series())
            n = series.fresh(cursor)
            if n:
                # an average needs what was before; without one, the new values are all there is to say
                ys = smooth(series.y, view.smoothing)[-n:] if view.smoothing else smooth(series.y[-n:], 0)
                added.append((position, list(series.x[-n:]), ys))
            position += 1
    return added
