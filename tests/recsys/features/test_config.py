from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from recsys.features.config import FeatureConfig, without_column
from tests.recsys.features.examples import retail, rich
from workbench.fields import ConfigError, changed_fields, field_specs, spec_of, typed


def test_the_stored_form_has_every_default_written_out() -> None:
    stored = FeatureConfig.model_validate(retail()).model_dump(mode="json")
    assert set(stored) == {
        "buyer_model_features",
        "product_model_features",
        "buyer_model_crosses",
        "product_model_crosses",
        "target_column",
    }
    assert stored["buyer_model_features"] == [
        {
            "column": "customer_id",
            "display_name": None,
            "is_primary_id": True,
            "data_type": "text",
            "transforms": {
                "embedding": {"embedding_dim": 64, "max_vocab": None, "min_frequency": 1, "oov_buckets": 1}
            },
        },
        {
            "column": "customer_revenue_90d",
            "display_name": None,
            "is_primary_id": False,
            "data_type": "numeric",
            "transforms": {
                "normalize": {"range": "[-1,1]"},
                "bucketize": {"buckets": 100, "embedding_dim": 32},
                "log_transform": False,
                "null_flag": False,
            },
        },
        {
            "column": "trans_date",
            "display_name": None,
            "is_primary_id": False,
            "data_type": "temporal",
            "transforms": {
                "normalize": {"range": "[-1,1]"},
                "bucketize": None,
                "cyclical": {
                    "yearly": False,
                    "quarterly": True,
                    "monthly": True,
                    "weekly": True,
                    "daily": False,
                },
                "null_flag": False,
            },
        },
    ]
    assert stored["product_model_crosses"] == [
        {
            "features": [{"column": "category", "type": "text"}, {"column": "sub_category", "type": "text"}],
            "hash_bucket_size": 1000,
            "embedding_dim": 16,
        }
    ]


def test_the_stored_form_is_read_back_as_the_same_config() -> None:
    config = FeatureConfig.model_validate(rich() | {"target_column": {"column": "user_rating"}})
    assert FeatureConfig.model_validate(json.loads(config.model_dump_json())) == config


def test_what_a_document_leaves_out_has_the_known_defaults() -> None:
    document = {
        "buyer_model_features": [
            {"column": "a", "data_type": "text", "transforms": {"embedding": {}}},
            {"column": "b", "data_type": "numeric", "transforms": {"normalize": {}, "bucketize": {}}},
            {"column": "c", "data_type": "temporal", "transforms": {"cyclical": {}}},
            {"column": "d", "data_type": "history", "transforms": {"history": {"shared_with": "d"}}},
        ],
        "buyer_model_crosses": [
            {"features": [{"column": "a", "type": "text"}, {"column": "b", "type": "numeric"}]}
        ],
        "target_column": {"column": "r", "transforms": {"clip_outliers": {}}},
    }
    stored = FeatureConfig.model_validate(document).model_dump(mode="json")
    text, numeric, temporal, history = (f["transforms"] for f in stored["buyer_model_features"])
    assert text["embedding"] == {"embedding_dim": 32, "max_vocab": None, "min_frequency": 1, "oov_buckets": 1}
    assert numeric["normalize"] == {"range": "[-1,1]"}
    assert numeric["bucketize"] == {"buckets": 100, "embedding_dim": 32}
    assert set(temporal["cyclical"].values()) == {False}
    assert history["history"] == {"shared_with": "d", "max_length": 50}
    (cross,) = stored["buyer_model_crosses"]
    assert (cross["hash_bucket_size"], cross["embedding_dim"]) == (5000, 16)
    assert cross["features"][1] == {"column": "b", "type": "numeric", "crossing_buckets": 10}
    assert stored["target_column"] == {
        "column": "r",
        "transforms": {
            "clip_outliers": {"lower": 1.0, "upper": 99.0},
            "log_transform": False,
            "normalize": {"range": "z_score"},
        },
        "clip_predictions": True,
    }


@pytest.mark.parametrize(
    "place",
    [
        (),
        ("buyer_model_features", 0),
        ("buyer_model_features", 1, "transforms", "bucketize"),
        ("product_model_crosses", 0),
    ],
)
def test_an_unknown_field_is_refused_at_every_depth(place: tuple) -> None:
    document = retail()
    spot = document
    for key in place:
        spot = spot[key]
    spot["colour"] = 1
    with pytest.raises(ValidationError, match="colour"):
        FeatureConfig.model_validate(document)


def test_a_products_tower_has_no_histories() -> None:
    history = {
        "column": "product_id",
        "data_type": "history",
        "transforms": {"history": {"shared_with": "product_id"}},
    }
    with pytest.raises(ValidationError):
        FeatureConfig.model_validate({"product_model_features": [history]})


def test_the_workbench_reads_its_fields_and_the_paths_of_their_problems() -> None:
    assert [spec.name for spec in field_specs(FeatureConfig)] == list(FeatureConfig.model_fields)
    document = retail()
    document["buyer_model_features"][0]["transforms"]["embedding"]["embedding_dim"] = 2
    with pytest.raises(ConfigError) as caught:
        typed(spec_of(FeatureConfig, "buyer_model_features"), document["buyer_model_features"])
    assert [p.path for p in caught.value.problems] == [
        "buyer_model_features.0.transforms.embedding.embedding_dim"
    ]


def test_two_configs_differ_where_their_lists_do() -> None:
    changed = changed_fields(FeatureConfig.model_validate(retail()), FeatureConfig.model_validate(rich()))
    assert changed.modifiable == ("buyer_model_features", "buyer_model_crosses")
    assert changed.structural == ()


def test_leaving_out_a_column_takes_its_features_and_crosses_from_both_towers() -> None:
    config = FeatureConfig.model_validate(rich() | {"target_column": {"column": "user_rating"}})
    without = without_column(config, "city")
    assert [f.column for f in without.buyer_model_features] == [
        "customer_id",
        "customer_revenue_90d",
        "trans_date",
        "product_id",
    ]
    assert without.buyer_model_crosses == ()
    assert without.product_model_crosses == config.product_model_crosses
    assert without.target_column == config.target_column
    assert without_column(config, "category").product_model_crosses == ()
    assert without_column(config, "user_rating") == config
