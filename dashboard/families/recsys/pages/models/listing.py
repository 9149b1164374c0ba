"""The list of stored models: `/recommenders/models`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from dash.development.base_component import Component

from dashboard import shell
from dashboard.components import Action, notify
from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, listing
from dashboard.families.recsys.pages.cards import times_used
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models.cards import ModelCard, card_of, drawn, nothing_yet
from recsys.model.architecture import TYPE_CHOICES
from recsys.model.config import document_of
from recsys.model.recipes import RECIPES
from workbench.commands.rules import free_name


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """The page; `?q=` and `?type=` filter it."""
    return listing.render(LISTING, context, query)


def asks(_context: AppContext, _query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say."""
    return {"q": None, "type": [key for key, _ in types(())]}


def cards_of(context: AppContext) -> list[ModelCard]:
    """Every stored model, the latest change first. A card is computed once for each version."""
    kept: dict[Any, ModelCard] = context.memo.setdefault("recsys-model-cards", {})
    tests = times_used(context.workbench.state())
    found = []
    for record in MODELS.configs(context).list():
        key = (record.id, record.updated_at, record.name, record.tags, tests[record.id])
        found.append(kept.get(key) or kept.setdefault(key, card_of(record, tests[record.id])))
    return found


def types(_: Sequence[ModelCard]) -> list[tuple[str, str]]:
    """(key, words) of every type."""
    return [(key, label) for key, label, _ in TYPE_CHOICES]


def act_on(context: AppContext, who: str, action: Action) -> bool:
    """Make a first model at once: the Standard preset, or a recipe. Whether that led to its page."""
    if action.name not in ("standard", "recipe"):
        return False
    models, workbench = MODELS.configs(context), context.workbench
    recipe = RECIPES[action.id] if action.name == "recipe" else None
    title, document = ("Standard", {}) if recipe is None else (recipe.name, document_of(recipe.config))
    record = models.create(actor=who, name=free_name(workbench.state(), models.KIND, title), document=document)
    notify(f"Created {record.name}.", undo=workbench.state().versions[record.id])
    shell.go(addresses.one_model(record.id))
    return True


LISTING = listing.Listing(
    MODELS, "How tensors are processed and trained; models know no data, so one model can be tested with many features.", "Models", "New model",
    "Type", "Any type", types, cards_of, drawn, nothing_yet, act_on,
)  # fmt: skip
