"""The Models page of one request: reads the state, the address and what this browser remembers."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.pages.models import layout
from dashboard.pages.models.rows import NOT_TRAINED, SORTS, Choice, KnownArchitectures, ModelRow, choose, rows_of
from workbench.families import all_families
from workbench.state import RunState


def rows(context: AppContext) -> list[ModelRow]:
    """Rows of all models."""
    known = context.memo.setdefault("architectures", KnownArchitectures(context.workbench.models.summary))
    return rows_of(context.workbench.state(), known.of)


def render(context: AppContext, query: Mapping[str, str]) -> Component:
    """The page for an address such as `/?text=mixture&state=failed&view=table`."""
    found = rows(context)
    choice = choice_of(query)
    families = {f.name: f.title for f in all_families()}
    view = "table" if query.get("view") == "table" else "cards"
    return layout.page(
        found,
        choose(found, choice),
        choice,
        view=view,
        families=families,
        try_it=next((f.try_words for f in all_families() if f.try_it[0]), None),
    )


def asks(context: AppContext, query: Mapping[str, str]) -> dict[str, Collection[str] | None]:
    """What an address may say."""
    state = context.workbench.state()
    return {
        "text": None, "family": {*(family.name for family in all_families()), *(model.family for model in state.models.values())}, "state": [*(state.value for state in RunState), NOT_TRAINED],
        "tag": {tag for model in state.models.values() if model.deleted_at is None for tag in model.tags}, "sort": SORTS, "view": ("cards", "table"),
    }  # fmt: skip


def choice_of(query: Mapping[str, str]) -> Choice:
    """The filters and order that an address asks for."""
    sort = query.get("sort", "")
    return Choice(
        query.get("text", ""), query.get("family", ""), query.get("state", ""), query.get("tag", ""), sort if sort in SORTS else "updated"
    )
