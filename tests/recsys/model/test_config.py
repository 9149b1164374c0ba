from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from recsys.model.config import SECTIONS, Architecture, ModelConfig, Training, clipnorm, document_of, summed
from recsys.model.training import EarlyStopping
from tests.recsys.model.examples import towers
from workbench.fields import FieldKind, fields_of, flat_values

STRUCTURAL = {
    "model_type",
    "buyer_tower_layers",
    "product_tower_layers",
    "rating_head_layers",
    "output_embedding_dim",
    "share_tower_weights",
    "input_norm",
    "normalize_embeddings",
}


MODIFIABLE = {
    "optimizer",
    "learning_rate",
    "batch_size",
    "epochs",
    "retrieval_weight",
    "ranking_weight",
    "loss_function",
    "loss_balance",
    "loss_reduction",
    "clipnorm",
    "weight_decay",
    "temperature",
    "sampling_correction",
    "remove_accidental_hits",
    "num_hard_negatives",
    "output_l2",
    "histogram_epochs",
    "devices",
    "early_stopping",
    "top_k",
    "retrieval_algorithm",
}


def training(model_type: Any = "retrieval", **settings: Any) -> ModelConfig:
    return ModelConfig(Architecture(model_type=model_type), Training(**settings))


def test_the_network_is_locked_and_all_else_is_tunable() -> None:
    specs = fields_of(SECTIONS).specs
    assert {name for name, spec in specs.items() if spec.kind is FieldKind.STRUCTURAL} == STRUCTURAL
    assert specs.keys() - STRUCTURAL == MODIFIABLE


def test_every_field_says_what_it_is() -> None:
    for spec in fields_of(SECTIONS).specs.values():
        assert spec.meta.label, spec.name
        assert spec.meta.help, spec.name
        assert spec.section, spec.name


def test_conditions_name_fields_that_there_are() -> None:
    specs = fields_of(SECTIONS).specs
    conditional = {name: spec.meta.applies_when for name, spec in specs.items() if spec.meta.applies_when}
    assert len(conditional) == 12
    for condition in conditional.values():
        assert set(condition.failing({})) <= specs.keys()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("rating_head_layers", {"ranking", "multitask"}),
        ("loss_function", {"ranking", "multitask"}),
        ("retrieval_weight", {"multitask"}),
        ("loss_balance", {"multitask"}),
        ("sampling_correction", {"retrieval", "multitask"}),
        ("top_k", {"retrieval", "multitask"}),
    ],
)
def test_settings_of_a_task_apply_to_models_that_have_it(name: str, kinds: set[str]) -> None:
    condition = fields_of(SECTIONS).specs[name].meta.applies_when
    assert condition is not None
    assert {k for k in ("retrieval", "ranking", "multitask") if condition.holds({"model_type": k})} == kinds


def test_a_document_holds_every_field_once_and_is_json() -> None:
    config = training(early_stopping=EarlyStopping(), clipnorm=None)
    document = document_of(config)
    assert list(document) == [name for section in SECTIONS.values() for name in section.model_fields]
    assert document["early_stopping"] == {"monitor": "recall_at_10", "patience": 3, "restore_best": True}
    assert document["buyer_tower_layers"][0] == {
        "type": "dense",
        "units": 128,
        "activation": "relu",
        "l2_reg": 0.0,
    }
    assert flat_values(config.training)["clipnorm"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": "0.1"},
        {"learning_rate": 0},
        {"learning_rate": True},
        {"retrieval_weight": float("inf")},
        {"clipnorm": 0},
        {"clipnorm": "none"},
        {"clipnorm": False},
        {"batch_size": 16.5},
        {"remove_accidental_hits": 1},
        {"num_hard_negatives": 0},
        {"dropout": 0.1},
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        Training(**wrong)


def test_a_tower_takes_from_1_to_32_layers_and_a_head_16() -> None:
    layers = [{"type": "dense", "units": 8}] * 33
    Architecture.model_validate({"buyer_tower_layers": layers[:32], "rating_head_layers": layers[:16]})
    for wrong in (
        {"buyer_tower_layers": layers},
        {"product_tower_layers": []},
        {"rating_head_layers": layers[:17]},
    ):
        with pytest.raises(ValidationError):
            Architecture.model_validate(wrong)


@pytest.mark.parametrize(
    ("kind", "optimizer", "expected"),
    [
        ("retrieval", "adagrad", True),
        ("multitask", "sgd", True),
        ("retrieval", "adam", False),
        ("multitask", "rmsprop", False),
        ("ranking", "adagrad", False),
        ("ranking", "sgd", False),
    ],
)
def test_losses_are_summed_where_rates_do_not_adapt_to_means(
    kind: str, optimizer: str, expected: bool
) -> None:
    assert summed(training(kind, optimizer=optimizer)) is expected
    assert summed(training(kind, optimizer=optimizer, loss_reduction="sum"))
    assert not summed(training(kind, optimizer=optimizer, loss_reduction="mean"))


def test_gradients_are_clipped_by_themselves_only_for_sgd_with_summed_losses() -> None:
    assert clipnorm(training(optimizer="sgd")) == 1.0
    assert clipnorm(training("ranking", optimizer="sgd")) is None
    assert clipnorm(training(optimizer="adagrad")) is None
    assert clipnorm(training(optimizer="adam", clipnorm=0.5)) == 0.5
    assert clipnorm(training(optimizer="sgd", clipnorm=None)) is None


def test_equal_configurations_have_one_hash_and_others_another() -> None:
    assert towers().content_hash == towers().content_hash
    assert towers().content_hash != towers(share_tower_weights=True).content_hash
    assert towers().content_hash != training(epochs=6).content_hash
