"""The graphs of a sweep: the best value so far, lines across the settings, and what each setting explains. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from dashboard.pages.compare.figures import parallel
from workbench import plotting
from workbench.comparing import HEADLINE, MetricRow, SettingRow
from workbench.families import family
from workbench.plotting import theme
from workbench.sweeps.records import SweepRecord
from workbench.sweeps.rows import TrialRow, best_so_far, labels_of, value_text

HEIGHT = 280


def progress(sweep: SweepRecord, rows: Sequence[TrialRow], *, dark: bool) -> go.Figure | None:
    """Each trial's value, and the best one until then; None before the first value."""
    told = best_so_far(rows, sweep)
    if not told:
        return None
    colours, metric = theme(dark), family(sweep.family).measures
    title = metric.title(sweep.objective)
    texts = [metric.text(sweep.objective, value) for _, value, _ in told]
    numbers, values, best = [list(column) for column in zip(*told, strict=True)]
    traces: list[Any] = [
        go.Scatter(x=numbers, y=values, mode="markers", name="Trial", marker={"color": colours.first, "size": 8}, customdata=texts, hovertemplate="Trial %{x}: %{customdata}<extra></extra>"),
        go.Scatter(x=numbers, y=best, mode="lines", name="Best so far", line={"color": colours.second, "width": 2, "shape": "hv"}, hoverinfo="skip"),
    ]  # fmt: skip
    cut = [row for row in rows if row.state == "pruned" and row.value is not None]
    if cut:
        traces.insert(
            1,
            go.Scatter(
                x=[row.number for row in cut], y=[row.value for row in cut], mode="markers", name="Pruned", marker={"color": colours.muted, "size": 7, "symbol": "x"},
                customdata=[metric.text(sweep.objective, row.value) for row in cut], hovertemplate="Trial %{x}, pruned: %{customdata}<extra></extra>",
            ),
        )  # fmt: skip
    figure = plotting.new_figure(traces, dark=dark, height=HEIGHT, margin={"l": 64, "r": 16, "t": 36, "b": 44})
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, uirevision=sweep.id)
    most = max(numbers[-1], sweep.trials)
    figure.update_xaxes(title_text="Trial", range=[0.5, most + 0.5], tick0=1, dtick=max(1, -(-most // 10)))
    share = metric.of(sweep.objective).format == "share"
    if len(set(values)) == 1:
        # an axis around one value has ticks that differ beyond the digits they show
        figure.update_yaxes(tickvals=values[:1])
    return figure.update_yaxes(title_text=title, tickformat=".1%" if share else ".4~g")


def lines(sweep: SweepRecord, rows: Sequence[TrialRow], *, dark: bool) -> go.Figure | None:
    """A line a trial that ran to its end, through its settings to its value; None for fewer than two."""
    told = [row for row in rows if row.state == "completed" and row.value is not None]
    if len(told) < 2:
        return None
    metric, labels = family(sweep.family).measures.of(sweep.objective), labels_of(sweep)
    settings = [
        SettingRow(p.path, labels[p.path], "", tuple(value_text(row.values.get(p.path)) for row in told), tuple(_value(row.values.get(p.path)) for row in told))
        for p in sweep.space
    ]  # fmt: skip
    measured = MetricRow(HEADLINE, metric, tuple(row.value for row in told), frozenset())
    return parallel(settings, [measured], [str(row.number) for row in told], dark=dark, each="Trial")


def importance(sweep: SweepRecord, found: Mapping[str, float], *, dark: bool) -> go.Figure:
    """What share of the objective's spread each setting explains."""
    colours, labels = theme(dark), labels_of(sweep)
    paths = list(found)[::-1]
    shares = [found[path] for path in paths]
    bars = go.Bar(
        x=shares, y=[plotting.plain(labels.get(path, path)) for path in paths], orientation="h", marker={"color": colours.first},
        text=[f"{share:.0%}" for share in shares], textposition="auto", hovertemplate="%{y}: %{x:.1%}<extra></extra>",
    )  # fmt: skip
    figure = plotting.new_figure([bars], dark=dark, height=90 + 34 * len(paths), margin={"l": 16, "r": 16, "t": 12, "b": 36})
    figure.update_yaxes(automargin=True)
    return figure.update_xaxes(tickformat=".0%", range=[0, max(1.0, *shares)])


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
