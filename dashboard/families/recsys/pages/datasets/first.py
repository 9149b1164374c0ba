"""A table before it is imported: what its columns are taken for, to be changed, and some of its rows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import button, page_header, section, wait_outline
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets import one
from dashboard.families.recsys.pages.datasets.cards import ROLE_WORDS
from recsys.data.options import TableOptions
from recsys.data.schema import DataType, TypeWord
from workbench.fields import field_specs

if TYPE_CHECKING:
    from recsys.data.first_look import FirstLook
    from recsys.data.schema import ColumnInfo

PLACE, ASKED, NAME = "recsys-first-place", "recsys-first-asked", "recsys-first-name"
LOOK, ROWS, GO, THROW = "recsys-first-look", "recsys-first-rows", "recsys-first-import", "recsys-first-throw"
TYPE, ROLE, READING = "recsys-first-type", "recsys-first-role", "recsys-first-reading"
PATH, LOOK_THERE = "recsys-folder-path", "recsys-folder-look"
"""The field that names a file of the server's folder, and the button that looks at it."""
AS_IT_IS = "auto"
"""What a selector says while nobody has chosen (an empty value would show as blank)."""
READ_BY = ("delimiter", "encoding")
"""Options of the whole file."""

TYPE_WORDS: Mapping[TypeWord, str] = {
    "text": "Text or id", "numeric": "Number", "numeric_decimal_comma": "Number, decimal comma: 1.382,5",
    "numeric_decimal_point": "Number, decimal point: 1,382.5", "temporal": "Time", "temporal_day_first": "Time, day first: 31/12/2024",
    "temporal_month_first": "Time, month first: 12/31/2024", "boolean": "Yes or no", "list_text": "List",
}  # fmt: skip
"""What a column may be read as, in words."""


def page(place: Mapping[str, str], file: str) -> Component:
    """The page; what asks for the file's rows is drawn afterwards.

    Args:
        place: where it lies: `{"upload": id}` of one that was sent, `{"path": path}` of one below the folder of datasets. file: its name.
    """
    crumbs = [("Recommenders", addresses.HOME), ("Datasets", addresses.DATASETS), ("New", f"{addresses.DATASETS}/new")]
    stem = file.rsplit(".", 1)[0]
    name = dbc.Input(id=NAME, type="text", value=stem, maxlength=100, autocomplete="off")
    specs = {spec.name: spec for spec in field_specs(TableOptions)}
    fields = [_field("Name", name)]
    for option in READ_BY:
        choices: Any = [{"value": value, "label": label} for value, label, _ in specs[option].choices]
        id = {"type": READING, "option": option}
        fields.append(_field(specs[option].label, dbc.Select(id=id, options=choices, value="auto")))
    throw = button("Throw away" if "upload" in place else "Cancel", id=THROW, kind="quiet")
    go = button("Import", id=GO, kind="primary", disabled=True)
    return html.Div(
        [
            dcc.Store(id=PLACE, data=dict(place)), dcc.Store(id=ASKED),
            page_header(file, lead="Nothing is imported yet. Look at what its columns are taken for, and change what is wrong.", actions=[throw, go], crumbs=crumbs),
            section("The file", html.Div(fields, className="fields")),
            section("Columns", html.Div(wait_outline(4, label="Reading the file"), id=LOOK), note="What a column stands for says what features may use it."),
            section("First rows, as they are written", html.Div(id=ROWS)),
        ],
        id="recsys-first",
    )  # fmt: skip


def _field(label: str, control: Component) -> Component:
    return html.Div(html.Label([html.Span(label, className="field-label"), control], className="first-field"), className="field")


def columns(found: FirstLook, types: Mapping[str, str], roles: Mapping[str, str]) -> Component:
    """Every column with its type and its role, each to be chosen, what is odd about it, and what it would hold.

    Args:
        types, roles: what was chosen, by column.
    """
    said = [html.P(problem, className="notice notice-danger", role="alert") for column, problem in found.problems.items() if not column]
    if found.facts is None:
        chosen = [html.P(problem, className="field-message") for column, problem in found.problems.items() if column]
        return html.Div([*said, *chosen, *_undo(types, roles)])
    facts = found.facts
    said += [html.P(notice.message, className="notice notice-warning") for notice in facts.notices if notice.column is None]
    said += [html.P(f"Left out: {'; '.join(found.left_out)}.", className="notice notice-warning")] if found.left_out else []
    titles = ("Column", "Type", "Role", "Missing", "Distinct", "Range")
    head = html.Thead(
        html.Tr([html.Th(title, scope="col", className="number" if title in ("Missing", "Distinct") else "") for title in titles])
    )
    body = [_row(info, found, types.get(info.column, ""), roles.get(info.column, "")) for info in facts.columns]
    table = html.Div(html.Table([head, html.Tbody(body)], className="table table-sm columns-table"), className="table-scroll", tabIndex="0")
    sizes = html.P(f"{facts.rows:,} rows.", className="field-help")
    return html.Div([*said, sizes, table])


def rows(found: FirstLook) -> Component:
    """Some rows as they are written; of a file that was refused before any could be read, that there are none to show."""
    if found.rows or found.facts is not None:
        return one.sample(found.rows)
    return html.P("There are none to show of a file that cannot be imported.", className="field-help")


def _undo(types: Mapping[str, str], roles: Mapping[str, str]) -> list[Component]:
    """What was chosen, where the columns cannot be shown, so that it can be chosen otherwise."""
    shown = [
        (column, _type(column, None, types.get(column, "")), _role(column, None, roles.get(column, ""))) for column in {**types, **roles}
    ]
    return [html.Div([html.Span(column), kind, role], className="first-undo") for column, kind, role in shown]


def _row(info: ColumnInfo, found: FirstLook, kind: str, role: str) -> Component:
    stats = info.stats
    ends = "" if stats.minimum is None or stats.maximum is None else f"{stats.minimum:,.6g} to {stats.maximum:,.6g}"
    said = one.noticed((notice.message for notice in found.notices(info.column)), found.problems.get(info.column))
    return html.Tr(
        [
            html.Th([info.column, *said], scope="row"), html.Td(_type(info.column, info.data_type, kind)), html.Td(_role(info.column, info, role)),
            html.Td(f"{stats.nulls:,}" if stats.nulls else "none", className="number"),
            html.Td("" if stats.cardinality is None else f"{stats.cardinality:,}", className="number"), html.Td(ends),
        ]
    )  # fmt: skip


def _type(column: str, inferred: DataType | None, chosen: str) -> Component:
    taken = f": {TYPE_WORDS[inferred].lower()}" if inferred is not None and not chosen else ""
    options: Any = [
        {"value": AS_IT_IS, "label": f"As it looks{taken}"},
        *({"value": word, "label": label} for word, label in TYPE_WORDS.items()),
    ]
    return one.named(
        f"Type of {column}", dbc.Select(id={"type": TYPE, "column": column}, options=options, value=chosen or AS_IT_IS, size="sm")
    )


def _role(column: str, info: ColumnInfo | None, chosen: str) -> Component:
    taken = f": {ROLE_WORDS[info.role].lower()}" if info is not None and not chosen else ""
    options: Any = [
        {"value": AS_IT_IS, "label": f"As suggested{taken}"},
        *({"value": role, "label": label} for role, label in ROLE_WORDS.items()),
    ]
    return one.named(
        f"Role of {column}", dbc.Select(id={"type": ROLE, "column": column}, options=options, value=chosen or AS_IT_IS, size="sm")
    )
