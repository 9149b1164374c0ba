"""How a decoder block learns which component it decodes.

A conditioner sits in a block after the linear map and norm. It takes the block's activations and the components it
decodes for, and returns the activations, changed where it modulates, and a side input for the next linear map where
it concatenates. A new kind is one class and one line in `CONDITIONERS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flax import nnx
from jax import Array

from rcmvae.model.layers import CONV_SLOPE, DENSE_SLOPE, LayerNorm, Linear, leaky_relu, standardize
from rcmvae.model.plan import NetworkPlan

MODULATION_SCALE = 0.3
"""Standard deviation of a component's initial scale and shift: components differ from the start."""


@dataclass(frozen=True)
class Components:
    """Whom a decoder decodes for.

    Attributes:
        embeddings: (K, E), the same for every row; or (B, M, E), for each row its own. None where components have none.
        chosen: (B, M) which of K components each row is decoded for; None for all.
    """

    embeddings: Array | None
    chosen: Array | None = None

    @property
    def given(self) -> Array:
        """The embeddings, where there must be some."""
        if self.embeddings is None:
            raise ValueError("this decoder is conditioned on components and needs their embeddings")
        return self.embeddings

    def over_space(self, values: Array, h: Array) -> Array:
        """Per-component `values` (K, F) or (B, M, F), shaped to broadcast against activations `h` (B, C, F) or (B, C, H, W, F)."""
        if values.ndim == 2:
            values = values[None] if self.chosen is None else values[self.chosen]
        return values.reshape(*values.shape[:2], *(1,) * (h.ndim - 3), values.shape[2])


class Conditioner(nnx.Module):
    """Base of all conditioners."""

    def __init__(self, plan: NetworkPlan, block: int) -> None:
        raise NotImplementedError

    def __call__(self, h: Array, components: Components) -> tuple[Array, Array | None]:
        """Condition `h` (B, C, ...)."""
        raise NotImplementedError


class Unconditioned(Conditioner):
    """h as it is."""

    def __init__(self, plan: NetworkPlan, block: int) -> None:
        del plan, block

    def __call__(self, h: Array, components: Components) -> tuple[Array, Array | None]:
        """`h` and no side input."""
        del components
        return h, None


class Concatenation(Conditioner):
    """[h ; W e_k], broadcast over space."""

    def __init__(self, plan: NetworkPlan, block: int) -> None:
        del block
        self.projection = Linear(plan.embedding, plan.embedding, deviation=plan.embedding**-0.5)

    def __call__(self, h: Array, components: Components) -> tuple[Array, Array | None]:
        """`h` unchanged, and the projected embeddings (K, E) as side input."""
        return h, self.projection(components.given)


class _Modulation(Conditioner):
    """Scale and shift of every feature, linear in the embedding."""

    def __init__(self, plan: NetworkPlan, block: int) -> None:
        width = plan.decoder_blocks[block].width
        scale = MODULATION_SCALE * plan.embedding**-0.5
        self.gamma = Linear(plan.embedding, width, deviation=scale, bias=False)
        self.beta = Linear(plan.embedding, width, deviation=scale, bias=False)

    def modulate(self, h: Array, components: Components) -> Array:
        """(1 + gamma(e_k)) * h + beta(e_k) for every component."""
        gamma, beta = self.gamma(components.given), self.beta(components.given)
        return (1.0 + components.over_space(gamma, h)) * h + components.over_space(beta, h)


class FiLM(_Modulation):
    """(1 + gamma(e_k)) * h + beta(e_k) (Perez et al. 2018)."""

    def __call__(self, h: Array, components: Components) -> tuple[Array, Array | None]:
        """Modulated activations (B, K, ...)."""
        return self.modulate(h, components), None


class ConditionalInstanceNorm(_Modulation):
    """FiLM of instance-normalised activations: per image and channel over space, over features in a dense decoder
    (Dumoulin et al. 2017)."""

    def __call__(self, h: Array, components: Components) -> tuple[Array, Array | None]:
        """Modulated activations (B, K, ...)."""
        axes = (-1,) if h.ndim == 3 else (2, 3)
        return self.modulate(standardize(h, axes), components), None


class TwoPaths(Conditioner):
    """The embedding's own path g(e_k), joined to the latent's path by concatenation after half of the blocks.

    Every block up to the join has its counterpart here: a dense layer of the same width (an embedding has no space),
    norm and activation. Blocks that are not the join hold nothing.
    """

    def __init__(self, plan: NetworkPlan, block: int) -> None:
        widths = [b.width for b in plan.decoder_blocks[: block + 1]] if block == plan.merge_block else []
        layers, inputs = [], plan.embedding
        for width in widths:
            layers.append(Linear(inputs, width))
            inputs = width
        self.layers = nnx.List(layers)
        self.norms = nnx.List([LayerNorm(width) for width in widths] if plan.normalization else [])
        self.slope = CONV_SLOPE if plan.decoder_is_conv else DENSE_SLOPE

    def __call__(self, h: Array, components: Components) -> tuple[Array, Array | None]:
        """`h` unchanged, and at the join g(e_k) before its last activation (K, width) as side input."""
        if not self.layers:
            return h, None
        g = components.given
        for index, layer in enumerate(self.layers):
            g = layer(g if index == 0 else leaky_relu(g, self.slope))
            if self.norms:
                g = self.norms[index](g)
        return h, g


CONDITIONERS: dict[str, type[Conditioner]] = {
    "none": Unconditioned,
    "concat": Concatenation,
    "component_aware": TwoPaths,
    "film": FiLM,
    "cin": ConditionalInstanceNorm,
}
