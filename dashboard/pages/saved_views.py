"""The menu of saved views of a page: which there are, which is shown, what can be done with it, and its callbacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import act, icon, notify, read_action
from dashboard.components.attributes import attrs
from dashboard.context import actor, current
from workbench.listing.views import ADDRESSES, KIND, ViewPage, ViewRecord, views_of
from workbench.state import AppState


@dataclass(frozen=True)
class Menu:
    """The menu of one page.

    Attributes:
        page: whose views it lists. prefix: what its ids begin with. keeps: what a view of the page keeps, in words.
        without: what the page is called without a view, and its address; "" where there is none.
    """

    page: ViewPage
    prefix: str
    keeps: str
    without: str = ""

    @property
    def action(self) -> str:
        """Id of the store that receives what was chosen."""
        return f"{self.prefix}-view-action"

    @property
    def place(self) -> str:
        """Id of the menu's place."""
        return f"{self.prefix}-views"

    @property
    def shown(self) -> str:
        """Id of the store with the id and the query of the view that is shown, None for none."""
        return f"{self.prefix}-view"

    @property
    def title(self) -> str:
        """Id of what the menu is called; it and its entries change in place, so that a menu that is open stays open."""
        return f"{self.prefix}-views-title"

    @property
    def entries(self) -> str:
        """Id of its entries."""
        return f"{self.prefix}-views-entries"

    @property
    def drawn(self) -> str:
        """Id of the store that says what the menu was drawn from."""
        return f"{self.prefix}-views-drawn"


def parts(menu: Menu, state: AppState, shown: ViewRecord | None, query: Mapping[str, str]) -> list[Component]:
    """The menu in its place, with its stores.

    Args:
        shown: the view that the address names. query: what the page shows now, which may differ from it.
    """
    data = None if shown is None else {"id": shown.id, "query": shown.query}
    views = views_of(state, menu.page)
    summary = html.Summary(title(shown, query), id=menu.title, className="btn btn-outline-secondary")
    content = html.Div(entries(menu, views, shown, query), id=menu.entries, className="pop pop-menu view-menu")
    menu_of_views = html.Details([summary, content], className="pop-host")
    drawn = html.Div([menu_of_views], id=menu.place, **attrs({"aria-label": "Saved views", "role": "group"}))
    told = dcc.Store(id=menu.drawn, data=drawn_from(views, shown, query))
    return [drawn, told, dcc.Store(id=menu.action), dcc.Store(id=menu.shown, data=data)]


def title(shown: ViewRecord | None, query: Mapping[str, str]) -> list[Component | str]:
    """What the menu is called: after the view that is shown, and whether the page differs from it."""
    if shown is None:
        return [icon("bookmark", className="me-1"), "Views"]
    return [icon("bookmark-fill", className="me-1"), f"{shown.name}{' (changed)' if _changed(shown, query) else ''}"]


def entries(menu: Menu, views: Sequence[ViewRecord], shown: ViewRecord | None, query: Mapping[str, str]) -> list[Component]:
    """What is in the menu; arguments as in `parts`."""
    links: list[Component] = [
        dcc.Link(view.name, href=view.address, className=f"pop-item{' is-shown' if view is shown else ''}", title=_told(view))
        for view in views
    ]
    if shown is not None and menu.without:
        links.append(dcc.Link(menu.without, href=ADDRESSES[menu.page], className="pop-item muted"))
    acts = [_act(menu, "Save as a view…", "save", icon_name="bookmark-plus", prompt="Name of the view", prompt_label="Save view")]
    if shown is not None:
        if _changed(shown, query):
            acts.insert(0, _act(menu, "Save changes", "change", shown.id, icon_name="check2"))
        asking = {"prompt": "New name of the view", "prompt_value": shown.name, "prompt_label": "Rename"}
        acts += [
            _act(menu, "Rename…", "rename", shown.id, icon_name="pencil", **asking),
            _act(menu, "Delete", "delete", shown.id, icon_name="trash"),
        ]
    empty = [html.P(f"No views yet. A view keeps {menu.keeps} for everybody here.", className="pop-empty")]
    return [*(links or empty), html.Hr(), *acts]


def drawn_from(views: Sequence[ViewRecord], shown: ViewRecord | None, query: Mapping[str, str]) -> list[list[str]]:
    """What decides how the menu looks; arguments as in `entries`. A menu drawn again alike would lose a click at that instant."""
    which = [] if shown is None else [shown.id, shown.name, str(_changed(shown, query))]
    return [which, *([view.name, view.address, _told(view)] for view in views)]


def _changed(shown: ViewRecord, query: Mapping[str, str]) -> bool:
    return dict(query) != shown.query


def _told(view: ViewRecord) -> str:
    return ", ".join(f"{name}: {value}" for name, value in view.query.items()) or "All runs as they are"


def _act(menu: Menu, words: str, name: str, id: str = "", *, icon_name: str, **asking: Any) -> Component:
    return html.Button([icon(icon_name), words], type="button", className="pop-item", **act(menu.action, name, id, **asking))


def register(app: Dash, menu: Menu, sources: Sequence[tuple[str, str]], now: Callable[..., Mapping[str, str]]) -> None:
    """Add the menu's callbacks.

    Args:
        sources: (id, property) of what says what the page shows now. now: the query values of that.
    """

    @app.callback(
        Output(menu.title, "children"), Output(menu.entries, "children"), Output(menu.drawn, "data"),
        Input(menu.shown, "data"), Input("shell-seen", "data"), *(Input(*source) for source in sources),
        State(menu.drawn, "data"), prevent_initial_call=True,
    )  # fmt: skip
    @needs("read")
    def draw_menu(view: Any, _seen: Any, *given: Any) -> Any:
        *told, drawn = given
        state = current().workbench.state()
        shown = state.of(KIND).get(view["id"]) if view else None
        there = shown if shown is not None and shown.deleted_at is None else None
        views, query = views_of(state, menu.page), now(*told)
        wanted = drawn_from(views, there, query)
        return (no_update,) * 3 if wanted == drawn else (title(there, query), entries(menu, views, there, query), wanted)

    @app.callback(
        Output(menu.shown, "data"), Input(menu.action, "data"), *(State(*source) for source in sources), prevent_initial_call=True,
    )  # fmt: skip
    @needs("label")
    def act_on_view(data: Any, *told: Any) -> Any:
        action = read_action(data)
        if action is None:
            return no_update
        workbench, who = current().workbench, actor()
        views = workbench.views
        if action.name == "save":
            made = views.create(actor=who, name=str(action.value or ""), page=menu.page, query=now(*told))
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
            kept = views.change(actor=who, view_id=action.id, query=now(*told))
            notify(f"Saved the view {kept.name} as it is now.", undo=workbench.state().versions[kept.id])
        else:
            return no_update
        return {"id": kept.id, "query": kept.query}
