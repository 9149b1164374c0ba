"""The wizard of features for one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses, wizard_callbacks
from dashboard.families.recsys.pages.chapters import FEATURES
from dashboard.families.recsys.pages.features import wizard
from dashboard.families.recsys.pages.features.draft import FeatureDraft, starting
from dashboard.families.recsys.pages.features.side import GUIDE
from dashboard.families.recsys.pages.features.verdict import FeatureVerdict, judged
from dashboard.families.recsys.pages.services import recommenders
from dashboard.pages.datasets.rows import rows
from recsys.commands.configs import copy_name
from recsys.data.facts import TableFacts
from recsys.data.shop_params import BUILT_IN
from recsys.family import FAMILY
from recsys.records import FeatureConfigRecord
from recsys.services.finding import schema_facts
from workbench.commands.base import CommandError
from workbench.commands.rules import find_dataset

NEW = "new"


def render_new(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/features/new?dataset=<id>&start=smart|blank`, or `?from=<id>` for a copy.

    Raises CommandError not_found for a table or a copy of what is not there.
    """
    told = query or {}
    source, dataset = begun_with(context, told)
    title = "Clone features" if source else "New features"
    if not source and (missing := missing_roles(context, dataset)):
        return wizard.without_roles(title, dataset, _name(context, dataset), missing, _datasets(context, dataset))
    draft = draft_of(context, new_key(dataset, "blank" if told.get("start") == "blank" else "smart", source))
    return wizard.page(
        draft, verdict_of(context, draft), step=GUIDE.step_asked(told), title=title, dataset=_name(context, draft.dataset),
        datasets=[] if source else _datasets(context, draft.dataset),
        stored=recommenders(context.workbench).features.of_dataset(draft.dataset),
    )  # fmt: skip


def begun_with(context: AppContext, query: Mapping[str, str]) -> tuple[str | None, str]:
    """(id of the configuration that is copied, id of the table) of a new one's address. Raises CommandError not_found."""
    if query.get("from"):
        record = recommenders(context.workbench).features.get(query["from"])
        return record.id, record.dataset_id
    dataset = find_dataset(context.workbench.state(), query.get("dataset") or BUILT_IN)
    if dataset.family != FAMILY.name:
        raise CommandError(f"{dataset.name} is no table of interactions.", "dataset_id", code="not_found")
    return None, dataset.id


def render_edit(context: AppContext, config_id: str, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/features/<id>/edit`."""
    record = recommenders(context.workbench).features.get(config_id)
    draft = draft_of(context, f"edit/{record.id}")
    return wizard.page(
        draft, verdict_of(context, draft), step=GUIDE.step_asked(query), title=f"Edit {record.name}", dataset=_name(context, draft.dataset),
        crumb=record.name,
    )  # fmt: skip


def missing_roles(context: AppContext, dataset_id: str) -> list[str]:
    """Which of a user id and an item id no column of a table is, or more than one. Raises CommandError where it cannot be read."""
    schema = recommenders(context.workbench).features.facts(dataset_id).schema
    found = {"user id": schema.only("user_id"), "item id": schema.only("item_id")}
    return [words for words, column in found.items() if column is None]


def _name(context: AppContext, dataset_id: str) -> str:
    return find_dataset(context.workbench.state(), dataset_id, deleted=True).name


def _datasets(context: AppContext, chosen: str) -> list[tuple[str, str, bool]]:
    """(address, name, chosen) of every table that can be read and needs no download, built-in ones first."""
    return [
        (addresses.with_query(f"{addresses.FEATURES}/new", {"dataset": row.record.id}), row.record.name, row.record.id == chosen)
        for row in rows(context.workbench)
        if row.record.family == FAMILY.name
        and (row.record.id == chosen or (not row.problem and (row.record.status == "ready" or not row.needs_download)))
    ]


def new_key(dataset: str, start: str, source: str | None) -> str:
    """What tells a new draft apart: its table and what it began with, or the configuration that it is a copy of."""
    return f"{NEW}?from={source}" if source else f"{NEW}?dataset={dataset}&start={start}"


def draft_of(context: AppContext, key: str) -> FeatureDraft:
    """The draft that an address begins with. Raises CommandError not_found, or what keeps its table from being read."""
    features = recommenders(context.workbench).features
    if key.startswith("edit/"):
        record = features.get(key.removeprefix("edit/"))
        return replace(_of(record, key, version=record.version, name=record.name), revision=features.revision(record.id))
    told = dict(part.split("=", 1) for part in key.partition("?")[2].split("&") if "=" in part)
    if told.get("from"):
        record, state = features.get(told["from"]), context.workbench.state()
        return _of(record, key, version=None, name=copy_name(state, features.KIND, record.name, within=record.dataset_id))
    dataset = told.get("dataset", BUILT_IN)
    schema = features.facts(dataset).schema
    name = features.smart_name(dataset) if told.get("start") == "smart" else ""
    return FeatureDraft(key=key, document=starting(None, schema, told.get("start", "smart")), name=name, dataset=dataset)


def _of(record: FeatureConfigRecord, key: str, *, version: int | None, name: str) -> FeatureDraft:
    return FeatureDraft(
        key=key, document=dict(record.config), name=name, description=record.description, version=version, dataset=record.dataset_id
    )


def verdict_of(context: AppContext, draft: FeatureDraft) -> FeatureVerdict:
    """What a draft amounts to now. Raises CommandError where the table cannot be read."""
    issues = recommenders(context.workbench).features.validate(
        draft.document, dataset_id=draft.dataset, name=draft.name, exclude=draft.stored_id
    )
    return judged(draft, issues, facts_of(context, draft.dataset))


def facts_of(context: AppContext, dataset_id: str) -> TableFacts:
    """A table in figures; one that was never read is read first. Raises CommandError."""
    schema_facts(context.workbench, dataset_id)
    facts = context.workbench.datasets.facts(dataset_id)
    if not isinstance(facts, TableFacts):
        raise CommandError("That is no table of interactions.", "dataset_id", code="not_found")
    return facts


def read(data: Any) -> FeatureDraft | None:
    """A draft as the browser sends it back; None for anything else."""
    return FeatureDraft.read(data)


def save(context: AppContext, who: str, draft: FeatureDraft) -> Any:
    """Store what the draft says. Raises CommandError with every issue."""
    own = {"dataset_id": draft.dataset} if draft.stored_id is None else {}
    return wizard_callbacks.save(context, FEATURES, who, draft, **own)


def save_as_new(context: AppContext, who: str, draft: FeatureDraft) -> Any:
    """Store what the draft says as another configuration, under a free name. Raises CommandError with every issue."""
    return wizard_callbacks.save_as_new(context, FEATURES, who, draft, within=draft.dataset, dataset_id=draft.dataset)
