"""Sparklines: a metric over a run's epochs in the size of a word, drawn in the browser once it is on screen."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs

_MOST_POINTS = 48


def thin_out(values: Sequence[float | None], most: int = _MOST_POINTS) -> list[float]:
    """At most `most` of the finite values, evenly spaced, first and last kept."""
    finite = [v for v in values if v is not None and v == v and abs(v) != float("inf")]
    if len(finite) <= most:
        return finite
    step = (len(finite) - 1) / (most - 1)
    return [finite[round(i * step)] for i in range(most)]


def spark_slot(run_id: str | None, metric: str = "") -> Component:
    """A place that the browser fills with the run's sparkline (see `assets/sparks.js`); empty without a run."""
    if run_id is None:
        return html.Span(className="spark")
    return html.Span(className="spark", role="img", **attrs({"data-spark": run_id, "aria-label": f"{metric or 'Metric'} over the epochs"}))
