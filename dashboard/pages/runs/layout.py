"""The Runs page: one grid over the runs of all families."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, empty_state, icon, link_button, page_header
from dashboard.live.words import plural
from dashboard.pages.runs.rows import Metric

ACTION = "runs-action"
ROW_HEIGHT = 42

OPTIONAL: tuple[tuple[str, str], ...] = (
    ("family", "Family"), ("state", "State"), ("started", "Started"), ("duration", "Duration"), ("epochs", "Epochs"), ("tags", "Tags"), ("note", "Note"),
)  # fmt: skip
"""(field, title) of the columns that can be hidden."""

SHOWN_AT_FIRST = ("state", "started", "duration", "epochs", "tags", "note")
METRICS_AT_FIRST = 2


def page(
    rows: Sequence[Mapping[str, Any]], metrics: Sequence[Metric], *, known: Mapping[str, int], model: tuple[str, str] | None = None
) -> Component:
    """The page.

    Args:
        rows: newest first. metrics: what can be a column. known: run id -> version of what the rows show.
        model: (id, name) of the one model whose runs are listed.
    """
    lead: Any = html.Span(plural(len(rows), "run"), id="runs-count", **_POLITE)
    if model:
        lead = html.Span(
            [
                lead,
                " of ",
                dcc.Link(model[1], href=f"/model/{model[0]}"),
                " · ",
                dcc.Link("show all runs", href="/runs"),
            ]
        )
    head = page_header("Runs", lead=html.Span(lead, id="runs-lead"))
    stores = [
        dcc.Store(id=ACTION), dcc.Store(id="runs-known", data=dict(known)), dcc.Store(id="runs-model", data=model[0] if model else None),
        dcc.Store(id="runs-sink"),
    ]  # fmt: skip
    if not rows and model is None:
        text = "A run is one training of a model. Start one from a model's page and it appears here, with its state, metrics and files."
        # No stores: what they feed is the grid, and there is none.
        return html.Div([head, empty_state("No runs yet", text, actions=[link_button("Go to models", "/", kind="primary")])])
    return html.Div([head, toolbar(metrics), grid(rows, metrics), *stores], className="runs-page")


def toolbar(metrics: Sequence[Metric]) -> Component:
    """Search, columns, and what can be done with the runs that are selected."""
    options: Any = [{"label": title, "value": field} for field, title in OPTIONAL]
    options += [{"label": metric.title, "value": metric.field} for metric in metrics]
    shown = [*SHOWN_AT_FIRST, *(metric.field for metric in metrics[:METRICS_AT_FIRST])]
    search = html.Div(
        [
            html.Label("Search runs", htmlFor="runs-search", className="visually-hidden"),
            icon("search"),
            dbc.Input(
                id="runs-search",
                type="search",
                placeholder="Search name, state, tag, note",
                debounce=False,
                autocomplete="off",
            ),
        ],
        className="search",
    )
    boxes = dbc.Checklist(
        id="runs-columns", options=options, value=shown, persistence=True, persistence_type="local", className="column-list"
    )
    columns = html.Details(
        [
            html.Summary([icon("layout-three-columns", className="me-1"), "Columns"], className="btn btn-outline-secondary"),
            html.Div(boxes, className="pop"),
        ],
        className="pop-host",
    )
    selected = html.Div(
        [
            html.Span("", id="runs-selected", className="muted", **_POLITE),
            button("Compare", id="runs-compare", small=True, icon_name="bar-chart-steps", disabled=True, title="Select two to ten runs"),
            button("Tag", id="runs-tag", small=True, icon_name="tag", disabled=True, **act(ACTION, "tag", **_TAGGING)),
            button("Delete", id="runs-delete", small=True, icon_name="trash", disabled=True),
        ],
        className="toolbar-selected",
    )
    return html.Div([search, columns, selected], className="toolbar")


def columns(metrics: Sequence[Metric], shown: Sequence[str]) -> list[dict[str, Any]]:
    """The grid's columns; those not in `shown` are hidden, not gone, so that their filters stay."""
    text, numbers = {"filter": "agTextColumnFilter"}, {"filter": "agNumberColumnFilter"}
    fixed: list[dict[str, Any]] = [
        {"field": "number", "headerName": "Run", "width": 84, "pinned": "left", "cellRenderer": "TrellisRunLink", **numbers},
        {"field": "about", "headerName": "Of", "minWidth": 170, "flex": 2, "cellRenderer": "TrellisRunAbout", **text},
        {"field": "family", "headerName": "Family", "width": 140, **text},
        {"field": "state", "headerName": "State", "width": 132, "cellRenderer": "TrellisState", "tooltipField": "why", **text},
        {"field": "started", "headerName": "Started", "width": 112, "cellRenderer": "TrellisTime", "filter": False},
        {
            "field": "duration",
            "headerName": "Duration",
            "width": 100,
            **numbers,
            "valueFormatter": {"function": "TrellisDuration(params.value)"},
        },
        {
            "field": "epochs",
            "headerName": "Epochs",
            "width": 104,
            **numbers,
            "valueFormatter": {"function": "TrellisEpochs(params.value, params.data)"},
        },
    ]
    measured = [
        {
            "field": metric.field, "headerName": metric.title, "width": 116, **numbers,
            "valueFormatter": {"function": "TrellisShare(params.value)" if metric.share else "TrellisNumber(params.value)"},
        }
        for metric in metrics
    ]  # fmt: skip
    told = [
        {"field": "tags", "headerName": "Tags", "minWidth": 90, "flex": 1, "editable": True, **text},
        {
            "field": "note", "headerName": "Note", "minWidth": 110, "flex": 2, "editable": True, "tooltipField": "note", **text,
            "cellEditor": "agLargeTextCellEditor", "cellEditorPopup": True, "cellEditorParams": {"maxLength": 2000},
        },
        {
            "field": "id", "headerName": "", "width": 58, "cellRenderer": "TrellisRunActions", "sortable": False, "resizable": False, "filter": False,
            "suppressMovable": True, "pinned": "right",
        },
    ]  # fmt: skip
    optional = {field for field, _ in OPTIONAL} | {metric.field for metric in metrics}
    return [
        {key: value for key, value in c.items() if value is not None} | _hidden(c["field"], optional, shown)
        for c in (*fixed, *measured, *told)
    ]


def _hidden(field: str, optional: set[str], shown: Sequence[str]) -> dict[str, bool]:
    return {"hide": field not in shown} if field in optional else {}


def grid(rows: Sequence[Mapping[str, Any]], metrics: Sequence[Metric]) -> Component:
    """The grid: rows that are on screen are drawn, so that any number of them stays fluid."""
    shown = [*SHOWN_AT_FIRST, *(metric.field for metric in metrics[:METRICS_AT_FIRST])]
    return dag.AgGrid(
        id="runs-grid",
        rowData=[dict(row) for row in rows],
        columnDefs=columns(metrics, shown),
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": False},
        getRowId="params.data.id",
        dashGridOptions={
            "animateRows": False, "rowHeight": ROW_HEIGHT, "headerHeight": 38, "enableCellTextSelection": True, "tooltipShowDelay": 400,
            "rowSelection": {"mode": "multiRow", "checkboxes": True, "headerCheckbox": True, "enableClickSelection": False},
            "selectionColumnDef": {"pinned": "left", "width": 44}, "localeText": {"noRowsToShow": "No runs.", "noMatchingRows": "No run matches."},
            "stopEditingWhenCellsLoseFocus": True,
        },
        eventListeners={"cellKeyDown": ["TrellisOpenRun(params)"]},
        className="grid runs-grid",
        style={"height": f"min(calc(100vh - 210px), {ROW_HEIGHT * max(len(rows), 3) + 58}px)"},
        dangerously_allow_code=False,
    )  # fmt: skip


_POLITE: dict[str, Any] = {"aria-live": "polite"}

_TAGGING = {"prompt": "Tags to add to the selected runs, separated by commas", "prompt_label": "Add tags"}
