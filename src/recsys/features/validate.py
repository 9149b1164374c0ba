"""Whether a feature configuration can be stored: every issue of a document at once, in the rules' order.

Choices where the rules leave room: names are compared without regard to case and outer spaces; a feature
whose data type its column cannot have (numbers of a text column) is a transform that is not available; a
history's column is the item id, and it does not count as one column in both towers; a target's logarithm is
checked here only without a lower percentile, else when fitting.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from recsys.data.schema import Schema, not_there
from recsys.features.codes import Code
from recsys.features.config import (
    READABLE_AS,
    TOWERS,
    Feature,
    HistoryFeature,
    NumericFeature,
    TextFeature,
    Tower,
)
from recsys.features.dims import tensor_dims
from recsys.features.draft import Draft, read_draft
from recsys.issues import Issue

MAX_NAME = 255
MAX_FEATURES = 100
MAX_DIM = 8192

_ORDER = {code: place for place, code in enumerate(Code)}


def validate(document: Any, schema: Schema, *, name: str, taken: Collection[str] = ()) -> tuple[Issue, ...]:
    """Every issue of a configuration.

    Args:
        document: its specification as given: a mapping of the shape that `FeatureConfig` has, right or wrong.
        schema: the data set's columns; its figures are those of the train part.
        name: the configuration's name. taken: the names of the data set's other configurations.

    Returns:
        Issues in the order of the rules, then of the document; without one of severity "error",
        `FeatureConfig` accepts the document.
    """
    draft = read_draft(document)
    issues = [*_name(name, taken), *draft.issues]
    for tower in TOWERS:
        issues += [*_tower(draft, tower, schema), *_crosses(draft, tower, schema)]
    issues += [*_target(draft, schema), *_size(draft), *_shared(draft)]
    return tuple(sorted(issues, key=lambda issue: _ORDER[Code(issue.code)]))


def _name(name: str, taken: Collection[str]) -> Iterator[Issue]:
    key = name.strip().casefold()
    if not key:
        yield Issue(Code.NAME_REQUIRED, "name", "Name is required")
    elif len(name) > MAX_NAME:
        yield Issue(Code.INVALID_VALUE, "name", f"name must have at most {MAX_NAME} characters")
    elif any(key == other.strip().casefold() for other in taken):
        yield Issue(
            Code.NAME_TAKEN, "name", f'A feature config named "{name}" already exists for this dataset'
        )


def _tower(draft: Draft, tower: Tower, schema: Schema) -> Iterator[Issue]:
    yield from _ids(draft, tower, schema)
    seen: set[str] = set()
    for path, feature in draft.features[tower]:
        column = feature.column
        if column in seen:
            yield Issue(
                Code.COLUMN_TWICE, f"{path}.column", f'Column "{column}" is used twice in the {tower} tower'
            )
        seen.add(column)
        yield from _exists(column, f"{path}.column", schema)
        yield from _transforms(path, feature, schema)
        if isinstance(feature, HistoryFeature):
            yield from _history(draft, path, feature, schema)
    if len(draft.features[tower]) > MAX_FEATURES:
        message = f"A tower takes at most {MAX_FEATURES} features (got {len(draft.features[tower])})"
        yield Issue(Code.TOWER_SIZE, f"{tower}_model_features", message)


def _ids(draft: Draft, tower: Tower, schema: Schema) -> Iterator[Issue]:
    expected = schema.only("user_id" if tower == "buyer" else "item_id")
    here = [
        (path, f) for path, f in draft.features[tower] if isinstance(f, TextFeature) and f.column == expected
    ]
    if not here:
        wording = "Buyer features must include the customer id column"
        if tower == "product":
            wording = "Product features must include the product id column"
        yield Issue(Code.ID_MISSING, f"{tower}_model_features", wording)
    elif not any(feature.is_primary_id for _, feature in here):
        yield Issue(
            Code.INVALID_VALUE,
            f"{here[0][0]}.is_primary_id",
            f'"{expected}" must be marked as the primary id',
        )
    for path, feature in draft.features[tower]:
        if feature.is_primary_id and not (isinstance(feature, TextFeature) and feature.column == expected):
            message = f'Only "{expected}" can be the primary id of the {tower} tower'
            yield Issue(Code.INVALID_VALUE, f"{path}.is_primary_id", message)


def _exists(column: str, path: str, schema: Schema) -> Iterator[Issue]:
    if schema.find(column) is None:
        yield Issue(Code.UNKNOWN_COLUMN, path, not_there(column, schema))


def _transforms(path: str, feature: Feature, schema: Schema) -> Iterator[Issue]:
    chosen = [name for name in type(feature.transforms).model_fields if getattr(feature.transforms, name)]
    cyclical = getattr(feature.transforms, "cyclical", None)
    adding = [
        n
        for n in chosen
        if n != "log_transform" and not (n == "cyclical" and cyclical is not None and not cyclical.chosen())
    ]
    if not adding:
        yield Issue(
            Code.NO_TRANSFORM, f"{path}.transforms", f'Select at least one transform for "{feature.column}"'
        )
    info = schema.find(feature.column)
    if info is None or isinstance(feature, HistoryFeature):
        return
    if info.data_type not in READABLE_AS[feature.data_type]:
        for name in chosen:
            message = f"Transform {name} is not available for {info.data_type} columns"
            yield Issue(Code.WRONG_TRANSFORM, f"{path}.transforms.{name}", message)
    elif isinstance(feature, NumericFeature) and feature.transforms.log_transform:
        yield from _logarithm(feature.column, f"{path}.transforms.log_transform", schema)


def _history(draft: Draft, path: str, feature: HistoryFeature, schema: Schema) -> Iterator[Issue]:
    history = feature.transforms.history
    item = schema.only("item_id")
    embedded = any(
        isinstance(f, TextFeature) and f.column == item and f.transforms.embedding is not None
        for _, f in draft.features["product"]
    )
    if history is not None and not (embedded and feature.column == item == history.shared_with):
        message = "History must share the embedding of the product id"
        yield Issue(Code.HISTORY_TABLE, f"{path}.transforms.history.shared_with", message)
    if schema.only("timestamp") is None:
        yield Issue(Code.HISTORY_TIME, path, "History needs a timestamp column")


def _crosses(draft: Draft, tower: Tower, schema: Schema) -> Iterator[Issue]:
    features = {f.column for _, f in draft.features[tower] if not isinstance(f, HistoryFeature)}
    for path, cross in draft.crosses[tower]:
        columns = [member.column for member in cross.features]
        for place, member in enumerate(cross.features):
            at = f"{path}.features.{place}"
            yield from _exists(member.column, f"{at}.column", schema)
            info = schema.find(member.column)
            if info is not None and info.data_type not in READABLE_AS[member.type]:
                message = f"Transform cross is not available for {info.data_type} columns"
                yield Issue(Code.WRONG_TRANSFORM, f"{at}.type", message)
        strangers = [c for c in columns if schema.find(c) is not None and c not in features]
        if len(columns) not in (2, 3) or len(set(columns)) < len(columns) or strangers:
            message = "A cross needs 2 or 3 different features of the same tower"
            yield Issue(Code.CROSS_MEMBERS, f"{path}.features", message)


def _target(draft: Draft, schema: Schema) -> Iterator[Issue]:
    target = draft.target
    if target is None:
        return
    yield from _exists(target.column, "target_column.column", schema)
    used = {f.column for tower in TOWERS for _, f in draft.features[tower]}
    if target.column in used:
        message = f'Target column "{target.column}" cannot also be a feature'
        towers = [
            tower for tower in TOWERS if any(f.column == target.column for _, f in draft.features[tower])
        ]
        hint = f"Take it out of {' and '.join(f'{tower}_model_features' for tower in towers)}, or choose another target or none."
        yield Issue(Code.TARGET, "target_column.column", message, hint=hint)
    info = schema.find(target.column)
    if info is not None and info.data_type not in READABLE_AS["numeric"]:
        yield Issue(Code.TARGET, "target_column.column", "Target column must be numeric")
    clip = target.transforms.clip_outliers
    if clip is not None and clip.lower is not None and clip.upper is not None and clip.lower >= clip.upper:
        message = f"lower must be less than upper (got {clip.lower:g} and {clip.upper:g})"
        yield Issue(Code.INVALID_VALUE, "target_column.transforms.clip_outliers.lower", message)
    if target.transforms.log_transform and (clip is None or clip.lower is None):
        yield from _logarithm(target.column, "target_column.transforms.log_transform", schema)


def _logarithm(column: str, path: str, schema: Schema) -> Iterator[Issue]:
    info = schema.find(column)
    minimum = None if info is None else info.stats.minimum
    if minimum is not None and minimum <= -1:
        yield Issue(
            Code.LOG_DOMAIN, path, f'log1p needs values greater than -1 ("{column}" has {minimum:.15g})'
        )


def _size(draft: Draft) -> Iterator[Issue]:
    dims = tensor_dims(draft.config())
    for tower, total in (("buyer", dims.buyer.total), ("product", dims.product.total)):
        if total > MAX_DIM:
            yield Issue(
                Code.TOWER_SIZE, f"{tower}_model_features", f"Tensor dimension {total} exceeds {MAX_DIM}"
            )


def _shared(draft: Draft) -> Iterator[Issue]:
    buyer = {f.column for _, f in draft.features["buyer"] if not isinstance(f, HistoryFeature)}
    for path, feature in draft.features["product"]:
        if feature.column in buyer:
            message = f'"{feature.column}" feeds both towers; check for leakage'
            yield Issue(Code.BOTH_TOWERS, f"{path}.column", message, "warning")
