"""The Models page as a table: one grid for any number of models; clicks are delegated like everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash.development.base_component import Component

from dashboard.components.runs import RUN_STATES
from dashboard.pages.models.rows import ModelRow

COLUMNS: list[dict[str, Any]] = [
    {
        "field": "name",
        "headerName": "Name",
        "width": 262,
        "editable": True,
        "cellRenderer": "TrellisModelLink",
        "pinned": "left",
        "tooltipField": "name",
    },
    {"field": "words", "headerName": "Architecture", "minWidth": 140, "flex": 3, "tooltipField": "words"},
    {"field": "data", "headerName": "Data", "minWidth": 104, "flex": 1, "tooltipField": "data"},
    {"field": "state", "headerName": "Last run", "width": 132, "cellRenderer": "TrellisState"},
    {"field": "metric", "headerName": "Best", "width": 140, "tooltipField": "metric_name", "cellRenderer": "TrellisMetric"},
    {"field": "run_id", "headerName": "Course", "width": 106, "cellRenderer": "TrellisSpark", "sortable": False},
    {"field": "tags", "headerName": "Tags", "minWidth": 76, "flex": 1},
    {"field": "updated_at", "headerName": "Changed", "width": 100, "cellRenderer": "TrellisTime"},
    {
        "field": "id",
        "headerName": "",
        "pinned": "right",
        "width": 140,
        "cellRenderer": "TrellisModelActions",
        "sortable": False,
        "resizable": False,
        "suppressMovable": True,
    },
]
"""What the table shows. The renderers are in `assets/cells.js`."""


def table(rows: Sequence[ModelRow]) -> Component:
    """The grid. Its height follows the number of rows up to the window's; only what is on screen is drawn."""
    return dag.AgGrid(
        id="models-grid",
        rowData=[table_row(row) for row in rows],
        columnDefs=COLUMNS,
        defaultColDef={"sortable": True, "resizable": True, "filter": False, "suppressHeaderMenuButton": True},
        getRowId="params.data.id",
        dashGridOptions={
            "animateRows": False,
            "rowHeight": 44,
            "headerHeight": 38,
            "singleClickEdit": False,
            "enableCellTextSelection": True,
        },
        className="grid",
        style={"height": f"min(calc(100vh - 220px), {44 * len(rows) + 56}px)"},
        dangerously_allow_code=False,
    )


def table_row(row: ModelRow) -> dict[str, Any]:
    """A row as the grid's cells read it."""
    look = RUN_STATES[row.state] if row.state else None
    return {
        "id": row.id,
        "name": row.name,
        "number": row.number,
        "words": row.words,
        "data": ", ".join(part for part in (row.dataset, row.held) if part),
        "state": look.word if look else "Not trained",
        "tone": look.tone if look else "muted",
        "icon": look.icon if look else "circle",
        "metric": row.metric,
        "metric_text": row.metric_text,
        "metric_name": row.metric_name,
        "run_id": row.run_id,
        "tags": ", ".join(row.tags),
        "updated_at": row.updated_at,
        "misfit": row.misfit,
        "active": row.active,
    }
