"""The chapter's first page: recent tests, to filter, to open, to run again and to compare. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, button, empty_state, icon, icon_button, link_button, page_header, run_badge, time_of
from dashboard.components.attributes import attrs
from dashboard.components.marks import marks
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.tests.headline import MEASURES
from dashboard.families.recsys.pages.tests.test import title_of
from dashboard.live.words import duration, plural
from recsys.model.architecture import TYPE_CHOICES
from workbench.state import RunRecord

if TYPE_CHECKING:
    from dashboard.families.recsys.quick_test_views import QuickTestItem

ACTION, ACTED, SELECTED, SHOWN = "recsys-tests-action", "recsys-tests-acted", "recsys-tests-selected", "recsys-tests-shown"
MOST_COMPARED = 5
PAGE_ROWS = 40
"""Rows of the table at first, and as many more with each click on Show more."""
LOSS = "Training loss, last epoch"

STATUSES = ("pending", "running", "completed", "failed", "cancelled")


@dataclass(frozen=True)
class Filters:
    """What is listed: text in its names or `#12`, a status, a type of model, configurations by id; "" for all."""

    q: str = ""
    status: str = ""
    kind: str = ""
    features: str = ""
    model: str = ""

    @classmethod
    def of(cls, query: Mapping[str, Any]) -> Filters:
        """The filters of an address, or of what controls hold."""
        return cls(**{name: str(query.get(name) or "") for name in cls.__dataclass_fields__})

    @property
    def address(self) -> str:
        """The page with these filters."""
        return addresses.with_query(addresses.TESTS, {name: getattr(self, name) or None for name in self.__dataclass_fields__})

    def take(self, item: QuickTestItem) -> bool:
        """Whether a test is listed."""
        wanted = (
            (self.status, item.status),
            (self.kind, item.model_type),
            (self.features, item.feature_config_id),
            (self.model, item.model_config_id),
        )
        if any(asked and asked != has for asked, has in wanted):
            return False
        text = self.q.strip().casefold()
        return text in f"{title_of(item)} {item.feature_config_name} {item.model_config_name}".casefold() or text == f"#{item.number}"


@dataclass(frozen=True)
class Row:
    """A test in the list.

    Attributes:
        loss: training loss of the last epoch; None before the first. again: the id of the test that a click on Run again makes.
    """

    item: QuickTestItem
    run: RunRecord
    loss: float | None
    again: str


@dataclass(frozen=True)
class Listed:
    """The rows that are drawn, and how many tests there are for them."""

    rows: Sequence[Row]
    total: int


def page(found: Listed, filters: Filters, *, known: Mapping[str, Sequence[tuple[str, str]]], any_test: bool) -> Component:
    """The whole page.

    Args:
        found: those that the filters take, newest first. known: `features` and `model` -> (id, name) to filter by.
        any_test: whether there is a test at all.
    """
    start = link_button("New quick test", addresses.new_test(), kind="primary")
    lead = "Features with a model: trained, measured exactly, and put beside what they must beat."
    head = page_header("Quick Test", lead=lead, actions=[start] if any_test else [], crumbs=[("Recommenders", addresses.HOME)])
    if not any_test:
        text = "Choose features and a model; a minute later you know how good they are together, beside popularity, ItemKNN and EASE, with intervals."
        return html.Div([head, empty_state("No quick tests yet", text, actions=[start])])
    stores = [
        dcc.Store(id=ACTION),
        dcc.Store(id=ACTED),
        dcc.Store(id=SELECTED, data=[]),
        dcc.Store(id=SHOWN, data=PAGE_ROWS),
        dcc.Store(id="recsys-tests-link"),
    ]
    tools = toolbar(filters, known)
    body = html.Div(table(found, ()), id="recsys-tests-rows", className="table-scroll tests-list", tabIndex=0)
    return html.Div([*stores, head, tools, html.Div(chosen(()), id="recsys-tests-chosen", **attrs({"aria-live": "polite"})), body])


def toolbar(filters: Filters, known: Mapping[str, Sequence[tuple[str, str]]]) -> Component:
    """The filters."""
    search = html.Div(
        [html.Label("Search tests", htmlFor="recsys-tests-q", className="visually-hidden"), icon("search"), dbc.Input(id="recsys-tests-q", type="search", value=filters.q, placeholder="Search names or #number", debounce=250, autocomplete="off")],
        className="search",
    )  # fmt: skip
    types = [(value, label) for value, label, *_ in TYPE_CHOICES]
    return html.Div(
        [
            search, _choice("status", "Any status", [(word, word.capitalize()) for word in STATUSES], filters.status), _choice("kind", "Any type", types, filters.kind),
            _choice("features", "Any features", known["features"], filters.features), _choice("model", "Any model", known["model"], filters.model),
        ],
        className="toolbar",
    )  # fmt: skip


def _choice(name: str, everything: str, entries: Sequence[tuple[str, str]], value: str) -> Component:
    options: Any = [{"value": "all", "label": everything}, *({"value": key, "label": words} for key, words in entries)]
    id = f"recsys-tests-{name}"
    return html.Div(
        [html.Label(name.capitalize(), htmlFor=id, className="visually-hidden"), dbc.Select(id=id, options=options, value=value or "all")],
        className="tool",
    )


def chosen(ids: Sequence[str]) -> Component:
    """What can be done with the tests that are selected."""
    if not ids:
        return html.P("Select two to five tests to compare them.", className="muted tests-chosen")
    words = html.Span(plural(len(ids), "test is selected", "tests are selected"), className="muted")
    compare = (
        link_button("Compare", addresses.compare_tests(ids), kind="primary", small=True)
        if len(ids) > 1
        else html.Span("Select one more to compare.", className="muted")
    )
    return html.Div([words, compare, button("Clear", kind="quiet", small=True, **marks(SELECTED, []))], className="tests-chosen")


def _unseen(words: str) -> Component:
    """The title of a column that needs none for those who see it."""
    return html.Span(words, className="visually-hidden")


def table(found: Listed, selected: Iterable[str]) -> Component:
    """The tests, newest first."""
    if not found.rows:
        return html.Div(
            [html.Span("No test is like that.", className="muted"), button("Show all tests", small=True, **act(ACTION, "all"))],
            className="tests-chosen",
        )
    selection = set(selected)
    full = len(selection) >= MOST_COMPARED
    names = (_unseen("Choose"), "Test", "Status", "Started", "Headline", LOSS, "Took", _unseen("Actions"))
    head = html.Tr([html.Th(text, scope="col", className="num" if text in (LOSS, "Took") else "") for text in names])
    body = [
        html.Tr(_cells(row, row.item.id in selection, full), className="is-selected" if row.item.id in selection else "")
        for row in found.rows
    ]
    left = found.total - len(found.rows)
    more = (
        [
            html.Div(
                [
                    button(f"Show {min(left, PAGE_ROWS)} more", small=True, **act(ACTION, "more")),
                    html.Span(f"of {plural(left, 'older test')}", className="muted"),
                ],
                className="tests-more",
            )
        ]
        if left
        else []
    )
    return html.Div([html.Table([html.Thead(head), html.Tbody(body)], className="plain-table"), *more])


def _cells(row: Row, marked: bool, full: bool) -> list[Component]:
    item, run = row.item, row.run
    name = html.Div(
        [
            dcc.Link(f"#{item.number} {title_of(item)}", href=addresses.one_test(item.id), className="test-name"),
            html.Span(_of(item), className="muted"),
        ],
        className="test-words",
    )
    off = full and not marked
    mark = html.Button(
        icon("check-square-fill" if marked else "square"), type="button", className="btn btn-icon", disabled=off,
        title=f"At most {MOST_COMPARED} at once" if off else f"Select test #{item.number}", **attrs({"aria-pressed": str(marked).lower(), "aria-label": f"Select test #{item.number} to compare"}),
        **marks(SELECTED, [item.id], most=MOST_COMPARED),
    )  # fmt: skip
    return [
        html.Td(mark, className="test-cell-mark"), html.Td(name, className="test-cell-name"), html.Td(run_badge(run)), html.Td(time_of(item.started_at or item.created_at)),
        html.Td(headline_words(item.headline)), _told("Loss", "–" if row.loss is None else MEASURES.text("loss", row.loss)),
        _told("Took", duration(item.duration_seconds) or "–"), html.Td(html.Div(_tools(row), className="row-tools"), className="test-cell-tools"),
    ]  # fmt: skip


def _told(name: str, words: str) -> Component:
    """A number's cell; small screens, which have no head of the table, put the name before it."""
    return html.Td(words, className="num", **attrs({"data-label": name}))


def _of(item: QuickTestItem) -> str:
    made = f"{item.feature_config_name} + {item.model_config_name}, " if item.name else ""
    return f"{made}{item.model_type}, {plural(item.epochs, 'epoch')}"


def headline_words(headline: Mapping[str, float | None]) -> Component:
    """The first figures of a test."""
    # Of figures of one kind the first is the headline: Recall before nDCG, and RMSE beside it.
    kinds = {MEASURES.of(key).format: (key, value) for key, value in reversed(list(headline.items()))}
    first = [entry for entry in headline.items() if entry in kinds.values()]
    shown = [
        html.Span([html.Span(MEASURES.label(key).split(",")[0], className="muted"), " ", html.B(MEASURES.text(key, value))])
        for key, value in first
    ]
    return html.Div(shown, className="test-headline") if shown else html.Span("–", className="muted")


def _tools(row: Row) -> list[Component]:
    item = row.item
    if row.run.state.active:
        stopping = bool(row.run.stop_requested_at)
        return [button("Cancelling" if stopping else "Cancel", small=True, disabled=stopping, **act(ACTION, "cancel", item.id))]
    return [
        icon_button(
            "arrow-repeat", f"Run test #{item.number} again as it was", **act(ACTION, "rerun", item.id, value=f"snapshot:{row.again}")
        ),
        icon_button("trash", f"Delete test #{item.number}", **act(ACTION, "delete", item.id)),
    ]
