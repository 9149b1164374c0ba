"""The chapter's list: `/recommenders/models`, what it shows and what it does."""

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
from dashboard.families.recsys.pages.models.cards import ACTION, ModelCard, card_of, chosen, listing, nothing_yet
from dashboard.families.recsys.pages.services import recommenders
from recsys.model.architecture import TYPE_CHOICES
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from workbench.commands.rules import free_name

LIST, SEARCH, TYPE, PICKED = "recsys-models-list", "recsys-models-search", "recsys-models-type", "recsys-models-picked"
LEAD = "How tensors are processed and trained; models know no data, so one model can be tested with many features."
MOST_PICKED = 2


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """The page; `?q=` and `?type=` filter it."""
    told = query or {}
    every = cards_of(context)
    actions = [link_button([icon("plus-lg"), " New model"], addresses.new_model(), kind="primary")]
    stores = [dcc.Store(id=ACTION), dcc.Store(id=PICKED, data=[]), dcc.Store(id="recsys-models-address")]
    types = [(key, label) for key, label, _ in TYPE_CHOICES]
    tools = html.Div(
        [
            frame.search(SEARCH, "models", told.get("q", "")), frame.choice(TYPE, "Type", "Any type", types, told.get("type", "")),
            html.Span(className="spring"), html.Div(compare_button([]), id="recsys-models-compare"),
        ],
        className="config-tools" if every else "d-none",
    )  # fmt: skip
    shown = listing(chosen(every, told.get("q", ""), told.get("type", "")), ()) if every else nothing_yet()
    listed = html.Div(shown, id=LIST, className="config-list", tabIndex="0", **attrs({"aria-label": "Models", "role": "region"}))
    return frame.chapter("models", LEAD, actions, [*stores, tools, listed], id="recsys-models")


def compare_button(picked: Sequence[str]) -> Component:
    """Compare the two that were picked; until then it says what to do."""
    if len(picked) == MOST_PICKED:
        return link_button("Compare 2 models", addresses.with_query(f"{addresses.MODELS}/compare", {"ids": ",".join(picked)}), small=True)
    return button("Compare", small=True, disabled=True, title="Press Compare on two models.")


def cards_of(context: AppContext) -> list[ModelCard]:
    """Every stored model, the latest change first. A card is computed once for each version."""
    state = context.workbench.state()
    kept: dict[Any, ModelCard] = context.memo.setdefault("recsys-model-cards", {})
    tests: dict[str, int] = {}
    for run in state.runs.values():
        for id in run.uses if run.deleted_at is None else ():
            tests[id] = tests.get(id, 0) + 1
    found = []
    for record in recommenders(context.workbench).models.list():
        key = (record.id, record.updated_at, record.name, record.tags, tests.get(record.id, 0))
        found.append(kept.get(key) or kept.setdefault(key, card_of(record, tests.get(record.id, 0))))
    return found


def register(app: Dash) -> None:
    """Add the list's callbacks."""

    @app.callback(
        Output(LIST, "children"), Output(PICKED, "data"), Output("recsys-models-compare", "children"), Output("recsys-models-address", "data"),
        Input(SEARCH, "value"), Input(TYPE, "value"), Input(ACTION, "data"), State(PICKED, "data"), prevent_initial_call=True,
    )  # fmt: skip
    def show(text: str | None, kind: str | None, data: Any, picked: list[str] | None) -> Any:
        picked = picked or []
        action = read_action(data) if ctx.triggered_id == ACTION else None
        picked = frame.picked_after(picked, action, MOST_PICKED)
        if action is not None and act_on(current(), actor(), action.name, action.id):
            return no_update, no_update, no_update, no_update
        cards = cards_of(current())
        if not cards:
            shell.redraw()
        kind = "" if kind in (None, frame.ANY) else kind
        shown = listing(chosen(cards, text or "", kind), picked)
        return shown, picked, compare_button(picked), {"q": text or "", "type": kind}

    @app.callback(Output(SEARCH, "value"), Output(TYPE, "value"), Input("recsys-models-clear", "n_clicks"), prevent_initial_call=True)
    def clear(clicks: int | None) -> Any:
        return ("", frame.ANY) if clicks else (no_update, no_update)

    app.clientside_callback(
        ClientsideFunction("trellis", "query_shown"), Output("recsys-models-address", "storage_type"), Input("recsys-models-address", "data"),
        prevent_initial_call=True,
    )  # fmt: skip


def act_on(context: AppContext, who: str, name: str, id: str) -> bool:
    """Carry out an action on stored models and say so; whether it left the list."""
    models, workbench = recommenders(context.workbench).models, context.workbench
    if name == "delete":
        record = models.delete(actor=who, key=id)
        notify(f"Deleted {record.name}.", undo=workbench.state().versions[record.id])
        return False
    if name in ("standard", "recipe"):
        title, document = ("Standard", {}) if name == "standard" else (RECIPES[id].name, document_of(RECIPES[id].config))
        record = models.create(actor=who, name=free_name(workbench.state(), models.KIND, title), document=document)
        notify(f"Created {record.name}.", undo=workbench.state().versions[record.id])
        shell.go(addresses.one_model(record.id))
        return True
    return False
