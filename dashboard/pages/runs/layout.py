"""The Runs page: one grid over the runs of all families. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, empty_state, icon, link_button, page_header
from dashboard.live.words import plural
from dashboard.pages import saved_views
from dashboard.pages.runs.choosing import columns_choice, group_choice, where_box
from dashboard.pages.runs.groups import groups_part
from dashboard.pages.runs.listed import Listed, cut_words, listed
from dashboard.pages.runs.rows import ALWAYS, field_of, needed_columns, rows_of, shown_columns, versions_of
from workbench.listing.asked import Selected
from workbench.listing.columns import Column, differing_settings
from workbench.listing.views import ViewRecord
from workbench.state import AppState

ACTION = "runs-action"
MENU = saved_views.Menu("runs", "runs", "filter, columns, order and grouping", "All runs, no view")
ROW_HEIGHT = 42

_FORMATS = {
    "share": "TrellisShare(params.value)", "number": "TrellisNumber(params.value)", "duration": "TrellisDuration(params.value)",
}  # fmt: skip
_LOOKS: dict[str, dict[str, Any]] = {
    "number": {"width": 84, "pinned": "left", "cellRenderer": "TrellisRunLink"},
    "model": {"minWidth": 170, "flex": 2, "cellRenderer": "TrellisRunAbout"},
    "family": {"width": 140},
    "state": {"width": 132, "cellRenderer": "TrellisState", "tooltipField": "why"},
    "dataset": {"width": 150},
    "duration": {"width": 100},
    "epochs": {"width": 104, "valueFormatter": {"function": "TrellisEpochs(params.value, params.data)"}},
    "seed": {"width": 90},
    "tags": {"minWidth": 90, "flex": 1, "editable": True},
    "note": {
        "minWidth": 110, "flex": 2, "editable": True, "tooltipField": "note", "cellEditor": "agLargeTextCellEditor", "cellEditorPopup": True,
        "cellEditorParams": {"maxLength": 2000},
    },
}  # fmt: skip
"""How single columns look beyond what their kind says."""

CARD: dict[str, Any] = {
    "field": "card", "colId": "card", "headerName": "Run", "cellRenderer": "TrellisRunCard", "flex": 1, "hide": True, "autoHeight": True, "sortable": False,
    "suppressMovable": True,
}  # fmt: skip
"""What a phone shows of a run in place of columns beside each other (`assets/runs-narrow.js`)."""


def page(
    state: AppState, found: Selected, *, model: tuple[str, str] | None = None, view: ViewRecord | None = None, search: str = ""
) -> Component:
    """The page.

    Args:
        found: what the address asks for. model: (id, name) of the one model whose runs are listed. view: the saved view that the address names.
        search: what is searched for among the runs that are listed.
    """
    lead: Any = html.Span(counted(len(found.runs), found.total), id="runs-count", **_POLITE)
    if model:
        lead = html.Span(
            [lead, " of ", dcc.Link(model[1], href=f"/model/{model[0]}"), " · ", dcc.Link("show all runs", href="/runs")]
        )  # fmt: skip
    head = page_header("Runs", lead=html.Span(lead, id="runs-lead"))
    if not found.total and model is None:
        text = "A run is one training of a model. Start one from a model's page and it appears here, with its state, metrics and files."
        # No stores: what they feed is the grid, and there is none.
        return html.Div([head, empty_state("No runs yet", text, actions=[link_button("Go to models", "/", kind="primary")])])
    held = listed(state, found, search)
    stores = [
        dcc.Store(id=ACTION), dcc.Store(id="runs-known", data=versions_of(state, held.runs)), dcc.Store(id="runs-total", data=found.total),
        dcc.Store(id="runs-model", data=model[0] if model else None), dcc.Store(id="runs-sink"), dcc.Store(id="runs-sort", data=",".join(found.asked.sort)),
        dcc.Store(id="runs-asked", data=found.asked.model_dump(mode="json")), dcc.Store(id="runs-cut", data=held.cut), dcc.Store(id="runs-again"),
    ]  # fmt: skip
    differing = differing_settings(found.columns.values(), held.runs)
    groups = html.Div(groups_part(state, found), id="runs-groups")
    said = html.P(cut_words(found, held), id="runs-cut-says", className="muted")
    return html.Div(
        [head, *toolbars(state, found, differing, view, search), groups, said, grid(state, found, held, search), *stores],
        className="runs-page",
    )


def counted(shown: int, total: int) -> str:
    """How many runs are listed, and of how many if a filter holds some back."""
    return plural(total, "run") if shown == total else f"{shown:,} of {plural(total, 'run')}"


def toolbars(state: AppState, found: Selected, differing: Sequence[str], view: ViewRecord | None, searched: str = "") -> list[Component]:
    """The filter, and under it search, columns, grouping, and what can be done with the runs that are selected."""
    search = html.Div(
        [
            html.Label("Search runs", htmlFor="runs-search", className="visually-hidden"), icon("search"),
            dbc.Input(
                id="runs-search", type="search", placeholder="Search name, state, tag, note", value=searched, debounce=False, autocomplete="off",
            ),
        ],
        className="search",
    )  # fmt: skip
    selected = html.Div(
        [
            html.Span("", id="runs-selected", className="muted", **_POLITE),
            button("Compare", id="runs-compare", small=True, icon_name="bar-chart-steps", disabled=True, title="Select two to ten runs"),
            button("Tag", id="runs-tag", small=True, icon_name="tag", disabled=True, **act(ACTION, "tag", **_TAGGING)),
            button("Delete", id="runs-delete", small=True, icon_name="trash", disabled=True),
        ],
        className="toolbar-selected",
    )
    return [
        where_box(found),
        html.Div(
            [
                search,
                *saved_views.parts(MENU, state, view, found.asked.query()),
                columns_choice(found, differing, remembered=view is None),
                group_choice(found, differing),
                _order(),
                selected,
            ],
            className="toolbar",
        ),
    ]


def _order() -> Component:
    """How cards are sorted, on a small screen alone; `assets/runs-order.js` fills it and does what it says."""
    way = html.Button(icon("sort-down"), id="runs-order-way", type="button", className="btn btn-icon", disabled=True)
    select = html.Select([], id="runs-order", className="form-select")
    return html.Div([html.Label("Sort by", htmlFor="runs-order"), select, way], className="runs-order")


def columns(found: Selected, sort: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The grid's columns: those that are shown in their order, and hidden ones that it is sorted by.

    Args:
        sort: as the grid is sorted now; default: as was asked for.
    """
    ordered = {key.removeprefix("-"): (place, key.startswith("-")) for place, key in enumerate(found.asked.sort if sort is None else sort)}
    shown = {*ALWAYS, *shown_columns(found)}
    wanted = [
        _column(column) | _sorted(ordered.get(column.key)) | ({} if column.key in shown else {"hide": True})
        for column in needed_columns(found)
    ]
    actions = {
        "field": "id", "headerName": "", "width": 58, "cellRenderer": "TrellisRunActions", "sortable": False, "resizable": False,
        "suppressMovable": True, "pinned": "right",
    }  # fmt: skip
    return [*wanted, CARD, actions]


def _column(column: Column) -> dict[str, Any]:
    look: dict[str, Any] = {"field": field_of(column), "colId": field_of(column), "headerName": column.title, "headerTooltip": column.key}
    if column.kind in _FORMATS and column.key != "number":
        look |= {"width": 116, "valueFormatter": {"function": _FORMATS[column.kind]}}
    elif column.kind == "time":
        look |= {"width": 112, "cellRenderer": "TrellisTime"}
    elif column.kind == "flag":
        look["width"] = 110
    elif column.source == "setting":
        look["width"] = 150
    return look | _LOOKS.get(column.key, {})


def _sorted(place: tuple[int, bool] | None) -> dict[str, Any]:
    return {} if place is None else {"sort": "desc" if place[1] else "asc", "sortIndex": place[0]}


def grid(state: AppState, found: Selected, held: Listed, searched: str = "") -> Component:
    """The grid: rows that are on screen are drawn, so that any number of them stays fluid."""
    return dag.AgGrid(
        id="runs-grid",
        rowData=rows_of(state, held.runs, needed_columns(found)),
        columnDefs=columns(found),
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
        getRowId="params.data.id",
        dashGridOptions={
            "animateRows": False, "rowHeight": ROW_HEIGHT, "headerHeight": 38, "enableCellTextSelection": True, "tooltipShowDelay": 400,
            "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": True, "enableClickSelection": False},
            "selectionColumnDef": {"pinned": "left", "width": 44}, "localeText": {"noRowsToShow": "No run matches.", "noMatchingRows": "No run matches."},
            "stopEditingWhenCellsLoseFocus": True, "quickFilterText": searched,
        },
        eventListeners={"cellKeyDown": ["TrellisOpenRun(params)"], "sortChanged": ["TrellisRunsSorted(params)"], "newColumnsLoaded": ["TrellisRunsFit(params)"]},
        className="grid runs-grid",
        style=grid_style(len(held.runs)),
        dangerously_allow_code=False,
    )  # fmt: skip


def grid_style(rows: int) -> dict[str, str]:
    """As high as its rows need, and as the window allows."""
    return {"height": f"min(calc(100vh - 210px), {ROW_HEIGHT * max(rows, 3) + 58}px)"}


_POLITE: dict[str, Any] = {"aria-live": "polite"}

_TAGGING = {"prompt": "Tags to add to the selected runs, separated by commas", "prompt_label": "Add tags"}
