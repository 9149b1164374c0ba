"""The decoder: latents to pixels, one reconstruction per component."""

from __future__ import annotations

from flax import nnx
from jax import Array

from rcmvae.model.conditioning import CONDITIONERS, Components
from rcmvae.model.extras import Decoded
from rcmvae.model.layers import CONV_SLOPE, DENSE_SLOPE, Convolution, LayerNorm, Linear, leaky_relu, normal
from rcmvae.model.plan import NetworkPlan

SIGMA_SCALE = 1e-2


class Decoder(nnx.Module):
    """Blocks of linear map, norm, conditioning and activation, dense or convolutional, and an output layer.

    The embeddings of the components belong to it: a table (K, E), drawn from N(0, 1).
    """

    def __init__(self, plan: NetworkPlan) -> None:
        self.embeddings = normal((plan.components, plan.embedding), 1.0) if plan.embedding else None
        layers: list[Linear | Convolution] = []
        for index, block in enumerate(plan.decoder_blocks):
            if index == 0:
                area = 1 if block.size is None else block.size[0] * block.size[1]
                layers.append(Linear(plan.latent, area * block.width))
                continue
            inputs, side = plan.decoder_blocks[index - 1].width, plan.side_width(index - 1)
            if block.size is None:
                layers.append(Linear(inputs, block.width, side=side))
            else:
                up = block.stride == 2
                layers.append(Convolution(inputs, block.width, transposed=up, side=side))
        self.layers = nnx.List(layers)
        widths = [block.width for block in plan.decoder_blocks]
        self.norms = nnx.List([LayerNorm(width) for width in widths] if plan.decoder_normalizes else [])
        build = CONDITIONERS[plan.conditioning]
        self.conditioners = nnx.List([build(plan, index) for index in range(len(plan.decoder_blocks))])
        last, side = widths[-1], plan.side_width(len(widths) - 1)
        if plan.decoder_is_conv:
            up = plan.decoder_output_stride == 2
            self.output = Convolution(last, plan.input_shape[2], transposed=up, side=side)
        else:
            self.output = Linear(last, plan.pixels, side=side, deviation=(last + side) ** -0.5)
        heteroscedastic = plan.likelihood == "heteroscedastic"
        self.sigma = Linear(last, 1, side=side, deviation=SIGMA_SCALE * last**-0.5) if heteroscedastic else None
        self.plan = plan

    @property
    def table(self) -> Array:
        """The components' embeddings (K, E), where there are any."""
        if self.embeddings is None:
            raise ValueError("this decoder is not conditioned on components")
        return self.embeddings[...]

    def __call__(self, z: Array, *, chosen: Array | None = None, embeddings: Array | None = None) -> Decoded:
        """Decode `z` (B, C, D): C is 1 (one latent, read by every component decoded) or one for each of them.

        Decoded are all K components, those `chosen` (B, M) for each row, or what `embeddings` (B, M, E) stand for.
        """
        if embeddings is None and self.embeddings is not None:
            embeddings = self.embeddings[...]
        components = Components(embeddings, chosen)
        h, side = z, None
        slope = CONV_SLOPE if self.plan.decoder_is_conv else DENSE_SLOPE
        for index, block in enumerate(self.plan.decoder_blocks):
            layer = self.layers[index]
            if isinstance(layer, Convolution):
                h = layer(h, side, chosen, out_size=block.size or (1, 1))
            else:
                h = layer(h, side, chosen)
                if block.size is not None:
                    h = h.reshape(*h.shape[:2], *block.size, block.width)
            if self.norms:
                h = self.norms[index](h)
            h, side = self.conditioners[index](h, components)
            h = leaky_relu(h, slope)
            side = None if side is None else leaky_relu(side, slope)
        if isinstance(self.output, Convolution):
            image = self.output(h, side, chosen, out_size=self.plan.input_shape[:2])
            output, features = image.reshape(*image.shape[:2], -1), h.mean(axis=(2, 3))
        else:
            output, features = self.output(h, side, chosen), h
        raw_sigma = None if self.sigma is None else self.sigma(features, side, chosen)[..., 0]
        return Decoded(output, raw_sigma)
