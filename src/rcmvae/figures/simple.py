"""The model beside simple methods that had the same labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rcmvae.diagnostics.bundle import DiagnosticsBundle
from rcmvae.figures.words import NO_LABELS, NO_TRUTH
from rcmvae.intervals import wilson
from rcmvae.simple.verdict import verdict
from workbench.plotting import empty_figure, new_figure, theme, wrap

NOT_COMPUTED = "Not computed: these diagnostics are older than the comparison, or labels of two classes were missing. Train again."
WAITING = "Appears when a run with labels has ended."
OWN = "This model"


def simple_methods(bundle: DiagnosticsBundle, *, dark: bool = False) -> go.Figure:
    """Accuracy of the model and of each simple method on the same held-out images, with 95 % intervals."""
    if not bundle.has_labels:
        return empty_figure(NO_LABELS, dark=dark)
    found = verdict(bundle)
    if found is None:
        return empty_figure(NO_TRUTH if not (bundle.known_labels >= 0).any() else NOT_COMPUTED, dark=dark)
    return draw_simple({"verdict": found.plain()}, dark=dark)


def draw_simple(values: Mapping[str, Any], *, dark: bool = False) -> go.Figure:
    """The same from an event's values, whose `verdict` is a `Verdict.plain`."""
    values = values.get("verdict") or {}
    if not values:
        return empty_figure(WAITING, dark=dark)
    answered = sorted((each for each in values["methods"] if each["accuracy"] is not None), key=lambda each: -each["accuracy"])
    names = [OWN, *(each["title"] for each in answered)]
    shares = np.array([values["accuracy"], *(each["accuracy"] for each in answered)], float)
    notes = ["", *(f"<br>{each['note']}" if each["note"] else "" for each in answered)]
    low, high = wilson(shares * values["n"], values["n"])
    colours = theme(dark)
    words = [f"{share:.1%}" for share in shares]
    figure = new_figure(dark=dark, showlegend=False)
    figure.add_bar(
        x=100 * shares, y=names, orientation="h", marker={"color": [colours.first, *[colours.line] * len(answered)]},
        error_x={"type": "data", "symmetric": False, "array": 100 * (high - shares), "arrayminus": 100 * (shares - low), "color": colours.muted},
        customdata=np.array([words, notes]).T, hovertemplate="%{y}: %{customdata[0]}%{customdata[1]}<extra></extra>",
        text=words, textposition="inside", insidetextanchor="start", insidetextfont={"color": [colours.ground, *[colours.ink] * len(answered)]},
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False)
    counted = f"{values['n']:,} {values['split']} images, {values['labels']:,} labels"
    figure.update_xaxes(range=[0, 100], ticksuffix=" %", title_text=f"right answers<br>{counted}")
    missing = [f"{each['title']}: {each['note']}" for each in values["methods"] if each["accuracy"] is None]
    if missing:
        place = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
        figure.add_annotation(text=wrap(" · ".join(missing), 80), showarrow=False, **place)
    return figure
