"""How an RCM-VAE appears in layered configuration files, and which of its values follow from the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rcmvae.facts import ImageFacts
from workbench.families import DerivedRule, ImportString, Layered

CONV_PIXELS = 16
"""Images of at least this many pixels each way get convolutional networks where nobody says which."""

NETWORKS = ("encoder_type", "decoder_type")
"""The fields that say which kind of network."""


def network_for(facts: ImageFacts) -> str:
    """The kind of network for a dataset's images: the one rule of the presets."""
    height, width = facts.shape[:2]
    return "conv" if min(height, width) >= CONV_PIXELS else "dense"


def _network(_: Mapping[str, Any], facts: ImageFacts) -> str:
    return network_for(facts)


def _classes(_: Mapping[str, Any], facts: ImageFacts) -> int:
    return len(facts.class_names)


def _shape(_: Mapping[str, Any], facts: ImageFacts) -> tuple[int, ...]:
    return tuple(facts.shape)


RULES = (
    DerivedRule("input_shape", "image shape of the dataset", _shape),
    DerivedRule("num_classes", "classes of the dataset", _classes),
    *(
        DerivedRule(name, f"conv from {CONV_PIXELS}x{CONV_PIXELS} pixels on, else dense", _network, ("input_shape",), on_auto=True)
        for name in NETWORKS
    ),
)
"""Values that follow from the data."""

LAYERED = Layered(
    name="RCMVAE",
    key="rcmvae",
    factory=ImportString("rcmvae.building:build"),
    seeds=("training.random_seed", "model.rcmvae.init_seed"),
)
