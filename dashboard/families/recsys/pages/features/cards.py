"""Stored features as cards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components import badge, empty_state, link_button
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.cards import Card, framed, listed, nothing_fits
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.live.words import plural
from recsys.data.shop_params import BUILT_IN
from recsys.records import FeatureConfigRecord


@dataclass(frozen=True, kw_only=True)
class FeatureCard(Card):
    """A stored feature configuration: its table, the widths of both towers' inputs, how many entries it has."""

    version: int
    dataset_id: str
    dataset: str
    buyer: int
    product: int
    features: int
    crosses: int
    target: str | None

    @property
    def group(self) -> str:
        return self.dataset_id

    @property
    def words(self) -> tuple[str, ...]:
        return (self.dataset,)


def card_of(record: FeatureConfigRecord, dataset: str, tests: int) -> FeatureCard:
    """A stored configuration as its card shows it.

    Args:
        dataset: name of its table. tests: how many tests have used it.
    """
    config = record.config
    target = config.get("target_column")
    return FeatureCard(
        id=record.id, number=record.number, name=record.name, updated_at=record.updated_at, tests=tests, tags=record.tags,
        version=record.version, dataset_id=record.dataset_id, dataset=dataset, buyer=record.dims["buyer"]["total"],
        product=record.dims["product"]["total"], features=len(config["buyer_model_features"]) + len(config["product_model_features"]),
        crosses=len(config["buyer_model_crosses"]) + len(config["product_model_crosses"]), target=target["column"] if target else None,
    )  # fmt: skip


def drawn(cards: Sequence[FeatureCard], picked: Sequence[str], most: int) -> Component:
    """The first cards, or what to do where none fits; bars are as long as the widest tower's of them all."""
    if not cards:
        return nothing_fits(FEATURES, "No features fit")
    widest = max(max(card.buyer, card.product) for card in cards) or 1
    return listed([_card(card, widest, card.id in picked) for card in cards[:most]])


def nothing_yet() -> Component:
    """What the chapter says before the first configuration."""
    text = "Features say what the columns of a table become in the buyer's and the product's tower: embeddings, numbers, buckets, cycles, crosses."
    smart = addresses.with_query(f"{addresses.FEATURES}/new", {"dataset": BUILT_IN, "start": "smart"})
    return empty_state(
        "No features yet", text,
        actions=[link_button("Start with the simulated shop", smart, kind="primary"), link_button("Choose a dataset", addresses.DATASETS)],
    )  # fmt: skip


def _card(card: FeatureCard, widest: int, picked: bool) -> Component:
    target = [badge(f"target: {card.target}", "info")] if card.target else []
    table = dcc.Link(card.dataset, href=addresses.one_dataset(card.dataset_id))
    facts = html.P(
        [table, f" · version {card.version} · {plural(card.features, 'feature')} · {plural(card.crosses, 'cross', 'crosses')}"],
        className="card-words",
    )
    bars = html.Ul(
        [_bar("Buyer dimensions", card.buyer, widest), _bar("Product dimensions", card.product, widest)], className="balance dims"
    )
    return framed(FEATURES, card, html.Span(target), [facts, bars], picked=picked)


def _bar(title: str, dims: int, widest: int) -> Component:
    bar = html.Span(style={"width": f"{100 * dims / widest:.0f}%"}, className="balance-bar")
    return html.Li(
        [
            html.Span(title, className="balance-name", title=title),
            html.Span(bar, className="balance-track"),
            html.Span(f"{dims:,}", className="balance-count"),
        ]
    )
