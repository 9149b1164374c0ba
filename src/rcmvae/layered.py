"""How an RCM-VAE appears in layered configuration files: its name, and what its presets leave to the data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.families import DatasetFacts, DerivedRule, ImportString, Layered

CONV_PIXELS = 16
"""Images of at least this many pixels each way get convolutional networks where nobody says which."""

NETWORKS = ("encoder_type", "decoder_type")
"""The fields that say which kind of network."""


def network_for(facts: DatasetFacts) -> str:
    """The kind of network for a dataset's images: the one rule of the presets."""
    height, width = facts.shape[:2]
    return "conv" if min(height, width) >= CONV_PIXELS else "dense"


def _network(_: Mapping[str, Any], facts: DatasetFacts) -> str:
    return network_for(facts)


LAYERED = Layered(
    name="RCMVAE",
    key="rcmvae",
    factory=ImportString("rcmvae.building:build"),
    rules=tuple(
        DerivedRule(
            f"model.rcmvae.{name}",
            f"conv from {CONV_PIXELS}x{CONV_PIXELS} pixels on, else dense",
            _network,
            ("model.rcmvae.input_shape",),
            on_auto=True,
        )
        for name in NETWORKS
    ),
    seeds=("training.random_seed", "model.rcmvae.init_seed"),
)
