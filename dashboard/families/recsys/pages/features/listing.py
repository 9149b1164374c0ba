"""The list of stored features: `/recommenders/features`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.pages import listing
from dashboard.families.recsys.pages.cards import times_used
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features.cards import FeatureCard, card_of, drawn, nothing_yet


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """The page; `?q=` and `?dataset=` filter it."""
    return listing.render(LISTING, context, query)


def asks(context: AppContext, _query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say."""
    held = {record.dataset_id for record in FEATURES.configs(context).list()}
    return {"q": None, "dataset": {*context.workbench.state().datasets, *held}}


def cards_of(context: AppContext) -> list[FeatureCard]:
    """Every stored configuration, the latest change first."""
    state = context.workbench.state()
    names: dict[str, str] = {id: dataset.name for id, dataset in state.datasets.items()}
    tests = times_used(state)
    return [
        card_of(record, names.get(record.dataset_id) or record.dataset_id, tests[record.id]) for record in FEATURES.configs(context).list()
    ]


def tables(cards: Sequence[FeatureCard]) -> list[tuple[str, str]]:
    """(id, name) of the tables of these, by name."""
    return sorted({(card.dataset_id, card.dataset) for card in cards}, key=lambda pair: pair[1].casefold())


LISTING = listing.Listing(
    FEATURES, "What the columns of a table become in both towers.", "Features", "New features", "Dataset", "Any dataset",
    tables, cards_of, drawn, nothing_yet,
)  # fmt: skip
