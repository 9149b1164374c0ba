from __future__ import annotations

from dataclasses import replace

import pytest

from recsys.data.schema import ColumnInfo, ColumnStats, Schema
from recsys.features.config import FeatureConfig, NumericFeature, TextFeature
from recsys.features.defaults import embedding_dim, smart_defaults
from recsys.features.validate import validate
from tests.recsys.features.examples import SCHEMA, column


def test_a_shops_first_config_puts_every_column_by_its_role() -> None:
    config = smart_defaults(SCHEMA).config
    assert [(f.column, f.data_type) for f in config.buyer_model_features] == [
        ("customer_id", "text"),
        ("city", "text"),
        ("loyalty_tier", "text"),
        ("customer_age", "numeric"),
        ("customer_revenue_90d", "numeric"),
        ("trans_date", "temporal"),
    ]
    assert [(f.column, f.data_type) for f in config.product_model_features] == [
        ("product_id", "text"),
        ("category", "text"),
        ("sub_category", "text"),
        ("brand", "text"),
        ("unit_price", "numeric"),
    ]
    primary = [
        f.column for f in (*config.buyer_model_features, *config.product_model_features) if f.is_primary_id
    ]
    assert primary == ["customer_id", "product_id"]
    assert config.target_column is None


def test_a_first_config_can_be_stored_as_it_is() -> None:
    config = smart_defaults(SCHEMA).config
    assert validate(config.model_dump(mode="json"), SCHEMA, name="First") == ()


@pytest.mark.parametrize(
    ("cardinality", "dim"),
    [
        (0, 8), (49, 8), (50, 16), (499, 16), (500, 32), (4_999, 32), (5_000, 64), (49_999, 64), (50_000, 96),
        (499_999, 96), (500_000, 128), (10**9, 128),
    ],
)  # fmt: skip
def test_a_table_is_wider_for_more_terms(cardinality: int, dim: int) -> None:
    assert embedding_dim(cardinality) == dim


def first_buyer(config: FeatureConfig) -> TextFeature:
    feature = config.buyer_model_features[0]
    assert isinstance(feature, TextFeature)
    return feature


@pytest.mark.parametrize(
    ("cardinality", "cap", "frequency"),
    [
        (0, 1, 1),
        (1, 1, 1),
        (5, 7, 1),
        (1000, 1500, 1),
        (100_000, 150_000, 1),
        (100_001, 150_001, 5),
        (400_000, 500_000, 5),
    ],
)
def test_an_ids_vocabulary_leaves_room_for_half_as_many_again(
    cardinality: int, cap: int, frequency: int
) -> None:
    schema = Schema(
        (
            replace(SCHEMA.columns[0], stats=replace(SCHEMA.columns[0].stats, cardinality=cardinality)),
            SCHEMA.columns[1],
        )
    )
    embedding = first_buyer(smart_defaults(schema).config).transforms.embedding
    assert embedding is not None
    assert (embedding.max_vocab, embedding.min_frequency) == (cap, frequency)


def test_an_attribute_with_many_values_keeps_the_rare_ones() -> None:
    schema = Schema((*SCHEMA.columns[:2], column("street", "text", "user_attribute", 200_000)))
    street = smart_defaults(schema).config.buyer_model_features[1]
    assert isinstance(street, TextFeature)
    assert street.transforms.embedding is not None
    assert street.transforms.embedding.min_frequency == 1


@pytest.mark.parametrize(("cardinality", "buckets"), [(100, None), (101, (100, 32))])
def test_numbers_of_many_values_get_buckets_too(cardinality: int, buckets: tuple[int, int] | None) -> None:
    schema = Schema((*SCHEMA.columns[:2], column("age", "numeric", "context", cardinality)))
    age = smart_defaults(schema).config.buyer_model_features[1]
    assert isinstance(age, NumericFeature)
    assert age.transforms.normalize is not None
    assert age.transforms.normalize.range == "[-1,1]"
    chosen = age.transforms.bucketize
    assert (None if chosen is None else (chosen.buckets, chosen.embedding_dim)) == buckets


def test_times_are_normalised_and_have_three_cycles() -> None:
    times = smart_defaults(SCHEMA).config.model_dump()["buyer_model_features"][-1]["transforms"]
    assert times["normalize"] == {"range": "[-1,1]"}
    assert {cycle for cycle, on in times["cyclical"].items() if on} == {"quarterly", "monthly", "weekly"}
    assert times["bucketize"] is None


def test_the_user_is_crossed_with_the_first_attribute_of_10_to_1000_values() -> None:
    (cross,) = smart_defaults(SCHEMA).config.buyer_model_crosses
    assert [(m.column, m.type) for m in cross.features] == [("customer_id", "text"), ("city", "text")]
    assert (cross.hash_bucket_size, cross.embedding_dim) == (5000, 16)
    numbers = Schema(tuple(c for c in SCHEMA.columns if c.column != "city"))
    (cross,) = smart_defaults(numbers).config.buyer_model_crosses
    assert [(m.column, m.type) for m in cross.features] == [
        ("customer_id", "text"),
        ("customer_age", "numeric"),
    ]
    for cardinality, crossed in ((9, False), (10, True), (1000, True), (1001, False)):
        only = Schema((*SCHEMA.columns[:2], column("a", "text", "user_attribute", cardinality)))
        assert bool(smart_defaults(only).config.buyer_model_crosses) == crossed


def test_the_first_two_item_attributes_of_at_most_1000_values_are_crossed() -> None:
    (cross,) = smart_defaults(SCHEMA).config.product_model_crosses
    assert [m.column for m in cross.features] == ["category", "sub_category"]
    assert (cross.hash_bucket_size, cross.embedding_dim) == (1000, 16)
    columns = (column("a", "text", "item_attribute", 1001), column("b", "text", "item_attribute", 1000))
    assert smart_defaults(Schema((*SCHEMA.columns[:2], *columns))).config.product_model_crosses == ()


def test_a_history_is_proposed_where_there_are_times_and_is_never_on() -> None:
    suggestion = smart_defaults(SCHEMA)
    assert suggestion.history is not None
    assert all(f.data_type != "history" for f in suggestion.config.buyer_model_features)
    document = suggestion.config.model_dump(mode="json")
    document["buyer_model_features"].append(suggestion.history.model_dump(mode="json"))
    assert validate(document, SCHEMA, name="First") == ()
    assert smart_defaults(Schema(SCHEMA.columns[:2])).history is None


def test_integer_ids_are_text_and_come_first() -> None:
    schema = Schema(
        (
            column("age", "numeric", "user_attribute", 5),
            column("user", "numeric", "user_id", 9),
            column("item", "numeric", "item_id", 9),
        )
    )
    config = smart_defaults(schema).config
    assert [(f.column, f.data_type) for f in config.buyer_model_features] == [
        ("user", "text"),
        ("age", "numeric"),
    ]


def test_columns_that_tell_nothing_apart_are_left_out_and_named() -> None:
    def with_nulls(info: ColumnInfo, nulls: int | None) -> ColumnInfo:
        return replace(info, stats=replace(info.stats, nulls=nulls))

    columns = (
        with_nulls(column("empty", "text", "user_attribute", 0), 400),
        with_nulls(column("nothing", "numeric", "context", 0), 400),
        with_nulls(column("one", "text", "item_attribute", 1), 0),
        with_nulls(column("one_price", "numeric", "item_attribute", 1), 7),
        with_nulls(column("one_day", "temporal", "context", 1), 0),
        with_nulls(column("unknown", "text", "item_attribute", 1), None),
        with_nulls(column("marked", "text", "item_attribute", 1), 7),
        with_nulls(column("two", "text", "item_attribute", 2), 0),
        with_nulls(column("rating", "numeric", "outcome", 1), 0),
        with_nulls(column("tags", "list_text", "item_attribute"), None),
    )
    found = smart_defaults(Schema((*SCHEMA.columns[:2], *columns)))
    assert [f.column for f in found.config.buyer_model_features] == ["customer_id"]
    assert [f.column for f in found.config.product_model_features] == ["product_id", "marked", "two"]
    assert [[m.column for m in c.features] for c in found.config.product_model_crosses] == [["marked", "two"]]
    assert [(left.column, left.reason) for left in found.left_out] == [
        ("empty", "it has no value"),
        ("nothing", "it has no value"),
        ("one", "it has one value in all rows"),
        ("one_price", "it has one value wherever it has any"),
        ("one_day", "it has one value in all rows"),
        ("unknown", "it has one value in all rows"),
    ]
    assert found.left_out[0].words == '"empty" is left out: it has no value.'
    assert smart_defaults(SCHEMA).left_out == ()


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="one user id and one item id"):
        smart_defaults(Schema(SCHEMA.columns[1:]))
    with pytest.raises(ValueError, match='"customer_id" are not counted'):
        smart_defaults(Schema((column("customer_id", "text", "user_id"), SCHEMA.columns[1])))


def test_of_more_columns_than_a_tower_takes_the_fullest_stay_and_a_history_has_a_place() -> None:
    many = tuple(
        ColumnInfo(f"x{n}", "Float64", "numeric", "user_attribute", ColumnStats(50, 0.0, 9.0, 200 - n))
        for n in range(197)
    )
    schema = Schema((*many, *SCHEMA.columns))
    found = smart_defaults(schema)
    assert found.history is not None
    buyer = [*found.config.buyer_model_features, found.history]
    document = found.config.model_copy(update={"buyer_model_features": tuple(buyer)})
    assert len(buyer) == 100
    assert validate(document.model_dump(mode="json"), schema, name="Wide") == ()
    named = [feature.column for feature in buyer]
    assert {"customer_id", "trans_date", "city", "x196"} <= set(named)
    assert [left.column for left in found.left_out] == [
        info.column for info in many if info.column not in named
    ]
    assert len(found.left_out) == 197 + 6 - 99
    assert found.left_out[0].words.startswith('"x0" is left out: a tower takes at most 100 features')
