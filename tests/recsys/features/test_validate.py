from __future__ import annotations

from typing import Any

import pytest

from recsys.data.schema import ColumnInfo, Schema
from recsys.features.codes import Code
from tests.recsys.features.examples import SCHEMA, retail, rich
from tests.recsys.features.issues import BUYER, PRODUCT, error, feature, found, with_buyer


@pytest.mark.parametrize(
    "document", [retail(), rich(), rich() | {"target_column": {"column": "user_rating"}}]
)
def test_a_right_document_has_no_issue(document: dict[str, Any]) -> None:
    assert found(document) == []


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_name_is_required(name: str) -> None:
    assert found(retail(), name=name) == [error(Code.NAME_REQUIRED, "name", "Name is required")]


def test_a_name_stands_for_one_config_of_a_dataset_whatever_its_case() -> None:
    message = 'A feature config named "first " already exists for this dataset'
    assert found(retail(), name="first ", taken=("Other", "First")) == [
        error(Code.NAME_TAKEN, "name", message)
    ]


def test_a_name_has_255_characters_at_most() -> None:
    assert found(retail(), name="x" * 255) == []
    assert [issue[1] for issue in found(retail(), name="x" * 256)] == ["name"]


def test_each_tower_needs_its_id() -> None:
    assert found({}) == [
        error(Code.ID_MISSING, BUYER, "Buyer features must include the customer id column"),
        error(Code.ID_MISSING, PRODUCT, "Product features must include the product id column"),
    ]


def test_an_id_that_is_no_text_is_not_the_towers_id() -> None:
    document = retail()
    document[BUYER][0] = feature("customer_id", "numeric", normalize={})
    assert error(Code.ID_MISSING, BUYER, "Buyer features must include the customer id column") in found(
        document
    )


def test_the_primary_id_is_the_id_column_and_no_other() -> None:
    document = retail()
    document[BUYER][0]["is_primary_id"] = False
    document[PRODUCT][1]["is_primary_id"] = True
    assert found(document) == [
        error(
            Code.INVALID_VALUE, f"{BUYER}.0.is_primary_id", '"customer_id" must be marked as the primary id'
        ),
        error(
            Code.INVALID_VALUE,
            f"{PRODUCT}.1.is_primary_id",
            'Only "product_id" can be the primary id of the product tower',
        ),
    ]


def test_a_column_must_be_in_the_dataset_and_the_closest_is_named() -> None:
    document = with_buyer(feature("loyalty_teir", "text", embedding={}), feature("zzz", "text", embedding={}))
    assert found(document) == [
        error(
            Code.UNKNOWN_COLUMN,
            f"{BUYER}.3.column",
            'Column "loyalty_teir" is not in the dataset (did you mean "loyalty_tier"?)',
        ),
        error(Code.UNKNOWN_COLUMN, f"{BUYER}.4.column", 'Column "zzz" is not in the dataset'),
    ]


def test_a_column_stands_once_in_a_tower() -> None:
    document = with_buyer(feature("city", "text", embedding={}), feature("city", "text", embedding={}))
    message = 'Column "city" is used twice in the buyer tower'
    assert found(document) == [error(Code.COLUMN_TWICE, f"{BUYER}.4.column", message)]
    document = retail()
    document[PRODUCT].append(feature("category", "text", embedding={}))
    message = 'Column "category" is used twice in the product tower'
    assert found(document) == [error(Code.COLUMN_TWICE, f"{PRODUCT}.3.column", message)]


@pytest.mark.parametrize(
    "chosen",
    [
        feature("city", "text"),
        feature("city", "text", embedding=None),
        feature("customer_age", "numeric", log_transform=True),
        {"column": "customer_age", "data_type": "numeric"},
        feature("customer_age", "numeric", null_flag=False),
    ],
)
def test_a_feature_needs_a_transform_that_adds_to_the_width(chosen: dict[str, Any]) -> None:
    message = f'Select at least one transform for "{chosen["column"]}"'
    assert found(with_buyer(chosen)) == [error(Code.NO_TRANSFORM, f"{BUYER}.3.transforms", message)]


def test_cycles_that_are_all_off_are_no_transform() -> None:
    document = retail()
    document[BUYER][2]["transforms"] = {"cyclical": {"daily": False}}
    message = 'Select at least one transform for "trans_date"'
    assert found(document) == [error(Code.NO_TRANSFORM, f"{BUYER}.2.transforms", message)]


@pytest.mark.parametrize("data_type", ["text", "numeric", "temporal", "history"])
@pytest.mark.parametrize(
    ("transform", "fitting"),
    [
        ("embedding", {"text"}),
        ("normalize", {"numeric", "temporal"}),
        ("bucketize", {"numeric", "temporal"}),
        ("log_transform", {"numeric"}),
        ("null_flag", {"numeric", "temporal"}),
        ("cyclical", {"temporal"}),
        ("history", {"history"}),
    ],
)
def test_a_transform_of_another_data_type_is_not_available(
    data_type: str, transform: str, fitting: set[str]
) -> None:
    document = with_buyer(feature("city", data_type, **{transform: {}}))
    expected = error(
        Code.WRONG_TRANSFORM,
        f"{BUYER}.3.transforms.{transform}",
        f"Transform {transform} is not available for {data_type} columns",
    )
    assert (expected in found(document)) == (data_type not in fitting)


@pytest.mark.parametrize(
    ("column", "data_type", "transform", "held"),
    [
        ("city", "numeric", "normalize", "text"),
        ("city", "temporal", "cyclical", "text"),
        ("customer_age", "temporal", "normalize", "numeric"),
        ("tags", "text", "embedding", "list_text"),
        ("returned", "temporal", "bucketize", "boolean"),
    ],
)
def test_a_transform_that_the_column_cannot_have_is_not_available(
    column: str, data_type: str, transform: str, held: str
) -> None:
    settings = {"daily": True} if transform == "cyclical" else {}
    message = f"Transform {transform} is not available for {held} columns"
    expected = [error(Code.WRONG_TRANSFORM, f"{BUYER}.3.transforms.{transform}", message)]
    assert found(with_buyer(feature(column, data_type, **{transform: settings}))) == expected


def test_numbers_and_truth_values_can_be_text_and_truth_values_numbers() -> None:
    assert found(with_buyer(feature("customer_age", "text", embedding={}))) == []
    assert found(with_buyer(feature("returned", "text", embedding={}))) == []
    assert found(with_buyer(feature("returned", "numeric", normalize={}))) == []


CROSS = "A cross needs 2 or 3 different features of the same tower"


@pytest.mark.parametrize(
    "columns",
    [
        [],
        ["customer_id"],
        ["customer_id", "customer_id"],
        ["customer_id", "category"],
        ["customer_id", "brand"],
        ["customer_id", "city", "loyalty_tier", "customer_revenue_90d"],
    ],
)
def test_a_cross_has_two_or_three_different_members_of_its_tower(columns: list[str]) -> None:
    document = with_buyer(
        feature("city", "text", embedding={}), feature("loyalty_tier", "text", embedding={})
    )
    document["buyer_model_crosses"] = [{"features": [{"column": c, "type": "text"} for c in columns]}]
    assert found(document) == [error(Code.CROSS_MEMBERS, "buyer_model_crosses.0.features", CROSS)]


def test_an_item_known_by_history_alone_is_no_member_of_a_cross() -> None:
    document = rich()
    members = [{"column": "customer_id", "type": "text"}, {"column": "product_id", "type": "text"}]
    document["buyer_model_crosses"] = [{"features": members}]
    assert found(document) == [error(Code.CROSS_MEMBERS, "buyer_model_crosses.0.features", CROSS)]


def test_a_member_that_is_in_no_dataset_is_named_and_one_of_another_type_refused() -> None:
    members = [{"column": "customer_idd", "type": "text"}, {"column": "trans_date", "type": "numeric"}]
    document = retail(buyer_model_crosses=[{"features": members}])
    at = "buyer_model_crosses.0.features"
    assert found(document) == [
        error(
            Code.UNKNOWN_COLUMN,
            f"{at}.0.column",
            'Column "customer_idd" is not in the dataset (did you mean "customer_id"?)',
        ),
        error(Code.WRONG_TRANSFORM, f"{at}.1.type", "Transform cross is not available for temporal columns"),
    ]


def test_a_history_shares_the_embedded_product_id() -> None:
    message = "History must share the embedding of the product id"
    path = f"{BUYER}.3.transforms.history.shared_with"
    document = rich()
    document[BUYER][3]["transforms"]["history"]["shared_with"] = "category"
    assert found(document) == [error(Code.HISTORY_TABLE, path, message)]
    document = rich()
    document[PRODUCT][0]["transforms"] = {}
    assert error(Code.HISTORY_TABLE, path, message) in found(document)
    document = rich()
    document[BUYER][3]["column"] = "brand"
    assert found(document) == [error(Code.HISTORY_TABLE, path, message)]


def test_a_history_needs_times() -> None:
    columns = [
        c if c.role != "timestamp" else ColumnInfo(c.column, c.storage_type, c.data_type, "context")
        for c in SCHEMA.columns
    ]
    expected = [error(Code.HISTORY_TIME, f"{BUYER}.3", "History needs a timestamp column")]
    assert found(rich(), Schema(tuple(columns))) == expected


def test_a_target_is_a_number_and_no_feature() -> None:
    document = with_buyer(
        feature("user_rating", "numeric", normalize={}), target_column={"column": "user_rating"}
    )
    message = 'Target column "user_rating" cannot also be a feature'
    assert found(document) == [error(Code.TARGET, "target_column.column", message)]
    message = "Target column must be numeric"
    for column in ("city", "tags", "trans_date"):
        issues = found(retail(target_column={"column": column}))
        assert error(Code.TARGET, "target_column.column", message) in issues
    assert found(retail(target_column={"column": "returned"})) == []


def test_a_target_is_in_the_dataset_and_its_percentiles_are_in_order() -> None:
    target = {"column": "user_ratings", "transforms": {"clip_outliers": {"lower": 99, "upper": 1}}}
    assert found(retail(target_column=target)) == [
        error(
            Code.UNKNOWN_COLUMN,
            "target_column.column",
            'Column "user_ratings" is not in the dataset (did you mean "user_rating"?)',
        ),
        error(
            Code.INVALID_VALUE,
            "target_column.transforms.clip_outliers.lower",
            "lower must be less than upper (got 99 and 1)",
        ),
    ]


def test_a_logarithm_needs_values_above_minus_one() -> None:
    message = 'log1p needs values greater than -1 ("balance" has -3)'
    document = with_buyer(feature("balance", "numeric", normalize={}, log_transform=True))
    assert found(document) == [error(Code.LOG_DOMAIN, f"{BUYER}.3.transforms.log_transform", message)]
    document = retail(target_column={"column": "balance", "transforms": {"log_transform": True}})
    assert found(document) == [error(Code.LOG_DOMAIN, "target_column.transforms.log_transform", message)]
    document["target_column"]["transforms"]["clip_outliers"] = {"lower": 5}
    assert found(document) == []


def test_a_tower_is_8192_wide_at_most() -> None:
    columns = [f"c{n}" for n in range(8)]
    schema = Schema((*SCHEMA.columns, *(ColumnInfo(c, "String", "text", "user_attribute") for c in columns)))
    wide = [feature(c, "text", embedding={"embedding_dim": 1024}) for c in columns]
    document = with_buyer(*wide)
    for width, expected in ((1024, 8296), (921, 8193), (920, None)):
        document[BUYER][3]["transforms"]["embedding"]["embedding_dim"] = width
        message = f"Tensor dimension {expected} exceeds 8192"
        wrong = [error(Code.TOWER_SIZE, BUYER, message)] if expected else []
        assert found(document, schema) == wrong


def test_a_tower_has_100_features_at_most() -> None:
    columns = [f"c{n}" for n in range(98)]
    schema = Schema(
        (*SCHEMA.columns, *(ColumnInfo(c, "Float64", "numeric", "user_attribute") for c in columns))
    )
    document = with_buyer(*(feature(c, "numeric", normalize={}) for c in columns))
    message = "A tower takes at most 100 features (got 101)"
    assert found(document, schema) == [error(Code.TOWER_SIZE, BUYER, message)]


def test_a_column_in_both_towers_is_a_warning() -> None:
    document = retail()
    document[PRODUCT].append(feature("customer_revenue_90d", "numeric", normalize={"range": "z_score"}))
    message = '"customer_revenue_90d" feeds both towers; check for leakage'
    assert found(document) == [(Code.BOTH_TOWERS, f"{PRODUCT}.3.column", message, "warning")]


def test_all_issues_come_at_once_in_the_order_of_the_rules() -> None:
    document = with_buyer(
        feature("city", "text", embedding={"embedding_dim": 2}),
        feature("city", "text"),
        feature("brnd", "text", embedding={}, normalize={}),
        feature("balance", "numeric", normalize={}, log_transform=True),
        target_column={"column": "city"},
        buyer_model_crosses=[{"features": []}],
    )
    document[PRODUCT] = []
    document["product_model_crosses"] = []
    codes = [issue[0] for issue in found(document, name="")]
    assert codes == [
        Code.NAME_REQUIRED,
        Code.ID_MISSING,
        Code.UNKNOWN_COLUMN,
        Code.COLUMN_TWICE,
        Code.NO_TRANSFORM,
        Code.WRONG_TRANSFORM,
        Code.OUT_OF_RANGE,
        Code.CROSS_MEMBERS,
        Code.TARGET,
        Code.TARGET,
        Code.LOG_DOMAIN,
    ]
