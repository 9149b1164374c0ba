"""A small drawing of a network from its stages, in plain boxes, so that it takes the theme and needs no script. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.components.attributes import attrs
from workbench.families import Stage

_MOST_DOTS = 24
_LEAST, _TALLEST = 12, 72


def diagram(stages: Sequence[Stage]) -> Component:
    """The stages from left to right; a screen reader hears them in words."""
    spoken = ", then ".join(f"{s.title} ({s.note})" if s.note else s.title for s in stages)
    return html.Div([_stage(stage) for stage in stages], className="diagram", role="img", **attrs({"aria-label": f"Network: {spoken}"}))


def _stage(stage: Stage) -> Component:
    parts: list[Any] = []
    if stage.dots:
        shown = min(stage.dots, _MOST_DOTS)
        parts.append(html.Div([html.I(style={"background": f"var(--tr-cat-{i % 20})"}) for i in range(shown)], className="diagram-dots"))
    if stage.bars:
        heights = [_LEAST + (_TALLEST - _LEAST) * min(max(bar, 0.0), 1.0) for bar in stage.bars]
        parts.append(html.Div([html.I(style={"height": f"{height:.0f}px"}) for height in heights], className="diagram-bars"))
    picture = html.Div(parts, className="diagram-picture")
    caption = html.Div([html.Span(stage.title, className="diagram-title"), html.Span(stage.note, className="diagram-note")])
    return html.Div([picture, caption], className=f"diagram-stage diagram-{stage.kind}")
