"""Edits of a feature configuration's document: each gesture of its wizard, and what it refuses."""

from __future__ import annotations

import copy

import pytest

from recsys.data.schema import ColumnInfo, ColumnStats, Schema
from recsys.editing import features as edits
from recsys.features.config import FeatureConfig
from recsys.features.validate import validate
from workbench.commands.base import CommandError


def column(name: str, data_type: str, role: str, distinct: int = 40) -> ColumnInfo:
    stored = {"text": "String", "numeric": "Float64", "temporal": "Datetime", "list_text": "List"}[data_type]
    return ColumnInfo(name, stored, data_type, role, ColumnStats(distinct, 0.0))  # type: ignore[arg-type]


SCHEMA = Schema(
    (
        column("who", "text", "user_id", 900), column("what", "text", "item_id", 300), column("city", "text", "user_attribute"),
        column("age", "numeric", "user_attribute"), column("brand", "text", "item_attribute"), column("price", "numeric", "item_attribute", 250),
        column("when", "temporal", "timestamp", 5000), column("stars", "numeric", "outcome", 5), column("tags", "list_text", "item_attribute"),
    )
)  # fmt: skip


def with_ids() -> edits.Document:
    document = edits.with_column(edits.blank(), "buyer", "who", SCHEMA)
    return edits.with_column(document, "product", "what", SCHEMA)


def names(document: edits.Document, tower: str) -> list[str]:
    return [f["column"] for f in edits.features_of(document, tower)]  # type: ignore[arg-type]


def is_valid(document: edits.Document) -> bool:
    return not [issue for issue in validate(document, SCHEMA, name="One") if issue.severity == "error"]


def test_every_column_that_can_be_a_feature_gives_a_valid_configuration_in_both_towers() -> None:
    document = with_ids()
    for name, tower in (
        ("city", "buyer"),
        ("age", "buyer"),
        ("when", "buyer"),
        ("brand", "product"),
        ("price", "product"),
    ):
        document = edits.with_column(document, tower, name, SCHEMA)  # type: ignore[arg-type]
    assert is_valid(document)
    assert (names(document, "buyer"), names(document, "product")) == (
        ["who", "city", "age", "when"],
        ["what", "brand", "price"],
    )


def test_a_column_of_the_other_tower_is_moved_with_its_settings() -> None:
    document = edits.with_column(with_ids(), "buyer", "brand", SCHEMA)
    document = edits.with_transforms(document, "buyer", 1, {"embedding": {"embedding_dim": 5}})
    document = edits.with_column(document, "product", "brand", SCHEMA, 0)
    assert (names(document, "buyer"), names(document, "product")) == (["who"], ["brand", "what"])
    assert edits.features_of(document, "product")[0]["transforms"]["embedding"]["embedding_dim"] == 5


@pytest.mark.parametrize(
    ("name", "message"), [("who", "already"), ("tags", "lists"), ("citty", 'did you mean "city"')]
)
def test_a_column_that_cannot_be_added_is_refused(name: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        edits.with_column(with_ids(), "buyer", name, SCHEMA)


def test_features_move_within_a_tower() -> None:
    document = edits.with_column(with_ids(), "buyer", "city", SCHEMA)
    assert names(edits.with_feature_moved(document, "buyer", 1, "buyer", 0), "buyer") == ["city", "who"]


def crossed() -> edits.Document:
    document = edits.with_column(
        edits.with_column(with_ids(), "buyer", "city", SCHEMA), "buyer", "age", SCHEMA
    )
    return edits.with_cross(document, "buyer", ["city", "age"], SCHEMA, {"embedding_dim": 8})


def test_a_cross_of_two_features_is_valid_and_has_its_settings() -> None:
    document = crossed()
    assert is_valid(document)
    cross = edits.crosses_of(document, "buyer")[0]
    assert (cross["embedding_dim"], [m["type"] for m in cross["features"]]) == (8, ["text", "numeric"])


@pytest.mark.parametrize("leave", ["remove", "move"])
def test_a_cross_goes_with_a_member_that_leaves_the_tower(leave: str) -> None:
    document = crossed()
    if leave == "remove":
        after = edits.with_feature_removed(document, "buyer", 1)
    else:
        after = edits.with_feature_moved(document, "buyer", 1, "product", 0)
    assert edits.crosses_of(after, "buyer") == []


@pytest.mark.parametrize(
    ("columns", "message"), [(["city"], "two or three"), (["city", "city"], "two or three"), (["city", "what"], "no feature of the buyer"), (["who", "city", "age", "what"], "two or three")]
)  # fmt: skip
def test_a_cross_of_anything_else_is_refused(columns: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        edits.with_cross(crossed(), "buyer", columns, SCHEMA, {})


def test_crosses_are_changed_and_removed_by_their_place() -> None:
    document = edits.with_cross_set(crossed(), "buyer", 0, {"hash_bucket_size": 100})
    assert edits.crosses_of(document, "buyer")[0]["hash_bucket_size"] == 100
    assert edits.crosses_of(edits.with_cross_removed(document, "buyer", 0), "buyer") == []
    with pytest.raises(CommandError, match="no longer there"):
        edits.with_cross_set(document, "buyer", 1, {})


def test_a_history_is_added_once_stays_with_the_buyer_and_leaves_crosses_alone() -> None:
    document = edits.with_history(crossed(), SCHEMA)
    assert is_valid(document)
    with pytest.raises(CommandError, match="already"):
        edits.with_history(document, SCHEMA)
    place = len(edits.features_of(document, "buyer")) - 1
    with pytest.raises(CommandError, match="Only buyers"):
        edits.with_feature_moved(document, "buyer", place, "product", 0)
    assert edits.with_feature_removed(document, "buyer", place) == crossed()


def test_a_history_needs_times() -> None:
    timeless = Schema(tuple(info for info in SCHEMA.columns if info.role != "timestamp"))
    with pytest.raises(CommandError, match="no column is the time"):
        edits.with_history(with_ids(), timeless)


def test_the_target_is_set_changed_and_taken_away() -> None:
    document = edits.with_target(with_ids(), "stars")
    assert is_valid(document)
    assert (
        edits.with_target_set(document, {"clip_predictions": False})["target_column"]["clip_predictions"]
        is False
    )
    without = edits.with_target(document, None)
    assert without["target_column"] is None
    with pytest.raises(CommandError, match="no target"):
        edits.with_target_set(without, {})


def test_what_the_columns_suggest_can_be_stored() -> None:
    document = edits.suggested(SCHEMA)
    assert is_valid(document)
    assert FeatureConfig.model_validate(document).model_dump(mode="json") == document


def test_nothing_is_suggested_for_a_table_without_items() -> None:
    with pytest.raises(CommandError, match="one item id"):
        edits.suggested(Schema(SCHEMA.columns[:1]))


def test_a_dialogs_values_become_transforms() -> None:
    values = {
        "normalize": True,
        "normalize.range": "[0,1]",
        "bucketize": False,
        "bucketize.buckets": None,
        "log_transform": True,
        "null_flag": False,
    }
    assert edits.transforms_from(values) == {
        "normalize": {"range": "[0,1]"},
        "bucketize": None,
        "log_transform": True,
        "null_flag": False,
    }


def test_cycles_of_a_dialog_are_each_on_or_off() -> None:
    values = {"cyclical": True, "cyclical.weekly": True, "cyclical.daily": False}
    made = edits.transforms_from(values)["cyclical"]
    assert [cycle for cycle, on in made.items() if on] == ["weekly"]
    assert len(made) == 5


def test_no_edit_changes_the_document_that_it_was_given() -> None:
    document = crossed()
    before = copy.deepcopy(document)
    edits.with_feature_moved(document, "buyer", 1, "product", 0)
    edits.with_transforms(document, "buyer", 0, {})
    edits.with_cross_set(document, "buyer", 0, {"embedding_dim": 4})
    edits.with_history(document, SCHEMA)
    edits.with_target(document, "stars")
    assert document == before
