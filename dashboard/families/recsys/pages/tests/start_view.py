"""The start page of one request: reads the state and gives what the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dash.development.base_component import Component

from dashboard.context import AppContext
from dashboard.families.recsys.pages import addresses
from dashboard.families.recsys.pages.services import recommenders
from dashboard.families.recsys.pages.tests import start
from dashboard.families.recsys.pages.tests.asked import OVERRIDES, Asked, asked, setting_raw
from dashboard.families.recsys.pages.tests.checks import Verdict, verdict_of
from dashboard.families.recsys.pages.tests.choices import Choice, default_rating, feature_choice, listed, model_choice, rating_columns
from recsys.data.schema import Schema
from recsys.features.config import without_column
from recsys.features.validate import validate as feature_issues
from recsys.model.config import document_of
from recsys.model.warning import ConfigWarning
from recsys.records import FeatureConfigRecord, ModelConfigRecord
from recsys.services.finding import schema_facts
from recsys.services.looking import rating_figures
from recsys.services.tables import SPLIT_SETTINGS
from recsys.trial import TrialPayload, TrialSettings
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.ids import new_id
from workbench.state import Kind, RunRecord


@dataclass(frozen=True)
class Pair:
    """What is chosen, as far as it is still there."""

    features: FeatureConfigRecord | None
    model: ModelConfigRecord | None
    schema: Schema | None


def render(context: AppContext, query: Mapping[str, str] | None = None) -> Component:
    """`/recommenders/tests/new`; `?features=&model=` choose, `?from=<id>` begins with an earlier test's settings; see `addresses.new_test`."""
    told = query or {}
    begun = begun_with(context, told)
    pair = pair_of(context, begun.features, begun.model)
    rating = rating_of(context, pair, begun.settings.get("rating_column"))
    wanted = asked(
        features=pair.features.id if pair.features else "", model=pair.model.id if pair.model else "", name=begun.name,
        raw=setting_raw(begun.settings), overrides=begun.overrides, rating=told_rating(rating),
    )  # fmt: skip
    features, models = choices(context, pair)
    return start.page(
        begun, judged(context, wanted), run_id=new_id(Kind.RUN), features=features, models=models, rating=rating,
        defaults=defaults_of(pair), parts=parts_words(context, pair, wanted),
    )  # fmt: skip


def begun_with(context: AppContext, told: Mapping[str, str]) -> start.Begun:
    """What an address begins with; without a choice the latest of each kind."""
    service = recommenders(context.workbench)
    if told.get("from"):
        run = service.tests.get(told["from"])
        payload = TrialPayload.model_validate(run.payload)
        model = payload.model_of.id if payload.model_of else ""
        overrides = payload.overrides.model_dump(exclude_none=True) | {name: told[name] for name in OVERRIDES if name in told}
        return start.Begun(
            told.get("features") or payload.features_of.id, told.get("model") or model, payload.name, payload.settings, overrides
        )
    features, models = service.features.list(), service.models.list()
    return start.Begun(told.get("features") or (features[0].id if features else ""), told.get("model") or (models[0].id if models else ""))


def pair_of(context: AppContext, features: str, model: str) -> Pair:
    """The records of two ids; None for one that is not there, or no longer."""
    service = recommenders(context.workbench)
    record, chosen = _found(service.features, features), _found(service.models, model)
    return Pair(record, chosen, None if record is None else schema_of(context, record.dataset_id))


def _found(records: Any, id: str) -> Any:
    try:
        return records.get(id) if id else None
    except CommandError:
        return None


def schema_of(context: AppContext, dataset_id: str) -> Schema | None:
    """A dataset's columns; None where they cannot be read."""
    try:
        return schema_facts(context.workbench, dataset_id).schema
    except (CommandError, DatasetError):
        return None


def choices(context: AppContext, pair: Pair, searches: tuple[str, str] = ("", "")) -> tuple[list[Choice], list[Choice]]:
    """The entries of both selectors."""
    service, datasets = recommenders(context.workbench), context.workbench.state().datasets
    records = service.features.list()
    schemas = {id: schema_of(context, id) for id in {record.dataset_id for record in records}}
    model = pair.model.recommender if pair.model else None
    features = pair.features.features if pair.features else None
    found = [feature_choice(r, datasets[r.dataset_id].name, schemas[r.dataset_id], model) for r in records]
    models = [model_choice(r, features, pair.schema) for r in service.models.list()]
    return (
        listed(found, searches[0], pair.features.id if pair.features else ""),
        listed(models, searches[1], pair.model.id if pair.model else ""),
    )


def rating_of(context: AppContext, pair: Pair, chosen: str | None = None) -> start.Rating | None:
    """The picker of the rating column; None for a model that predicts none, or while something is not chosen."""
    if pair.features is None or pair.model is None or pair.schema is None or not pair.model.recommender.rates:
        return None
    features, model = pair.features.features, pair.model.recommender
    columns = rating_columns(pair.schema)
    target = features.target_column.column if features.target_column else None
    known = {info.column for info in columns}
    kept = chosen if chosen in known else target or default_rating(features, model, pair.schema) or ""
    try:
        figures = rating_figures(context.workbench, pair.features.dataset_id)
    except CommandError:
        figures = {}
    return start.Rating(tuple((info, figures.get(info.column)) for info in columns), kept, target)


def told_rating(rating: start.Rating | None) -> str | None:
    """The rating column as a test is told it: the features' own target need not be said."""
    return None if rating is None or rating.chosen == rating.configured else rating.chosen


def defaults_of(pair: Pair) -> dict[str, Any]:
    """What the chosen model says of the overrides."""
    return {name: getattr(pair.model.recommender.training, name) for name in OVERRIDES} if pair.model else {}


def judged(context: AppContext, wanted: Asked) -> Verdict:
    """What starting a test would mean."""
    service = recommenders(context.workbench)
    pair = pair_of(context, wanted.features, wanted.model)
    if pair.features is None or pair.model is None:
        return Verdict(False)
    arguments = wanted.arguments()
    try:
        problems = service.tests.problems(**arguments)
    except CommandError as error:
        problems = error.problems or ()
    transforms = [] if pair.schema is None else feature_issues(pair.features.config, pair.schema, name=pair.features.name)
    model = service.models.validate(document_of(pair.model.recommender), name=pair.model.name, exclude=pair.model.id)
    forecast, notes = None, []
    if not problems:
        forecast = service.estimates.forecast(
            **{key: arguments[key] for key in ("feature_config", "model_config", "settings", "overrides")}
        )
        rating = wanted.settings.get("rating_column")
        issues = service.tests.issues(feature_config=wanted.features, model_config=wanted.model, rating_column=rating)
        notes = [issue.message for issue in issues if issue.severity != "error"]
    return verdict_of(
        problems, transforms=[i.message for i in transforms if i.severity == "error"],
        model=[i.message for i in model if i.severity == "error"], forecast=forecast, notes=notes,
    )  # fmt: skip


def parts_words(context: AppContext, pair: Pair, wanted: Asked) -> str:
    """How large the parts of the split are."""
    if pair.features is None or pair.schema is None:
        return ""
    settings = {name: value for name, value in wanted.settings.items() if name in SPLIT_SETTINGS}
    tables = recommenders(context.workbench).tables
    try:
        if not tables.is_quick(pair.features.dataset_id):
            how = TrialSettings(**settings).split_words(timed=pair.schema.only("timestamp") is not None)
            return f"{how[:1].upper()}{how[1:]}. The parts of so many rows are counted once the test runs."
        found = tables.divided(pair.features.dataset_id, settings)
    except (CommandError, ValueError):
        # The checklist says what is wrong with the settings or the data.
        return ""
    parts, how = found.preview, found.words
    words = f"{parts.train:,} rows to learn from, {parts.validation:,} to watch, {parts.test:,} to measure ({how})"
    cold = [
        f"{100 * share:.1f} % of the measured rows have a {who} that is not learned from"
        for share, who in ((parts.cold_users, "customer"), (parts.cold_items, "product"))
        if share
    ]
    return ". ".join([words, *cold]) + "."


def like_with(context: AppContext, who: str, run: RunRecord, warning: ConfigWarning) -> str:
    """The start page's address for a test like that one, with what a warning proposes done. Raises CommandError."""
    payload = TrialPayload.model_validate(run.payload)
    model = payload.model_of.id if payload.model_of else ""
    wanted = Asked(payload.features_of.id, model, payload.name, payload.settings, payload.overrides.model_dump(exclude_none=True))
    changed = mended(context, who, wanted, warning)
    return addresses.new_test(like=run.id, **changed)


def mended(context: AppContext, who: str, wanted: Asked, warning: ConfigWarning) -> dict[str, Any]:
    """Do what a warning proposes; what the form holds afterwards, by `features`, `model` and `overrides`.

    What a test can have otherwise by itself becomes an override. Everything else is changed in a copy of the configuration, which
    takes its place in the form. Raises CommandError.
    """
    service, action = recommenders(context.workbench), warning.action
    own = {name: value for name, value in action.settings.items() if name in OVERRIDES}
    changed: dict[str, Any] = {}
    if len(own) < len(action.settings):
        changed["model"] = service.models.clone(actor=who, key=wanted.model, document=dict(action.settings)).id
        changed["overrides"] = dict.fromkeys(own, "")
    elif own:
        changed["overrides"] = {name: f"{value:g}" for name, value in own.items()}
    if action.without_columns:
        features = service.features.get(wanted.features).features
        for column in action.without_columns:
            features = without_column(features, column)
        changed["features"] = service.features.clone(actor=who, key=wanted.features, document=features).id
    return changed
