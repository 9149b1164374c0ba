from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from recsys.features.codes import Code
from recsys.features.config import FeatureConfig
from tests.recsys.features.examples import SCHEMA, retail, rich
from tests.recsys.features.issues import BUYER, error, feature, found, with_buyer

RANGES = [
    (feature("city", "text"), "embedding", "embedding_dim", 4, 1024),
    (feature("city", "text"), "embedding", "max_vocab", 1, 5_000_000),
    (feature("city", "text"), "embedding", "min_frequency", 1, 1000),
    (feature("city", "text"), "embedding", "oov_buckets", 1, 1000),
    (feature("customer_age", "numeric"), "bucketize", "buckets", 2, 1000),
    (feature("customer_age", "numeric"), "bucketize", "embedding_dim", 4, 256),
]


@pytest.mark.parametrize(("base", "transform", "setting", "least", "most"), RANGES)
def test_a_setting_of_a_feature_has_a_range(
    base: dict[str, Any], transform: str, setting: str, least: int, most: int
) -> None:
    path = f"{BUYER}.3.transforms.{transform}.{setting}"
    wrong = [error(Code.OUT_OF_RANGE, path, f"{setting} must be between {least} and {most}")]
    for value, expected in (
        (least, []),
        (most, []),
        (least - 1, wrong),
        (most + 1, wrong),
        (-(10**30), wrong),
    ):
        document = with_buyer(base | {"transforms": {transform: {setting: value}}})
        assert found(document) == expected, value


@pytest.mark.parametrize(
    ("path", "least", "most"),
    [("hash_bucket_size", 100, 1_000_000), ("embedding_dim", 4, 64), ("features.1.crossing_buckets", 2, 100)],
)
def test_a_setting_of_a_cross_has_a_range(path: str, least: int, most: int) -> None:
    members = [
        {"column": "customer_id", "type": "text"},
        {"column": "customer_revenue_90d", "type": "numeric"},
    ]
    *_, setting = path.split(".")
    full = f"buyer_model_crosses.0.{path}"
    wrong = [error(Code.OUT_OF_RANGE, full, f"{setting} must be between {least} and {most}")]
    for value, expected in ((least, []), (most, []), (least - 1, wrong), (most + 1, wrong)):
        cross: dict[str, Any] = {"features": copy.deepcopy(members)}
        (cross if setting == path else cross["features"][1])[setting] = value
        assert found(retail(buyer_model_crosses=[cross])) == expected, value


def test_the_length_of_a_history_and_percentiles_have_ranges() -> None:
    document = rich()
    document[BUYER][3]["transforms"]["history"]["max_length"] = 501
    document["target_column"] = {
        "column": "user_rating",
        "transforms": {"clip_outliers": {"lower": -1, "upper": 101}},
    }
    where = "target_column.transforms.clip_outliers"
    assert found(document) == [
        error(
            Code.OUT_OF_RANGE,
            f"{BUYER}.3.transforms.history.max_length",
            "max_length must be between 1 and 500",
        ),
        error(Code.OUT_OF_RANGE, f"{where}.lower", "lower must be between 0 and 100"),
        error(Code.OUT_OF_RANGE, f"{where}.upper", "upper must be between 0 and 100"),
    ]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "embedding_dim must be a number (got yes)"),
        ("32", "embedding_dim must be a number (got 32)"),
        (None, "embedding_dim must be a number (got none)"),
        ([32], "embedding_dim must be a number (got a list)"),
        (32.5, "embedding_dim must be a whole number (got 32.5)"),
        (float("nan"), "embedding_dim must be a finite number"),
        (float("inf"), "embedding_dim must be a finite number"),
    ],
)
def test_a_setting_of_another_type_is_refused_in_words(value: Any, message: str) -> None:
    document = with_buyer(feature("city", "text", embedding={"embedding_dim": value}))
    assert found(document) == [
        error(Code.INVALID_VALUE, f"{BUYER}.3.transforms.embedding.embedding_dim", message)
    ]


def test_a_range_is_one_of_three() -> None:
    document = with_buyer(feature("customer_age", "numeric", normalize={"range": "[0,2]"}))
    message = "range must be one of [-1,1], [0,1], z_score (got [0,2])"
    assert found(document) == [error(Code.INVALID_VALUE, f"{BUYER}.3.transforms.normalize.range", message)]


def test_unknown_fields_are_named_wherever_they_stand() -> None:
    document = with_buyer(feature("city", "text", embedding={"dims": 3}, shape={}), colour=1)
    document[BUYER][0]["kind"] = "x"
    document["product_model_crosses"][0]["features"][0]["crossing_buckets"] = 5
    assert found(document) == [
        error(Code.UNKNOWN_FIELD, "colour", 'Unknown field "colour"'),
        error(Code.UNKNOWN_FIELD, f"{BUYER}.0.kind", 'Unknown field "kind"'),
        error(Code.UNKNOWN_FIELD, f"{BUYER}.3.transforms.shape", 'Unknown field "shape"'),
        error(Code.UNKNOWN_FIELD, f"{BUYER}.3.transforms.embedding.dims", 'Unknown field "dims"'),
        error(
            Code.UNKNOWN_FIELD,
            "product_model_crosses.0.features.0.crossing_buckets",
            'Unknown field "crossing_buckets"',
        ),
    ]


NONSENSE: list[Any] = [
    None,
    3,
    "text",
    [],
    [1],
    {"buyer_model_features": 3},
    {"buyer_model_features": {"0": {}}},
    {"buyer_model_features": [None, 3, [], "x", {}]},
    {"buyer_model_features": [{"data_type": "text"}]},
    {"buyer_model_features": [{"column": None, "data_type": "text"}]},
    {"buyer_model_features": [{"column": "\ud800", "data_type": "text"}]},
    {"buyer_model_features": [{"column": "a", "data_type": []}]},
    {"buyer_model_features": [{"column": "a", "data_type": "text", "transforms": None}]},
    {"buyer_model_features": [{"column": "a", "data_type": "text", "transforms": {"embedding": 3}}]},
    {"buyer_model_features": [{"column": "a", "data_type": "numeric", "transforms": {"null_flag": "yes"}}]},
    {"buyer_model_features": [{"column": "a", "data_type": "history", "transforms": {"history": {}}}]},
    {
        "product_model_features": [
            {"column": "a", "data_type": "history", "transforms": {"history": {"shared_with": "a"}}}
        ]
    },
    {"buyer_model_crosses": [{}]},
    {"buyer_model_crosses": [{"features": 3}]},
    {"buyer_model_crosses": [{"features": [3, {"type": "history"}]}]},
    {"target_column": 3},
    {"target_column": {}},
    {"target_column": {"column": 3}},
    {"target_column": {"column": "a", "transforms": {"normalize": 1}}},
    {3: 4},
]


@pytest.mark.parametrize("document", NONSENSE)
def test_nonsense_is_an_issue_and_never_a_failure(document: Any) -> None:
    issues = found(document)
    assert any(code in (Code.INVALID_VALUE, Code.UNKNOWN_FIELD) for code, *_ in issues), issues
    assert all(text.encode() is not None for _, path, message, _ in issues for text in (path, message))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 2000),
    st.floats(),
    st.sampled_from(["", "city", "[0,1]", "text", "\ud800", "é\n"]),
)
NAMES = st.sampled_from([c.column for c in SCHEMA.columns] + ["nowhere"])
SETTINGS = st.dictionaries(
    st.sampled_from(["embedding_dim", "buckets", "range", "daily", "max_length", "shared_with", "max_vocab"]),
    SCALARS,
    max_size=2,
)
TRANSFORMS = st.dictionaries(
    st.sampled_from(
        ["embedding", "normalize", "bucketize", "log_transform", "null_flag", "cyclical", "history"]
    ),
    SETTINGS | SCALARS,
    max_size=3,
)
FEATURES = st.fixed_dictionaries(
    {"column": NAMES, "data_type": st.sampled_from(["text", "numeric", "temporal", "history", "list"])},
    optional={"transforms": TRANSFORMS | SCALARS, "is_primary_id": SCALARS, "display_name": SCALARS},
)
MEMBERS = st.fixed_dictionaries(
    {"column": NAMES, "type": st.sampled_from(["text", "numeric", "temporal", "history"])},
    optional={"crossing_buckets": SCALARS},
)
CROSSES = st.fixed_dictionaries(
    {"features": st.lists(MEMBERS, max_size=4)},
    optional={"embedding_dim": SCALARS, "hash_bucket_size": SCALARS},
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "buyer_model_features": st.lists(FEATURES, max_size=4),
        "product_model_features": st.lists(FEATURES, max_size=3),
        "buyer_model_crosses": st.lists(CROSSES, max_size=2),
        "target_column": st.fixed_dictionaries(
            {"column": NAMES}, optional={"transforms": SCALARS, "clip_predictions": SCALARS}
        ),
    },
)


@given(DOCUMENTS)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_a_document_that_the_type_refuses_has_an_error(document: dict[str, Any]) -> None:
    errors = [issue for issue in found(document) if issue[3] == "error"]
    try:
        FeatureConfig.model_validate(document)
    except ValidationError:
        assert errors


@given(DOCUMENTS)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_what_is_wrong_with_more_features_is_all_that_is_wrong_with_a_right_config(
    document: dict[str, Any],
) -> None:
    merged = retail()
    for key, value in document.items():
        merged[key] = merged.get(key, []) + value if isinstance(value, list) else value
    issues = found(merged)
    assert all(path.startswith(("buyer_model", "product_model", "target_column")) for _, path, _, _ in issues)
    if not any(severity == "error" for *_, severity in issues):
        FeatureConfig.model_validate(merged)
