"""Named towers and rating heads to start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recsys.model.layers import Dense, Dropout, Layer


@dataclass(frozen=True)
class TowerPreset:
    """Both towers and the width of what they give.

    Attributes:
        key: its name for programs. name, description: for people.
    """

    key: str
    name: str
    description: str
    buyer_tower_layers: tuple[Layer, ...]
    product_tower_layers: tuple[Layer, ...]
    output_embedding_dim: int


@dataclass(frozen=True)
class HeadPreset:
    """A rating head; its last layer gives the rating."""

    key: str
    name: str
    description: str
    rating_head_layers: tuple[Layer, ...]


def relu(*units: int) -> tuple[Layer, ...]:
    """Dense layers with ReLU."""
    return tuple(Dense(units=width) for width in units)


SCHEDULE: Mapping[str, str | int | float] = MappingProxyType(
    {"optimizer": "adam", "learning_rate": 0.005, "batch_size": 1024}
)
"""Settings that suit towers of several ReLU layers, which steeper ones let die early."""

RATING = Dense(units=1, activation=None)
"""The last layer of a rating head: one number, linear."""

_REGULARIZED: tuple[Layer, ...] = (
    Dense(units=128, l2_reg=0.01),
    Dropout(rate=0.2),
    Dense(units=64, l2_reg=0.01),
    Dropout(rate=0.1),
    Dense(units=32),
)


def _same(key: str, name: str, description: str, layers: tuple[Layer, ...]) -> TowerPreset:
    return TowerPreset(key, name, description, layers, layers, 32)


PRESETS: Mapping[str, TowerPreset] = MappingProxyType(
    {
        preset.key: preset
        for preset in (
            _same("minimal", "Minimal", "Two small layers; trains fastest.", relu(64, 32)),
            _same("standard", "Standard", "Three layers; a sound start for most data.", relu(128, 64, 32)),
            _same("deep", "Deep", "Four layers, for many features and much data.", relu(256, 128, 64, 32)),
            TowerPreset(
                "asymmetric",
                "Asymmetric",
                "A larger buyer tower, for buyers with many more features than products.",
                relu(256, 128, 64),
                relu(128, 64),
                64,
            ),
            _same(
                "regularized",
                "Regularized",
                "L2 penalties and dropout, for little data or when validation gets worse.",
                _REGULARIZED,
            ),
        )
    }
)
"""The towers that a model can start from, by key, in the order in which they are offered."""

STANDARD = PRESETS["standard"]

HEADS: Mapping[str, HeadPreset] = MappingProxyType(
    {
        preset.key: preset
        for preset in (
            HeadPreset("minimal", "Minimal", "One hidden layer.", (*relu(64), RATING)),
            HeadPreset("standard", "Standard", "Two hidden layers.", (*relu(256, 64), RATING)),
            HeadPreset(
                "deep",
                "Deep",
                "Three hidden layers, the widest with an L2 penalty.",
                (Dense(units=512, l2_reg=0.001), *relu(256, 64), RATING),
            ),
        )
    }
)
"""The rating heads that a ranking or multitask model can start from, by key."""

STANDARD_HEAD = HEADS["standard"]


def matching_preset(
    buyer_tower_layers: tuple[Layer, ...], product_tower_layers: tuple[Layer, ...], output_embedding_dim: int
) -> str | None:
    """The key of the preset with just these towers; None for others."""
    wanted = (buyer_tower_layers, product_tower_layers, output_embedding_dim)
    return next(
        (
            p.key
            for p in PRESETS.values()
            if (p.buyer_tower_layers, p.product_tower_layers, p.output_embedding_dim) == wanted
        ),
        None,
    )
