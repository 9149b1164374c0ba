"""What a recommender's model and its runs keep besides their configs: the features, and what the trial is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from recsys.commands.facts import SchemaFacts
from recsys.commands.trial_checks import fit_problems
from recsys.data.facts import TableFacts
from recsys.features.config import READABLE_AS, FeatureConfig
from recsys.features.defaults import smart_defaults
from recsys.features.dims import tensor_dims
from recsys.features.shipped import SHIPPED
from recsys.hashes import content_hash
from recsys.model.compat import with_target
from recsys.model.config import ModelConfig
from recsys.trial import Columns, ModelSettings, Named, TrialPayload, TrialSettings
from workbench.families import Holding, ImportString, NewModel, Prepared
from workbench.fields import ConfigError, FieldProblem

if TYPE_CHECKING:
    from workbench.artefacts import ArtefactRoot

SMART = "smart_defaults"


def prepare(new: NewModel) -> Prepared:
    """What a new model keeps: features as its settings name them, and the settings.

    Raises:
        ConfigError: for features that the data does not have, columns without roles, or a model that rates
            without a column of ratings.
    """
    settings = cast(ModelSettings, new.settings)
    facts: TableFacts = new.facts
    features, named = _features(settings, facts)
    model = ModelConfig(new.configs["architecture"], new.configs["training"])  # type: ignore[arg-type]
    problems = _unfit(features, model, settings, facts)
    if problems:
        raise ConfigError(tuple(problems))
    document = with_target(features, model, settings.rating_column).model_dump(mode="json")
    payload = TrialPayload(
        features=document,
        settings=settings.model_dump(mode="json", exclude={"features"}),
        columns=columns_of(facts),
        features_of=named.model_copy(update={"hash": content_hash(document)}),
    )
    return Prepared(payload, facts)


def columns_of(facts: TableFacts) -> Columns:
    """What a table's columns stand for. Raises ConfigError without a user id and an item id."""
    schema = facts.schema
    user, item = schema.only("user_id"), schema.only("item_id")
    if user is None or item is None:
        missing = "a user id" if user is None else "an item id"
        raise ConfigError(
            (FieldProblem("dataset", f"No column of this dataset is {missing}. Set the columns' roles."),)
        )
    types = {info.column: info.data_type for info in schema.columns}
    return Columns(user=user, item=item, timestamp=schema.only("timestamp"), types=types)


def _unfit(
    features: FeatureConfig, model: ModelConfig, settings: ModelSettings, facts: TableFacts
) -> list[FieldProblem]:
    """Why the model could not be trained on this data, each at the setting that mends it."""
    found = fit_problems(features, model, SchemaFacts(facts.schema, facts.rows), settings.rating_column)
    rated = [
        info.column
        for info in facts.schema.with_role("outcome")
        if info.data_type in READABLE_AS["numeric"] and info.column != settings.rating_column
    ]
    hint = f"Outcomes of this data: {', '.join(rated)}." if rated else None
    return [
        FieldProblem("rating_column", problem.message, problem.value, hint, code=problem.code)
        if problem.path == "rating_column"
        else FieldProblem("features", problem.message, code=problem.code)
        for problem in found
    ]


def _features(settings: ModelSettings, facts: TableFacts) -> tuple[FeatureConfig, Named]:
    if settings.features == SMART:
        columns_of(facts)
        return smart_defaults(facts.schema).config, Named(name="Smart defaults")
    return SHIPPED[settings.features].config, Named(name=settings.features)


def trial_settings(payload: TrialPayload) -> Mapping[str, Any]:
    """The settings that a model was made with."""
    return payload.settings


def inputs(payload: TrialPayload, artefacts: ArtefactRoot) -> TrialPayload:
    """What the trainer is told: the payload itself."""
    del artefacts
    return payload


def words(payload: TrialPayload, given: Any) -> list[tuple[str, str]]:
    """What a run's report says of its features and rows."""
    del given
    dims = tensor_dims(FeatureConfig.model_validate(payload.features))
    settings = TrialSettings.model_validate(payload.settings)
    lines = [
        (
            "Features",
            f"{payload.features_of.name}: buyer {dims.buyer.total}, product {dims.product.total} dimensions",
        ),
        ("Split", settings.split_words(timed=payload.columns.timestamp is not None)),
    ]
    target = payload.features.get("target_column")
    if target:
        lines.append(("Target of the features", str(target["column"])))
    if payload.promoted_from is not None:
        lines.append(("Promoted from", payload.promoted_from.words()))
    return lines


def brief(payload: TrialPayload, labels: int) -> str:
    """A model's features in a few words."""
    del labels
    dims = tensor_dims(FeatureConfig.model_validate(payload.features))
    origin = "" if payload.promoted_from is None else f", from {payload.promoted_from.words()}"
    return f"{payload.features_of.name}, {dims.buyer.total} and {dims.product.total} dimensions{origin}"


def items(facts: TableFacts | None, payload: TrialPayload | None) -> int:
    """Rows that an epoch passes over, about."""
    if facts is None:
        return 0
    percent = 100.0 if payload is None else TrialSettings.model_validate(payload.settings).sample_percent
    return max(1, round(0.85 * facts.usable * percent / 100))


HOLDING = Holding(
    payload=TrialPayload,
    run_payload=TrialPayload,
    prepare=ImportString("recsys.holding:prepare"),
    inputs=ImportString("recsys.holding:inputs"),
    settings=trial_settings,
    words=words,
    brief=brief,
    items=items,
)
