"""Tables of interactions as cards. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import badge, link_button
from dashboard.families.recsys.pages import addresses
from dashboard.live.words import plural
from recsys.data.facts import TableFacts
from recsys.data.schema import ColumnInfo, Role

ROLE_WORDS: Mapping[Role, str] = {
    "user_id": "User id", "item_id": "Item id", "user_attribute": "About the user", "item_attribute": "About the item",
    "context": "Known when asked", "outcome": "Known afterwards", "timestamp": "Time", "ignore": "Left out",
}  # fmt: skip
"""What a column stands for, in words."""


def no_outcome(info: ColumnInfo) -> str:
    """The doubt about a column as a rating that is not only known afterwards."""
    return f"Its role is “{ROLE_WORDS[info.role]}”, not “{ROLE_WORDS['outcome']}”: it may be no rating."


TO_FETCH, FOUND = "will be downloaded", "found here"
"""States of a table that was not read yet: its files are elsewhere, or on this machine."""


@dataclass(frozen=True)
class DatasetCard:
    """A table as a list shows it.

    Attributes:
        state: its status in words; ready for one that can be used at once. facts: None while it was never read.
        to_fetch: how much is downloaded where its files are not here yet. features: (id, name) of the feature configurations on it.
    """

    id: str
    name: str
    source: str
    state: str
    facts: TableFacts | None
    note: str = ""
    to_fetch: str = ""
    features: tuple[tuple[str, str], ...] = field(default=())


def listing(cards: Sequence[DatasetCard]) -> Component:
    """The cards."""
    return html.Ul([html.Li(_card(card)) for card in cards], className="config-cards")


def _card(card: DatasetCard) -> Component:
    tone = "muted" if card.state in ("not read yet", TO_FETCH) else "good" if card.state in ("ready", FOUND) else "danger"
    state = badge(card.state, tone)  # type: ignore[arg-type]
    head = html.Div(
        [html.H2(dcc.Link(card.name, href=addresses.one_dataset(card.id), className="card-link"), className="card-title"), state],
        className="card-head",
    )
    pairs = [("Source", card.source), *([("Download", card.to_fetch)] if card.to_fetch else []), *sizes(card.facts)]
    words = html.Dl([part for label, value in pairs for part in (html.Dt(label), html.Dd(value))], className="words")
    note = [html.P(card.note, className="field-help")] if card.note else []
    used: list[Component] = (
        [html.Span("Features: ", className="muted")] if card.features else [html.Span("No features on it yet", className="muted")]
    )
    for place, (id, name) in enumerate(card.features[:3]):
        used += [html.Span(", ")] if place else []
        used.append(dcc.Link(name, href=f"{addresses.FEATURES}/{id}"))
    if len(card.features) > 3:
        used.append(html.Span(f" and {len(card.features) - 3} more", className="muted"))
    make = link_button(
        "New features", addresses.with_query(f"{addresses.FEATURES}/new", {"dataset": card.id, "start": "smart"}), small=True
    )
    foot = html.Div([html.Span(used), html.Div([make], className="card-actions")], className="card-foot")
    return html.Article([head, words, *note, foot], className="panel config-card")


def sizes(facts: TableFacts | None) -> list[tuple[str, str]]:
    """A table's figures with their names."""
    if facts is None:
        return []
    found = [("Rows", f"{facts.usable:,}")]
    found += [(label, f"{count:,}") for label, count in (("Users", facts.users), ("Items", facts.items)) if count is not None]
    if facts.dates is not None:
        found.append(("Dates", " to ".join(facts.dates)))
    if facts.columns:
        kept = [info for info in facts.columns if info.role != "ignore"]
        found.append(("Columns", f"{plural(len(kept), 'column')} in use, {len(facts.columns)} in all"))
    return found
