"""Toasts: what happened, with Undo where there is one. Errors stay until dismissed, or until
the page that they are about is left.

Call `notify` or `notify_error` inside a callback; no output needs to be declared. An exception that a callback
lets through becomes an error toast by itself (see `dashboard.failures`), so callbacks need no try of their own.
"""

from __future__ import annotations

import secrets
from typing import Any, Literal

import flask
from dash import set_props

INBOX = "toast-inbox"
"""The store that the shell's browser-side part reads; several toasts of one callback travel together."""

UNDO_STORE = "shell-undo"


def notify(
    message: str,
    *,
    kind: Literal["good", "info", "warning"] = "good",
    undo: int | None = None,
    link: tuple[str, str] | None = None,
) -> None:
    """Show that something happened.

    Args:
        message: one sentence. kind: its tone.
        undo: the journal number of what was done (`Executed.seq`, or `state().version` after it): adds an Undo button
            that takes back exactly that and nothing else.
        link: (text, address within the app) of a link to follow.
    """
    _send({"kind": kind, "message": message, "undo": undo, "link": list(link) if link else None})


def notify_error(message: str, hint: str | None = None, *, comes_along: bool = False) -> None:
    """Show what went wrong and what to do; it stays until it is dismissed or the page is left.

    Args:
        comes_along: it is about the page that the same callback goes to, so it outlives that one change of page.
    """
    _send({"kind": "danger", "message": message, "hint": hint, "along": comes_along})


def _send(toast: dict[str, Any]) -> None:
    earlier = flask.g.get("toasts", ()) if flask.has_request_context() else ()
    toasts = [*earlier, toast | {"id": secrets.token_hex(4)}]
    if flask.has_request_context():
        flask.g.toasts = toasts
    set_props(INBOX, {"data": toasts})
