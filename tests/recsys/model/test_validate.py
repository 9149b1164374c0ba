from __future__ import annotations

import json
from typing import Any

import pytest

from recsys.data.schema import Schema
from recsys.features.config import FeatureConfig
from recsys.issues import InvalidDocument
from recsys.model import warnings
from recsys.model.config import ModelConfig
from recsys.model.facts import DataFacts
from recsys.model.layers import Dense
from recsys.model.presets import HEADS, PRESETS
from recsys.model.validate import read, validate

DENSE = {"type": "dense", "units": 64}
END = {"type": "dense", "units": 1, "activation": None}
RANKING = {"model_type": "ranking"}
MULTITASK = {"model_type": "multitask"}


def found(document: Any, **names: Any) -> list[tuple[str, str, str]]:
    return [(i.code, i.path, i.message) for i in validate(document, **names)]


def test_a_document_of_nothing_is_the_standard_retrieval_model() -> None:
    assert found({}) == []
    assert read({}).architecture == ModelConfig().architecture
    assert read({}).architecture.buyer_tower_layers == PRESETS["standard"].buyer_tower_layers


def test_a_document_that_says_nothing_of_towers_or_schedule_has_a_schedule_that_nothing_is_doubtful_about() -> (
    None
):
    for document in (
        {},
        {"epochs": 3},
        {"model_type": "multitask", "retrieval_weight": 0.5, "ranking_weight": 0.5},
    ):
        training = read(document).training
        assert (training.optimizer, training.learning_rate, training.batch_size) == ("adam", 0.005, 1024)
        assert warnings.before_start(FeatureConfig(), read(document), Schema(()), DataFacts()) == ()
    towers = {
        "buyer_tower_layers": [{"type": "dense", "units": 128}],
        "product_tower_layers": [{"type": "dense", "units": 64}],
    }
    for document in (towers, {"optimizer": "adagrad"}, {"learning_rate": 0.1}, {"batch_size": 4096}):
        training = read(document).training
        assert (training.optimizer, training.learning_rate, training.batch_size) == ("adagrad", 0.1, 4096)


def test_a_name_a_type_and_two_towers_are_enough() -> None:
    document = {
        "name": "Small",
        "model_type": "retrieval",
        "buyer_tower_layers": [{"type": "dense", "units": 128}],
        "product_tower_layers": [{"type": "dense", "units": 64}],
    }
    assert found(document) == []


@pytest.mark.parametrize("kind", ["ranking", "multitask"])
def test_a_model_that_rates_gets_the_standard_head_unless_it_says_another(kind: str) -> None:
    config = read({"model_type": kind, "rating_head_layers": [DENSE, END]})
    assert [layer.units for layer in config.architecture.rating_head_layers if isinstance(layer, Dense)] == [
        64,
        1,
    ]
    assert read({"model_type": kind}).architecture.rating_head_layers == HEADS["standard"].rating_head_layers
    assert read({"model_type": "retrieval"}).architecture.rating_head_layers == ()


def test_multitask_weights_default_to_retrieval_alone() -> None:
    training = read(MULTITASK).training
    assert (training.retrieval_weight, training.ranking_weight, training.loss_balance) == (
        1.0,
        0.0,
        "gradient",
    )


def test_a_head_that_ends_without_a_word_on_activation_ends_linear() -> None:
    config = read(RANKING | {"rating_head_layers": [DENSE, {"type": "dense", "units": 1}]})
    assert config.architecture.rating_head_layers == (Dense(units=64), Dense(units=1, activation=None))


SHARE = {"share_tower_weights": True, "buyer_tower_layers": [DENSE], "product_tower_layers": [DENSE, DENSE]}
NUMBER = "{} must be a finite number"


@pytest.mark.parametrize(
    ("document", "code", "path", "message"),
    [
        ({"buyer_tower_layers": []}, "M-40", "buyer_tower_layers", "Buyer tower must have at least one layer"),
        ({"product_tower_layers": []}, "M-41", "product_tower_layers", "Product tower must have at least one layer"),
        (SHARE, "M-42", "share_tower_weights", "Weight sharing requires identical tower architectures"),
        (
            RANKING | {"rating_head_layers": []},
            "M-43",
            "rating_head_layers",
            "Rating head layers required for ranking/multitask models",
        ),
        (
            RANKING | {"rating_head_layers": [DENSE]},
            "M-44",
            "rating_head_layers",
            "Rating head must end with Dense(1) for scalar output",
        ),
        (
            MULTITASK | {"rating_head_layers": [END, {"type": "dropout"}]},
            "M-44",
            "rating_head_layers",
            "Rating head must end with Dense(1) for scalar output",
        ),
        (
            MULTITASK | {"retrieval_weight": 0, "ranking_weight": 0.0},
            "M-45",
            "retrieval_weight",
            "At least one loss weight must be greater than 0",
        ),
        (
            {"output_embedding_dim": 7},
            "M-46",
            "output_embedding_dim",
            "Output embedding dimension should be at least 8",
        ),
        (
            {"output_embedding_dim": 513},
            "M-47",
            "output_embedding_dim",
            "Output embedding dimension should not exceed 512",
        ),
        (
            RANKING | {"rating_head_layers": [{"type": "dense", "units": 1, "activation": "sigmoid"}]},
            "M-48",
            "rating_head_layers",
            "Sigmoid output requires the binary_crossentropy loss",
        ),
        ({"batch_size": 15}, "M-49", "batch_size", "batch_size must be between 16 and 65536"),
        ({"batch_size": 65537}, "M-49", "batch_size", "batch_size must be between 16 and 65536"),
        ({"epochs": 0}, "M-49", "epochs", "epochs must be between 1 and 500"),
        ({"learning_rate": 0}, "M-49", "learning_rate", "learning_rate must be between 0 and 10"),
        ({"learning_rate": 10.5}, "M-49", "learning_rate", "learning_rate must be between 0 and 10"),
        ({"temperature": 0.001}, "M-49", "temperature", "temperature must be between 0.01 and 10"),
        ({"output_l2": 1.5}, "M-49", "output_l2", "output_l2 must be between 0 and 1"),
        ({"top_k": 1001}, "M-49", "top_k", "top_k must be between 1 and 1000"),
        ({"clipnorm": 0}, "M-49", "clipnorm", "clipnorm must be greater than 0"),
        (MULTITASK | {"ranking_weight": -0.5}, "M-49", "ranking_weight", "ranking_weight must be at least 0"),
        ({"learning_rate": float("nan")}, "M-49", "learning_rate", NUMBER.format("learning_rate")),
        ({"learning_rate": True}, "M-49", "learning_rate", NUMBER.format("learning_rate")),
        ({"epochs": "5"}, "M-49", "epochs", NUMBER.format("epochs")),
        ({"clipnorm": float("inf")}, "M-49", "clipnorm", NUMBER.format("clipnorm")),
        ({"clipnorm": "off"}, "M-49", "clipnorm", NUMBER.format("clipnorm")),
        (MULTITASK | {"retrieval_weight": 10**400}, "M-49", "retrieval_weight", NUMBER.format("retrieval_weight")),
        ({"output_embedding_dim": True}, "M-49", "output_embedding_dim", NUMBER.format("output_embedding_dim")),
        ({"epochs": 2.5}, "M-49", "epochs", "epochs must be a whole number (got 2.5)"),
        ({"num_hard_negatives": 0}, "M-49", "num_hard_negatives", "num_hard_negatives must be between 1 and 1024"),
        (
            {"batch_size": 64, "num_hard_negatives": 65},
            "M-49",
            "num_hard_negatives",
            "num_hard_negatives must be between 1 and 64",
        ),
        (
            {"buyer_tower_layers": [DENSE, {"type": "dense", "units": 2049}]},
            "M-49",
            "buyer_tower_layers.1.units",
            "units must be between 1 and 2048",
        ),
        (
            {"buyer_tower_layers": [{"type": "dense", "units": True}]},
            "M-49",
            "buyer_tower_layers.0.units",
            "units must be a finite number",
        ),
        ({"buyer_tower_layers": [{"type": "dense"}]}, "M-49", "buyer_tower_layers.0.units", "units is required"),
        (
            {"product_tower_layers": [{"type": "conv", "filters": 3}]},
            "M-49",
            "product_tower_layers.0.type",
            'Unknown layer type "conv"',
        ),
        (
            {"product_tower_layers": [{"type": "dropout", "units": 3}]},
            "M-49",
            "product_tower_layers.0.units",
            'Unknown field "units"',
        ),
        ({"learning_rte": 0.1}, "M-49", "learning_rte", 'Unknown field "learning_rte"'),
        (
            {"buyer_tower_layers": [DENSE] * 33},
            "M-49",
            "buyer_tower_layers",
            "buyer_tower_layers must have between 1 and 32 layers",
        ),
        (
            RANKING | {"rating_head_layers": [DENSE] * 16 + [END]},
            "M-49",
            "rating_head_layers",
            "rating_head_layers must have at most 16 layers",
        ),
        ({"buyer_tower_layers": None}, "M-49", "buyer_tower_layers", "buyer_tower_layers must be a list of layers (got none)"),
        (
            RANKING | {"rating_head_layers": [{"type": "dense", "units": 1, "activation": "relu"}]},
            "M-49",
            "rating_head_layers.0.activation",
            "activation must be null or sigmoid in the last layer of the head",
        ),
        ({"early_stopping": {"patience": 0}}, "M-49", "early_stopping.patience", "patience must be between 1 and 500"),
        ({"early_stopping": {"metric": "x"}}, "M-49", "early_stopping.metric", 'Unknown field "metric"'),
        ({"share_tower_weights": 1}, "M-49", "share_tower_weights", "share_tower_weights must be true or false (got 1)"),
        ({"weight_decay": 0.1}, "M-51", "weight_decay", "weight_decay only applies when optimizer is adamw"),
        (
            {"rating_head_layers": [DENSE, END]},
            "M-51",
            "rating_head_layers",
            "rating_head_layers only applies when model_type is ranking or multitask",
        ),
        (
            RANKING | {"ranking_weight": 0.5},
            "M-51",
            "ranking_weight",
            "ranking_weight only applies when model_type is multitask",
        ),
        (
            RANKING | {"sampling_correction": "none"},
            "M-51",
            "sampling_correction",
            "sampling_correction only applies when model_type is retrieval or multitask",
        ),
        ({"loss_function": "mae"}, "M-51", "loss_function", "loss_function only applies when model_type is ranking or multitask"),
        (
            {"early_stopping": {"monitor": "rmse"}},
            "M-51",
            "early_stopping.monitor",
            "monitor rmse only applies when model_type is ranking or multitask",
        ),
        (
            RANKING | {"early_stopping": {}},
            "M-51",
            "early_stopping.monitor",
            "monitor recall_at_10 only applies when model_type is retrieval or multitask",
        ),
        (
            {"retrieval_algorithm": "approximate"},
            "APPROX_UNAVAILABLE",
            "retrieval_algorithm",
            "retrieval_algorithm cannot be approximate: it needs an optional component that is not installed",
        ),
        ({"name": "  "}, "M-50", "name", "Name is required"),
        ({"name": None}, "M-50", "name", "Name is required"),
        ({"name": "n" * 256}, "M-49", "name", "name must have at most 255 characters"),
        ({"description": "d" * 4001}, "M-49", "description", "description must have at most 4000 characters"),
        ([], "M-49", "", "A model config must be an object (got a list)"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_one_issue(document: Any, code: str, path: str, message: str) -> None:
    assert found(document) == [(code, path, message)]


def test_a_name_is_taken_whatever_its_case() -> None:
    expected = [("M-50", "name", 'A model config named "MINE" already exists')]
    assert found({}, name="MINE", taken=["Mine "]) == expected
    assert found({"name": "MINE"}, taken=["mine"]) == expected
    assert found({}, taken=["mine"]) == []


def test_everything_wrong_is_said_at_once_in_the_order_of_the_rules() -> None:
    document = {
        "unknown": 1,
        "weight_decay": 0.5,
        "epochs": 0,
        "output_embedding_dim": 600,
        "retrieval_weight": 0,
        "rating_head_layers": [{"type": "dropout"}],
        "product_tower_layers": [],
        "buyer_tower_layers": [],
        "retrieval_algorithm": "approximate",
        "model_type": "multitask",
        "name": "",
    }
    assert [code for code, _, _ in found(document)] == [
        "M-40",
        "M-41",
        "M-44",
        "M-45",
        "M-47",
        "M-49",
        "M-49",
        "M-51",
        "APPROX_UNAVAILABLE",
        "M-50",
    ]


def test_an_unreadable_setting_keeps_the_rules_that_need_it_silent() -> None:
    broken_layer = {"type": "dense", "units": 0}
    assert [c for c, _, _ in found(SHARE | {"product_tower_layers": [broken_layer]})] == ["M-49"]
    assert [
        c for c, _, _ in found({"model_type": "both", "ranking_weight": 2, "rating_head_layers": []})
    ] == ["M-49"]
    assert [c for c, _, _ in found({"optimizer": "adam2", "weight_decay": 0.1})] == ["M-49"]
    head = [DENSE, {"type": "dense", "units": 1, "activation": "sigmoid"}]
    assert [c for c, _, _ in found(RANKING | {"rating_head_layers": head, "loss_function": 3})] == ["M-49"]


def test_equal_towers_may_be_shared_whatever_way_their_defaults_are_written() -> None:
    spelled = DENSE | {"activation": "relu", "l2_reg": 0}
    assert found(SHARE | {"product_tower_layers": [spelled]}) == []


def test_sigmoid_suits_binary_cross_entropy() -> None:
    head = [{"type": "dense", "units": 1, "activation": "sigmoid"}]
    assert found(RANKING | {"rating_head_layers": head, "loss_function": "binary_crossentropy"}) == []


def test_reading_a_wrong_document_raises_with_its_issues() -> None:
    document = {"epochs": 0, "buyer_tower_layers": []}
    with pytest.raises(InvalidDocument, match="Buyer tower must have at least one layer") as raised:
        read(document)
    assert raised.value.issues == validate(document)


@pytest.mark.parametrize(
    "document", [{"name": "\ud800"}, {"description": "\ud800"}, {"\ud800": 1}, {"model_type": "\ud800"}]
)
def test_half_a_surrogate_pair_is_an_issue_that_can_be_sent(document: dict) -> None:
    issues = found(document)
    assert len(issues) == 1
    json.dumps(issues, ensure_ascii=False).encode()
