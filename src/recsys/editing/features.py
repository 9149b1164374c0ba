"""Edits of a feature configuration's document, as its wizard makes them.

Documents are what `recsys.features.validate` reads; each function takes one that may be unfinished and gives a new one.
Crosses are of features of one tower, so they go when a member of theirs leaves the tower.

    document = blank()
    document = with_column(document, "buyer", "city", schema)
    document = with_feature_moved(document, "buyer", 0, "product", 0)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recsys.data.schema import ColumnInfo, Schema, not_there
from recsys.editing.lists import inserted, moved, removed, replaced, require_place
from recsys.features.config import Cross, FeatureConfig, HistoryFeature, Target, Tower
from recsys.features.defaults import feature_of, member_of, smart_defaults
from recsys.features.transforms import CYCLES
from workbench.commands.base import CommandError

Document = dict[str, Any]

MOST_MEMBERS = 3
"""Features that a cross takes together at most; at least two."""


def blank() -> Document:
    """A document without features."""
    return FeatureConfig().model_dump(mode="json")


def suggested(schema: Schema) -> Document:
    """What the columns suggest. Raises CommandError for a table without a user or an item."""
    try:
        return smart_defaults(schema).config.model_dump(mode="json")
    except ValueError as error:
        raise CommandError(f"Nothing can be suggested: {error}.", "dataset_id") from error


def features_of(document: Mapping[str, Any], tower: Tower) -> list[dict[str, Any]]:
    """A tower's features, as they stand in the document."""
    return list(document.get(f"{tower}_model_features") or ())


def crosses_of(document: Mapping[str, Any], tower: Tower) -> list[dict[str, Any]]:
    """A tower's crosses."""
    return list(document.get(f"{tower}_model_crosses") or ())


def columns_in_use(document: Mapping[str, Any]) -> dict[str, Tower]:
    """Column -> the tower that has it as a feature; a history is none of its column."""
    towers: tuple[Tower, ...] = ("buyer", "product")
    return {
        f["column"]: tower
        for tower in towers
        for f in features_of(document, tower)
        if f.get("data_type") != "history"
    }


def with_column(
    document: Mapping[str, Any], tower: Tower, column: str, schema: Schema, place: int | None = None
) -> Document:
    """A column as a feature of a tower, with the transforms that suit it; moved there if the other tower has it.

    Args:
        place: where among the tower's features; None for the end. Raises CommandError.
    """
    info = schema.find(column)
    if info is None:
        raise CommandError(not_there(column, schema), "column", code="not_found")
    held = columns_in_use(document).get(column)
    if held == tower:
        raise CommandError(f'"{column}" is in the {tower} tower already.', f"{tower}_model_features")
    if held is not None:
        at = next(n for n, f in enumerate(features_of(document, held)) if f["column"] == column)
        end = len(features_of(document, tower)) if place is None else place
        return with_feature_moved(document, held, at, tower, end)
    if info.data_type == "list_text":
        raise CommandError(f'"{column}" holds lists, which cannot be features.', f"{tower}_model_features")
    features = features_of(document, tower)
    new = feature_of(info).model_dump(mode="json")
    return _with_features(document, tower, inserted(features, len(features) if place is None else place, new))


def with_history(document: Mapping[str, Any], schema: Schema) -> Document:
    """What a buyer took before, as a feature. Raises CommandError for a table without times or one that has it already."""
    try:
        history = smart_defaults(schema).history
    except ValueError as error:
        raise CommandError(f"There is no history: {error}.", "buyer_model_features") from error
    if history is None:
        raise CommandError(
            "A history needs to know what came first, and no column is the time.", "buyer_model_features"
        )
    features = features_of(document, "buyer")
    if any(f.get("data_type") == "history" for f in features):
        raise CommandError("The buyer tower has a history already.", "buyer_model_features")
    return _with_features(document, "buyer", [*features, history.model_dump(mode="json")])


def with_feature_moved(
    document: Mapping[str, Any], tower: Tower, place: int, to_tower: Tower, to: int
) -> Document:
    """A feature at another place, of its own tower or of the other one. Raises CommandError."""
    features = features_of(document, tower)
    require_place(features, place)
    if tower == to_tower:
        return _with_features(document, tower, moved(features, place, to))
    feature = features[place]
    if feature.get("data_type") == "history":
        raise CommandError("Only buyers have a history.", f"{to_tower}_model_features")
    left = _with_features(
        without_crosses_of(document, tower, feature["column"]), tower, removed(features, place)
    )
    return _with_features(left, to_tower, inserted(features_of(left, to_tower), to, feature))


def with_feature_removed(document: Mapping[str, Any], tower: Tower, place: int) -> Document:
    """One feature less, and no cross that it is a member of. Raises CommandError."""
    features = features_of(document, tower)
    require_place(features, place)
    column = features[place]["column"]
    kept = (
        document
        if features[place].get("data_type") == "history"
        else without_crosses_of(document, tower, column)
    )
    return _with_features(kept, tower, removed(features, place))


def with_transforms(
    document: Mapping[str, Any], tower: Tower, place: int, transforms: Mapping[str, Any]
) -> Document:
    """A feature with other transforms. What they may be is for `validate` to say. Raises CommandError."""
    features = features_of(document, tower)
    require_place(features, place)
    changed = {**features[place], "transforms": dict(transforms)}
    return _with_features(document, tower, replaced(features, place, changed))


def with_cross(
    document: Mapping[str, Any],
    tower: Tower,
    columns: Sequence[str],
    schema: Schema,
    settings: Mapping[str, Any],
) -> Document:
    """Features of a tower taken together. Raises CommandError unless two or three different ones of it are named."""
    own = {column for column, at in columns_in_use(document).items() if at == tower}
    chosen = list(dict.fromkeys(columns))
    if not 2 <= len(chosen) <= MOST_MEMBERS:
        raise CommandError(
            "A cross takes two or three different features together.", f"{tower}_model_crosses"
        )
    strange = [column for column in chosen if column not in own]
    if strange:
        raise CommandError(f'"{strange[0]}" is no feature of the {tower} tower.', f"{tower}_model_crosses")
    members = [member_of(_info(schema, column)) for column in chosen]
    cross = Cross(features=tuple(members)).model_dump(mode="json") | dict(settings)
    return _with_crosses(document, tower, [*crosses_of(document, tower), cross])


def with_cross_set(
    document: Mapping[str, Any], tower: Tower, place: int, settings: Mapping[str, Any]
) -> Document:
    """A cross with other settings. Raises CommandError."""
    crosses = crosses_of(document, tower)
    require_place(crosses, place)
    return _with_crosses(document, tower, replaced(crosses, place, {**crosses[place], **settings}))


def with_cross_removed(document: Mapping[str, Any], tower: Tower, place: int) -> Document:
    """One cross less. Raises CommandError."""
    return _with_crosses(document, tower, removed(crosses_of(document, tower), place))


def without_crosses_of(document: Mapping[str, Any], tower: Tower, column: str) -> Document:
    """The document without a tower's crosses that have a column as a member."""
    kept = [
        cross
        for cross in crosses_of(document, tower)
        if all(member.get("column") != column for member in cross.get("features", ()))
    ]
    return _with_crosses(document, tower, kept)


def with_target(document: Mapping[str, Any], column: str | None) -> Document:
    """The column that a ranking model predicts, with the usual transforms; None for none."""
    target = None if column is None else Target(column=column).model_dump(mode="json")
    return {**document, "target_column": target}


def with_target_set(document: Mapping[str, Any], settings: Mapping[str, Any]) -> Document:
    """The target with other settings. Raises CommandError without a target."""
    target = document.get("target_column")
    if not isinstance(target, Mapping):
        raise CommandError("There is no target to change.", "target_column")
    return {**document, "target_column": {**target, **settings}}


def transforms_from(values: Mapping[str, Any]) -> dict[str, Any]:
    """A feature's transforms from a dialog's values: a switch `embedding` and, below it, `embedding.embedding_dim` and so on.

    A switch with settings below it becomes them, or none where it is off; one without stays as it is.
    """
    groups = {name.partition(".")[0] for name in values if "." in name}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if "." in name:
            continue
        if name not in groups:
            made[name] = value
        elif not value:
            made[name] = None
        else:
            made[name] = {
                key.partition(".")[2]: held for key, held in values.items() if key.startswith(f"{name}.")
            }
    cyclical = made.get("cyclical")
    if isinstance(cyclical, Mapping):
        made["cyclical"] = {cycle: bool(cyclical.get(cycle)) for cycle in CYCLES}
    return made


def is_history(feature: Mapping[str, Any]) -> bool:
    """Whether a feature is what a buyer took before."""
    return feature.get("data_type") == HistoryFeature.model_fields["data_type"].default


def _info(schema: Schema, column: str) -> ColumnInfo:
    info = schema.find(column)
    if info is None:
        raise CommandError(not_there(column, schema), "column", code="not_found")
    return info


def _with_features(document: Mapping[str, Any], tower: Tower, features: list[Any]) -> Document:
    return {**document, f"{tower}_model_features": features}


def _with_crosses(document: Mapping[str, Any], tower: Tower, crosses: list[Any]) -> Document:
    return {**document, f"{tower}_model_crosses": crosses}
