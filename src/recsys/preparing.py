"""From the settings of a new model to what it keeps: features that fit the data, what its columns stand for, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from recsys.commands.facts import SchemaFacts
from recsys.commands.trial_checks import fit_problems
from recsys.data.facts import TableFacts
from recsys.features.config import READABLE_AS, FeatureConfig
from recsys.features.defaults import smart_defaults
from recsys.features.shipped import SHIPPED
from recsys.hashes import content_hash
from recsys.holding import columns_of
from recsys.model.compat import with_target
from recsys.model.config import ModelConfig
from recsys.trial import ModelSettings, Named, TrialPayload
from workbench.families import NewModel, Prepared
from workbench.fields import ConfigError, ConfigModel, FieldProblem

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


def refuses(
    facts: TableFacts, settings: ConfigModel | None, configs: Mapping[str, ConfigModel]
) -> list[FieldProblem]:
    """What `prepare` would refuse of a table whose columns are known; nothing for one that was never read."""
    if not facts.columns:
        return []
    told = cast(ModelSettings, settings)
    model = ModelConfig(configs["architecture"], configs["training"])  # type: ignore[arg-type]
    try:
        return _unfit(_features(told, facts)[0], model, told, facts)
    except ConfigError as error:
        return list(error.problems)


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
