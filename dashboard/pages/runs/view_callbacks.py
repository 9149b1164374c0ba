"""What the menu of saved views does: save, change, rename, delete; and keeping it current."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, no_update

from dashboard import shell
from dashboard.components import notify, read_action
from dashboard.context import actor, current
from dashboard.pages.runs.views import VIEW, VIEW_ACTION, VIEWS, menu
from workbench.listing.asked import Asked
from workbench.listing.views import KIND, views_of


def register(app: Dash) -> None:
    """Add the menu's callbacks."""

    @app.callback(
        Output(VIEWS, "children"), Input("runs-asked", "data"), Input("runs-sort", "data"), Input(VIEW, "data"), Input("shell-seen", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def draw_menu(asked: Any, sort: str | None, view: Any, _seen: Any) -> Any:
        state = current().workbench.state()
        shown = state.of(KIND).get(view["id"]) if view else None
        return menu(views_of(state, "runs"), shown if shown is not None and shown.deleted_at is None else None, now_asked(asked, sort))

    @app.callback(
        Output(VIEW, "data"), Input(VIEW_ACTION, "data"), State("runs-asked", "data"), State("runs-sort", "data"), State(VIEW, "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    def act_on_view(data: Any, asked: Any, sort: str | None, view: Any) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        workbench, who = current().workbench, actor()
        views, query = workbench.views, now_asked(asked, sort).query()
        if action.name == "save":
            made = views.create(actor=who, name=str(action.value or ""), page="runs", query=query)
            notify(f"Saved the view {made.name}. Everybody here can open it.", undo=workbench.state().versions[made.id])
            shell.go(made.address)
            return no_update
        if action.name == "delete":
            gone = views.delete(actor=who, view_id=action.id)
            notify(f"Deleted the view {gone.name}.", undo=workbench.state().versions[gone.id])
            shell.go("/runs")
            return no_update
        if action.name == "rename":
            kept = views.change(actor=who, view_id=action.id, name=str(action.value or ""))
            notify(f"The view is named {kept.name} now.", undo=workbench.state().versions[kept.id])
        elif action.name == "change":
            kept = views.change(actor=who, view_id=action.id, query=query)
            notify(f"Saved the view {kept.name} as it is now.", undo=workbench.state().versions[kept.id])
        else:
            return no_update
        return {"id": kept.id, "query": kept.query}


def now_asked(asked: Any, sort: str | None) -> Asked:
    """What the page shows now: what was asked for, in the order that the grid has."""
    return Asked.model_validate({**asked, "sort": [key for key in (sort or "").split(",") if key]})
