"""What figures share: who is drawn how, units, times, and what stands where nothing can be drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from traffic.bundle import MODEL
from traffic.metrics_declared import BASELINES
from workbench.families.metrics import number_text
from workbench.plotting import Sketch, checked, empty_sketch, plain, theme

TITLES: Mapping[str, str] = {MODEL: "Model", **BASELINES}
"""What methods are called."""

HUGE = 1e6
"""From here on an error is no longer written with decimals."""

_LINES = {"ridge": (0, "dashdot"), "last_value": (1, "dash"), "historical_average": (3, "dot")}
"""Colour and dash of methods, those with the fewest gaps first, as they are drawn."""


def title_of(method: str) -> str:
    """What a method is called."""
    return TITLES.get(method, method)


def line_of(method: str, dark: bool) -> dict[str, Any]:
    """Colour, dash and width of a method's line; the model's is the widest."""
    colours = theme(dark)
    if method not in _LINES:
        return {"color": colours.second, "dash": "solid", "width": 3}
    colour, dash = _LINES[method]
    return {"color": colours.categories[colour], "dash": dash, "width": 2}


def place_of(method: str) -> int:
    """When a method's line is drawn, from the first; the model's is the last."""
    return list(_LINES).index(method) if method in _LINES else len(_LINES)


def nothing(title: str, words: str, *, dark: bool) -> go.Figure:
    """A figure that says what it would show, and why it does not."""
    return checked(nothing_sketch(title, words), dark=dark)


def nothing_sketch(title: str, words: str) -> Sketch:
    """The same as plain values."""
    empty = empty_sketch(words)
    return {
        **empty,
        "layout": {**empty["layout"], "title": {"text": plain(title), "font": {"size": 13}, "x": 0.5, "xanchor": "center", "y": 0.8}},
    }


def clean(values: np.ndarray, digits: int = 4) -> list[float | None]:
    """Numbers for a trace, gaps where there is none."""
    return [round(float(value), digits) if np.isfinite(value) else None for value in np.asarray(values).ravel()]


def clock(seconds: np.ndarray) -> list[str]:
    """Times as Plotly takes them, on the detectors' own clock."""
    return [str(each) for each in np.asarray(seconds, np.int64).astype("datetime64[s]")]


MASKS: Mapping[str, str] = {"nan": "all measured", "0": "without zeros"}
"""Which values errors count, by what was masked."""


def mask_words(null: str) -> str:
    """Which values errors count."""
    return MASKS.get(null, f"null = {null}")


def error_text(value: float, digits: int = 2) -> str:
    """An error with so many decimals; a tiny one with two significant digits, a huge one as powers of ten."""
    if not math.isfinite(value):
        return "–"
    if abs(value) >= HUGE:
        return number_text(value)
    return f"{value:.2g}" if 0 < abs(value) < 10 ** (1 - digits) else f"{value:.{digits}f}"


def signed_text(value: float, digits: int = 2) -> str:
    """A difference of errors with its sign."""
    return f"{'+' if value >= 0 else ''}{error_text(value, digits)}" if math.isfinite(value) else "–"


def unit_of(metric: str, unit: str) -> str:
    """The unit of a metric of values in a unit."""
    return "%" if metric == "mape" else unit
