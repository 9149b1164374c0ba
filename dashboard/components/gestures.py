"""Gestures of a builder: actions that are applied in order, each once, to a draft that the browser holds.

    html.Div(**gestures("builder-action"))            # on the page: the store's actions are gestures
    dcc.Store(id="builder-action")

    for seq, action in unapplied(data, draft.seq):     # in the callback
        draft = replace(edited(draft, action), seq=seq)

The browser's part is `assets/gestures.js`: what no answer has confirmed is sent again with the next gesture, so a
callback that is asked again before it has answered loses nothing.
"""

from __future__ import annotations

from typing import Any

from dashboard.components.action import Action, read_action

MOST_WAITING = 500
"""More gestures at once are no person's."""


def gestures(store: str) -> dict[str, Any]:
    """The attributes that make a store's actions gestures while their element is on the page."""
    return {"data-gestures": store}


def unapplied(data: Any, known: int) -> list[tuple[int, Action]]:
    """(number, action) of the gestures after `known`, in order; nothing for anything malformed."""
    entries = data[:MOST_WAITING] if isinstance(data, list) else []
    found = [
        (entry["seq"], action)
        for entry in entries
        if isinstance(entry, dict) and type(entry.get("seq")) is int and entry["seq"] > known and (action := read_action(entry)) is not None
    ]
    return sorted(found, key=lambda gesture: gesture[0])
