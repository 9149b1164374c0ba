"""How large and how costly a model is, from its config alone: no framework, no built network.

Parameters are those of `model.shapes`. For operations, the network is walked as its matrix products in the order of a
forward pass: those done once per image, and those that depend on the components alone and are done once per step.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rcmvae.model.plan import HEAD_WIDTH, NetworkPlan, plan_of
from rcmvae.model.shapes import parameter_shapes

TAPS = 9
"""Weights of a 3x3 kernel per pair of channels."""
FLOATS_PER_MULTIPLY_ADD = 2
FORWARD_AND_BACKWARD = 3
"""A backward pass costs about two forward passes: one for the gradients of inputs, one for those of weights."""


@dataclass(frozen=True)
class Product:
    """Multiply-adds of one matrix product in a forward pass."""

    per_image: int = 0
    per_step: int = 0


def parameter_count(values: Mapping[str, Any]) -> int:
    """Trainable parameters of the network of resolved `values`; equal to the built network's."""
    return sum(math.prod(shape) for shape in parameter_shapes(plan_of(values)).values())


def forward_multiply_adds(values: Mapping[str, Any]) -> tuple[int, int]:
    """Multiply-adds of one forward pass of resolved `values`: (per image, per step whatever the batch size).

    An image is encoded once and decoded by every component; layers before the first conditioned one run once.
    """
    return _multiply_adds(plan := plan_of(values), plan.components)


def _multiply_adds(plan: NetworkPlan, decoded: int) -> tuple[int, int]:
    """The same with so many components `decoded` for each image."""
    products = (*_encoder(plan), *_decoder(plan, decoded))
    return sum(product.per_image for product in products), sum(product.per_step for product in products)


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Floating point operations of one training epoch over `n_train` images, of a model with labels.

    Counted are the networks' multiply-adds, two operations each, forwards and backwards: every image is encoded and
    decoded by the components that gating leaves; labelled batches and a VampPrior's pseudo-images are encoded beside each
    step; a consistency term encodes every image once more with gradient and once without. Element-wise work, the optimiser
    and validation are left out: they are small. Warm-ups count as if they were over.
    """
    plan = plan_of(values)
    batch = min(int(values["batch_size"]), max(1, n_train))
    steps = math.ceil(n_train / batch)
    encode = sum(product.per_image for product in _encoder(plan))
    image, step = _multiply_adds(plan, min(int(values["top_m_gating"] or plan.components), plan.components))
    forward: float = n_train * image + steps * step
    if plan.prior == "vamp":
        forward += steps * plan.components * encode
    if plan.classes and values["label_weight"] > 0:
        classify = 0 if values["use_tau_classifier"] else HEAD_WIDTH * (plan.head_inputs + plan.classes)
        forward += steps * int(values["labelled_batch_size"]) * (encode + classify)
    if values["consistency_weight"] > 0:
        forward += n_train * encode * (1 + 1 / FORWARD_AND_BACKWARD)
    return float(forward * FLOATS_PER_MULTIPLY_ADD * FORWARD_AND_BACKWARD)


def _encoder(plan: NetworkPlan) -> Iterator[Product]:
    for stage in plan.encoder_conv:
        yield Product(math.prod(stage.out_size) * TAPS * stage.in_width * stage.out_width)
    if plan.encoder_dense:
        for inputs, outputs in itertools.pairwise((plan.pixels, *plan.encoder_dense)):
            yield Product(inputs * outputs)
    heads = 2 * plan.posteriors * plan.latent + (plan.components if plan.has_logits else 0)
    yield Product(plan.encoder_features * heads)


def _decoder(plan: NetworkPlan, decoded: int) -> Iterator[Product]:
    first = plan.decoder_blocks[0]
    copies = min(plan.posteriors, decoded)  # of the activations per image: 1 while components share them, then one for each
    yield Product(copies * plan.latent * first.width * math.prod(first.size or (1,)))
    ends = [(block.width, block.size, block.stride) for block in plan.decoder_blocks[1:]]
    if plan.decoder_is_conv:
        ends.append((plan.input_shape[2], plan.input_shape[:2], plan.decoder_output_stride))
    else:
        ends.append((plan.pixels, None, 1))
    for index, (block, (width, size, stride)) in enumerate(zip(plan.decoder_blocks, ends, strict=True)):
        side = plan.side_width(index)
        yield from _conditioning(plan, index)
        if plan.conditioning in ("film", "cin"):
            copies = decoded
        # a stride-2 transposed convolution does its nine taps once per pixel of the smaller map
        taps = 1 if size is None else TAPS * math.prod(block.size or size if stride == 2 else size)
        yield Product(copies * taps * block.width * width, plan.components * taps * side * width)
        if side:
            copies = decoded
    if plan.likelihood == "heteroscedastic":
        yield Product(copies * plan.decoder_blocks[-1].width)


def _conditioning(plan: NetworkPlan, index: int) -> Iterator[Product]:
    """What a block's conditioning multiplies: all of it depends on the components alone."""
    width = plan.decoder_blocks[index].width
    sizes = 0
    if plan.conditioning in ("film", "cin"):
        sizes = 2 * plan.embedding * width
    elif plan.conditioning == "concat":
        sizes = plan.embedding**2
    elif plan.conditioning == "component_aware" and index == plan.merge_block:
        widths = (plan.embedding, *(block.width for block in plan.decoder_blocks[: index + 1]))
        sizes = sum(a * b for a, b in itertools.pairwise(widths))
    yield Product(per_step=plan.components * sizes)
