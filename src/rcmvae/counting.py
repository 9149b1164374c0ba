"""How large and how costly a model is, from its config alone: no framework, no built network.

The network is listed as its linear maps in the order of a forward pass. Each knows its parameters and its
multiply-adds, once per image or once per step, so both counts follow from one list.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rcmvae.model.plan import HEAD_WIDTH, NetworkPlan, plan_of

TAPS = 9
"""Weights of a 3x3 kernel per pair of channels."""
FLOATS_PER_MULTIPLY_ADD = 2
FORWARD_AND_BACKWARD = 3
"""A backward pass costs about two forward passes: one for the gradients of inputs, one for those of weights."""


@dataclass(frozen=True)
class Part:
    """One linear map, norm or table: its parameters and the multiply-adds of its forward pass."""

    parameters: int
    per_image: int = 0
    per_step: int = 0


def parameter_count(values: Mapping[str, Any]) -> int:
    """Trainable parameters of the network of resolved `values`; equal to the built network's."""
    plan = plan_of(values)
    parts = (*_encoder(plan), *_decoder(plan), *_head(plan), Part(plan.components if plan.prior == "mixture" else 0))
    return sum(part.parameters for part in parts)


def forward_multiply_adds(values: Mapping[str, Any]) -> tuple[int, int]:
    """Multiply-adds of one forward pass of resolved `values`: (per image, per step whatever the batch size).

    An image is encoded once and decoded by every component; what depends on the component alone is computed per step.
    """
    parts = (*_encoder(plan_of(values)), *_decoder(plan_of(values)))
    return sum(part.per_image for part in parts), sum(part.per_step for part in parts)


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Floating point operations of one training epoch over `n_train` images.

    Counted are the networks' multiply-adds, two operations each, forwards and backwards: every image is encoded and
    decoded; labelled batches are encoded beside each step; a consistency term encodes every image once more with
    gradient and once without. Element-wise work, the optimiser and validation are left out: they are small.
    """
    plan = plan_of(values)
    batch = min(int(values["batch_size"]), max(1, n_train))
    steps = math.ceil(n_train / batch)
    image, step = forward_multiply_adds(values)
    encode = sum(part.per_image for part in _encoder(plan))
    forward: float = n_train * image + steps * step
    if plan.classes and values["label_weight"] > 0:
        classify = 0 if values["use_tau_classifier"] else sum(part.per_image for part in _head(plan))
        forward += steps * int(values["labelled_batch_size"]) * (encode + classify)
    if values["consistency_weight"] > 0:
        forward += n_train * encode * (1 + 1 / FORWARD_AND_BACKWARD)
    return float(forward * FLOATS_PER_MULTIPLY_ADD * FORWARD_AND_BACKWARD)


def _linear(inputs: int, outputs: int, *, side: int = 0, times: int = 1, bias: bool = True) -> Part:
    """A dense map applied `times` per image; a `side` input is multiplied once per step and component by the caller."""
    return Part((inputs + side) * outputs + (outputs if bias else 0), per_image=times * inputs * outputs)


def _convolution(inputs: int, outputs: int, positions: int, *, side: int = 0, times: int = 1) -> Part:
    """A 3x3 convolution that does its nine taps at `positions` places of the map, `times` per image."""
    return Part(TAPS * (inputs + side) * outputs + outputs, per_image=times * positions * TAPS * inputs * outputs)


def _norm(width: int) -> Part:
    return Part(2 * width)


def _encoder(plan: NetworkPlan) -> Iterator[Part]:
    inputs = plan.pixels
    for stage in plan.encoder_conv:
        yield _convolution(stage.in_width, stage.out_width, math.prod(stage.out_size))
        if plan.normalization:
            yield _norm(stage.out_width)
    for width in plan.encoder_dense:
        yield _linear(inputs, width)
        if plan.normalization:
            yield _norm(width)
        inputs = width
    for outputs in (plan.posteriors * plan.latent, plan.posteriors * plan.latent, plan.components if plan.has_logits else 0):
        if outputs:
            yield _linear(plan.encoder_features, outputs)


def _decoder(plan: NetworkPlan) -> Iterator[Part]:
    yield Part(plan.components * plan.embedding)
    blocks = plan.decoder_blocks
    times, side = plan.posteriors, 0
    for index, block in enumerate(blocks):
        area = 1 if block.size is None else math.prod(block.size)
        if index == 0:
            yield _linear(plan.latent, area * block.width, times=times)
        else:
            before = blocks[index - 1]
            yield from _decoder_map(plan, before.width, block.width, before.size, block.size, block.stride, side, times)
        if plan.decoder_normalizes:
            yield _norm(block.width)
        yield from _conditioning(plan, index)
        if side or plan.conditioning in ("film", "cin"):
            times = plan.components
        side = plan.side_width(index)
    last, size = blocks[-1], plan.input_shape[:2]
    if plan.decoder_is_conv:
        yield from _decoder_map(plan, last.width, plan.input_shape[2], last.size, size, plan.decoder_output_stride, side, times)
    else:
        yield from _decoder_map(plan, last.width, plan.pixels, None, None, 1, side, times)
    if plan.likelihood == "heteroscedastic":
        yield _linear(last.width, 1, side=side, times=times)


def _decoder_map(
    plan: NetworkPlan,
    inputs: int,
    outputs: int,
    before: tuple[int, int] | None,
    after: tuple[int, int] | None,
    stride: int,
    side: int,
    times: int,
) -> Iterator[Part]:
    """The map between two blocks, and what it does with a side input: once per component and step."""
    if before is None or after is None:
        yield _linear(inputs, outputs, side=side, times=times)
        yield Part(0, per_step=plan.components * side * outputs)
    else:
        # a stride-2 transposed convolution does its nine taps once per pixel of the smaller map
        positions = math.prod(before if stride == 2 else after)
        yield _convolution(inputs, outputs, positions, side=side, times=times)
        yield Part(0, per_step=plan.components * positions * TAPS * side * outputs)


def _conditioning(plan: NetworkPlan, index: int) -> Iterator[Part]:
    """Parameters that a block's conditioning adds; all of it depends on the component alone."""
    maps: list[tuple[int, int, bool]] = []
    width = plan.decoder_blocks[index].width
    if plan.conditioning in ("film", "cin"):
        maps = [(plan.embedding, width, False)] * 2
    elif plan.conditioning == "concat":
        maps = [(plan.embedding, plan.embedding, True)]
    elif plan.conditioning == "component_aware" and index == plan.merge_block:
        widths = [plan.embedding, *(block.width for block in plan.decoder_blocks[: index + 1])]
        maps = [(a, b, True) for a, b in itertools.pairwise(widths)]
        if plan.normalization:
            yield from (_norm(b) for b in widths[1:])
    for inputs, outputs, bias in maps:
        yield Part(_linear(inputs, outputs, bias=bias).parameters, per_step=plan.components * inputs * outputs)


def _head(plan: NetworkPlan) -> Iterator[Part]:
    if plan.classes:
        yield _linear(plan.head_inputs, HEAD_WIDTH)
        yield _linear(HEAD_WIDTH, plan.classes)
