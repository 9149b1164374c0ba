"""Draws a family's look at data: pictures, counts, facts and tables, whatever they are of. Pure."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from workbench.looks import Counts, Look, Picture, Table

_PIXELS = 34
WIDEST = 4
"""How many times as wide as high a small picture is at most."""


def draw_look(look: Look, *, pixels: int = _PIXELS) -> Component:
    """Everything a look has, in the order in which one looks at it.

    Args:
        pixels: height of a picture.
    """
    parts: list[Any] = [html.P(line, className="notice notice-warning") for line in look.notices]
    if look.pictures:
        parts.append(html.Div([_picture(picture, pixels) for picture in look.pictures], className="strip"))
    parts += [html.P(line, className="field-help") for line in look.words]
    if look.facts:
        pairs = [html.Div([html.Dt(name), html.Dd(value)]) for name, value in look.facts]
        parts.append(html.Dl(pairs, className="look-facts"))
    for counts in look.counts:
        if counts.items:
            parts += [html.H3(counts.title, className="mini-title"), _counts(counts)]
    parts += [_table(table) for table in look.tables]
    return html.Div(parts, className="look")


def thumbnail(src: str, words: str, pixels: int, **more: Any) -> Component:
    """A small picture as high as asked for, in its own shape; a very wide one is made lower."""
    return html.Img(src=src, alt=words, height=pixels, style={"maxWidth": f"{WIDEST * pixels}px"}, **more)


def _picture(picture: Picture, pixels: int) -> Component:
    return html.Figure([thumbnail(picture.src, f"Sample: {picture.name}", pixels), html.Figcaption(picture.name)])


def _counts(counts: Counts) -> Component:
    most = max((n for _, n in counts.items), default=0) or 1
    bars = [
        html.Li(
            [
                html.Span(name, className="balance-name", title=name),
                html.Span(html.Span(style={"width": f"{100 * n / most:.0f}%"}, className="balance-bar"), className="balance-track"),
                html.Span(f"{n:,}", className="balance-count"),
            ]
        )
        for name, n in counts.items
    ]
    return html.Ul(bars, className="balance")


def _table(table: Table) -> Component:
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in table.columns]))
    body = html.Tbody([html.Tr([html.Td(_shown(value)) for value in row]) for row in table.rows])
    caption = [html.Caption(table.title)] if table.title else []
    shown = html.Table([*caption, head, body], className="table table-sm look-table")
    return html.Div(shown, className="table-scroll", tabIndex="0")


def _shown(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
