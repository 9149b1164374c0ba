"""The chapter Model Structure of one request: reads the state and gives pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.layer_control import BACK
from dashboard.families.recsys.pages import addresses, wizard_callbacks
from dashboard.families.recsys.pages.chapters import MODELS
from dashboard.families.recsys.pages.models import wizard
from dashboard.families.recsys.pages.models.draft import ModelDraft
from dashboard.families.recsys.pages.models.side import GUIDE
from dashboard.families.recsys.pages.models.verdict import ModelVerdict, Widths, judged
from dashboard.families.recsys.pages.services import recommenders
from recsys.commands.configs import copy_name
from recsys.data.schema import Schema
from recsys.editing.models import started
from recsys.features.config import FeatureConfig
from recsys.model.config import document_of
from recsys.model.facts import DataFacts
from recsys.model.params import embedding_count, expected_rows
from recsys.model.recipes import RECIPES
from recsys.model.warnings import before_start
from recsys.records import FeatureConfigRecord
from recsys.services.durations import expected_time, usual_work
from recsys.services.finding import schema_facts
from workbench.commands.base import CommandError
from workbench.commands.rules import free_name
from workbench.datasets import DatasetError

if TYPE_CHECKING:
    from recsys.service import RecommenderService

NEW = "new"


def render_new(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/models/new`; `?from=<id>` begins with a copy, `?recipe=<key>` with a recipe, `?step=` chooses the step.

    Raises CommandError not_found for a copy or a recipe of what is not there.
    """
    told = query or {}
    draft = begun_with(context, told)
    if told.get("for") == BACK and draft.key == NEW:
        draft = replace(draft, key=f"{draft.key}?for={BACK}", back=BACK)
    title = "Clone a model" if told.get("from") and not told.get("recipe") else "New model"
    return wizard.page(
        draft,
        verdict_of(context, draft),
        step=GUIDE.step_asked(told),
        title=title,
        features=feature_options(context),
        stored=MODELS.configs(context).list(),
    )


def begun_with(context: AppContext, query: Mapping[str, str]) -> ModelDraft:
    """The draft that a new model's address begins with. Raises CommandError not_found."""
    return recipe_draft(context, query["recipe"]) if query.get("recipe") else new_draft(context, query.get("from"))


def render_edit(context: AppContext, config_id: str, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/models/<id>/edit`."""
    record = recommenders(context.workbench).models.get(config_id)
    draft = stored_draft(context, config_id)
    return wizard.page(
        draft, verdict_of(context, draft), step=GUIDE.step_asked(query), title=f"Edit {record.name}", crumb=record.name, features=feature_options(context),
        clone=addresses.new(addresses.MODELS, of=record.id, step=2),
    )  # fmt: skip


def new_draft(context: AppContext, source: str | None) -> ModelDraft:
    """A new model: the Standard preset, or a copy of a stored one. Raises CommandError not_found."""
    if not source:
        return ModelDraft(key=NEW, document=started())
    record = recommenders(context.workbench).models.get(source)
    return ModelDraft(
        key=f"{NEW}?from={record.id}",
        document=document_of(record.recommender),
        name=copy_name(context.workbench.state(), MODELS.configs(context).KIND, record.name),
        description=record.description,
    )


def recipe_draft(context: AppContext, key: str) -> ModelDraft:
    """A new model that is a recipe. Raises CommandError not_found."""
    recipe = RECIPES.get(key)
    if recipe is None:
        raise CommandError(f'There is no recipe "{key}".', "recipe", f"Recipes: {', '.join(RECIPES)}.", code="not_found")
    name = free_name(context.workbench.state(), MODELS.configs(context).KIND, recipe.name)
    return ModelDraft(key=f"{NEW}?recipe={key}", document=document_of(recipe.config), name=name, rate_chosen=True)


def stored_draft(context: AppContext, config_id: str) -> ModelDraft:
    """A stored model, to be changed. Raises CommandError not_found."""
    models = recommenders(context.workbench).models
    record = models.get(config_id)
    return ModelDraft(
        key=f"edit/{record.id}", document=document_of(record.recommender), name=record.name, description=record.description,
        version=record.version, revision=models.revision(record.id), rate_chosen=True,
    )  # fmt: skip


def draft_of(context: AppContext, key: str) -> ModelDraft:
    """The draft that an address begins with. Raises CommandError not_found."""
    if key.startswith("edit/"):
        return stored_draft(context, key.removeprefix("edit/"))
    recipe = key.partition("?recipe=")[2]
    return recipe_draft(context, recipe) if recipe else new_draft(context, key.partition("?from=")[2] or None)


def feature_options(context: AppContext) -> list[tuple[str, str]]:
    """(id, words) of the feature configurations, the latest first."""
    state = context.workbench.state()
    names = {id: dataset.name for id, dataset in state.datasets.items()}
    return [
        (
            r.id,
            f"{r.name} ({r.dims['buyer']['total']} and {r.dims['product']['total']} dimensions, {names.get(r.dataset_id, r.dataset_id)})",
        )
        for r in recommenders(context.workbench).features.list()
    ]


def verdict_of(context: AppContext, draft: ModelDraft) -> ModelVerdict:
    """What a draft amounts to now, with doubts and times."""
    service = recommenders(context.workbench)
    record = _features_of(service, draft.features)
    id = draft.stored_id
    issues = service.models.validate(draft.document, name=draft.name, exclude=id)
    widths = Widths() if record is None else Widths(record.dims["buyer"]["total"], record.dims["product"]["total"], record.name)
    schema = _schema_of(context, record)
    tables = None if record is None or schema is None else embedding_count(record.features, expected_rows(record.features, schema))
    verdict = judged(draft, issues, widths, embedding_count=tables, locked=id is not None and service.models.is_locked(id))
    if verdict.model is None:
        return verdict
    work = usual_work(context.workbench.state(), None if record is None else record.dataset_id)
    time = expected_time(context.workbench, verdict.model, work)
    features, columns = (FeatureConfig(), Schema(())) if record is None or schema is None else (record.features, schema)
    return replace(
        verdict, warnings=before_start(features, verdict.model, columns, DataFacts()), seconds=(time.low, time.seconds, time.high)
    )


def _features_of(service: RecommenderService, id: str) -> FeatureConfigRecord | None:
    try:
        return service.features.get(id) if id else None
    except CommandError:
        # Deleted since: the assumed widths take its place.
        return None


def _schema_of(context: AppContext, record: FeatureConfigRecord | None) -> Schema | None:
    try:
        return None if record is None else schema_facts(context.workbench, record.dataset_id).schema
    except (CommandError, DatasetError):
        return None


def read(data: Any) -> ModelDraft | None:
    """A draft as the browser sends it back; None for anything else."""
    return ModelDraft.read(data)


def save(context: AppContext, who: str, draft: ModelDraft) -> Any:
    """Store what the draft says. Raises CommandError with every issue."""
    return wizard_callbacks.save(context, MODELS, who, draft)


def save_as_new(context: AppContext, who: str, draft: ModelDraft) -> Any:
    """Store what the draft says as another model, under a free name. Raises CommandError with every issue."""
    return wizard_callbacks.save_as_new(context, MODELS, who, draft)
