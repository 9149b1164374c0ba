"""The chapter's list: `/recommenders/features`, what it shows and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import shell
from dashboard.components import button, icon, link_button, notify, read_action
from dashboard.components.attributes import attrs
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.features.cards import ACTION, FeatureCard, card_of, chosen, listing, nothing_yet
from dashboard.families.recsys.pages.services import recommenders

LIST, SEARCH, DATASET, PICKED = "recsys-features-list", "recsys-features-search", "recsys-features-dataset", "recsys-features-picked"
LEAD = "What the columns of a table become in both towers."
MOST_PICKED = 2


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """The page; `?q=` and `?dataset=` filter it."""
    told = query or {}
    every = cards_of(context)
    text, dataset = told.get("q", ""), told.get("dataset", "")
    actions = [link_button([icon("plus-lg"), " New features"], f"{addresses.FEATURES}/new", kind="primary")]
    stores = [dcc.Store(id=ACTION), dcc.Store(id=PICKED, data=[]), dcc.Store(id="recsys-features-address")]
    tables = sorted({(card.dataset_id, card.dataset) for card in every}, key=lambda pair: pair[1].casefold())
    tools = html.Div(
        [
            frame.search(SEARCH, "features", text), frame.choice(DATASET, "Dataset", "Any dataset", tables, dataset), html.Span(className="spring"),
            html.Div(compare_button([]), id="recsys-features-compare"),
        ],
        className="config-tools" if every else "d-none",
    )  # fmt: skip
    shown = listing(chosen(every, text, dataset), ()) if every else nothing_yet()
    listed = html.Div(shown, id=LIST, className="config-list", tabIndex="0", **attrs({"aria-label": "Features", "role": "region"}))
    return frame.chapter("features", LEAD, actions, [*stores, tools, listed], id="recsys-features")


def compare_button(picked: Sequence[str]) -> Component:
    """Compare the two that were picked; until then it says what to do."""
    if len(picked) == MOST_PICKED:
        return link_button("Compare 2", addresses.with_query(f"{addresses.FEATURES}/compare", {"ids": ",".join(picked)}), small=True)
    return button("Compare", small=True, disabled=True, title="Press Compare on two of them.")


def cards_of(context: AppContext) -> list[FeatureCard]:
    """Every stored configuration, the latest change first."""
    state = context.workbench.state()
    names = {id: dataset.name for id, dataset in state.datasets.items()}
    tests: dict[str, int] = {}
    for run in state.runs.values():
        for id in run.uses if run.deleted_at is None else ():
            tests[id] = tests.get(id, 0) + 1
    records = recommenders(context.workbench).features.list()
    return [card_of(record, names.get(record.dataset_id, record.dataset_id), tests.get(record.id, 0)) for record in records]


def register(app: Dash) -> None:
    """Add the list's callbacks."""

    @app.callback(
        Output(LIST, "children"), Output(PICKED, "data"), Output("recsys-features-compare", "children"), Output("recsys-features-address", "data"),
        Input(SEARCH, "value"), Input(DATASET, "value"), Input(ACTION, "data"), State(PICKED, "data"), prevent_initial_call=True,
    )  # fmt: skip
    def show(text: str | None, dataset: str | None, data: Any, picked: list[str] | None) -> Any:
        picked = picked or []
        action = read_action(data) if ctx.triggered_id == ACTION else None
        picked = frame.picked_after(picked, action, MOST_PICKED)
        if action is not None and action.name == "delete":
            record = recommenders(current().workbench).features.delete(actor=actor(), key=action.id)
            notify(f"Deleted {record.name}.", undo=current().workbench.state().versions[record.id])
        cards = cards_of(current())
        if not cards:
            shell.redraw()
        dataset = "" if dataset in (None, frame.ANY) else dataset
        shown = listing(chosen(cards, text or "", dataset), picked)
        return shown, picked, compare_button(picked), {"q": text or "", "dataset": dataset}

    @app.callback(Output(SEARCH, "value"), Output(DATASET, "value"), Input("recsys-features-clear", "n_clicks"), prevent_initial_call=True)
    def clear(clicks: int | None) -> Any:
        return ("", frame.ANY) if clicks else (no_update, no_update)

    app.clientside_callback(
        ClientsideFunction("trellis", "query_shown"), Output("recsys-features-address", "storage_type"), Input("recsys-features-address", "data"),
        prevent_initial_call=True,
    )  # fmt: skip
