"""Runs by one column, with means and spreads over those that agree in it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_ag_grid as dag
from dash.development.base_component import Component

from dashboard.components import section
from dashboard.pages.runs.rows import field_of, shown_columns
from workbench.listing.asked import Selected
from workbench.listing.columns import Column
from workbench.listing.grouping import Group, groups_of
from workbench.state import AppState

ROW_HEIGHT = 38
MOST_ROWS = 8
"""Rows in sight at once; the others are reached by scrolling."""


def measured_columns(found: Selected) -> tuple[Column, ...]:
    """The columns with means: the numbers that the grid shows, without the one by which runs are grouped."""
    shown = (found.columns[key] for key in shown_columns(found))
    return tuple(column for column in shown if column.is_number and column.key != found.asked.group)


def groups_part(state: AppState, found: Selected) -> list[Component]:
    """The table of groups; nothing where runs are not grouped."""
    if not found.asked.group:
        return []
    by, measured = found.columns[found.asked.group], measured_columns(found)
    groups = groups_of(state, found.runs, by, measured)
    rows = [_row(group, place, measured, found.asked.where) for place, group in enumerate(groups)]
    table = dag.AgGrid(
        id="runs-groups-grid", rowData=rows, columnDefs=_columns(by, measured), defaultColDef={"sortable": True, "resizable": True},
        getRowId="params.data.id", className="grid runs-grid",
        dashGridOptions={"animateRows": False, "rowHeight": ROW_HEIGHT, "headerHeight": 38, "enableCellTextSelection": True, "localeText": {"noRowsToShow": "No runs."}},
        style={"height": f"{ROW_HEIGHT * min(max(len(rows), 1), MOST_ROWS) + 54}px"}, dangerously_allow_code=False,
    )  # fmt: skip
    note = "Mean ± standard deviation over the runs of a group that have the value and measured it alike. A click on a group lists its runs alone."
    return [section(f"By {by.title}", table, id="groups", note=note)]


def _row(group: Group, place: int, measured: Sequence[Column], where: str) -> dict[str, Any]:
    narrowed = (
        f"({where}) and {group.where}" if where and " or " in where.lower() else f"{where} and {group.where}" if where else group.where
    )
    row: dict[str, Any] = {"id": str(place), "value": group.words, "runs": len(group.runs), "where": narrowed}
    for column in measured:
        mean = group.means[column.key]
        row |= {field_of(column): mean.mean, f"{field_of(column)}:words": mean.words or "–"}
    return row


def _columns(by: Column, measured: Sequence[Column]) -> list[dict[str, Any]]:
    fixed = [
        {"field": "value", "headerName": by.title, "minWidth": 160, "flex": 2, "cellRenderer": "TrellisGroup", "pinned": "left"},
        {"field": "runs", "headerName": "Runs", "width": 90},
    ]
    means = [
        {"field": field_of(column), "headerName": column.title, "minWidth": 150, "flex": 1, "cellRenderer": "TrellisMean"}
        for column in measured
    ]
    return [*fixed, *means]
