from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from recsys.features.config import FeatureConfig
from recsys.features.dims import tensor_dims
from recsys.features.outputs import tower_outputs
from tests.recsys.features.examples import retail, rich


def dims(document: dict[str, Any]) -> dict[str, Any]:
    return asdict(tensor_dims(FeatureConfig.model_validate(document)))


def pairs(tower: dict[str, Any]) -> list[tuple[str, int]]:
    return [(entry["name"], entry["dim"]) for entry in tower["breakdown"]]


def test_the_shop_is_104_wide_for_buyers_and_72_for_products() -> None:
    found = dims(retail())
    assert (found["buyer"]["total"], found["product"]["total"]) == (104, 72)
    assert pairs(found["buyer"]) == [
        ("customer_id", 64),
        ("customer_revenue_90d_norm", 1),
        ("customer_revenue_90d_bucket", 32),
        ("trans_date_norm", 1),
        ("trans_date_quarterly", 2),
        ("trans_date_monthly", 2),
        ("trans_date_weekly", 2),
    ]
    assert pairs(found["product"]) == [
        ("product_id", 32),
        ("category", 8),
        ("sub_category", 16),
        ("category_x_sub_category_cross", 16),
    ]


def test_another_column_of_revenue_is_just_as_wide() -> None:
    document = retail()
    document["buyer_model_features"][1]["column"] = "revenue"
    assert dims(document)["buyer"]["total"] == 104


def test_a_lone_id_is_as_wide_as_its_embedding() -> None:
    only = {"column": "customer_id", "data_type": "text", "transforms": {"embedding": {"embedding_dim": 32}}}
    assert dims({"buyer_model_features": [only]})["buyer"] == {
        "total": 32,
        "breakdown": ({"name": "customer_id", "dim": 32},),
    }


def test_a_rich_buyer_is_170_wide_with_the_shared_table_counted_at_its_width() -> None:
    found = dims(rich())["buyer"]
    assert found["total"] == 170
    assert pairs(found)[3:] == [
        ("trans_date_norm", 1),
        ("trans_date_yearly", 2),
        ("trans_date_quarterly", 2),
        ("trans_date_monthly", 2),
        ("trans_date_weekly", 2),
        ("product_id_history", 32),
        ("city", 16),
        ("customer_id_x_city_cross", 16),
    ]


def test_a_flag_for_nulls_is_one_wide_and_a_logarithm_adds_nothing() -> None:
    transforms = {"log_transform": True, "null_flag": True}
    document = {"buyer_model_features": [{"column": "age", "data_type": "numeric", "transforms": transforms}]}
    assert pairs(dims(document)["buyer"]) == [("age_null", 1)]


def test_nothing_chosen_is_nothing_wide() -> None:
    document = {"buyer_model_features": [{"column": "age", "data_type": "numeric"}]}
    assert dims(document)["buyer"] == {"total": 0, "breakdown": ()}


def test_a_cross_of_three_is_named_by_its_members_in_order() -> None:
    members = [{"column": c, "type": "text"} for c in ("c", "a", "b")]
    found = dims({"product_model_crosses": [{"features": members}]})
    assert pairs(found["product"]) == [("c_x_a_x_b_cross", 16)]


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["a", "a_norm"], ["a_norm", "a_norm_2"]),
        (["t", "t_daily_sin"], ["t_daily", "t_daily_sin_2"]),
    ],
)
def test_names_that_would_be_equal_in_a_tower_are_numbered(columns: list[str], names: list[str]) -> None:
    first = (
        {"column": columns[0], "data_type": "numeric", "transforms": {"normalize": {}}}
        if columns[0] == "a"
        else {"column": "t", "data_type": "temporal", "transforms": {"cyclical": {"daily": True}}}
    )
    second = {"column": columns[1], "data_type": "text", "transforms": {"embedding": {}}}
    config = FeatureConfig.model_validate({"buyer_model_features": [first, second]})
    outputs = tower_outputs(config, "buyer")
    assert [output.name for output in outputs] == names
    arrays = [name for output in outputs for name in output.arrays]
    assert len(set(arrays)) == len(arrays)
