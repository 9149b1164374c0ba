"""The stages of a small drawing of the network: image, encoder, latent space with its components, decoder, image."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rcmvae.config_architecture import CONDITIONED, MIXTURE_BASED
from workbench.families import Stage

_CONDITIONING = {"component_aware": "two paths", "film": "FiLM", "cin": "instance norm", "concat": "concatenated"}


def stages(values: Mapping[str, Any]) -> tuple[Stage, ...]:
    """The drawing's stages for resolved `values`. A bar's height follows the logarithm of the layer's width."""
    height, width, channels = values["input_shape"]
    image = f"{height} x {width}" + (" x 3" if channels == 3 else "")
    loss = {"bce": "Bernoulli", "mse": "Gaussian"}[values["reconstruction_loss"]]
    return (
        Stage("data", "Image", image),
        Stage(
            "network",
            "Encoder",
            _network_words(values["encoder_type"], _widths(values, "encoder_type")),
            _bars(_widths(values, "encoder_type")),
        ),
        _latent(values),
        Stage("network", "Decoder", _decoder_words(values), _bars(_widths(values, "decoder_type")[::-1])),
        Stage("data", "Output", f"{loss}, learned noise" if values["use_heteroscedastic_decoder"] else loss),
    )


def _latent(values: Mapping[str, Any]) -> Stage:
    size = f"{values['latent_dim']}-D"
    if values["prior_type"] not in MIXTURE_BASED:
        return Stage("latent", "Latent", f"{size}, one cloud", dots=1)
    count = values["num_components"]
    place = "spaces" if values["latent_layout"] == "decentralized" else "components"
    return Stage("latent", "Latent", f"{size}, {count} {place}", dots=int(count))


def _decoder_words(values: Mapping[str, Any]) -> str:
    words = _network_words(values["decoder_type"], _widths(values, "decoder_type")[::-1])
    conditioning = values["decoder_conditioning"]
    return f"{words}, {_CONDITIONING[conditioning]}" if conditioning in CONDITIONED else words


def _widths(values: Mapping[str, Any], which: str) -> tuple[int, ...]:
    return tuple(values["conv_channels"] if values[which] == "conv" else values["hidden_dims"])


def _network_words(kind: str, widths: Sequence[int]) -> str:
    return f"{'conv' if kind == 'conv' else 'dense'} {', '.join(str(w) for w in widths)}"


def _bars(widths: Sequence[int]) -> tuple[float, ...]:
    return tuple(min(1.0, math.log2(max(width, 1) + 1) / 11) for width in widths)
