"""Counts from the config against the network that is really built."""

from __future__ import annotations

import itertools
import math
from typing import Any

import jax
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rcmvae.config import resolve
from rcmvae.counting import forward_multiply_adds, operations_per_epoch, parameter_count
from rcmvae.model.network import abstract_parameters, bind
from rcmvae.model.plan import plan_of

DIGITS = {"input_shape": (8, 8, 1), "num_classes": 10}
PRIORS: list[dict[str, Any]] = [
    {"prior_type": "standard"},
    *({"prior_type": "mixture", "decoder_conditioning": c} for c in ("component_aware", "film", "cin", "concat")),
    *(
        {"prior_type": "mixture", "latent_layout": "decentralized", "decoder_conditioning": c}
        for c in ("component_aware", "film", "cin", "concat", "none")
    ),
]
NETWORKS = [{"encoder_type": e, "decoder_type": d} for e, d in itertools.product(("dense", "conv"), repeat=2)]
LOSSES: list[dict[str, Any]] = [
    {"reconstruction_loss": "bce"},
    {"reconstruction_loss": "mse"},
    {"reconstruction_loss": "mse", "use_heteroscedastic_decoder": True},
]


def built(values: dict[str, Any]) -> int:
    return sum(math.prod(shape) for shape in abstract_parameters(plan_of(resolve(values))).values())


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: "-".join(n.values()))
@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: "-".join(p.values()))
def test_the_count_from_the_config_is_that_of_the_built_network(prior: dict[str, Any], network: dict[str, Any]) -> None:
    for loss in LOSSES:
        values = DIGITS | prior | network | loss
        assert parameter_count(resolve(values)) == built(values)


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (17, 23, 1), (9, 8, 1)])
def test_the_count_holds_for_any_image_size_and_depth(shape: tuple[int, int, int]) -> None:
    for channels, hidden, norm in (((8,), (16,), "layer"), ((4, 8, 16, 8), (32, 16, 8, 4), "none")):
        values = {
            "input_shape": shape, "num_classes": 3, "encoder_type": "conv", "decoder_type": "conv", "conv_channels": channels,
            "hidden_dims": hidden, "normalization": norm, "latent_dim": 20,
        }  # fmt: skip
        for conditioning in ("component_aware", "film", "cin", "concat"):
            assert parameter_count(resolve(values | {"decoder_conditioning": conditioning})) == built(
                values | {"decoder_conditioning": conditioning}
            )


@settings(max_examples=15, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "num_classes": st.integers(0, 12),
            "num_components": st.integers(2, 25),
            "latent_dim": st.integers(1, 24),
            "hidden_dims": st.lists(st.integers(1, 40), min_size=1, max_size=6).map(tuple),
            "conv_channels": st.lists(st.integers(1, 12), min_size=1, max_size=5).map(tuple),
            "encoder_type": st.sampled_from(("dense", "conv")),
            "decoder_type": st.sampled_from(("dense", "conv")),
            "latent_layout": st.sampled_from(("shared", "decentralized")),
            "decoder_conditioning": st.sampled_from(("auto", "component_aware", "film", "cin", "concat")),
            "component_embedding_dim": st.one_of(st.just("auto"), st.integers(1, 30)),
            "normalization": st.sampled_from(("layer", "none")),
        }
    )
)
def test_the_count_holds_for_any_architecture(values: dict[str, Any]) -> None:
    values = {"input_shape": (11, 10, 1)} | values
    assert parameter_count(resolve(values)) == built(values)


def flops(values: dict[str, Any], batch: int) -> float:
    """What XLA counts for encoding and decoding a batch, before it optimises anything."""
    plan = plan_of(resolve(values))

    def forward(parameters: Any, images: Any) -> Any:
        network = bind(plan, parameters)
        logits, mean, log_var = network.encoder(images)
        decoded = network.decode(mean)
        return [a for a in (logits, log_var, decoded.output, decoded.raw_sigma) if a is not None]

    parameters = {name: jax.ShapeDtypeStruct(shape, "float32") for name, shape in abstract_parameters(plan).items()}
    images = jax.ShapeDtypeStruct((batch, *plan.input_shape), "float32")
    analysis = jax.jit(forward).lower(parameters, images).cost_analysis()
    assert analysis is not None
    return analysis["flops"]


WIDE = {"hidden_dims": (300, 200, 250), "conv_channels": (64, 96, 80), "latent_dim": 8, "num_components": 6, "component_embedding_dim": 40}


@pytest.mark.parametrize("kind", ["dense", "conv"])
@pytest.mark.parametrize("prior", PRIORS, ids=lambda p: "-".join(p.values()))
def test_multiply_adds_are_those_that_the_compiler_counts(prior: dict[str, Any], kind: str) -> None:
    network = {"encoder_type": kind, "decoder_type": kind, "normalization": "none"}
    values = {"input_shape": (16, 16, 1), "num_classes": 10} | WIDE | network | prior
    per_image, per_step = forward_multiply_adds(resolve(values))
    few, many = (flops(values, batch) / 2 for batch in (8, 16))
    # element-wise work and the edges of maps come on top in the compiler's count
    assert (many - few) / 8 == pytest.approx(per_image, rel=0.06)
    assert 2 * few - many == pytest.approx(per_step, rel=0.06, abs=2000)


def test_a_standard_dense_network_costs_its_matrix_products() -> None:
    values = resolve(DIGITS | {"prior_type": "standard", "hidden_dims": (32, 16), "latent_dim": 3})
    per_image, per_step = forward_multiply_adds(values)
    assert per_image == 64 * 32 + 32 * 16 + 2 * 16 * 3 + 3 * 16 + 16 * 32 + 32 * 64
    assert per_step == 0


def test_layers_before_the_first_conditioned_one_are_counted_once_not_per_component() -> None:
    base = DIGITS | {"hidden_dims": (32, 16, 8), "latent_dim": 3, "num_components": 10}
    shared = forward_multiply_adds(resolve(base | {"decoder_conditioning": "film"}))[0]
    apart = forward_multiply_adds(resolve(base | {"decoder_conditioning": "film", "latent_layout": "decentralized"}))[0]
    assert apart - shared == 9 * 3 * 8 + 9 * 2 * 3 * 8  # the first decoder layer and both heads, nine times more


def test_an_epoch_grows_with_images_and_with_extra_terms() -> None:
    values = resolve(DIGITS)
    once = operations_per_epoch(values, 1024)
    assert operations_per_epoch(values, 2048) == pytest.approx(2 * once)
    assert operations_per_epoch(values | {"consistency_weight": 1.0}, 1024) > once
    assert operations_per_epoch(values | {"label_weight": 0.0}, 1024) < once
    assert operations_per_epoch(values | {"use_tau_classifier": False}, 1024) > once


def test_gating_pays_for_the_components_it_leaves() -> None:
    values = resolve(DIGITS | {"decoder_conditioning": "film", "latent_layout": "decentralized", "num_components": 10})
    gated, whole, same = (operations_per_epoch(values | {"top_m_gating": m}, 1024) for m in (1, 0, 10))
    decoding = 64 * 128 + 128 * 256 + 256 * 64 + 2 * 64
    assert same == whole
    assert whole - gated == 6 * 1024 * 9 * decoding


def test_pseudo_images_are_encoded_once_a_step() -> None:
    fifty, hundred = (resolve(DIGITS | {"prior_type": "vamp", "num_components": k, "hidden_dims": (32,)}) for k in (50, 100))
    steps = 1024 / fifty["batch_size"]
    # a VampPrior's components cost nothing else
    assert operations_per_epoch(hundred, 1024) - operations_per_epoch(fifty, 1024) == 6 * steps * 50 * (64 * 32 + 32 * 2 * 2)


def test_an_epoch_of_one_image_takes_one_step() -> None:
    values = resolve(DIGITS | {"prior_type": "standard", "label_weight": 0.0})
    assert operations_per_epoch(values, 1) == 6 * forward_multiply_adds(values)[0]
