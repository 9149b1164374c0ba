"""The LSTM's architecture."""

from __future__ import annotations

from traffic.config_architecture import Architecture, Head, dropout_field, head_field
from workbench.fields import Modifiable, Structural, field


class LSTMArchitecture(Architecture):
    """Stacked long short-term memory (Hochreiter and Schmidhuber 1997; Gers et al. 2000 for the forget gate)."""

    hidden_size: Structural[int] = field(128, label="Hidden width", section="Encoder", ge=1, le=4096, help="Width of each layer's state.")
    num_layers: Structural[int] = field(2, label="Layers", section="Encoder", ge=1, le=16, help="Layers on top of each other.")
    bidirectional: Structural[bool] = field(
        False, label="Bidirectional", section="Encoder", advanced=True,
        help="Whether a second state reads the window backwards. Such a model forecasts whole windows only, not step by step.",
    )  # fmt: skip
    head: Structural[Head] = head_field("mlp")
    dropout: Modifiable[float] = dropout_field("Share of states that is dropped between layers and in the head, in training.")

    @property
    def width(self) -> int:
        """Width of the encoder's output (W)."""
        return self.hidden_size * (2 if self.bidirectional else 1)

    @property
    def head_width(self) -> int:
        """Width of the head's first hidden layer."""
        return self.hidden_size
