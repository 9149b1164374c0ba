"""Delegated actions: what a click means is written on the element, and one listener in the browser reads it.

Layout::

    html.Button("Stop", **act("runs-action", "stop", run.id))
    dcc.Store(id="runs-action")

Callback::

    @app.callback(Output(...), Input("runs-action", "data"), prevent_initial_call=True)
    def on_action(data):
        action = read_action(data)     # None for anything malformed
        if action is not None and action.name == "stop":
            current().workbench.runs.request_stop(actor=actor(), run_id=action.id)

The browser's part is `assets/actions.js`. With `confirm=` or `prompt=`, it asks first, in a dialog.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Action:
    """A click that arrived: what to do (`name`), to what (`id`), with which value, if any, and whether a question before it was answered."""

    name: str
    id: str
    value: Any = None
    confirmed: bool = False


def act(
    store: str,
    name: str,
    id: str = "",
    *,
    value: str | None = None,
    confirm: str | None = None,
    confirm_label: str = "Continue",
    prompt: str | None = None,
    prompt_value: str = "",
    prompt_label: str = "Save",
) -> dict[str, Any]:
    """The attributes that make an element's click an action of `store`; spread them into any `html` component.

    Args:
        store: id of the `dcc.Store` that receives `{"action", "id", "value", "at"}`.
        name: what to do. id: the entity it is about. value: anything more, as text.
        confirm: a question to ask first, whose yes comes along as `Action.confirmed`; confirm_label: what the button that goes
            ahead says.
        prompt: a text to ask for first, which becomes the value; prompt_value: what it starts from. One that is refused
            is asked for again, with what was typed and the reason.
    """
    attributes: dict[str, Any] = {"data-act": name, "data-to": store, "data-id": id}
    if value is not None:
        attributes["data-value"] = value
    if confirm is not None:
        attributes |= {"data-confirm": confirm, "data-confirm-label": confirm_label}
    if prompt is not None:
        attributes |= {"data-prompt": prompt, "data-prompt-value": prompt_value, "data-prompt-label": prompt_label}
    return attributes


def read_action(data: Any) -> Action | None:
    """What a store received from a click, or None if that is not an action."""
    if not isinstance(data, dict):
        return None
    name, id = data.get("action"), data.get("id", "")
    return Action(name, id, data.get("value"), data.get("confirmed") is True) if isinstance(name, str) and isinstance(id, str) else None
