"""A first feature configuration, read off a data set's columns.

Choices: the vocabulary's cap is rounded down and at least 1; truth values are numbers; lists get no feature;
ids are text whatever their type; columns keep the data set's order, but for each tower's id, which comes
first. A history is proposed and not part of it. Columns that tell nothing apart are left out and named: those
without any value, and those with the same one everywhere. A text that is there or missing tells that apart.
Of more columns than a tower takes (with a history, if there may be one), the ids, the times and those with the
fewest missing values stay; the others are left out and named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recsys.data.schema import ColumnInfo, Schema
from recsys.features.config import (
    Cross,
    Feature,
    FeatureConfig,
    HistoryFeature,
    Member,
    NumericFeature,
    NumericMember,
    TemporalFeature,
    TemporalMember,
    TextFeature,
    TextMember,
    Tower,
)
from recsys.features.transforms import (
    Bucketize,
    Cyclical,
    Embedding,
    History,
    HistoryTransforms,
    Normalize,
    NumericTransforms,
    TemporalTransforms,
    TextTransforms,
)
from recsys.features.validate import MAX_FEATURES

_ROLES: dict[Tower, tuple[str, ...]] = {
    "buyer": ("user_id", "user_attribute", "context", "timestamp"),
    "product": ("item_id", "item_attribute"),
}
_IDS = ("user_id", "item_id")
_FIRST = (*_IDS, "timestamp")
_DIMS = ((50, 8), (500, 16), (5_000, 32), (50_000, 64), (500_000, 96))
_LARGEST_DIM = 128
_VOCABULARY_CAP = 500_000
_MANY_IDS = 100_000


@dataclass(frozen=True)
class LeftOut:
    """A column that gets no feature though its role would give it one, and why, as in "it has no value"."""

    column: str
    reason: str

    @property
    def words(self) -> str:
        """The whole sentence."""
        return f'"{self.column}" is left out: {self.reason}.'


@dataclass(frozen=True)
class Suggestion:
    """A configuration to begin with.

    Attributes:
        config: what is on. history: a buyer feature that may be added; None without a timestamp column.
        left_out: columns that are not on, with the reason.
    """

    config: FeatureConfig
    history: HistoryFeature | None
    left_out: tuple[LeftOut, ...] = ()


def smart_defaults(schema: Schema) -> Suggestion:
    """A first configuration from a schema whose figures are those of the train part.

    Raises:
        ValueError: without a user id or an item id, or where the distinct values of a column in use were not
            counted.
    """
    user, item = schema.with_role("user_id"), schema.with_role("item_id")
    if len(user) != 1 or len(item) != 1:
        has = f"it has {len(user)} and {len(item)}"
        raise ValueError(f"a data set needs one user id and one item id ({has}); set the columns' roles")
    useless = {info.column: reason for info in _used(schema) if (reason := _why_useless(info)) is not None}
    schema = _without(schema, useless)
    crowded = {column: reason for tower in _ROLES for column, reason in _crowded(schema, tower).items()}
    schema = _without(schema, crowded)
    history = History(shared_with=item[0].column)
    return Suggestion(
        FeatureConfig(
            buyer_model_features=_features(schema, "buyer"),
            product_model_features=_features(schema, "product"),
            buyer_model_crosses=_buyer_cross(user[0], schema),
            product_model_crosses=_product_cross(schema),
        ),
        HistoryFeature(column=item[0].column, transforms=HistoryTransforms(history=history))
        if schema.only("timestamp")
        else None,
        tuple(LeftOut(column, reason) for column, reason in (useless | crowded).items()),
    )


def embedding_dim(cardinality: int) -> int:
    """The width of a table for so many distinct terms."""
    return next((dim for below, dim in _DIMS if cardinality < below), _LARGEST_DIM)


def _used(schema: Schema) -> list[ColumnInfo]:
    """Columns that are features by their roles, but for ids."""
    roles = {role for roles in _ROLES.values() for role in roles} - set(_IDS)
    return [info for info in schema.columns if info.role in roles and info.data_type != "list_text"]


def _why_useless(info: ColumnInfo) -> str | None:
    cardinality, nulls = info.stats.cardinality, info.stats.nulls
    if cardinality == 0:
        return "it has no value"
    if cardinality != 1 or (nulls and info.data_type == "text"):
        return None
    return "it has one value in all rows" if not nulls else "it has one value wherever it has any"


def _without(schema: Schema, columns: Mapping[str, str]) -> Schema:
    return Schema(tuple(info for info in schema.columns if info.column not in columns))


def _crowded(schema: Schema, tower: Tower) -> dict[str, str]:
    """Columns that a tower has no place for, each with the reason; a place is kept for a history."""
    places = MAX_FEATURES - (tower == "buyer" and schema.only("timestamp") is not None)
    chosen = _of_tower(schema, tower)
    ranked = sorted(chosen, key=lambda info: (info.role not in _FIRST, info.stats.nulls or 0))
    kept = {info.column for info in ranked[:places]}
    reason = (
        f"a tower takes at most {MAX_FEATURES} features, and others have fewer missing values or come first"
    )
    return {info.column: reason for info in chosen if info.column not in kept}


def _of_tower(schema: Schema, tower: Tower) -> list[ColumnInfo]:
    return [info for info in schema.columns if info.role in _ROLES[tower] and info.data_type != "list_text"]


def _features(schema: Schema, tower: Tower) -> tuple:
    chosen = _of_tower(schema, tower)
    chosen.sort(key=lambda info: info.role not in _IDS)
    return tuple(feature_of(info) for info in chosen)


def feature_of(info: ColumnInfo) -> Feature:
    """A column with the transforms that suit it. Raises ValueError where its distinct values were not counted."""
    if _is_text(info):
        cardinality = _cardinality(info)
        embedding = Embedding(
            embedding_dim=embedding_dim(cardinality),
            max_vocab=max(1, min(3 * cardinality // 2, _VOCABULARY_CAP)),
            min_frequency=5 if info.role in _IDS and cardinality > _MANY_IDS else 1,
        )
        return TextFeature(
            column=info.column,
            is_primary_id=info.role in _IDS,
            transforms=TextTransforms(embedding=embedding),
        )
    if info.data_type == "temporal":
        cyclical = Cyclical(quarterly=True, monthly=True, weekly=True)
        return TemporalFeature(
            column=info.column, transforms=TemporalTransforms(normalize=Normalize(), cyclical=cyclical)
        )
    bucketize = Bucketize() if _cardinality(info) > 100 else None
    return NumericFeature(
        column=info.column, transforms=NumericTransforms(normalize=Normalize(), bucketize=bucketize)
    )


def _buyer_cross(user: ColumnInfo, schema: Schema) -> tuple[Cross, ...]:
    fitting = (i for i in _attributes(schema, "user_attribute") if 10 <= _cardinality(i) <= 1000)
    return tuple(_cross(user, info, 5000) for info in list(fitting)[:1])


def _product_cross(schema: Schema) -> tuple[Cross, ...]:
    first = [i for i in _attributes(schema, "item_attribute") if _cardinality(i) <= 1000][:2]
    return (_cross(first[0], first[1], 1000),) if len(first) == 2 else ()


def _attributes(schema: Schema, role: str) -> list[ColumnInfo]:
    return [info for info in schema.columns if info.role == role and info.data_type != "list_text"]


def _cross(first: ColumnInfo, second: ColumnInfo, rows: int) -> Cross:
    return Cross(features=(member_of(first), member_of(second)), hash_bucket_size=rows, embedding_dim=16)


def member_of(info: ColumnInfo) -> Member:
    """A column as a member of a cross."""
    if _is_text(info):
        return TextMember(column=info.column)
    return (
        TemporalMember(column=info.column)
        if info.data_type == "temporal"
        else NumericMember(column=info.column)
    )


def _is_text(info: ColumnInfo) -> bool:
    return info.role in _IDS or info.data_type == "text"


def _cardinality(info: ColumnInfo) -> int:
    if info.stats.cardinality is None:
        raise ValueError(f'the distinct values of "{info.column}" are not counted; compute statistics first')
    return info.stats.cardinality
