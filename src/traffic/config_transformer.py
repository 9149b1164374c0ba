"""The Transformer's architecture."""

from __future__ import annotations

from traffic.config_architecture import Architecture, Head, dropout_field, head_field
from workbench.fields import Modifiable, Structural, field


class TransformerArchitecture(Architecture):
    """Pre-norm Transformer encoder (Vaswani et al. 2017; Xiong et al. 2020) with rotary positions (Su et al. 2021)."""

    embedding_dim: Structural[int] = field(128, label="Width", section="Encoder", ge=2, le=4096, help="Width of every step's state.")
    num_layers: Structural[int] = field(3, label="Layers", section="Encoder", ge=1, le=32, help="Layers on top of each other.")
    num_heads: Structural[int] = field(
        4, label="Heads", section="Encoder", ge=1, le=64, help="Attention heads; the width of one must be an even number.",
    )  # fmt: skip
    ffn_dim: Structural[int] = field(
        256, label="Feed-forward width", section="Encoder", ge=1, le=16_384, help="Hidden width after each attention."
    )
    causal: Structural[bool] = field(
        False, label="Causal", section="Encoder", advanced=True, help="Whether a step sees earlier steps only.",
    )  # fmt: skip
    rope_base: Structural[float] = field(
        10_000.0, label="Rotation base", section="Encoder", gt=1, le=1e9, advanced=True, help="Base of the wavelengths of positions.",
    )  # fmt: skip
    head: Structural[Head] = head_field("linear")
    dropout: Modifiable[float] = dropout_field(
        "Share of states that is dropped after the input, in every layer and in the head, in training."
    )

    @property
    def width(self) -> int:
        """Width of the encoder's output (W)."""
        return self.embedding_dim

    @property
    def head_width(self) -> int:
        """Width of the head's first hidden layer."""
        return self.embedding_dim
