"""The list of a chapter about stored configurations: what it shows and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update
from dash.development.base_component import Component

from dashboard import shell
from dashboard.acting import needs
from dashboard.components import Action, act, button, icon, link_button, notify, read_action
from dashboard.components.attributes import attrs
from dashboard.components.marks import leave_with
from dashboard.context import AppContext, actor, current
from dashboard.families.recsys.pages import addresses, frame
from dashboard.families.recsys.pages.cards import MOST_PICKED, Card, chosen
from dashboard.families.recsys.pages.chapters import Chapter

ANY = "any"
"""A filter's choice that filters nothing (a list's empty value would show as blank)."""

AT_ONCE = 40
"""So many cards are drawn at first, and so many more each time that more are asked for; searches and counts are over all."""


def _nothing_else(context: AppContext, who: str, action: Action) -> bool:
    return False


@dataclass(frozen=True)
class Listing:
    """What the list of one chapter shows.

    Attributes:
        lead: what the chapter is for. name: of what is listed. new: the button that begins one.
        filter_label, filter_any: of the filter, and of its choice that filters nothing.
        groups: (key, words) of the filter's choices. cards_of: every card, the latest change first.
        drawn: cards with those that are picked, at most so many of them. nothing_yet: what is said before the first one.
        act_on: carries out an action of the chapter's own for somebody; whether that led to another page.
    """

    chapter: Chapter
    lead: str
    name: str
    new: str
    filter_label: str
    filter_any: str
    groups: Callable[[Sequence[Any]], Sequence[tuple[str, str]]]
    cards_of: Callable[[AppContext], Sequence[Card]]
    drawn: Callable[[Sequence[Any], Sequence[str], int], Component]
    nothing_yet: Callable[[], Component]
    act_on: Callable[[AppContext, str, Action], bool] = _nothing_else


def render(listing: Listing, context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """The page; `?q=` and the chapter's filter choose from it."""
    told, chapter = query or {}, listing.chapter
    every = listing.cards_of(context)
    text, group = told.get("q", ""), told.get(chapter.filter, "")
    actions = [link_button([icon("plus-lg"), f" {listing.new}"], addresses.new(chapter.address), kind="primary")]
    stores = [
        dcc.Store(id=chapter.list_id("action")),
        dcc.Store(id=chapter.list_id("picked"), data=[]),
        dcc.Store(id=chapter.list_id("address")),
        dcc.Store(id=chapter.list_id("shown"), data=AT_ONCE),
    ]
    tools = html.Div(
        [
            _search(chapter, text), _filter(listing, listing.groups(every), group), html.Span(counted(listing, chosen(every, text, group), every), id=chapter.list_id("count"), className="muted", **attrs({"aria-live": "polite"})),
            html.Span(className="spring"), html.Div(compare_button(chapter, []), id=chapter.list_id("compare")),
        ],
        className="config-tools" if every else "d-none",
    )  # fmt: skip
    shown = first_of(listing, chosen(every, text, group), (), AT_ONCE) if every else listing.nothing_yet()
    region = attrs({"aria-label": listing.name, "role": "region"})
    listed = html.Div(shown, id=chapter.list_id("list"), className="config-list", tabIndex="0", **region)
    return frame.chapter(chapter.key, listing.lead, actions, [*stores, tools, listed], id=f"recsys-{chapter.key}")


def first_of(listing: Listing, cards: Sequence[Card], picked: Sequence[str], most: int) -> list[Component]:
    """The first cards, and the button that shows more of them."""
    left = len(cards) - most
    more = button(
        f"Show {min(left, AT_ONCE):,} more of {left:,}" if left > AT_ONCE else f"Show {left:,} more",
        **act(listing.chapter.list_id("action"), "more"),
    )
    return [listing.drawn(cards, picked, most), *([html.Div(more, className="config-more")] if left > 0 else [])]


def counted(listing: Listing, fit: Sequence[Card], every: Sequence[Card]) -> str:
    """How many there are, and how many of them fit a search."""
    name = listing.name.lower()
    return f"{len(every):,} {name}" if len(fit) == len(every) else f"{len(fit):,} of {len(every):,} {name}"


def shown_after(shown: int | None, action: Action | None, *, searched: bool) -> int:
    """How many cards may be drawn after an action or a search; a search begins at the first ones again."""
    held = AT_ONCE if searched or not shown else shown
    return held + AT_ONCE if action is not None and action.name == "more" else held


def _search(chapter: Chapter, value: str) -> Component:
    words = f"Search {chapter.key}"
    box = dbc.Input(
        id=chapter.list_id("search"), type="search", value=value, placeholder=words, debounce=200, autocomplete="off", name=words
    )
    return html.Div([icon("search"), box], className="search")


def _filter(listing: Listing, groups: Sequence[tuple[str, str]], value: str) -> Component:
    id = listing.chapter.list_id(listing.chapter.filter)
    options: Any = [{"value": ANY, "label": listing.filter_any}, *({"value": key, "label": words} for key, words in groups)]
    label = html.Label(listing.filter_label, htmlFor=id, className="visually-hidden")
    return html.Div([label, dbc.Select(id=id, options=options, value=value or ANY)])


def compare_button(chapter: Chapter, picked: Sequence[str]) -> Component:
    """Compare the two that were picked; until then it says what to do."""
    if len(picked) == MOST_PICKED:
        href = addresses.with_query(f"{chapter.address}/compare", {"ids": ",".join(picked)})
        return link_button(f"Compare {chapter.pair}", href, small=True)
    return button("Compare", small=True, disabled=True, title="Press Compare on two of them.")


def act_on(listing: Listing, context: AppContext, who: str, action: Action) -> bool:
    """Carry out an action on what is listed; whether it led to another page. Raises CommandError."""
    if action.name != "delete":
        return listing.act_on(context, who, action)
    record = listing.chapter.configs(context).delete(actor=who, key=action.id)
    notify(f"Deleted {record.name}.", undo=context.workbench.state().versions[record.id])
    return False


def register(app: Dash, chapter: Chapter, content: Any) -> None:
    """Add the list's callbacks.

    Args:
        content: the module with the chapter's `LISTING`, which is asked for when somebody uses the list.
    """
    search, group, address = chapter.list_id("search"), chapter.list_id(chapter.filter), chapter.list_id("address")
    action, picks, many = chapter.list_id("action"), chapter.list_id("picked"), chapter.list_id("shown")

    @app.callback(
        Output(chapter.list_id("list"), "children"), Output(chapter.list_id("compare"), "children"),
        Output(address, "data"), Output(many, "data"), Output(chapter.list_id("count"), "children"),
        Input(search, "value"), Input(group, "value"), Input(action, "data"), Input(picks, "data"), State(many, "data"),
        prevent_initial_call=True,
    )  # fmt: skip
    @needs("read", delete="train", standard="train", recipe="train")
    def show(text: str | None, wanted: str | None, data: Any, picked: list[str] | None, held: int | None) -> Any:
        listing: Listing = content.LISTING
        pressed = read_action(data) if action in ctx.triggered_prop_ids.values() else None
        picked = picked or []
        if pressed is not None and act_on(listing, current(), actor(), pressed):
            return (no_update,) * 5
        cards = listing.cards_of(current())
        if not cards:
            shell.redraw()
        wanted = "" if wanted in (None, ANY) else wanted
        fit, most = chosen(cards, text or "", wanted), shown_after(held, pressed, searched=ctx.triggered_id in (search, group))
        shown = first_of(listing, fit, picked, most)
        return shown, compare_button(chapter, picked), {"q": text or "", chapter.filter: wanted}, most, counted(listing, fit, cards)

    leave_with(app, action, picks)

    @app.callback(Output(search, "value"), Output(group, "value"), Input(chapter.list_id("clear"), "n_clicks"), prevent_initial_call=True)
    @needs("read")
    def clear(clicks: int | None) -> Any:
        return ("", ANY) if clicks else (no_update, no_update)

    app.clientside_callback(
        ClientsideFunction("trellis", "query_shown"), Output(address, "storage_type"), Input(address, "data"), prevent_initial_call=True
    )
