"""The tools above the grid: the filter that is typed, the columns that are shown, and what runs are grouped by. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from dashboard.components import icon
from dashboard.components.attributes import attrs
from dashboard.pages.runs.rows import ALWAYS, shown_columns
from workbench.listing.asked import Selected
from workbench.listing.columns import Column
from workbench.listing.expressions import ExpressionError
from workbench.listing.expressions.parsing import MAX_LENGTH

WHERE, WHERE_SAYS, GROUP, COLUMNS = "runs-where", "runs-where-says", "runs-group", "runs-columns"
NO_GROUP = "-"
"""What the choice says while runs are not grouped (an empty value would show as blank)."""
GROUPABLE = ("family", "model", "dataset", "state", "tags", "seed")
"""Facts by which runs can be grouped; settings in which they differ join them."""
EXAMPLE = "duration > 2 min and state = completed"
MARKED = 120
"""Characters of an expression around the place that is wrong."""


def where_box(found: Selected) -> Component:
    """The filter: a box that completes the names of columns, and what is wrong with what stands in it."""
    names = [[column.key, column.title] for column in found.columns.values()]
    box = dbc.Input(
        id=WHERE, type="text", value=found.asked.where, placeholder=f"Filter, such as {EXAMPLE}", debounce=True, autocomplete="off", maxLength=MAX_LENGTH,
        invalid=found.problem is not None, name="where",
    )  # fmt: skip
    said = html.Div(problem(found.problem), id=WHERE_SAYS, className="where-says", role="alert")
    label = html.Label("Filter runs", htmlFor=WHERE, className="visually-hidden")
    host = html.Div([label, icon("funnel"), box], className="search where", **attrs({"data-completes": json.dumps(names)}))
    return html.Div([host, said], className="where-host")


def problem(error: ExpressionError | None) -> Any:
    """What is wrong with an expression, with the place marked in it; nothing where it can be read."""
    if error is None:
        return []
    before, wrong, after = error.text[: error.start], error.text[error.start : error.end], error.text[error.end :]
    before = f"…{before[-MARKED:]}" if len(before) > MARKED else before
    after = f"{after[:MARKED]}…" if len(after) > MARKED else after
    shown = html.Code([before, html.Mark(wrong[:MARKED] or " "), after], className="where-wrong")
    return [html.Span(f"{error.message} {error.hint or ''}"), shown]


def columns_choice(found: Selected, differing: Sequence[str], *, remembered: bool) -> Component:
    """The columns by where they come from; settings in which the runs differ stand before all others, which are folded.

    Args:
        remembered: whether this browser's own choice goes before the usual columns, where the address says nothing of columns.
    """
    remembered = remembered and not found.asked.columns
    shown = shown_columns(found)
    columns = [column for column in found.columns.values() if column.key not in ALWAYS]
    settings = [column for column in columns if column.source == "setting"]
    parts = [
        _boxes("facts", "About the run", [column for column in columns if column.source == "run"], shown, remembered),
        _boxes("metrics", "Metrics", [column for column in columns if column.source == "metric"], shown, remembered),
        _boxes("differing", "Settings that differ", [column for column in settings if column.key in differing], shown, remembered),
    ]
    same = [column for column in settings if column.key not in differing]
    if same:
        opened = any(column.key in shown for column in same)
        folded = _boxes("same", "", same, shown, remembered)
        parts.append(html.Details([html.Summary(f"Other settings ({len(same)})", className="more-title"), folded], open=opened))
    return html.Details(
        [
            html.Summary([icon("layout-three-columns", className="me-1"), "Columns"], className="btn btn-outline-secondary"),
            html.Div(parts, className="pop column-list", id="runs-column-list"),
        ],
        className="pop-host",
    )


def _boxes(name: str, title: str, columns: Sequence[Column], shown: Sequence[str], remembered: bool) -> Component:
    if not columns:
        return html.Div()
    options: Any = [{"label": column.title, "value": column.key} for column in columns]
    boxes = dbc.Checklist(
        id={"type": COLUMNS, "part": name}, options=options, value=[column.key for column in columns if column.key in shown],
        persistence=remembered, persistence_type="local",
    )  # fmt: skip
    return html.Div(
        [*([html.Div(title, className="group-title")] if title else []), boxes],
        role="group",
        **attrs({"aria-label": title or "Other settings"}),
    )


def group_choice(found: Selected, differing: Sequence[str]) -> Component:
    """What runs are grouped by."""
    keys = tuple(dict.fromkeys([*GROUPABLE, *differing, *filter(None, [found.asked.group])]))
    options: Any = [{"label": "Not grouped", "value": NO_GROUP}]
    options += [{"label": f"Group by {_spoken(found.columns[key])}", "value": key} for key in keys]
    label = html.Label("Group by", htmlFor=GROUP, className="visually-hidden")
    return html.Div([label, dbc.Select(id=GROUP, options=options, value=found.asked.group or NO_GROUP)])


def _spoken(column: Column) -> str:
    return "model or test" if column.key == "model" else column.title.lower() if column.source == "run" else column.title
