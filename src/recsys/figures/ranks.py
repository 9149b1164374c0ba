"""How well products are ranked: recall over K, the distance to each baseline, and where test rows stand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from recsys.figures.looks import NO_RANKS, RULES, line_of, panels, title_of
from recsys.metrics import METRICS
from recsys.training.bundle import Bundle
from workbench.families import Metrics
from workbench.plotting import CORNER, SHARE, empty_figure, new_figure, theme

MEASURES = Metrics(METRICS)
MOST_K = 100
DRAWN = ("model", "popularity")
"""Whose ranks the histogram shows."""

NOWHERE = "no candidate"


def recall_curve(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """Recall@K for K from 1 to 100, of the model, each baseline and, on simulated data, the oracle."""
    ranks = _ranks(bundle)
    if "model" not in ranks:
        return empty_figure(NO_RANKS, dark=dark)
    ks = list(range(1, min(MOST_K, bundle.told["counts"]["candidates"]) + 1))
    figure = new_figure(dark=dark, hovermode="x unified", showlegend=True)
    # the model last, so that its line lies above the others
    for who in sorted(ranks, key=lambda who: who == "model"):
        name = title_of(who)
        hover = f"{name} %{{y:.1%}}<extra></extra>"
        line = line_of(who, dark)
        figure.add_trace(
            go.Scatter(
                x=ks, y=recalls(ranks[who], ks), mode="lines", name=name, line=line, hovertemplate=hover
            )
        )
    figure.update_xaxes(title_text=f"K ({_rule(bundle)})", rangemode="tozero")
    return figure.update_yaxes(title_text="Recall@K", tickformat=SHARE, rangemode="tozero")


def recalls(ranks: np.ndarray, ks: list[int]) -> list[float]:
    """The share of ranks (Q,) that are at most K, for each K."""
    return (np.searchsorted(np.sort(ranks), ks, side="right") / len(ranks)).tolist()


def lift(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """The model minus each baseline with 95 % intervals: Recall@10, and RMSE of ratings."""
    found = {figure: lifts for figure, lifts in bundle.told["lift"].items() if lifts}
    if not found:
        return empty_figure("No baseline was measured on these rows.", dark=dark)
    titles = {
        name: f"{MEASURES.label(name)}: {'below' if name == 'rmse' else 'above'} 0 is better"
        for name in found
    }
    figure = panels(list(titles.values()), dark=dark, gap=0.26, showlegend=False)
    for column, (name, lifts) in enumerate(found.items(), start=1):
        figure.add_trace(_intervals(name, lifts, dark), row=1, col=column)
        figure.add_vline(x=0, line={"color": theme(dark).muted, "width": 1.5}, row=1, col=column)  # pyright: ignore[reportArgumentType]
        words = (
            f"{titles[name]}<br>model minus baseline, 95 % interval"
            if len(found) == 1
            else "model minus baseline"
        )
        form = "+.3f" if name == "rmse" else "+.1%"
        figure.update_xaxes(title_text=words, tickformat=form, row=1, col=column)
        figure.update_yaxes(autorange="reversed", showgrid=False, row=1, col=column)
    return figure


def _intervals(figure: str, lifts: Mapping[str, Mapping[str, Any]], dark: bool) -> go.Scatter:
    sign = -1 if figure == "rmse" else 1
    form = "{:.4f}" if figure == "rmse" else "{:.1%}"
    middle = [lift["absolute"] for lift in lifts.values()]
    low = [lift["absolute_interval"]["low"] for lift in lifts.values()]
    high = [lift["absolute_interval"]["high"] for lift in lifts.values()]
    verdicts = [_verdict(sign * a, sign * b) for a, b in zip(low, high, strict=True)]
    colours = theme(dark)
    looks = {
        "better": (colours.good, "circle"),
        "worse": (colours.bad, "x"),
        "not sure": (colours.muted, "diamond"),
    }
    words = [
        [form.format(one["model"]), form.format(one["baseline"]), form.format(a), form.format(b), verdict]
        for one, a, b, verdict in zip(lifts.values(), low, high, verdicts, strict=True)
    ]
    return go.Scatter(
        x=middle,
        y=[title_of(who) for who in lifts],
        mode="markers",
        marker={
            "size": 11,
            "color": [looks[verdict][0] for verdict in verdicts],
            "symbol": [looks[verdict][1] for verdict in verdicts],
        },
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [max(0.0, b - m) for b, m in zip(high, middle, strict=True)],
            "arrayminus": [max(0.0, m - a) for a, m in zip(low, middle, strict=True)],
            "color": colours.muted,
            "thickness": 2,
            "width": 5,
        },
        customdata=words,
        hovertemplate="model %{customdata[0]}, %{y} %{customdata[1]}<br>difference from %{customdata[2]} to %{customdata[3]}"
        ": <b>%{customdata[4]}</b><extra></extra>",
    )


def _verdict(a: float, b: float) -> str:
    """Which way an interval with these ends lies, larger being better."""
    if min(a, b) > 0:
        return "better"
    return "worse" if max(a, b) < 0 else "not sure"


def rank_histogram(bundle: Bundle, *, dark: bool = False) -> go.Figure:
    """How many test rows' own products stand at which rank; each bin is twice as wide as the one before."""
    ranks = _ranks(bundle)
    if "model" not in ranks:
        return empty_figure(NO_RANKS, dark=dark)
    candidates = bundle.told["counts"]["candidates"]
    edges = bin_edges(candidates)
    labels = [f"{a}" if b - a == 1 else f"{a}–{min(b - 1, candidates)}" for a, b in pairwise(edges)]
    lost = any(np.isinf(ranks[who]).any() for who in DRAWN if who in ranks)
    figure = new_figure(dark=dark, showlegend=True, barmode="group")
    for who in DRAWN:
        if who not in ranks:
            continue
        own = ranks[who]
        counts = np.histogram(own[np.isfinite(own)], bins=edges)[0].tolist()
        if lost:
            counts.append(int(np.isinf(own).sum()))
        marker = {
            "color": line_of(who, dark)["color"],
            "pattern": {"shape": "" if who == "model" else "/", "size": 6},
        }
        figure.add_trace(
            go.Bar(
                x=[*labels, NOWHERE] if lost else labels,
                y=[count / len(own) for count in counts],
                name=title_of(who),
                marker=marker,
                customdata=counts,
                hovertemplate=f"{title_of(who)}: %{{y:.1%}} of the rows (%{{customdata:,}}) at %{{x}}<extra></extra>",
            )
        )
    own = ranks["model"]
    figure.add_annotation(text=f"median rank {_median(own)} of {candidates:,}", **CORNER)
    figure.update_xaxes(
        title_text=f"rank of the row's own product ({_rule(bundle)})", type="category", showgrid=False
    )
    return figure.update_yaxes(title_text="share of test rows", tickformat=SHARE, rangemode="tozero")


def bin_edges(candidates: int) -> list[int]:
    """1, 2, 4, ... up to the first power of two above all ranks."""
    return [2**power for power in range(math.floor(math.log2(max(candidates, 1))) + 2)]


def _median(ranks: np.ndarray) -> str:
    found = float(np.median(ranks))
    return f"{found:,.4g}" if math.isfinite(found) else "none"


def _ranks(bundle: Bundle) -> Mapping[str, np.ndarray]:
    """Ranks by the headline's rule."""
    return bundle.ranks if bundle.told["seen"] == "all" else bundle.unseen


def _rule(bundle: Bundle) -> str:
    return RULES[bundle.told["seen"]]
