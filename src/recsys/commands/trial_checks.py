"""Whether a quick test can start: its settings and overrides, its dataset, and whether features and model fit.

Every reason is found at once. Figures of the rating column are those of the whole table: what that lacks, its
train part lacks too; what only the train part lacks, the worker finds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recsys.commands.facts import SchemaFacts, dataset_problems
from recsys.commands.refusing import problems_of_issues
from recsys.data.emptiness import surely_empty
from recsys.features.config import FeatureConfig
from recsys.features.validate import validate as feature_issues
from recsys.model.compat import RatingFacts, idle_rating_column, incompatible, rating_of, with_target
from recsys.model.config import ModelConfig, document_of
from recsys.model.training import MAX_BATCH
from recsys.model.validate import validate as model_issues
from recsys.reading import setting_problem, short
from recsys.trial import Overrides, TrialSettings
from workbench.fields import (
    FieldProblem,
    applicability_problems,
    field_specs,
    unknown_field_problem,
)
from workbench.state import DatasetRecord

TIMED = ("time_holdout", "strict_time", "leave_last_out")
"""Splits that need times."""

_OVERRIDES: Mapping[str, tuple[type, float, float]] = {
    "epochs": (int, 0, 500),
    "batch_size": (int, 16, MAX_BATCH),
    "learning_rate": (float, 0, 10),
}
"""Name of an override -> its type, and its range with both ends."""


@dataclass(frozen=True)
class Trial:
    """What a test will do: its settings, its overrides, and the features as it uses them."""

    settings: TrialSettings
    overrides: Overrides
    features: FeatureConfig


def checked_trial(
    features: FeatureConfig,
    model: ModelConfig,
    dataset: DatasetRecord,
    facts: SchemaFacts,
    *,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any],
) -> tuple[Trial | None, tuple[FieldProblem, ...]]:
    """(the test, no problems), or (None, everything that keeps it from starting)."""
    chosen, problems = checked_settings(settings)
    changed, wrong = _overrides(overrides)
    problems += [*wrong, *dataset_problems(dataset)]
    used = features if chosen is None else with_target(features, model, chosen.rating_column)
    if chosen is not None:
        problems += _split(chosen, facts)
        problems += fit_problems(features, model, facts, chosen.rating_column)
    if changed is not None:
        problems += _with_overrides(model, changed)
    if problems or chosen is None or changed is None:
        return None, tuple(problems)
    return Trial(chosen, changed, used), ()


def fit_problems(
    features: FeatureConfig, model: ModelConfig, facts: SchemaFacts, rating_column: str | None
) -> list[FieldProblem]:
    """Why a model cannot be trained on some features of a dataset as it is now; empty if it can."""
    used = with_target(features, model, rating_column)
    idle = problems_of_issues(idle_rating_column(model, rating_column), {"rating_column": rating_column})
    fit = idle + problems_of_issues(
        incompatible(
            used,
            model,
            facts.schema,
            rating_column=rating_column,
            rating=_rating(used, facts, rating_column),
        ),
        {"rating_column": rating_column, **used.model_dump(mode="json")},
    )
    known = {problem.path for problem in fit}
    # Columns or their roles may have changed since the features were stored.
    own = problems_of_issues(feature_issues(used.model_dump(mode="json"), facts.schema, name="features"))
    return [*fit, *(p for p in own if p.path not in known and not p.path.startswith("target_column"))]


def _rating(features: FeatureConfig, facts: SchemaFacts, rating_column: str | None) -> RatingFacts | None:
    column = rating_of(features, rating_column)
    info = None if column is None else facts.schema.find(column)
    stats = None if info is None else info.stats
    if stats is None or stats.cardinality is None or facts.rows is None:
        return None
    return RatingFacts(stats.cardinality, facts.rows - (stats.nulls or 0), stats.minimum, stats.maximum)


def checked_settings(given: Mapping[str, Any]) -> tuple[TrialSettings | None, list[FieldProblem]]:
    """(the settings, no problems), or (None, everything that is wrong with them)."""
    specs = {spec.name: spec for spec in field_specs(TrialSettings)}
    problems: list[FieldProblem] = []
    values: dict[str, Any] = {}
    for name, raw in given.items():
        if name not in specs:
            problems.append(unknown_field_problem(name, short(raw), specs))
            continue
        found = setting_problem(specs[name], raw)
        if found is not None:
            problems.append(FieldProblem(name, found[1], short(raw)))
        else:
            values[name] = int(raw) if specs[name].value_type is int and raw is not None else raw
    if problems:
        return None, problems
    settings = TrialSettings(**values)
    flat = settings.model_dump(mode="json")
    problems += applicability_problems(specs.values(), flat, flat)
    try:
        settings.split_settings(timed=True)
    except ValueError as error:
        problems.append(FieldProblem("split", str(error), settings.split))
    return (None if problems else settings), problems


def _split(settings: TrialSettings, facts: SchemaFacts) -> Iterator[FieldProblem]:
    timed = facts.schema.only("timestamp") is not None
    if settings.split in TIMED and not timed:
        message = f"The split {settings.split} needs times, and this dataset has no timestamp column."
        hint = "Choose the timestamp column of the dataset, or a random or stratified split."
        yield FieldProblem("split", message, settings.split, hint, code="SPLIT_NO_TIMESTAMP")
        return
    empty = surely_empty(
        settings.split_settings(timed=timed), facts.rows, facts.seconds, sampled=settings.sample() is not None
    )
    if empty is not None:
        yield FieldProblem(
            "split", empty, settings.split, "Choose another window, larger fractions or a larger sample.", code="SPLIT_EMPTY"
        )  # fmt: skip


def _overrides(given: Mapping[str, Any]) -> tuple[Overrides | None, list[FieldProblem]]:
    problems = [
        unknown_field_problem(f"{name}_override", short(raw), [f"{known}_override" for known in _OVERRIDES])
        for name, raw in given.items()
        if name not in _OVERRIDES
    ]
    values: dict[str, Any] = {}
    for name, (kind, least, most) in _OVERRIDES.items():
        raw = given.get(name)
        message = None if raw is None else _wrong_number(raw, kind, least, most)
        if message is not None:
            problems.append(FieldProblem(f"{name}_override", f"{name}_override {message}", short(raw)))
        elif raw is not None:
            values[name] = kind(raw)
    return (None if problems else Overrides(**values)), problems


def _wrong_number(raw: Any, kind: type, least: float, most: float) -> str | None:
    if (
        isinstance(raw, bool)
        or not isinstance(raw, int | float)
        or (isinstance(raw, float) and not math.isfinite(raw))
    ):
        return f"must be a finite number (got {short(raw)})"
    if not least <= raw <= most:
        return f"must be between {least:g} and {most}"
    return f"must be a whole number (got {short(raw)})" if kind is int and raw != int(raw) else None


def _with_overrides(model: ModelConfig, overrides: Overrides) -> Iterable[FieldProblem]:
    """What of the model's own settings does not go with a test's batch size."""
    if overrides.batch_size is None:
        return ()
    return problems_of_issues(model_issues(document_of(model) | {"batch_size": overrides.batch_size}))
