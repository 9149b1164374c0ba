"""Reading drawn figures in tests."""

from __future__ import annotations

import json
from typing import Any, cast

import plotly.graph_objects as go


def traces(figure: go.Figure) -> tuple[Any, ...]:
    """The figure's traces."""
    return cast(tuple[Any, ...], figure.data)


def plotted(figure: go.Figure) -> dict[str, Any]:
    """The figure as the browser gets it."""
    return json.loads(str(figure.to_json()))


def layout(figure: go.Figure) -> dict[str, Any]:
    """The layout as the browser gets it."""
    return plotted(figure)["layout"]


def notes(figure: go.Figure) -> str:
    """All annotations on one line."""
    return " ".join(note["text"] for note in layout(figure).get("annotations", ())).replace("<br>", " ")
