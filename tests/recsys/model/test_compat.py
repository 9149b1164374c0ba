from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from recsys.data.schema import Schema
from recsys.features.config import FeatureConfig
from recsys.model.compat import RatingFacts, incompatible, rating_of
from recsys.model.config import ModelConfig
from tests.recsys.features.examples import SCHEMA, column, retail, rich
from tests.recsys.model.examples import rating, towers

RATED = {"target_column": {"column": "user_rating"}}
GOOD = RatingFacts(distinct=5, non_null=1000)


def features(**changes: Any) -> FeatureConfig:
    return FeatureConfig.model_validate(retail(**changes))


def found(config: FeatureConfig, model: ModelConfig, schema: Schema = SCHEMA, **facts: Any) -> list[tuple]:
    issues = incompatible(config, model, schema, **facts)
    return [(i.code, i.path, i.message, i.severity) for i in issues]


def one(code: str, path: str, message: str, severity: str = "error") -> list[tuple]:
    return [(code, path, message, severity)]


def test_a_retrieval_model_fits_any_two_towers_whatever_the_target() -> None:
    assert found(features(), towers()) == []
    assert found(features(target_column={"column": "nothing"}), towers()) == []
    assert found(FeatureConfig.model_validate(rich()), towers()) == []


@pytest.mark.parametrize("model", [towers(), rating()])
def test_a_tower_without_features_cannot_be_trained(model: ModelConfig) -> None:
    config = features(product_model_features=[], product_model_crosses=[], **RATED)
    assert found(config, model, rating=GOOD) == one(
        "C-1", "product_model_features", "The product tower has no features"
    )


def test_features_that_give_no_dimension_are_no_input() -> None:
    config = features(buyer_model_features=[{"column": "customer_id", "data_type": "text"}])
    assert found(config, towers()) == one(
        "C-5", "buyer_model_features", "The buyer tower's features have no dimensions"
    )


@pytest.mark.parametrize("kind", ["ranking", "multitask"])
def test_a_model_that_rates_needs_a_rating_column(kind: str) -> None:
    model = rating(model_type=kind)
    assert found(features(), model) == one(
        "C-2", "rating_column", "Rating column required for ranking/multitask models"
    )
    assert found(features(), model, rating_column="user_rating", rating=GOOD) == []
    assert found(features(**RATED), model, rating=GOOD) == []
    assert found(features(), model, rating_column="returned", rating=RatingFacts(2, 50)) == []


def test_a_tests_rating_column_goes_before_the_target() -> None:
    assert rating_of(features(**RATED), "returned") == "returned"
    assert rating_of(features(**RATED)) == "user_rating"
    assert rating_of(features()) is None


@pytest.mark.parametrize(
    ("name", "facts", "message"),
    [
        ("user_ratings", GOOD, 'Column "user_ratings" is not in the dataset (did you mean "user_rating"?)'),
        ("city", GOOD, 'Rating column "city" must be numeric or boolean (it is text)'),
        (
            "user_rating",
            RatingFacts(5, 49),
            'Rating column "user_rating" needs at least 50 values in the train part (it has 49)',
        ),
        (
            "user_rating",
            RatingFacts(1, 400),
            'Rating column "user_rating" has the same value in every row of the train part',
        ),
    ],
)
def test_a_rating_column_must_have_something_to_learn(name: str, facts: RatingFacts, message: str) -> None:
    assert found(features(), rating(), rating_column=name, rating=facts) == one(
        "C-2", "rating_column", message
    )


@pytest.mark.parametrize("ends", [(0.0, 1e39), (-1e300, 1.0)])
def test_ratings_beyond_what_float32_holds_are_refused(ends: tuple[float, float]) -> None:
    facts = RatingFacts(5, 1000, *ends)
    ((code, path, message, severity),) = found(features(**RATED), rating(), rating=facts)
    assert (code, path, severity) == ("C-2", "target_column.column", "error")
    assert message.startswith(
        f'Rating column "user_rating" holds {max(ends, key=abs):g}, and a model\'s numbers go to 3.4e+38'
    )
    assert found(features(**RATED), towers(), rating=facts) == []
    assert found(features(**RATED), rating(), rating=RatingFacts(5, 1000, -3e38, 3.4e38)) == []


def test_binary_cross_entropy_needs_two_values_and_no_transforms() -> None:
    model = rating(loss_function="binary_crossentropy")
    two = RatingFacts(2, 500)
    assert found(features(), model, rating_column="returned", rating=two) == []
    wanted = 'The binary_crossentropy loss needs exactly two values in "user_rating" (it has 5)'
    assert found(features(), model, rating_column="user_rating", rating=GOOD) == one(
        "C-3", "rating_column", wanted
    )
    target = {"column": "returned", "transforms": {"log_transform": True, "clip_outliers": {}}}
    assert [path for _, path, _, _ in found(features(target_column=target), model, rating=two)] == [
        f"target_column.transforms.{name}" for name in ("clip_outliers", "log_transform", "normalize")
    ]
    plain = {"column": "returned", "transforms": {"normalize": None}}
    assert found(features(target_column=plain), model, rating=two) == []
    assert found(features(target_column=target), model, rating_column="user_rating", rating=two) == []


def test_shared_towers_say_what_their_widths_ask_for() -> None:
    shared = towers(share_tower_weights=True)
    message = "Shared towers get a projection of their own first: buyer 104→72"
    assert found(features(), shared) == one("C-4", "share_tower_weights", message, "info")
    other = replace(
        shared,
        architecture=shared.architecture.model_copy(
            update={"product_tower_layers": shared.architecture.product_tower_layers[1:]}
        ),
    )
    wanted = "Weight sharing requires identical tower architectures"
    assert found(features(), other) == one("C-4", "share_tower_weights", wanted)


def test_every_column_must_be_there_and_of_a_type_that_can_be_read() -> None:
    columns = [c for c in SCHEMA.columns if c.column not in ("sub_category", "trans_date")]
    changed = Schema((*columns, column("trans_date", "text", "ignore")))
    gone = 'Column "sub_category" is not in the dataset (did you mean "category"?)'
    text = 'Column "trans_date" is text in the dataset and cannot be read as temporal'
    assert found(features(), towers(), changed) == [
        ("C-5", "buyer_model_features.2.column", text, "error"),
        ("C-5", "product_model_features.2.column", gone, "error"),
        ("C-5", "product_model_crosses.0.features.1.column", gone, "error"),
    ]


def test_a_history_needs_times_and_items() -> None:
    config = FeatureConfig.model_validate(rich())
    without = Schema(tuple(c for c in SCHEMA.columns if c.role != "timestamp"))
    paths = {path: message for _, path, message, _ in found(config, towers(), without)}
    assert paths["buyer_model_features.3.column"] == "History needs a timestamp column"


def test_everything_that_does_not_fit_is_said_at_once() -> None:
    config = features(product_model_features=[], product_model_crosses=[])
    model = rating(loss_function="binary_crossentropy")
    schema = Schema(SCHEMA.columns[1:])
    codes = [code for code, _, _, _ in found(config, model, schema)]
    assert codes == ["C-1", "C-2", "C-5"]
