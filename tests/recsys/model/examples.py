"""Configurations to look at."""

from __future__ import annotations

from typing import Any

from recsys.model.config import Architecture, ModelConfig, Training
from recsys.model.layers import BatchNorm, Dense, Dropout, Layer, LayerNorm
from recsys.model.presets import HEADS, PRESETS

STANDARD = PRESETS["standard"].buyer_tower_layers
EMBEDDINGS_ONLY: tuple[Layer, ...] = (Dropout(rate=0.0),)
EVERY_LAYER: tuple[Layer, ...] = (
    Dense(units=48, activation="gelu", l2_reg=0.01),
    BatchNorm(),
    Dropout(rate=0.1),
    LayerNorm(epsilon=1e-3),
    Dense(units=24, activation=None),
)


def towers(
    buyer: tuple[Layer, ...] = STANDARD, product: tuple[Layer, ...] | None = None, **architecture: Any
) -> ModelConfig:
    """A configuration with these towers; the same for both when one is given."""
    layers = {"buyer_tower_layers": buyer, "product_tower_layers": buyer if product is None else product}
    return ModelConfig(Architecture(**layers, **architecture), Training())


def rating(head: str = "standard", model_type: Any = "ranking", **training: Any) -> ModelConfig:
    """Standard towers and a rating head."""
    layers = HEADS[head].rating_head_layers
    return ModelConfig(Architecture(model_type=model_type, rating_head_layers=layers), Training(**training))
