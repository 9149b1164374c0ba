"""Stored features as cards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import act, badge, button, empty_state, icon, icon_button, link_button, time_of
from dashboard.components.attributes import attrs
from dashboard.families.recsys.pages import addresses
from dashboard.live.words import plural
from recsys.data.shop_params import BUILT_IN
from recsys.records import FeatureConfigRecord

ACTION = "recsys-features-action"


@dataclass(frozen=True)
class FeatureCard:
    """A stored configuration as a list shows it."""

    id: str
    number: int
    name: str
    version: int
    dataset_id: str
    dataset: str
    buyer: int
    product: int
    features: int
    crosses: int
    target: str | None
    tests: int
    updated_at: str
    tags: tuple[str, ...] = ()


def card_of(record: FeatureConfigRecord, dataset: str, tests: int) -> FeatureCard:
    """A stored configuration as its card shows it."""
    config = record.config
    target = config.get("target_column")
    return FeatureCard(
        record.id, record.number, record.name, record.version, record.dataset_id, dataset, record.dims["buyer"]["total"], record.dims["product"]["total"],
        len(config["buyer_model_features"]) + len(config["product_model_features"]),
        len(config["buyer_model_crosses"]) + len(config["product_model_crosses"]), target["column"] if target else None, tests, record.updated_at,
        record.tags,
    )  # fmt: skip


def chosen(cards: Iterable[FeatureCard], text: str, dataset: str) -> list[FeatureCard]:
    """Those whose name, table, tag or number fits, in the given order."""
    words = text.casefold().split()

    def fits(card: FeatureCard) -> bool:
        said = " ".join((card.name, card.dataset, *card.tags, f"#{card.number}")).casefold()
        return (not dataset or card.dataset_id == dataset) and all(word in said for word in words)

    return [card for card in cards if fits(card)]


def listing(cards: Sequence[FeatureCard], picked: Sequence[str]) -> Component:
    """The cards, or what to do where none fits."""
    if not cards:
        return empty_state("No features fit", "Nothing matches this search.", actions=[button("Show all", id="recsys-features-clear")])
    widest = max(max(card.buyer, card.product) for card in cards) or 1
    return html.Ul([html.Li(_card(card, widest, card.id in picked)) for card in cards], className="config-cards")


def nothing_yet() -> Component:
    """What the chapter says before the first configuration."""
    text = "Features say what the columns of a table become in the buyer's and the product's tower: embeddings, numbers, buckets, cycles, crosses."
    smart = addresses.with_query(f"{addresses.FEATURES}/new", {"dataset": BUILT_IN, "start": "smart"})
    return empty_state(
        "No features yet", text,
        actions=[link_button("Start with the simulated shop", smart, kind="primary"), link_button("Choose a dataset", addresses.DATASETS)],
    )  # fmt: skip


def _card(card: FeatureCard, widest: int, picked: bool) -> Component:
    href = f"{addresses.FEATURES}/{card.id}"
    target = [badge(f"target: {card.target}", "info")] if card.target else []
    head = html.Div(
        [html.H2(dcc.Link(card.name, href=href, className="card-link"), className="card-title"), html.Span(target)], className="card-head"
    )
    table = dcc.Link(card.dataset, href=addresses.one_dataset(card.dataset_id))
    facts = html.P(
        [table, f" · version {card.version} · {plural(card.features, 'feature')} · {plural(card.crosses, 'cross', 'crosses')}"],
        className="card-words",
    )
    bars = html.Ul(
        [
            html.Li(
                [
                    html.Span(title, className="balance-name"),
                    html.Span(
                        html.Span(style={"width": f"{100 * dims / widest:.0f}%"}, className="balance-bar"), className="balance-track"
                    ),
                    html.Span(f"{dims:,}", className="balance-count"),
                ]
            )
            for title, dims in (("Buyer dimensions", card.buyer), ("Product dimensions", card.product))
        ],
        className="balance dims",
    )
    used = plural(card.tests, "test") if card.tests else "not tested yet"
    pick = html.Button(
        "Compare", type="button", className="btn btn-quiet btn-sm pick", **attrs({"aria-pressed": str(picked).lower(), "aria-label": f"Compare {card.name}"}),
        **act(ACTION, "pick", card.id),
    )  # fmt: skip
    clone = addresses.with_query(f"{addresses.FEATURES}/new", {"from": card.id})
    actions = [
        pick, _link("pencil", f"Edit {card.name}", f"{href}/edit"), _link("copy", f"Clone {card.name}", clone),
        icon_button("trash", f"Delete {card.name}", **act(ACTION, "delete", card.id)),
    ]  # fmt: skip
    foot = html.Div(
        [
            html.Span([f"#{card.number} · {used} · ", time_of(card.updated_at)], className="muted"),
            html.Div(actions, className="card-actions"),
        ],
        className="card-foot",
    )
    tags = [html.Div([badge(tag) for tag in card.tags], className="card-tags")] if card.tags else []
    return html.Article([head, facts, bars, *tags, foot], className="panel config-card")


def _link(name: str, label: str, href: str) -> Component:
    return dcc.Link([icon(name), html.Span(label, className="visually-hidden")], href=href, className="btn btn-icon", title=label)
