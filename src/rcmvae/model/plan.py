"""What a network is made of, as plain numbers read off a resolved architecture.

The modules that hold parameters and the listing of their shapes (`shapes.py`) both read this plan, so that widths,
strides and the places where components enter are decided once. No framework is imported here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MINIMUM_MAP = 4
"""A convolutional stage halves its map only if at least this many pixels are left on the shorter side."""

MAXIMUM_HALVINGS = 2
HEAD_WIDTH = 64
"""Hidden units of the classifier head."""


@dataclass(frozen=True)
class ConvStage:
    """One 3x3 convolution of the encoder: from a map of `in_size` and `in_width` channels to `out_size` and `out_width`."""

    in_width: int
    out_width: int
    stride: Literal[1, 2]
    in_size: tuple[int, int]
    out_size: tuple[int, int]


@dataclass(frozen=True)
class DecoderBlock:
    """One hidden block of the decoder.

    Attributes:
        width: features (dense) or channels (conv) that leave its linear map.
        size: its map (height, width); None in a dense decoder.
        stride: 2 if it doubles the map of the block before it; 1 otherwise, and for the first block.
    """

    width: int
    size: tuple[int, int] | None
    stride: Literal[1, 2] = 1


@dataclass(frozen=True)
class NetworkPlan:
    """The whole network in numbers. `components` is 1 for a prior without components; `centres` are a geometric prior's (K, D),
    `pseudo_from` says where a VampPrior's pseudo-images start."""

    input_shape: tuple[int, int, int]
    classes: int
    prior: str
    components: int
    decentralized: bool
    latent: int
    conditioning: str
    embedding: int
    normalization: bool
    encoder_dense: tuple[int, ...]
    encoder_conv: tuple[ConvStage, ...]
    decoder_blocks: tuple[DecoderBlock, ...]
    decoder_output_stride: Literal[1, 2]
    likelihood: str
    centres: tuple[tuple[float, ...], ...]
    pseudo_from: str

    @property
    def pixels(self) -> int:
        """Values per image, channels included."""
        return math.prod(self.input_shape)

    @property
    def has_logits(self) -> bool:
        """Whether the encoder has a head of component logits."""
        return self.prior in ("mixture", "geometric_mog")

    @property
    def decoder_is_conv(self) -> bool:
        return self.decoder_blocks[0].size is not None

    @property
    def encoder_features(self) -> int:
        """Width of the flat vector from which the encoder's heads read."""
        if self.encoder_conv:
            last = self.encoder_conv[-1]
            return last.out_size[0] * last.out_size[1] * last.out_width
        return self.encoder_dense[-1]

    @property
    def posteriors(self) -> int:
        """Gaussian posteriors per image: one, or one per component in the decentralized layout."""
        return self.components if self.decentralized else 1

    @property
    def head_inputs(self) -> int:
        """Width of the classifier head's input: the mean latent, and the responsibilities where there are any."""
        return self.latent + (self.components if self.has_components else 0)

    @property
    def has_components(self) -> bool:
        """Whether images belong to components at all."""
        return self.prior != "standard"

    @property
    def divergences(self) -> int:
        """KL terms of the latent per image: one for each component whose latent or centre is its own, else one."""
        return self.components if self.decentralized or self.centres else 1

    @property
    def merge_block(self) -> int:
        """Index of the block after which a component-aware decoder joins its two paths."""
        return math.ceil(len(self.decoder_blocks) / 2) - 1

    def side_width(self, block: int) -> int:
        """Features that conditioning adds by concatenation after block `block`."""
        if self.conditioning == "concat":
            return self.embedding
        if self.conditioning == "component_aware" and block == self.merge_block:
            return self.decoder_blocks[block].width
        return 0

    @property
    def decoder_normalizes(self) -> bool:
        """Whether decoder blocks hold a layer norm of their own (FiLM and CIN take its place)."""
        return self.normalization and self.conditioning not in ("film", "cin")


def conv_stages(input_shape: tuple[int, int, int], channels: tuple[int, ...]) -> tuple[ConvStage, ...]:
    """The encoder's stages: stride 2 at most twice and while the map keeps `MINIMUM_MAP` pixels, then stride 1."""
    stages = []
    size, width = (input_shape[0], input_shape[1]), input_shape[2]
    for index, out_width in enumerate(channels):
        half = (math.ceil(size[0] / 2), math.ceil(size[1] / 2))
        stride = 2 if index < MAXIMUM_HALVINGS and min(half) >= MINIMUM_MAP else 1
        out_size = half if stride == 2 else size
        stages.append(ConvStage(width, out_width, stride, size, out_size))
        size, width = out_size, out_width
    return tuple(stages)


def _centres(resolved: Mapping[str, Any]) -> tuple[tuple[float, ...], ...]:
    components, latent = int(resolved["num_components"]), int(resolved["latent_dim"])
    return geometric_centres(str(resolved["geometric_arrangement"]), components, latent, float(resolved["geometric_radius"]))


def geometric_centres(arrangement: str, components: int, latent: int, radius: float) -> tuple[tuple[float, ...], ...]:
    """Centres (K, D) on a circle of `radius`, or on a square grid from -radius to radius; 0 beyond the first two dimensions."""
    if arrangement == "circle":
        angles = [2.0 * math.pi * k / components for k in range(components)]
        places = [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]
    else:
        side = math.isqrt(components)
        steps = [radius * (2.0 * i / (side - 1) - 1.0) if side > 1 else 0.0 for i in range(side)]
        places = [(x, y) for y in steps for x in steps]
    return tuple((*place, *(0.0,) * (latent - 2)) for place in places)


def plan_of(resolved: Mapping[str, Any]) -> NetworkPlan:
    """The plan of a resolved architecture (flat values, autos replaced)."""
    shape = tuple(int(n) for n in resolved["input_shape"])
    input_shape = (shape[0], shape[1], shape[2])
    prior = str(resolved["prior_type"])
    with_components = prior != "standard"
    conditioned = prior in ("mixture", "geometric_mog")
    conditioning = str(resolved["decoder_conditioning"]) if conditioned else "none"
    channels = tuple(int(n) for n in resolved["conv_channels"])
    hidden = tuple(int(n) for n in resolved["hidden_dims"])
    stages = conv_stages(input_shape, channels)
    if resolved["decoder_type"] == "conv":
        blocks = [DecoderBlock(channels[-1], stages[-1].out_size)]
        blocks += [DecoderBlock(stage.in_width, stage.in_size, stage.stride) for stage in reversed(stages[1:])]
        output_stride = stages[0].stride
    else:
        blocks = [DecoderBlock(width, None) for width in reversed(hidden)]
        output_stride = 1
    heteroscedastic = resolved["reconstruction_loss"] == "mse" and bool(resolved["use_heteroscedastic_decoder"])
    return NetworkPlan(
        input_shape=input_shape,
        classes=int(resolved["num_classes"]),
        prior=prior,
        components=int(resolved["num_components"]) if with_components else 1,
        decentralized=conditioned and resolved["latent_layout"] == "decentralized",
        latent=int(resolved["latent_dim"]),
        conditioning=conditioning,
        embedding=int(resolved["component_embedding_dim"]) if conditioning != "none" else 0,
        normalization=resolved["normalization"] == "layer",
        encoder_dense=hidden if resolved["encoder_type"] == "dense" else (),
        encoder_conv=stages if resolved["encoder_type"] == "conv" else (),
        decoder_blocks=tuple(blocks),
        decoder_output_stride=output_stride,
        likelihood="heteroscedastic" if heteroscedastic else str(resolved["reconstruction_loss"]),
        centres=_centres(resolved) if prior == "geometric_mog" else (),
        pseudo_from=str(resolved["vamp_pseudo_init_method"]) if prior == "vamp" else "",
    )
