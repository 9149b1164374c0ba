"""Errors by how far ahead, by hour and by detector, the model beside its baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from traffic.bundle import MODEL, TrafficBundle
from traffic.figures.looks import clean, line_of, mask_words, nothing, nothing_sketch, place_of, title_of, unit_of
from traffic.intervals.levels import level_text
from traffic.metrics.bootstrap import FEWEST_DAYS, paired_difference
from traffic.metrics.evaluate import HOURS, Evaluation
from traffic.metrics.sums import ErrorSums
from traffic.metrics_declared import ERRORS
from workbench.plotting import HOVER, SHARE, Sketch, checked, faded, new_figure, plain, sketch, template, theme

HORIZON_TITLE, HOUR_TITLE, SENSOR_TITLE, BESIDE_TITLE = "Error by horizon", "Error by hour", "Error by detector", "Beside the baselines"
NO_ERRORS = "No target was measured in this set."
DAYS = ("Weekdays", "Weekends")


@dataclass(frozen=True)
class Line:
    """One method's, or one run's, errors along an axis.

    Attributes:
        name: of the method or run. values: (steps,), NaN where nothing was measured. low, high: of several seeds, or None.
        label: what it is called; the method's title if empty. colour: place among the categories; None for that of the method.
    """

    name: str
    values: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    label: str = ""
    colour: int | None = None


@dataclass(frozen=True)
class Scale:
    """What is measured: `mae`, `rmse` or `mape`, of which target, and its unit; the mask rule is said beside it."""

    metric: str
    target: str
    unit: str
    null: str

    @property
    def short(self) -> str:
        """A title where there is little place."""
        return plain(f"{ERRORS[self.metric]} ({unit_of(self.metric, self.unit)})")

    @property
    def title(self) -> str:
        """An axis title."""
        rule = "0" if self.metric == "mape" else self.null
        return plain(f"masked {ERRORS[self.metric]} of {self.target} ({unit_of(self.metric, self.unit)}, {mask_words(rule)})")


def error_by_horizon(lines: Sequence[Line], scale: Scale, interval_s: int, *, dark: bool = False) -> go.Figure:
    """Errors (P,) of each line over the minutes ahead; a band where several seeds were measured."""
    return checked(horizon_sketch(lines, scale, interval_s, dark=dark), dark=dark)


def horizon_sketch(lines: Sequence[Line], scale: Scale, interval_s: int, *, dark: bool = False) -> Sketch:
    """The same as plain values, for runs that draw it with every epoch."""
    if not any(np.isfinite(line.values).any() for line in lines):
        return nothing_sketch(HORIZON_TITLE, NO_ERRORS)
    drawn = [
        trace
        for line in _model_last(lines)
        for trace in _traces((np.arange(1, len(line.values) + 1) * interval_s / 60).tolist(), line, scale, dark)
    ]
    return sketch(
        drawn, hovermode="x unified", showlegend=True,
        xaxis={"title": {"text": "minutes ahead"}, "rangemode": "tozero"}, yaxis={"title": {"text": scale.title}, "rangemode": "tozero"},
    )  # fmt: skip


def error_by_time_of_day(weekdays: Sequence[Line], weekends: Sequence[Line], scale: Scale, *, dark: bool = False) -> go.Figure:
    """Errors (24,) of each line over the hours of weekdays and, below, of weekends; one panel where the days are all of one kind."""
    sides = [
        (title, lines)
        for title, lines in zip(DAYS, (weekdays, weekends), strict=True)
        if any(np.isfinite(line.values).any() for line in lines)
    ]
    if not sides:
        return nothing(HOUR_TITLE, NO_ERRORS, dark=dark)
    titles = [title for title, _ in sides]
    figure = make_subplots(len(sides), 1, subplot_titles=titles, shared_xaxes=True, vertical_spacing=0.12)
    figure.update_layout(template=template(dark), hovermode="x unified", showlegend=True, margin={"t": 64})
    figure.update_layout(legend={"yref": "container", "y": 0.995, "yanchor": "top"})
    figure.update_annotations(font={"size": 12, "color": theme(dark).ink})
    for row, (_, lines) in enumerate(sides, start=1):
        for line in _model_last(lines):
            for trace in _traces(list(range(HOURS)), line, scale, dark, legend=row == 1):
                figure.add_trace(trace, row=row, col=1)
    figure.update_xaxes(dtick=6, range=[-0.5, 23.5])
    figure.update_xaxes(title_text=f"hour of the target<br>{scale.title}", row=len(sides))
    # The panels are lower than the whole title is long.
    figure.update_yaxes(title_text=scale.short)
    # A range of its own: where one axis matches another, Plotly takes the range of the first one's data alone.
    figure.update_yaxes(range=[0, _top([*weekdays, *weekends])])
    return figure.update_yaxes(matches="y", row=2)


def error_by_sensor(lines: Sequence[Line], sensor_ids: Sequence[str], scale: Scale, *, dark: bool = False) -> go.Figure:
    """Errors (N,) of each line by detector, the model's largest first."""
    own = next((line for line in lines if line.name == MODEL), lines[0] if lines else None)
    if own is None or not np.isfinite(own.values).any():
        return nothing(SENSOR_TITLE, NO_ERRORS, dark=dark)
    order = np.argsort(-np.nan_to_num(own.values, nan=-1.0), kind="stable")
    places = list(range(1, len(order) + 1))
    figure = new_figure(dark=dark, showlegend=True)
    for line in _model_last(lines):
        looks = line_of(line.name, dark)
        marker: dict[str, Any] = {
            "color": looks["color"],
            "size": 8,
            "symbol": "circle" if line is own else "line-ew-open",
            "line": {"width": 2, "color": looks["color"]},
        }
        names = [plain(str(sensor_ids[int(place)])) for place in order]
        hover = f"%{{text}}<br>{plain(line.label or title_of(line.name))} %{{y:{HOVER}}} {plain(unit_of(scale.metric, scale.unit))}<extra></extra>"
        figure.add_trace(
            go.Scatter(
                x=places, y=clean(line.values[order]), text=names, mode="markers", marker=marker, name=plain(line.label or title_of(line.name)),
                hovertemplate=hover,
            )
        )  # fmt: skip
    figure.update_xaxes(title_text="detectors (the model's largest error first)", showgrid=False, range=[0.5, len(places) + 0.5])
    return figure.update_yaxes(title_text=scale.title, rangemode="tozero")


def baseline_differences(evaluations: Sequence[Evaluation], unit: str, *, dark: bool = False) -> go.Figure:
    """The model's masked MAE less each baseline's, with 95 % intervals of days drawn anew where there are enough."""
    own, others = evaluations[0], evaluations[1:]
    if not others or not own.by_day.count.any():
        return nothing(BESIDE_TITLE, NO_ERRORS if others else "No baseline was measured.", dark=dark)
    found = [paired_difference(own, other) for other in others]
    colours = theme(dark)
    looks = [
        (colours.good, "circle") if one.high < 0 else (colours.bad, "x") if one.low > 0 else (colours.muted, "diamond") for one in found
    ]
    error = None if not found[0].told else {
        "type": "data", "symmetric": False, "array": [one.high - one.value for one in found], "arrayminus": [one.value - one.low for one in found],
        "color": colours.muted, "thickness": 2, "width": 5,
    }  # fmt: skip
    span = f", from %{{customdata[0]:+{HOVER}}} to %{{customdata[1]:+{HOVER}}}"
    figure = new_figure(dark=dark, showlegend=False)
    figure.add_vline(x=0, line={"color": colours.muted, "width": 1.5})
    figure.add_trace(
        go.Scatter(
            x=[one.value for one in found], y=[title_of(other.name) for other in others], mode="markers", error_x=error,
            marker={"size": 11, "color": [colour for colour, _ in looks], "symbol": [symbol for _, symbol in looks]},
            customdata=[[one.low, one.high] for one in found] if found[0].told else None,
            hovertemplate=f"%{{y}}<br>%{{x:+{HOVER}}} {plain(unit)}{span if found[0].told else ''}<extra></extra>",
        )
    )  # fmt: skip
    spread = "95 % interval" if found[0].told else f"no 95 % interval: {found[0].days} of {FEWEST_DAYS} whole days"
    words = f"MAE less the baseline's ({plain(unit)})<br>below 0 the model is better<br>{spread}"
    figure.update_xaxes(title_text=words, tickformat="+.2~f", nticks=6)
    return figure.update_yaxes(title_text="baseline", autorange="reversed", showgrid=False)


def interval_coverage(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The share of targets within the interval by horizon, before and after calibration."""
    facts = bundle.facts
    if not bundle.coverage.size or facts.nominal is None:
        return nothing("Coverage of the interval", "This model forecasts no intervals.", dark=dark)
    figure = new_figure(dark=dark, hovermode="x unified", showlegend=True)
    minutes = (np.arange(1, bundle.horizon + 1) * facts.interval_s / 60).tolist()
    colours = theme(dark)
    stages = (("Before calibration", "dot"), ("After calibration", "solid")) if len(bundle.coverage) > 1 else (("Not calibrated", "dot"),)
    for stage, (name, dash) in enumerate(stages):
        line = {"color": colours.first if stage == 0 else colours.second, "dash": dash, "width": 2 + stage}
        words = [[round(float(w), 3), round(float(s), 3)] for w, s in zip(bundle.width[stage], bundle.interval_score[stage], strict=True)]
        hover = f"%{{y:.1%}}, width %{{customdata[0]}} {plain(facts.units[0])}, score %{{customdata[1]}}"
        figure.add_trace(
            go.Scatter(
                x=minutes, y=clean(bundle.coverage[stage]), mode="lines", name=name, line=line, customdata=words, hovertemplate=hover
            )
        )
    figure.add_hline(y=facts.nominal, line={"color": colours.muted, "width": 1.5, "dash": "dash"})
    figure.update_xaxes(title_text="minutes ahead", rangemode="tozero")
    return figure.update_yaxes(title_text=f"share within the {level_text(facts.nominal)} interval", tickformat=SHARE)


def scale_of(evaluation: Evaluation, unit: str, metric: str = "mae", target: int = 0) -> Scale:
    """What is measured of a target."""
    return Scale(metric, evaluation.target_names[target], unit, evaluation.null)


def horizon_lines(evaluations: Sequence[Evaluation], metric: str = "mae", target: int = 0) -> list[Line]:
    """Each method's errors by horizon."""
    return [Line(one.name, one.total.metric(metric)[:, target]) for one in evaluations]


def hour_lines(evaluations: Sequence[Evaluation], metric: str = "mae", target: int = 0) -> tuple[list[Line], list[Line]]:
    """Each method's errors by hour of weekdays, and of weekends, all horizons together."""
    sides = []
    for side in (0, 1):
        sums = {one.name: ErrorSums(*(part[:, target, side].sum(0) for part in one.by_time.parts)) for one in evaluations}
        sides.append([Line(name, found.metric(metric)) for name, found in sums.items()])
    return sides[0], sides[1]


def sensor_errors(evaluation: Evaluation, metric: str = "mae", target: int = 0, step: int | None = None) -> np.ndarray:
    """A method's errors by detector (N,), at one step (from 1) or all together."""
    parts = (part[:, target] if step is None else part[step - 1 : step, target] for part in evaluation.by_sensor.parts)
    return ErrorSums(*(part.sum(0) for part in parts)).metric(metric)


def sensor_lines(evaluations: Sequence[Evaluation], metric: str = "mae", target: int = 0) -> list[Line]:
    """Each method's errors by detector."""
    return [Line(one.name, sensor_errors(one, metric, target)) for one in evaluations]


def draw_horizon(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """MAE of the first target by horizon."""
    evaluations = evaluations_of(bundle)
    return error_by_horizon(horizon_lines(evaluations), scale_of(evaluations[0], bundle.facts.units[0]), bundle.facts.interval_s, dark=dark)


def draw_hours(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """MAE of the first target by hour."""
    evaluations = evaluations_of(bundle)
    return error_by_time_of_day(*hour_lines(evaluations), scale_of(evaluations[0], bundle.facts.units[0]), dark=dark)


def draw_sensors(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """MAE of the first target by detector."""
    evaluations = evaluations_of(bundle)
    return error_by_sensor(sensor_lines(evaluations), bundle.facts.sensor_ids, scale_of(evaluations[0], bundle.facts.units[0]), dark=dark)


def draw_differences(bundle: TrafficBundle, *, dark: bool = False) -> go.Figure:
    """The model beside each baseline."""
    return baseline_differences(evaluations_of(bundle), bundle.facts.units[0], dark=dark)


def evaluations_of(bundle: TrafficBundle) -> list[Evaluation]:
    """The errors of every method, the model's first."""
    return [bundle.evaluation(name) for name in bundle.facts.methods]


def _top(lines: Sequence[Line]) -> float:
    """Where an axis from 0 ends that shows all of some lines."""
    parts = [part for line in lines for part in (line.values, line.high) if part is not None and np.isfinite(part).any()]
    return 1.06 * max((float(np.nanmax(part)) for part in parts), default=0.0) or 1.0


def _model_last(lines: Sequence[Line]) -> list[Line]:
    """The model's line lies above the others, and a line with more gaps above one with fewer, so that equal ones are both seen."""
    return sorted(lines, key=lambda line: place_of(line.name))


def _traces(x: list[Any], line: Line, scale: Scale, dark: bool, *, legend: bool = True) -> list[dict[str, Any]]:
    """A line's traces as plain values: its band, if it has one, and itself."""
    looks = line_of(line.name, dark)
    if line.colour is not None:
        looks = {**looks, "color": theme(dark).categories[line.colour % len(theme(dark).categories)]}
    name, band = plain(line.label or title_of(line.name)), []
    if line.low is not None and line.high is not None:
        edge: dict[str, Any] = {
            "type": "scatter",
            "x": x,
            "mode": "lines",
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
            "legendgroup": name,
        }
        band = [
            {**edge, "y": clean(line.low), "name": f"{name}, low"},
            {**edge, "y": clean(line.high), "name": f"{name}, high", "fill": "tonexty", "fillcolor": faded(looks["color"], 0.18)},
        ]
    own: dict[str, Any] = {
        "type": "scatter",
        "x": x,
        "y": clean(line.values),
        "mode": "lines",
        "name": name,
        "line": looks,
        "hovertemplate": f"{name} %{{y:{HOVER}}} {plain(unit_of(scale.metric, scale.unit))}<extra></extra>",
        "legendgroup": name,
        "showlegend": legend,
        "connectgaps": False,
    }
    return [*band, own]
