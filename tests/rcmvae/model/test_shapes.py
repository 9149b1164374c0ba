"""The listing of parameter shapes against the built network."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from rcmvae.config import resolve
from rcmvae.model.network import abstract_parameters
from rcmvae.model.plan import plan_of
from rcmvae.model.shapes import parameter_shapes

SHAPES = ((8, 8, 1), (28, 28, 1), (32, 32, 3), (17, 23, 1))
KINDS: list[dict[str, Any]] = [
    {"prior_type": "standard"},
    *({"decoder_conditioning": c, "latent_layout": layout} for c, layout in itertools.product(
        ("component_aware", "film", "cin", "concat", "none"), ("shared", "decentralized")
    ) if (c, layout) != ("none", "shared")),
]  # fmt: skip
NETWORKS: list[dict[str, Any]] = [
    {},
    {"encoder_type": "conv", "decoder_type": "conv", "conv_channels": (4, 6, 8)},
    {"encoder_type": "conv", "hidden_dims": (12,), "conv_channels": (5,), "normalization": "none"},
    {"decoder_type": "conv", "conv_channels": (3, 4, 5, 6, 7), "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True},
    {"hidden_dims": (9, 8, 7, 6), "reconstruction_loss": "mse", "use_heteroscedastic_decoder": True},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("network", range(len(NETWORKS)))
def test_the_listing_equals_the_parameters_of_the_built_network(shape: tuple[int, int, int], network: int) -> None:
    for kind in KINDS:
        plan = plan_of(resolve({"input_shape": shape, "num_classes": 3, "num_components": 4, **kind, **NETWORKS[network]}))
        assert parameter_shapes(plan) == abstract_parameters(plan), kind


def test_without_classes_there_is_no_head() -> None:
    plan = plan_of(resolve({"input_shape": (8, 8, 1), "num_classes": 0}))
    assert parameter_shapes(plan) == abstract_parameters(plan)
    assert not any(name.startswith("head") for name in parameter_shapes(plan))
