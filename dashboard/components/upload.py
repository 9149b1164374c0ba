"""A control that takes one file. Whatever is chosen arrives, so that what is wrong with it can be said."""

from __future__ import annotations

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.basic import icon

MAX_UPLOAD = 45 * 1024**2
"""Bytes of a file; it travels as text, which is a third longer, and must fit into a request."""


def upload_control(id: str, place: str, label: str, words: str, *, hidden: bool = False) -> Component:
    """The control and what may be given to it.

    Args:
        id: of the control, whose `contents` and `filename` a callback takes. place: id of what surrounds it.
        label: of the button. words: what is in such a file. hidden: whether it is left out of sight.
    """
    face = html.Button([icon("upload"), label], type="button", className="btn btn-sm btn-outline-secondary")
    # No file is turned away in the browser by its kind: that happens without a word there. `assets/uploads.js` says what is too large.
    control = dcc.Upload(face, id=id, multiple=False, className="upload")
    limit: dict[str, Any] = {"data-upload-limit": str(MAX_UPLOAD)}
    return html.Div([control, html.P(words, className="field-help")], id=place, hidden=hidden, **limit)
