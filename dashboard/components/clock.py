"""Times for people: they travel as UTC, and the browser writes them in its own zone."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs


def time_of(at: str | None, *, relative: bool = True, empty: str = "never") -> Component:
    """A time: "3 minutes ago" (with the full time as tooltip), or the full local time if not `relative`.

    `at` is UTC ISO 8601 text with a trailing Z. The text is filled in by `assets/clock.js`, in the browser's zone.
    """
    if not at:
        return html.Span(empty)
    return html.Time(dateTime=at, className="js-time", **attrs({"data-relative": "1" if relative else "0"}))
