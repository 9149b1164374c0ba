from __future__ import annotations

import dataclasses
from typing import get_args

import pytest

from recsys.features.dims import tensor_dims
from recsys.features.shipped import SHIPPED
from recsys.model.config import Architecture, ModelConfig, document_of
from recsys.model.layers import Dense, Dropout
from recsys.model.optimizers import RECOMMENDED
from recsys.model.presets import HEADS, PRESETS, TowerPreset, matching_preset, relu
from recsys.model.recipes import RECIPES
from recsys.model.summaries import head_summary, tower_summary
from recsys.model.training import OPTIMIZERS
from recsys.model.validate import read, validate
from recsys.trial import Shipped
from tests.recsys.features.examples import RETAIL
from tests.recsys.model.examples import EMBEDDINGS_ONLY, towers


@pytest.mark.parametrize(
    ("key", "buyer", "product", "dim"),
    [
        ("minimal", "64→32", "64→32", 32),
        ("standard", "128→64→32", "128→64→32", 32),
        ("deep", "256→128→64→32", "256→128→64→32", 32),
        ("asymmetric", "256→128→64", "128→64", 64),
        ("regularized", "128→64→32", "128→64→32", 32),
    ],
)
def test_presets_have_their_widths(key: str, buyer: str, product: str, dim: int) -> None:
    preset = PRESETS[key]
    assert (tower_summary(preset.buyer_tower_layers), tower_summary(preset.product_tower_layers)) == (
        buyer,
        product,
    )
    assert preset.output_embedding_dim == dim
    assert all(
        layer.activation == "relu" and (layer.l2_reg == 0 or key == "regularized")
        for layer in preset.buyer_tower_layers
        if isinstance(layer, Dense)
    )


def test_the_regularized_preset_has_penalties_and_dropout() -> None:
    assert PRESETS["regularized"].buyer_tower_layers == (
        Dense(units=128, l2_reg=0.01),
        Dropout(rate=0.2),
        Dense(units=64, l2_reg=0.01),
        Dropout(rate=0.1),
        Dense(units=32),
    )


def test_there_are_five_presets_and_no_other() -> None:
    assert list(PRESETS) == ["minimal", "standard", "deep", "asymmetric", "regularized"]
    with pytest.raises(KeyError):
        PRESETS["huge"]


@pytest.mark.parametrize(
    ("key", "summary"), [("minimal", "64→1"), ("standard", "256→64→1"), ("deep", "512→256→64→1")]
)
def test_heads_end_in_one_linear_unit(key: str, summary: str) -> None:
    layers = HEADS[key].rating_head_layers
    assert head_summary(layers) == summary
    assert layers[-1] == Dense(units=1, activation=None)
    assert next(layer.l2_reg for layer in layers if isinstance(layer, Dense)) == (
        0.001 if key == "deep" else 0
    )
    assert (
        validate({"model_type": "ranking", "rating_head_layers": [layer.model_dump() for layer in layers]})
        == ()
    )


def _marked(preset: TowerPreset) -> str | None:
    return matching_preset(
        preset.buyer_tower_layers, preset.product_tower_layers, preset.output_embedding_dim
    )


def test_a_preset_is_known_by_its_layers_until_they_change() -> None:
    for key, preset in PRESETS.items():
        assert _marked(preset) == key
        assert _marked(dataclasses.replace(preset, output_embedding_dim=48)) is None
    assert _marked(dataclasses.replace(PRESETS["standard"], product_tower_layers=relu(128, 64))) is None


def test_every_optimiser_starts_within_what_is_recommended() -> None:
    assert tuple(RECOMMENDED) == OPTIMIZERS
    for info in RECOMMENDED.values():
        for config in (towers(), towers(EMBEDDINGS_ONLY)):
            assert info.low <= info.learning_rate(config.architecture) <= info.high
        assert info.note


@pytest.mark.parametrize(
    ("buyer", "product", "expected"),
    [((), (), 0.01), ((64,), (32,), 0.01), ((64, 32), (32,), 0.005), ((64,), (64, 32), 0.005)],
)
def test_adam_starts_slower_for_deeper_towers(buyer: tuple, product: tuple, expected: float) -> None:
    config = towers(relu(*buyer) or EMBEDDINGS_ONLY, relu(*product) or EMBEDDINGS_ONLY)
    assert RECOMMENDED["adam"].learning_rate(config.architecture) == expected


@pytest.mark.parametrize("key", RECIPES)
def test_a_recipe_is_a_valid_configuration_for_features_that_are_shipped(key: str) -> None:
    recipe = RECIPES[key]
    assert recipe.key == key
    document = document_of(recipe.config)
    assert validate(document) == ()
    assert read(document) == recipe.config
    assert SHIPPED[recipe.features].data == "movielens"
    assert recipe.expectation


def test_recipes_are_what_their_names_promise() -> None:
    tutorial = RECIPES["tutorial_retrieval"].config
    assert (tutorial.training.optimizer, tutorial.training.learning_rate, tutorial.training.batch_size) == (
        "adagrad",
        0.1,
        8192,
    )
    assert tutorial.training.clipnorm is None
    assert tutorial.training.sampling_correction == "none"
    best = RECIPES["best_multitask"].config
    retrieval = RECIPES["best_retrieval"].config
    assert best.architecture.buyer_tower_layers == retrieval.architecture.buyer_tower_layers
    assert best.training.sampling_correction == retrieval.training.sampling_correction == "logq"
    assert (best.training.retrieval_weight, best.training.ranking_weight) == (0.8, 0.2)
    assert tower_summary(RECIPES["tutorial_multitask"].config.architecture.rating_head_layers) == "256→128→1"
    assert RECIPES["best_ranking"].config.training.output_l2 == 0.01
    assert len(RECIPES) == 8


@pytest.mark.parametrize(
    ("key", "buyer", "product"),
    [
        ("ids-32", 32, 32),
        ("ids-64", 64, 64),
        ("ids-32-normalised", 32, 32),
        ("movielens-side", 56, 48),
        ("retail-104-72", 104, 72),
    ],
)
def test_shipped_features_have_their_widths(key: str, buyer: int, product: int) -> None:
    dims = tensor_dims(SHIPPED[key].config)
    assert (dims.buyer.total, dims.product.total) == (buyer, product)


def test_the_shops_features_are_the_shop_example() -> None:
    config = SHIPPED["retail-104-72"].config
    assert config == type(config).model_validate(RETAIL)


def test_tutorials_learn_ratings_on_their_own_scale_and_the_best_recipes_normalised_ones() -> None:
    for key in ("tutorial_ranking", "tutorial_multitask"):
        target = SHIPPED[RECIPES[key].features].config.target_column
        assert target is not None
        assert target.transforms.normalize is None
    for key in ("best_ranking", "best_multitask"):
        target = SHIPPED[RECIPES[key].features].config.target_column
        assert target is not None
        assert target.transforms.normalize is not None
        assert target.transforms.normalize.range == "z_score"


def test_every_shipped_feature_configuration_can_be_chosen_for_a_model() -> None:
    assert {"smart_defaults", *SHIPPED} == set(get_args(Shipped))


def test_a_configuration_without_arguments_is_the_standard_preset() -> None:
    assert (
        matching_preset(
            Architecture().buyer_tower_layers,
            Architecture().product_tower_layers,
            ModelConfig().architecture.output_embedding_dim,
        )
        == "standard"
    )
