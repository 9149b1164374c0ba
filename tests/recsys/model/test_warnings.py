from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.features.config import FeatureConfig
from recsys.model.config import ModelConfig, document_of
from recsys.model.facts import DataFacts, Schedule, schedule_of
from recsys.model.layers import BatchNorm, Dense
from recsys.model.presets import PRESETS, RATING, relu
from recsys.model.recipes import RECIPES
from recsys.model.validate import read
from recsys.model.warnings import before_start, enough_steps
from tests.recsys.features.examples import SCHEMA, retail, rich
from tests.recsys.model.examples import EMBEDDINGS_ONLY, rating, towers

PLENTY = DataFacts(train_rows=1_000_000)
CALM = {"optimizer": "adam", "learning_rate": 0.005}
FEATURES = FeatureConfig.model_validate(retail())


def model(layers: tuple = PRESETS["standard"].buyer_tower_layers, **training: Any) -> ModelConfig:
    config = towers(layers)
    return replace(config, training=config.training.model_copy(update=training))


def found(
    config: ModelConfig, facts: DataFacts = PLENTY, features: FeatureConfig = FEATURES, **schedule: Any
) -> list[tuple[str, str]]:
    warnings = before_start(features, config, SCHEMA, facts, schedule_of(config, **schedule))
    return [(w.code.value, w.severity) for w in warnings]


@pytest.mark.parametrize("optimizer", ["adagrad", "sgd"])
@pytest.mark.parametrize(
    ("rate", "layers", "expected"),
    [
        (0.1, relu(64, 32, 32), [("W-01", "high")]),
        (0.1, relu(64, 64, 64, 32), [("W-01", "high")]),
        (0.1, relu(64, 32), [("W-01", "medium")]),
        (0.1, relu(32), []),
        (0.1, EMBEDDINGS_ONLY, []),
        (0.1, (*relu(64, 32), Dense(units=32, activation=None)), [("W-01", "medium")]),
        (0.099, relu(64, 32, 32), []),
        (0.05, relu(64, 64, 64, 32), [("W-01", "info")]),
        (0.049, relu(64, 64, 64, 32), []),
    ],
)
def test_steep_rates_are_doubted_by_how_many_relu_layers_a_tower_has(
    optimizer: str, rate: float, layers: tuple, expected: list
) -> None:
    assert found(model(layers, optimizer=optimizer, learning_rate=rate)) == expected


def test_the_deeper_tower_counts_and_an_override_does() -> None:
    config = towers(relu(32), relu(64, 64, 32))
    assert found(config) == [("W-01", "high")]
    assert found(config, learning_rate=0.01) == []
    assert found(towers(relu(32), relu(32)), learning_rate=0.0) == []


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_adaptive_optimisers_are_doubted_above_a_rate_of_a_twentieth(optimizer: str) -> None:
    assert found(model(optimizer=optimizer, learning_rate=0.051)) == [("W-02", "high")]
    assert found(model(optimizer=optimizer, learning_rate=0.05)) == []


def test_few_rows_are_doubted_alone_and_against_the_ids_tables() -> None:
    calm = model(**CALM, batch_size=16, epochs=100)
    assert found(calm, DataFacts(train_rows=999)) == [("W-03", "medium")]
    assert found(calm, DataFacts(train_rows=1000)) == []
    rows = {"customer_id": 1000, "product_id": 1001}
    assert found(calm, DataFacts(train_rows=5000, id_rows=rows)) == [("W-03", "medium")]


@pytest.mark.parametrize(
    ("rows", "batch", "epochs", "doubted"),
    [
        (1600, 16, 1, False),
        (1584, 16, 1, True),
        (9900, 1000, 10, False),
        (9000, 1000, 10, True),
        (9000, 1000, 0, False),
    ],
)
def test_fewer_than_a_hundred_steps_are_likely_too_few(
    rows: int, batch: int, epochs: int, doubted: bool
) -> None:
    codes = found(model(**CALM), DataFacts(train_rows=rows), batch_size=batch, epochs=epochs)
    assert (("W-04", "info") in codes) is doubted


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200_000), st.integers(1, 20), st.sampled_from([256, 4096, 65536]))
def test_what_is_proposed_against_few_steps_gives_enough(rows: int, epochs: int, batch: int) -> None:
    schedule = Schedule(0.005, batch, epochs)
    warnings = before_start(FEATURES, model(**CALM), SCHEMA, DataFacts(train_rows=rows), schedule)
    for warning in warnings:
        if warning.code == "W-04":
            proposed = warning.action.settings
            steps = proposed.get("epochs", epochs) * -(-rows // proposed["batch_size"])
            assert steps >= 300
            assert proposed["batch_size"] == enough_steps(rows, epochs) < batch
            read(document_of(model(**CALM)) | dict(proposed))


def test_outcomes_and_columns_that_give_the_answer_away_are_doubted() -> None:
    config = FeatureConfig.model_validate(rich())
    leaky = retail()
    leaky["buyer_model_features"].append(
        {"column": "user_rating", "data_type": "numeric", "transforms": {"normalize": {}}}
    )
    warnings = before_start(
        FeatureConfig.model_validate(leaky),
        model(**CALM),
        SCHEMA,
        replace(PLENTY, leaks={"customer_revenue_90d": "stands for the product, one for one", "brand": "x"}),
    )
    assert [(w.code, w.severity, w.action.without_columns) for w in warnings] == [
        ("W-05", "high", ("customer_revenue_90d",)),
        ("W-05", "high", ("user_rating",)),
    ]
    assert '"customer_revenue_90d" stands for the product' in warnings[0].message
    assert found(model(**CALM), features=config) == []


def test_an_outcome_that_only_a_cross_reads_is_doubted_once() -> None:
    leaky = retail()
    members = [{"column": "customer_id", "type": "text"}, {"column": "returned", "type": "text"}]
    leaky["buyer_model_crosses"] = [{"features": members}, {"features": members[::-1]}]
    assert found(model(**CALM), features=FeatureConfig.model_validate(leaky)) == [("W-05", "high")]


def test_many_cold_rows_are_doubted() -> None:
    assert found(model(**CALM), replace(PLENTY, cold_share=0.21)) == [("W-06", "medium")]
    assert found(model(**CALM), replace(PLENTY, cold_share=0.2)) == []


@pytest.mark.parametrize(
    ("rows", "batch", "proposed"),
    [
        (40_960, 4096, None),
        (40_961, 4096, 4055),
        (41_370, 4096, None),
        (3_000, 4096, 1024),
        (40_960, 40_960, None),
    ],
)
def test_batches_that_do_not_fit_the_rows_are_doubted(rows: int, batch: int, proposed: int | None) -> None:
    config = model(**CALM, epochs=500, batch_size=batch)
    warnings = before_start(FEATURES, config, SCHEMA, DataFacts(train_rows=rows))
    proposals = [w.action.settings["batch_size"] for w in warnings if w.code == "W-09"]
    assert proposals == ([] if proposed is None else [proposed])


@settings(max_examples=60, deadline=None)
@given(st.integers(1_000, 100_000), st.sampled_from([128, 1000, 4096, 65536]))
def test_a_batch_proposed_against_one_that_does_not_fit_is_not_doubted_itself(rows: int, batch: int) -> None:
    def doubts(size: int) -> list[int]:
        warnings = before_start(
            FEATURES, model(**CALM), SCHEMA, DataFacts(train_rows=rows), Schedule(0.005, size, 500)
        )
        return [w.action.settings["batch_size"] for w in warnings if w.code == "W-09"]

    for proposed in doubts(batch):
        assert batch > rows or doubts(proposed) == []


def test_product_features_that_vary_within_a_product_are_doubted() -> None:
    facts = replace(PLENTY, varying={"category": 3, "sub_category": 0, "customer_id": 9})
    (warning,) = before_start(FEATURES, model(**CALM), SCHEMA, facts)
    assert (warning.code, warning.severity, warning.action.without_columns) == (
        "W-11",
        "medium",
        ("category",),
    )


def test_batch_normalisation_is_doubted_in_shared_towers_and_over_small_batches() -> None:
    normed = (BatchNorm(), *relu(32))
    calm = towers(normed)
    calm = replace(calm, training=calm.training.model_copy(update=CALM))
    assert found(calm) == []
    assert found(calm, batch_size=50) == [("W-12", "medium")]
    shared = replace(calm, architecture=calm.architecture.model_copy(update={"share_tower_weights": True}))
    assert found(shared) == [("W-12", "medium")]
    head = rating()
    layers = (BatchNorm(), RATING)
    head = ModelConfig(
        head.architecture.model_copy(update={"rating_head_layers": layers}),
        head.training.model_copy(update=CALM),
    )
    assert found(head, batch_size=32) == [("W-12", "medium")]


def test_settings_that_hinder_each_other_are_named() -> None:
    assert found(model(EMBEDDINGS_ONLY, clipnorm=1.0)) == [("W-13", "info")]
    assert found(model(EMBEDDINGS_ONLY, clipnorm=1.0, loss_reduction="mean")) == []
    assert found(model(EMBEDDINGS_ONLY, optimizer="sgd")) == []
    unit = towers(relu(32), (Dense(units=32, activation=None),), normalize_embeddings=True)
    unit = replace(unit, training=unit.training.model_copy(update={**CALM, "temperature": 0.5}))
    assert found(unit) == [("W-13", "info"), ("W-13", "info")]
    cool = replace(unit, training=unit.training.model_copy(update={"temperature": 0.1}))
    (ending,) = before_start(FEATURES, cool, SCHEMA, PLENTY)
    assert ending.message.startswith("The buyer tower ends in ReLU")
    wide = replace(cool, architecture=cool.architecture.model_copy(update={"buyer_tower_layers": relu(48)}))
    assert found(wide) == []


@pytest.mark.parametrize(
    ("weights", "idle"), [((1, 0), "rating head"), ((0, 1), "retrieval"), ((0.5, 0.5), None)]
)
def test_a_task_without_weight_stays_untrained(weights: tuple, idle: str | None) -> None:
    config = rating(model_type="multitask", **CALM, retrieval_weight=weights[0], ranking_weight=weights[1])
    warnings = before_start(FEATURES, config, SCHEMA, PLENTY)
    assert [w.code for w in warnings] == ([] if idle is None else ["W-14"])
    assert all(idle in w.message for w in warnings if idle)


def test_memory_is_doubted_above_seven_tenths_of_the_limit() -> None:
    facts = replace(PLENTY, memory=8 * 2**30, memory_limit=10 * 2**30)
    (warning,) = before_start(FEATURES, model(**CALM), SCHEMA, facts)
    assert (warning.code, warning.severity) == ("W-15", "high")
    assert "8.0 GiB of the 10.0 GiB" in warning.message
    assert found(model(**CALM), replace(facts, memory=7 * 2**30)) == []


def test_nothing_is_said_of_what_nobody_looked_at() -> None:
    assert found(model(**CALM), DataFacts()) == []


def test_the_gravest_warnings_come_first_and_have_a_json_form() -> None:
    facts = DataFacts(
        train_rows=500, cold_share=0.9, varying={"category": 1}, leaks={"customer_id": "follows the target"}
    )
    warnings = before_start(FEATURES, towers(), SCHEMA, facts)
    codes = [w.code for w in warnings]
    by_severity = {s: [w.code for w in warnings if w.severity == s] for s in ("high", "medium", "info")}
    assert codes == [code for found in by_severity.values() for code in sorted(found)]
    assert [len(found) > 0 for found in by_severity.values()] == [True, True, True]
    assert {"W-01", "W-03", "W-04", "W-05", "W-06", "W-09", "W-11"} == set(codes)
    assert json.loads(json.dumps([asdict(w) for w in warnings]))[0]["code"] == "W-01"


@pytest.mark.parametrize("key", PRESETS)
def test_what_is_proposed_can_be_set_and_quietens_the_warning(key: str) -> None:
    chosen = PRESETS[key]
    config = towers(chosen.buyer_tower_layers, output_embedding_dim=chosen.output_embedding_dim)
    for warning in before_start(FEATURES, config, SCHEMA, PLENTY):
        changed = read(document_of(config) | dict(warning.action.settings))
        assert warning.code not in [code for code, _ in found(changed)]


@pytest.mark.parametrize(
    "key", [k for k in RECIPES if not k.startswith("tutorial") and k != "deep_retrieval"]
)
def test_the_best_recipes_raise_no_serious_doubt(key: str) -> None:
    codes = found(RECIPES[key].config, DataFacts(train_rows=80_000))
    assert all(severity == "info" for _, severity in codes)
