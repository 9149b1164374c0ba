"""The way on for a wizard whose configuration was changed or deleted by somebody else since it was opened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update, set_props
from dash.development.base_component import Component

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import act, icon, notify, read_action
from dashboard.context import actor, current
from dashboard.failures import in_words
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.chapters import Chapter
from dashboard.families.recsys.pages.drafts import Draft
from workbench.commands.base import CommandError
from workbench.store.errors import VersionConflict


def place(chapter: Chapter) -> Component:
    """Where the wizard of a chapter says it, empty at first."""
    return html.Div([html.Div(id=chapter.id("stale"), role="alert"), dcc.Store(id=chapter.id("way-on"))])


def is_stale(draft: Draft, error: CommandError) -> bool:
    """Whether a save was refused because what the draft edits was changed or deleted meanwhile."""
    return draft.version is not None and (isinstance(error, VersionConflict) or (error.code, error.field) == ("not_found", "id"))


def notice(chapter: Chapter, error: CommandError) -> Component:
    """What happened, and both ways on; what was deleted cannot be loaded."""
    store, changed = chapter.id("way-on"), isinstance(error, VersionConflict)
    message, _ = in_words(error)
    look = "btn btn-sm btn-outline-secondary"
    load = html.Button(
        "Load the current version", type="button", className=look, title="What you changed here is dropped", **act(store, "load", "")
    )
    copy = html.Button(
        f"Save as {chapter.new}",
        type="button",
        className=look,
        title="What you changed here is kept, under a free name",
        **act(store, "copy", ""),
    )
    ways = html.Div([load, copy] if changed else [copy], className="code-tools")
    return html.Div([icon("exclamation-triangle"), html.Div([html.P(message), ways])], className="note note-warning")


def register(app: Dash, chapter: Chapter, view: Any) -> None:
    """Add what both ways on do.

    Args:
        view: the wizard's module, with `read` and `save_as_new`.
    """
    draft, way_on = chapter.id("draft"), chapter.id("way-on")

    @app.callback(Output(way_on, "storage_type"), Input(way_on, "data"), State(draft, "data"), prevent_initial_call=True)
    @needs("read", copy="train")
    def go_on(asked: Any, data: Any) -> Any:
        action, held = read_action(asked), view.read(data)
        if action is None or held is None:
            return no_update
        record = view.save_as_new(current(), actor(), held) if action.name == "copy" else None
        set_props(draft, {"data": replace(held, over=True).to_json()})
        if record is None:
            shell.redraw()
        else:
            notify(f"Saved {record.name}.", undo=current().workbench.state().version)
            shell.go(addresses.one(chapter.address, record.id))
        return no_update
