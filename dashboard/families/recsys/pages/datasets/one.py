"""One table of interactions: its columns with their roles, sample rows, how it is spread. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import plots
from dashboard.components import act, badge, button, link_button, page_header, section, stat, wait_outline
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.datasets.cards import ROLE_WORDS, DatasetCard, sizes
from dashboard.pages.datasets.rows import DatasetRow

if TYPE_CHECKING:
    from recsys.data.facts import Notice
    from recsys.data.stats import ColumnStatistics
    from recsys.services.table_calls import Ceiling, Divided

ACTION, ID, LOOK = "recsys-dataset-action", "recsys-dataset-id", "recsys-dataset-look"
SPLITS, CEILING, READ = "recsys-dataset-splits", "recsys-dataset-ceiling", "recsys-dataset-read"
COLUMNS, ROWS, FIGURES = "recsys-dataset-columns", "recsys-dataset-rows", "recsys-dataset-figures"
ROLE = "recsys-dataset-role"
HEIGHT = 260
IDS = ("user_id", "item_id")
"""Roles of columns that name somebody or something: their numbers are no quantities."""
YEARS, YEAR_WORDS = (1000, 2999), frozenset({"year", "years", "jahr", "année", "annee", "año", "ano", "anno", "jaar", "rok"})
_CAMEL, _NO_LETTER = re.compile(r"(?<=[a-z])(?=[A-Z])"), re.compile(r"[\W\d_]+")
_SPLITS_NOTE = "What each strategy makes of the rows with its usual settings; a quick test may have others."
_CEILING_NOTE = "The shop's true chances are known, so it is known what no model can beat."


def page(row: DatasetRow, card: DatasetCard, fixed: str | None, *, simulated: bool = False) -> Component:
    """The page; what asks for the rows is drawn afterwards.

    Args:
        fixed: why the columns' roles cannot be changed; None where they can. simulated: whether its true chances are known.
    """
    record = row.record
    crumbs = [("Recommenders", addresses.HOME), ("Datasets", addresses.DATASETS)]
    make = link_button(
        "New features", addresses.with_query(f"{addresses.FEATURES}/new", {"dataset": record.id, "start": "smart"}), kind="primary"
    )
    more = link_button("Name, notes and files", f"/datasets/{record.id}")
    problem = [html.P(row.problem, className="notice notice-danger", role="alert")] if row.problem else []
    facts = html.Dl([html.Div([html.Dt(label), html.Dd(value)]) for label, value in sizes(card.facts)], className="look-facts")
    notices = [
        html.P(notice.message, className="notice notice-warning")
        for notice in (card.facts.notices if card.facts else ())
        if notice.column is None
    ]
    wait: Any = unread(row) if row.needs_download and record.status != "ready" else wait_outline(4, label="Reading the data")
    roles = [button("Save roles", id="recsys-dataset-save", small=True)] if fixed is None else []
    note = fixed or "A column's role says what features may use it; it can be changed until something is built on the data."
    return html.Div(
        [
            dcc.Store(id=ACTION), dcc.Store(id=READ), dcc.Store(id=ID, data=record.id), dcc.Store(id=LOOK, data={"ask": row.needs_download and record.status != "ready"}),
            page_header(record.name, lead=row.description, actions=[more, make], crumbs=crumbs), *problem,
            section("At a glance", [facts, *notices]),
            section("Columns", html.Div(wait, id=COLUMNS), note=note, aside=html.Div(roles)),
            section("How it is spread", html.Div(id=FIGURES)),
            section("Splits", html.Div(id=SPLITS), note=_SPLITS_NOTE),
            *([section("What can be reached", html.Div(id=CEILING), note=_CEILING_NOTE)] if simulated else []),
            section("Sample rows", html.Div(id=ROWS)),
            *([] if simulated else [html.Div(id=CEILING, hidden=True)]),
        ],
        id="recsys-dataset",
    )  # fmt: skip


def unread(row: DatasetRow) -> Component:
    """What stands in place of the columns while the data would have to be fetched."""
    show = button("Fetch and show", small=True, **act(ACTION, "look", row.record.id))
    return html.Div([html.P("Its files are not on this machine yet.", className="field-help"), show], className="strip-none")


def columns(found: Sequence[ColumnStatistics], notices: Sequence[Notice] = (), *, editable: bool) -> Component:
    """Every column with its figures, what should be known of it, and its role to be changed where that is possible."""
    titles = ("Column", "Type", "Role", "Missing", "Distinct", "Range or most frequent", "Spread")
    head = html.Thead(
        html.Tr([html.Th(title, scope="col", className="number" if title in ("Missing", "Distinct") else "") for title in titles])
    )
    body = [
        html.Tr(
            [
                html.Th([one.column, *noticed(n.message for n in notices if n.column == one.column)], scope="row"), html.Td(one.data_type), html.Td(_role(one, editable)),
                html.Td(missing_words(one), className="number"),
                html.Td("" if one.cardinality is None else f"{'about ' if one.estimated else ''}{one.cardinality:,}", className="number"),
                html.Td(values_words(one)), html.Td(histogram(one)),
            ]
        )
        for one in found
    ]  # fmt: skip
    return html.Div(html.Table([head, html.Tbody(body)], className="table table-sm columns-table"), className="table-scroll", tabIndex="0")


def missing_words(column: ColumnStatistics) -> str:
    """How many values of a column are missing, and how many are no finite numbers."""
    said = [f"{column.nulls:,} ({column.null_percent:.1f} %)"] if column.nulls else []
    said += [f"{column.not_finite:,} not finite"] if column.not_finite else []
    return ", ".join(said) or "none"


def noticed(messages: Iterable[str], problem: str | None = None) -> list[Component]:
    """What should be known of a column, and what is wrong with it, below its name."""
    said: list[Component] = [html.P(message, className="column-notice") for message in messages]
    return said if problem is None else [*said, html.P(problem, className="field-message", role="alert")]


def _role(column: ColumnStatistics, editable: bool) -> Any:
    if not editable:
        return badge(ROLE_WORDS[column.role], "muted" if column.role == "ignore" else "plain")
    options: Any = [{"value": key, "label": words} for key, words in ROLE_WORDS.items()]
    select = dbc.Select(id={"type": ROLE, "column": column.column}, options=options, value=column.role, size="sm")
    return named(f"Role of {column.column}", select)


def named(words: str, control: Component) -> Component:
    """A control of a table, whose name is heard and not seen."""
    return html.Label([html.Span(words, className="visually-hidden"), control])


def is_years(column: ColumnStatistics) -> bool:
    """Whether a column holds calendar years: whole numbers of such a size under a name that says so."""
    figures = column.numeric
    if figures is None or not (YEARS[0] <= figures.minimum and figures.maximum <= YEARS[1]):
        return False
    whole = all(value == int(value) for value in (figures.minimum, figures.maximum))
    return whole and not YEAR_WORDS.isdisjoint(_NO_LETTER.sub(" ", _CAMEL.sub(" ", column.column)).casefold().split())


def values_words(column: ColumnStatistics) -> str:
    """What a column holds, in a line."""
    if column.numeric is not None:
        figures = column.numeric
        if column.role in IDS or is_years(column):
            return f"{figures.minimum:.15g} to {figures.maximum:.15g}"
        return f"{figures.minimum:,.6g} to {figures.maximum:,.6g}, mean {figures.mean:,.4g}"
    if column.temporal is not None:
        return f"{column.temporal.first[:10]} to {column.temporal.last[:10]}"
    if column.text is not None:
        return ", ".join(f"{value if len(value) <= 24 else value[:23] + '…'} ({count:,})" for value, count in column.text.top[:3])
    return ""


def histogram(column: ColumnStatistics) -> Any:
    """A column's values as bars: numbers in equal bins, text by its most frequent values."""
    if column.role in IDS:
        return ""
    if column.numeric is not None:
        counts: Sequence[int] = column.numeric.counts
        edges, values = column.numeric.edges, column.numeric.values
        number = "" if is_years(column) else ","
        bins = [f"{value:{number}}" for value in values] or [f"{low:{number}.6g} to {high:{number}.6g}" for low, high in pairwise(edges)]
        names = [f"{name}: {count:,}" for name, count in zip(bins, counts, strict=True)]
    elif column.text is not None:
        counts = [count for _, count in column.text.top]
        names = [f"{value}: {count:,}" for value, count in column.text.top]
    else:
        return ""
    most = max(counts, default=0) or 1
    bars = [
        html.I(title=name, style={"height": f"{max(4, 100 * count / most):.0f}%" if count else "0"})
        for name, count in zip(names, counts, strict=True)
    ]
    return html.Span(bars, className="mini-histogram", role="img", **attrs({"aria-label": f"Histogram of {column.column}"}))


def sample(rows: Sequence[Mapping[str, Any]]) -> Component:
    """Some rows."""
    if not rows:
        return html.P("It has no rows.", className="field-help")
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in rows[0]]))
    body = html.Tbody([html.Tr([html.Td("" if value is None else str(value)) for value in row.values()]) for row in rows])
    return html.Div(html.Table([head, body], className="table table-sm look-table"), className="table-scroll", tabIndex="0")


def splits(found: Sequence[tuple[str, Divided | str]]) -> Component:
    """What the strategies make of the rows, a row each: (what it is called, its parts, or why it has none).

    What keeps every one of them from dividing the rows is said once.
    """
    refused = {made for _, made in found if isinstance(made, str)}
    if len(refused) == 1 and all(isinstance(made, str) for _, made in found):
        return html.P(refused.pop(), className="notice notice-warning", role="status")
    titles = ("Split", "To learn from", "To watch", "To measure", "Unused", "New users", "New items")
    head = html.Thead(html.Tr([html.Th(title, scope="col", className="" if title == "Split" else "number") for title in titles]))
    body = []
    for name, made in found:
        if isinstance(made, str):
            body.append(html.Tr([html.Th(name, scope="row"), html.Td(made, colSpan=len(titles) - 1, className="muted")]))
            continue
        parts = made.preview
        shares = ["" if share is None else f"{100 * share:.1f} %" for share in (parts.cold_users, parts.cold_items)]
        cells = [*(f"{n:,}" for n in (parts.train, parts.validation, parts.test, sum(parts.unused.values()))), *shares]
        words = html.P(made.words, className="column-notice")
        body.append(html.Tr([html.Th([name, words], scope="row"), *(html.Td(cell, className="number") for cell in cells)]))
    table = html.Div(html.Table([head, html.Tbody(body)], className="table table-sm columns-table"), className="table-scroll", tabIndex="0")
    note = html.P("New users and items: the share of the measured rows whose user, or item, is not learned from.", className="field-help")
    return html.Div([table, note])


def ceiling(found: Ceiling) -> Component:
    """The best that anybody can reach."""
    stats = [stat("Recall@10, at most", f"{found.recall:.4f}", note=f"± {found.error:.4f}, mean of {found.rows:,} rows")]
    if found.rmse is not None:
        stats.append(stat("RMSE of the rating, at least", f"{found.rmse:.4f}"))
    words = html.P(f"Among all products, on the rows that are measured by {found.split}.", className="field-help")
    return html.Div([html.Div(stats, className="stats"), words])


def figures(popularity: Any, events: Any) -> Component:
    """How unequally items are taken, and when."""
    drawn = (("popularity", "How unequally items are taken", popularity), ("events", "Rows over time", events))
    shown = [
        html.Div([html.H3(title, className="mini-title"), plots.graph(figure, f"recsys-dataset-{key}", label=title)])
        for key, title, figure in drawn
        if figure is not None
    ]
    if not shown:
        return html.P("This is drawn once a column is the item id, or the time.", className="field-help")
    return html.Div(shown, className="side-by-side")
