"""Complete configurations with what to expect of them on MovieLens 100K."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from recsys.model.config import Architecture, ModelConfig, Training
from recsys.model.layers import Dense, Dropout, Layer
from recsys.model.presets import RATING, STANDARD_HEAD, relu


@dataclass(frozen=True)
class Recipe:
    """A configuration that is ready to train.

    Attributes:
        key: its name for programs. name, description: for people.
        features: the key of the shipped feature configuration that goes with it.
        expectation: what it reaches on MovieLens 100K, random 80/20 unless said.
    """

    key: str
    name: str
    description: str
    config: ModelConfig
    features: str
    expectation: str


_EMBEDDINGS_ONLY: tuple[Layer, ...] = (Dropout(rate=0.0),)
_TUTORIAL: dict[str, Any] = {
    "optimizer": "adagrad",
    "learning_rate": 0.1,
    "batch_size": 8192,
    "epochs": 3,
    "clipnorm": None,
}
_BEST: dict[str, Any] = {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 2048, "epochs": 5}


def _config(
    layers: tuple[Layer, ...], training: Mapping[str, Any], dim: int = 32, **architecture: Any
) -> ModelConfig:
    network = Architecture(
        buyer_tower_layers=layers, product_tower_layers=layers, output_embedding_dim=dim, **architecture
    )
    return ModelConfig(network, Training(**training))


RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        recipe.key: recipe
        for recipe in (
            Recipe(
                "tutorial_retrieval",
                "Tutorial retrieval",
                "Embeddings of both ids and nothing else, as the TensorFlow Recommenders tutorial trains them.",
                _config(_EMBEDDINGS_ONLY, _TUTORIAL | {"sampling_correction": "none"}),
                "ids-32",
                "top-100 .230 to .234, below popularity",
            ),
            Recipe(
                "tutorial_ranking",
                "Tutorial ranking",
                "The same embeddings under a head that predicts the rating on its own scale.",
                _config(
                    _EMBEDDINGS_ONLY,
                    _TUTORIAL,
                    model_type="ranking",
                    rating_head_layers=STANDARD_HEAD.rating_head_layers,
                ),
                "ids-32",
                "RMSE 1.10 to 1.12",
            ),
            Recipe(
                "tutorial_multitask",
                "Tutorial multitask",
                "Both tutorials at once with equal weights, retrieval summed and rating averaged.",
                _config(
                    _EMBEDDINGS_ONLY,
                    _TUTORIAL
                    | {
                        "sampling_correction": "none",
                        "retrieval_weight": 1.0,
                        "ranking_weight": 1.0,
                        "loss_balance": "none",
                    },
                    model_type="multitask",
                    rating_head_layers=(*relu(256, 128), RATING),
                ),
                "ids-32",
                "top-100 .24, RMSE 1.10",
            ),
            Recipe(
                "deep_retrieval",
                "Deep retrieval",
                "Two layers on each id's embedding, trained long, as the deep retrieval tutorial does.",
                _config(
                    (Dense(units=64), Dense(units=32, activation=None)),
                    {
                        "optimizer": "adagrad",
                        "learning_rate": 0.1,
                        "batch_size": 2048,
                        "epochs": 300,
                        "sampling_correction": "none",
                    },
                ),
                "ids-32",
                "top-100 about .29 in the literature",
            ),
            Recipe(
                "best_retrieval",
                "Best retrieval",
                "Embeddings of both ids, corrected for how often products are negatives.",
                _config(_EMBEDDINGS_ONLY, _BEST),
                "ids-32",
                "top-100 .378 of all items, .614 of unseen items",
            ),
            Recipe(
                "best_top10",
                "Best top 10",
                "Wider embeddings, for the first ten places.",
                _config(
                    _EMBEDDINGS_ONLY, _BEST | {"learning_rate": 0.005, "batch_size": 1024, "epochs": 4}, 64
                ),
                "ids-64",
                "user nDCG@10 .444 with a stratified 75/25 split",
            ),
            Recipe(
                "best_ranking",
                "Best ranking",
                "Ids and attributes under dropout, a head with dropout, lightly penalised embeddings.",
                _config(
                    (Dropout(rate=0.3),),
                    {
                        "optimizer": "adam",
                        "learning_rate": 0.001,
                        "batch_size": 512,
                        "epochs": 14,
                        "output_l2": 0.01,
                    },
                    model_type="ranking",
                    rating_head_layers=(
                        Dense(units=256),
                        Dropout(rate=0.2),
                        Dense(units=64),
                        Dropout(rate=0.2),
                        RATING,
                    ),
                ),
                "movielens-side",
                "RMSE .916 to .927",
            ),
            Recipe(
                "best_multitask",
                "Best multitask",
                "The best retrieval model with a rating head; the towers' gradients stand 0.8 to 0.2.",
                _config(
                    _EMBEDDINGS_ONLY,
                    _BEST | {"retrieval_weight": 0.8, "ranking_weight": 0.2, "loss_balance": "gradient"},
                    model_type="multitask",
                    rating_head_layers=STANDARD_HEAD.rating_head_layers,
                ),
                "ids-32-normalised",
                "top-100 .382 of all items, .612 of unseen items; RMSE .917",
            ),
        )
    }
)
"""The recipes by key, in the order in which they are offered."""
