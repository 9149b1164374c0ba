"""What columns of a data set become in the two towers: the specification that a feature configuration stores.

A feature is told by its `data_type`, and so is a cross's member, so each has just the settings that mean
something for it. A transform that is not wanted is none. A feature may be without any transform while
somebody edits it; `validate` refuses that.

    user = {"column": "user_id", "data_type": "text", "transforms": {"embedding": {"embedding_dim": 32}}}
    FeatureConfig.model_validate({"buyer_model_features": [user]}).model_dump(mode="json")

is the stored form, with every default written out.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from recsys.data.schema import DataType
from recsys.features.transforms import (
    HistoryTransforms,
    NumericTransforms,
    TargetTransforms,
    TemporalTransforms,
    TextTransforms,
)
from workbench.fields import ConfigModel, Modifiable, field, part

Tower = Literal["buyer", "product"]

TOWERS: tuple[Tower, ...] = get_args(Tower)

READABLE_AS: Mapping[str, tuple[DataType, ...]] = MappingProxyType(
    {
        "text": ("text", "numeric", "boolean"),
        "numeric": ("numeric", "boolean"),
        "temporal": ("temporal",),
    }
)
"""Data type of a feature, or of a cross's member -> data types of columns that can be read so."""


class _Feature(ConfigModel):
    """What every feature has."""

    column: Modifiable[str] = field(label="Column", help="Its name in the data set.")
    display_name: Modifiable[str | None] = field(
        None, label="Shown as", help="Its name for people; none shows the column's."
    )
    is_primary_id: Modifiable[bool] = field(
        False, label="Primary id", help="Whether it tells buyers, or products, apart."
    )


class TextFeature(_Feature):
    """A column of terms; numbers and truth values are terms by their text."""

    data_type: Modifiable[Literal["text"]] = field("text", label="Data type", help="Terms.")
    transforms: TextTransforms = part(TextTransforms(), label="Transforms")


class NumericFeature(_Feature):
    """A column of numbers; truth values are 0 and 1."""

    data_type: Modifiable[Literal["numeric"]] = field("numeric", label="Data type", help="Numbers.")
    transforms: NumericTransforms = part(NumericTransforms(), label="Transforms")


class TemporalFeature(_Feature):
    """A column of times."""

    data_type: Modifiable[Literal["temporal"]] = field("temporal", label="Data type", help="Times.")
    transforms: TemporalTransforms = part(TemporalTransforms(), label="Transforms")


class HistoryFeature(_Feature):
    """A buyer's earlier items; its column is the item id."""

    data_type: Modifiable[Literal["history"]] = field(
        "history", label="Data type", help="Items taken before."
    )
    transforms: HistoryTransforms = part(HistoryTransforms(), label="Transforms")


class TextMember(ConfigModel):
    """A member of a cross by its term."""

    column: Modifiable[str] = field(label="Column", help="A feature of the same tower.")
    type: Modifiable[Literal["text"]] = field("text", label="Type", help="Terms.")


class NumericMember(ConfigModel):
    """A member of a cross by the quantile of its number."""

    column: Modifiable[str] = field(label="Column", help="A feature of the same tower.")
    type: Modifiable[Literal["numeric"]] = field("numeric", label="Type", help="Numbers.")
    crossing_buckets: Modifiable[int] = field(
        10, label="Buckets", ge=2, le=100, help="Quantiles of the train part."
    )


class TemporalMember(ConfigModel):
    """A member of a cross by the quantile of its time."""

    column: Modifiable[str] = field(label="Column", help="A feature of the same tower.")
    type: Modifiable[Literal["temporal"]] = field("temporal", label="Type", help="Times.")
    crossing_buckets: Modifiable[int] = field(
        10, label="Buckets", ge=2, le=100, help="Quantiles of the train part."
    )


Feature = TextFeature | NumericFeature | TemporalFeature | HistoryFeature

Member = TextMember | NumericMember | TemporalMember


class Cross(ConfigModel):
    """Two or three features of one tower taken together: a hashed table with a row for their combination."""

    features: Modifiable[tuple[TextMember | NumericMember | TemporalMember, ...]] = field(
        label="Members", help="2 or 3 features of the same tower."
    )
    hash_bucket_size: Modifiable[int] = field(
        5000, label="Rows", ge=100, le=1_000_000, help="Combinations share them by hash."
    )
    embedding_dim: Modifiable[int] = field(16, label="Dimension", ge=4, le=64, help="Width of the table.")


class Target(ConfigModel):
    """The column that a ranking model predicts."""

    column: Modifiable[str] = field(label="Column", help="Numbers, or truth values.")
    transforms: TargetTransforms = part(TargetTransforms(), label="Transforms")
    clip_predictions: Modifiable[bool] = field(
        True,
        label="Limit predictions",
        help="Whether predictions stay within the range of the targets trained on.",
    )


class FeatureConfig(ConfigModel):
    """What columns become in both towers. Tensors are joined in this order: features, then crosses."""

    buyer_model_features: Modifiable[
        tuple[TextFeature | NumericFeature | TemporalFeature | HistoryFeature, ...]
    ] = field((), label="Buyer features", section="Buyer", help="Columns that describe who asks.")
    product_model_features: Modifiable[tuple[TextFeature | NumericFeature | TemporalFeature, ...]] = field(
        (), label="Product features", section="Product", help="Columns that describe what is recommended."
    )
    buyer_model_crosses: Modifiable[tuple[Cross, ...]] = field(
        (), label="Buyer crosses", section="Buyer", help="Features of the buyer tower taken together."
    )
    product_model_crosses: Modifiable[tuple[Cross, ...]] = field(
        (), label="Product crosses", section="Product", help="Features of the product tower taken together."
    )
    target_column: Modifiable[Target | None] = field(
        None, label="Target", section="Target", help="What a ranking model predicts."
    )

    def features(self, tower: Tower) -> tuple[Feature, ...]:
        """The features of one tower."""
        return self.buyer_model_features if tower == "buyer" else self.product_model_features

    def crosses(self, tower: Tower) -> tuple[Cross, ...]:
        """The crosses of one tower."""
        return self.buyer_model_crosses if tower == "buyer" else self.product_model_crosses


def without_column(config: FeatureConfig, column: str) -> FeatureConfig:
    """The same without the features and crosses of a column, such as the rating that a test predicts."""

    def features(kept: tuple) -> tuple:
        return tuple(f for f in kept if f.column != column)

    def crosses(kept: tuple[Cross, ...]) -> tuple[Cross, ...]:
        return tuple(c for c in kept if all(m.column != column for m in c.features))

    return FeatureConfig(
        buyer_model_features=features(config.buyer_model_features),
        product_model_features=features(config.product_model_features),
        buyer_model_crosses=crosses(config.buyer_model_crosses),
        product_model_crosses=crosses(config.product_model_crosses),
        target_column=config.target_column,
    )
