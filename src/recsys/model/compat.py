"""Whether a model can be trained on a feature configuration's data: the one check for REST, pages and workers.

Choices where the rules leave room: a target's transforms count for the column that they are set for, not for
another rating column of a test; all features of a column are looked at, in the order of the towers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from recsys.data.schema import Schema, not_there
from recsys.features.config import (
    READABLE_AS,
    TOWERS,
    FeatureConfig,
    HistoryFeature,
    Target,
    Tower,
    without_column,
)
from recsys.features.dims import tensor_dims
from recsys.features.float32 import beyond_float32
from recsys.features.transforms import TargetTransforms
from recsys.issues import Issue
from recsys.model.config import ModelConfig
from recsys.model.plan import common_width
from recsys.model.summaries import towers_are_identical

LEAST_RATINGS = 50


class Code(StrEnum):
    """What rule an issue is about."""

    TOWERS = "C-1"
    RATING = "C-2"
    BINARY = "C-3"
    SHARED = "C-4"
    COLUMNS = "C-5"


@dataclass(frozen=True)
class RatingFacts:
    """What is known of a rating column's values in the train part.

    Attributes:
        distinct: how many different values there are, nulls left out. non_null: rows with a value.
        minimum, maximum: the smallest and the largest finite one; None where that is unknown.
    """

    distinct: int
    non_null: int
    minimum: float | None = None
    maximum: float | None = None


def rating_of(features: FeatureConfig, rating_column: str | None = None) -> str | None:
    """The column that a model that rates learns: a test's, else the feature configuration's target."""
    if rating_column is not None or features.target_column is None:
        return rating_column
    return features.target_column.column


def with_target(features: FeatureConfig, model: ModelConfig, rating_column: str | None) -> FeatureConfig:
    """The features as a test uses them: a test's rating column is their target, and no feature.

    The target stays as configured for a model that predicts no rating, or where the test names the same column; another
    has the usual transforms, and none where the loss takes ratings as they are.
    """
    column = rating_of(features, rating_column)
    configured = features.target_column
    if not model.rates or column is None or (configured is not None and configured.column == column):
        return features
    target = Target(column=column)
    if model.training.loss_function == "binary_crossentropy":
        target = Target(column=column, transforms=TargetTransforms(normalize=None))
    return without_column(features, column).model_copy(update={"target_column": target})


def idle_rating_column(model: ModelConfig, rating_column: str | None) -> tuple[Issue, ...]:
    """The issue of a test that names a rating column for a model which predicts no rating; without one, none."""
    if model.rates or rating_column is None:
        return ()
    message = "rating_column only applies when model_type is ranking or multitask"
    return (Issue(Code.TOWERS, "rating_column", message),)


def incompatible(
    features: FeatureConfig,
    model: ModelConfig,
    schema: Schema,
    *,
    rating_column: str | None = None,
    rating: RatingFacts | None = None,
) -> tuple[Issue, ...]:
    """What keeps a model from being trained on some features, and what will be done about unequal widths.

    Args:
        schema: the columns of the data set's version that is used.
        rating_column: the test's, if it names one. rating: facts of the column of `rating_of`; None where
            nobody looked yet, and then nothing is said of its values.

    Returns:
        Issues in the order of the rules; without one of severity "error" the pair fits.
    """
    issues = [
        *_empty(features),
        *_rating(features, model, schema, rating_column, rating),
        *_binary(features, model, rating_column, rating),
        *_shared(features, model),
        *_columns(features, schema),
    ]
    return tuple(sorted(issues, key=lambda issue: issue.code))


def _empty(features: FeatureConfig) -> Iterator[Issue]:
    dims = tensor_dims(features)
    for tower in TOWERS:
        path = f"{tower}_model_features"
        if not features.features(tower) and not features.crosses(tower):
            yield Issue(Code.TOWERS, path, f"The {tower} tower has no features")
        elif dims.of(tower).total == 0:
            yield Issue(Code.COLUMNS, path, f"The {tower} tower's features have no dimensions")


def _rating(
    features: FeatureConfig,
    model: ModelConfig,
    schema: Schema,
    rating_column: str | None,
    rating: RatingFacts | None,
) -> Iterator[Issue]:
    if not model.rates:
        return
    column = rating_of(features, rating_column)
    path = "target_column.column" if rating_column is None and column is not None else "rating_column"
    if column is None:
        yield Issue(Code.RATING, path, "Rating column required for ranking/multitask models")
        return
    info = schema.find(column)
    if info is None:
        yield Issue(Code.RATING, path, not_there(column, schema))
        return
    if info.data_type not in READABLE_AS["numeric"]:
        message = f'Rating column "{column}" must be numeric or boolean (it is {info.data_type})'
        yield Issue(Code.RATING, path, message)
        return
    if rating is None:
        return
    if rating.non_null < LEAST_RATINGS:
        message = (
            f'Rating column "{column}" needs at least {LEAST_RATINGS} values in the train part '
            f"(it has {rating.non_null})"
        )
        yield Issue(Code.RATING, path, message)
    if rating.distinct < 2 and rating.non_null > 0:
        message = f'Rating column "{column}" has the same value in every row of the train part'
        yield Issue(Code.RATING, path, message)
    beyond = beyond_float32(rating.minimum, rating.maximum)
    if beyond is not None:
        yield Issue(Code.RATING, path, f'Rating column "{column}" {beyond}')


def _binary(
    features: FeatureConfig, model: ModelConfig, rating_column: str | None, rating: RatingFacts | None
) -> Iterator[Issue]:
    if not model.rates or model.training.loss_function != "binary_crossentropy":
        return
    column = rating_of(features, rating_column)
    if column is not None and rating is not None and rating.distinct != 2:
        message = f'The binary_crossentropy loss needs exactly two values in "{column}" (it has {rating.distinct:,})'
        yield Issue(Code.BINARY, "rating_column" if rating_column else "target_column.column", message)
    target = features.target_column
    if target is None or target.column != column:
        return
    transforms = target.transforms
    for name in type(transforms).model_fields:
        if getattr(transforms, name):
            path = f"target_column.transforms.{name}"
            yield Issue(Code.BINARY, path, f"The binary_crossentropy loss takes the target without {name}")


def _shared(features: FeatureConfig, model: ModelConfig) -> Iterator[Issue]:
    if not model.architecture.share_tower_weights:
        return
    path = "share_tower_weights"
    if not towers_are_identical(model.architecture):
        yield Issue(Code.SHARED, path, "Weight sharing requires identical tower architectures")
        return
    dims = tensor_dims(features)
    widths = {tower: dims.of(tower).total for tower in TOWERS}
    if not all(widths.values()):
        return
    common = common_width(*widths.values())
    own = [f"{tower} {width}→{common}" for tower, width in widths.items() if width != common]
    if own:
        message = f"Shared towers get a projection of their own first: {', '.join(own)}"
        yield Issue(Code.SHARED, path, message, "info")


def _columns(features: FeatureConfig, schema: Schema) -> Iterator[Issue]:
    for tower in TOWERS:
        yield from _features(features, tower, schema)
        for place, cross in enumerate(features.crosses(tower)):
            for number, member in enumerate(cross.features):
                path = f"{tower}_model_crosses.{place}.features.{number}.column"
                yield from _column(member.column, member.type, path, schema)


def _features(features: FeatureConfig, tower: Tower, schema: Schema) -> Iterator[Issue]:
    for place, feature in enumerate(features.features(tower)):
        path = f"{tower}_model_features.{place}.column"
        if not isinstance(feature, HistoryFeature):
            yield from _column(feature.column, feature.data_type, path, schema)
        elif schema.find(feature.column) is None:
            yield Issue(Code.COLUMNS, path, not_there(feature.column, schema))
        elif schema.only("timestamp") is None:
            yield Issue(Code.COLUMNS, path, "History needs a timestamp column")


def _column(column: str, data_type: str, path: str, schema: Schema) -> Iterator[Issue]:
    info = schema.find(column)
    if info is None:
        yield Issue(Code.COLUMNS, path, not_there(column, schema))
    elif info.data_type not in READABLE_AS[data_type]:
        message = f'Column "{column}" is {info.data_type} in the dataset and cannot be read as {data_type}'
        yield Issue(Code.COLUMNS, path, message)
