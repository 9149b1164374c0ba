"""Stored configurations as cards: what the cards of features and of models have in common. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, empty_state, icon, icon_button, time_of
from dashboard.components.attributes import attrs
from dashboard.components.marks import marks
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.chapters import Chapter
from dashboard.live.words import plural
from workbench.state import AppState

MOST_PICKED = 2
"""So many are compared with one another."""


@dataclass(frozen=True, kw_only=True)
class Card(ABC):
    """A stored configuration as a list shows it; each kind adds what it shows.

    Attributes:
        tests: how many tests have used it.
    """

    id: str
    number: int
    name: str
    updated_at: str
    tests: int
    tags: tuple[str, ...]

    @property
    @abstractmethod
    def group(self) -> str:
        """What the list's filter compares."""

    @property
    @abstractmethod
    def words(self) -> tuple[str, ...]:
        """What a search finds besides its name, its tags and its number."""


C = TypeVar("C", bound=Card)


def chosen(cards: Iterable[C], text: str, group: str) -> list[C]:
    """Those of a group ("" for any) in which every word of a text occurs, in the given order; upper and lower case are one."""
    words = text.casefold().split()

    def fits(card: C) -> bool:
        said = " ".join((card.name, *card.words, *card.tags, f"#{card.number}")).casefold()
        return (not group or card.group == group) and all(word in said for word in words)

    return [card for card in cards if fits(card)]


def times_used(state: AppState) -> Counter[str]:
    """How many tests that are not deleted have used each record, by its id."""
    return Counter(id for run in state.runs.values() if run.deleted_at is None for id in run.uses)


def nothing_fits(chapter: Chapter, title: str) -> Component:
    """What a list says where a search finds nothing."""
    return empty_state(title, "Nothing matches this search.", actions=[button("Show all", id=chapter.list_id("clear"))])


def listed(cards: Sequence[Component]) -> Component:
    """Cards as a list."""
    return html.Ul([html.Li(card) for card in cards], className="config-cards")


def framed(chapter: Chapter, card: Card, head: Component, body: Sequence[Any], *, picked: bool) -> Component:
    """A card: its name, what its kind shows, its tags, when it changed, and what can be done with it.

    Args:
        head: beside the name. picked: whether it is to be compared.
    """
    title = html.H2(dcc.Link(card.name, href=addresses.one(chapter.address, card.id), className="card-link"), className="card-title")
    used = plural(card.tests, "test") if card.tests else "not tested yet"
    action = chapter.list_id("action")
    pick = html.Button(
        "Compare", type="button", className="btn btn-quiet btn-sm pick", **attrs({"aria-pressed": str(picked).lower(), "aria-label": f"Compare {card.name}"}),
        **marks(chapter.list_id("picked"), [card.id], most=MOST_PICKED, oldest_leaves=True),
    )  # fmt: skip
    actions = [
        pick, _link("pencil", f"Edit {card.name}", addresses.edit(chapter.address, card.id)),
        _link("copy", f"Clone {card.name}", addresses.new(chapter.address, of=card.id)),
        icon_button("trash", f"Delete {card.name}", **act(action, "delete", card.id)),
    ]  # fmt: skip
    foot = html.Div(
        [
            html.Span([f"#{card.number} · {used} · ", time_of(card.updated_at)], className="muted"),
            html.Div(actions, className="card-actions"),
        ],
        className="card-foot",
    )
    tags = [html.Div([badge(tag) for tag in card.tags], className="card-tags")] if card.tags else []
    return html.Article([html.Div([title, head], className="card-head"), *body, *tags, foot], className="panel config-card")


def _link(name: str, label: str, href: str) -> Component:
    return dcc.Link([icon(name), html.Span(label, className="visually-hidden")], href=href, className="btn btn-icon", title=label)
