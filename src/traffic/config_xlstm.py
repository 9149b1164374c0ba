"""The xLSTM's architecture (Beck et al. 2024)."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import field_validator

from traffic.config_architecture import MOST_STEPS, Architecture, Head, dropout_field, head_field
from workbench.fields import Modifiable, Structural, field, when

SLSTMBackend = Literal["scan", "vanilla"]
MLSTMBackend = Literal["parallel", "vanilla", "chunkwise", "recurrent"]
FFNActivation = Literal["gelu", "relu", "relu^2", "sigmoid", "swish", "selu"]
BiasInit = Literal["powerlaw_blockdependent", "small_init", "standard", "zeros"]
RecurrentWeightInit = Literal["zeros", "standard"]

WIDTH_MULTIPLE = 64
"""Inner widths are rounded up to a multiple of it."""


class XLSTMArchitecture(Architecture):
    """A residual stack of mLSTM blocks (a matrix memory) and sLSTM blocks (a scalar memory with recurrent weights)."""

    embedding_dim: Structural[int] = field(128, label="Width", section="Encoder", ge=1, le=4096, help="Width of every step's state.")
    hidden_size: Structural[int | None] = field(
        None, label="Hidden width", section="Encoder", ge=1, le=4096, in_form=False, summary=lambda values: None,
        help="Another name for the width; if given, it must equal it.",
    )  # fmt: skip
    num_blocks: Structural[int] = field(6, label="Blocks", section="Encoder", ge=1, le=64, help="Blocks on top of each other.")
    slstm_at: Structural[tuple[int, ...] | Literal["all"]] = field(
        (1, 3), label="sLSTM at", section="Encoder", ge=0, max_items=64,
        help="Which blocks have a scalar memory, counted from 0; the others have a matrix memory. `all` or none work too.",
    )  # fmt: skip
    num_heads: Structural[int] = field(4, label="Heads", section="Encoder", ge=1, le=64, help="Heads of every cell; they divide the width.")
    context_length: Structural[int] = field(
        256, label="Context length", section="Encoder", unit="steps", ge=1, le=MOST_STEPS, advanced=True,
        help="The most steps that the parallel form of the mLSTM takes at once.",
    )  # fmt: skip
    conv1d_kernel_size: Structural[int] = field(
        4, label="Convolution", section="Blocks", unit="steps", ge=0, le=64, advanced=True,
        help="Steps of the causal convolution before gates, queries and keys; 0 is none.",
    )  # fmt: skip
    qkv_proj_blocksize: Structural[int] = field(
        4, label="Projection blocks", section="Blocks", ge=1, le=4096, advanced=True,
        help="Size of the blocks of the maps to queries, keys and values; it divides the inner width.",
    )  # fmt: skip
    proj_factor: Structural[float] = field(
        2.0, label="mLSTM factor", section="Blocks", gt=0, le=16, advanced=True,
        help="Inner width of mLSTM blocks over the width, rounded up to a multiple of 64.",
    )  # fmt: skip
    ffn_proj_factor: Structural[float] = field(
        1.3, label="Feed-forward factor", section="Blocks", gt=0, le=16, advanced=True,
        help="Hidden width after sLSTM cells over the width, rounded up to a multiple of 64.",
    )  # fmt: skip
    ffn_act: Structural[FFNActivation] = field(
        "gelu", label="Feed-forward activation", section="Blocks", advanced=True, help="Activation after sLSTM cells.",
        choices=(
            ("gelu", "GELU", "Smooth, the usual one."), ("relu", "ReLU", "Zero below zero."), ("relu^2", "ReLU squared", "Zero below zero, then its square."),
            ("sigmoid", "Sigmoid", "Between 0 and 1."), ("swish", "Swish", "x times its sigmoid."), ("selu", "SELU", "Self-normalising."),
        ),
    )  # fmt: skip
    bias: Structural[bool] = field(
        False, label="Bias", section="Blocks", advanced=True, help="Whether the projections of mLSTM blocks have biases."
    )
    add_post_blocks_norm: Structural[bool] = field(
        True, label="Final norm", section="Blocks", advanced=True, help="Whether states are normalised after the last block.",
    )  # fmt: skip
    group_norm_weight: Structural[bool] = field(
        True, label="Group norm scale", section="Blocks", advanced=True, help="Whether the norm of each head's output has a learned scale.",
    )  # fmt: skip
    bias_init: Structural[BiasInit] = field(
        "powerlaw_blockdependent", label="sLSTM bias start", section="Start", advanced=True, help="How the biases of sLSTM forget gates start.",
        choices=(
            ("powerlaw_blockdependent", "Power law", "Memories of many lengths, longer in later blocks."), ("small_init", "Evenly spaced", "From 3 to 6."),
            ("standard", "Random", "Uniform, all biases alike."), ("zeros", "Zero", "All zero."),
        ),
    )  # fmt: skip
    recurrent_weight_init: Structural[RecurrentWeightInit] = field(
        "zeros", label="sLSTM recurrent start", section="Start", advanced=True, help="How recurrent weights of sLSTM cells start.",
        choices=(("zeros", "Zero", "Recurrence is learned from nothing."), ("standard", "Random", "Uniform.")),
    )  # fmt: skip
    forward_clipval: Structural[float | None] = field(
        None, label="Clip states at", section="Blocks", gt=0, advanced=True, help="Bound of the sLSTM cell's output; none for no bound.",
    )  # fmt: skip
    normalizer_eps: Structural[float] = field(
        1e-6, label="Normaliser epsilon", section="Blocks", ge=0, le=0.01, advanced=True, help="Added to the mLSTM's denominator.",
    )  # fmt: skip
    head: Structural[Head] = head_field("linear")
    slstm_backend: Modifiable[SLSTMBackend] = field(
        "scan", label="sLSTM computed by", section="Computation", advanced=True, help="There is one way, with two names; no compiled kernels are used.",
        choices=(("scan", "Scan", "Step by step in one compiled loop."), ("vanilla", "Vanilla", "Another name for scan.")),
    )  # fmt: skip
    mlstm_backend: Modifiable[MLSTMBackend] = field(
        "parallel", label="mLSTM computed by", section="Computation", advanced=True, help="Three ways to the same result; no compiled kernels are used.",
        choices=(
            ("parallel", "Parallel", "All steps at once; memory grows with the square of the window."), ("vanilla", "Vanilla", "Another name for parallel."),
            ("chunkwise", "Chunkwise", "Piece by piece, for long windows."), ("recurrent", "Recurrent", "Step by step; slow."),
        ),
    )  # fmt: skip
    chunk_size: Modifiable[int] = field(
        64, label="Chunk", section="Computation", unit="steps", ge=1, le=MOST_STEPS, advanced=True,
        applies_when=when(mlstm_backend="chunkwise"), help="Steps of one piece.",
    )  # fmt: skip
    gradient_recurrent_cut: Modifiable[bool] = field(
        False, label="Cut recurrent gradients", section="Regularisation", advanced=True,
        help="Whether no gradient flows through the sLSTM's recurrent weights into earlier steps.",
    )  # fmt: skip
    gradient_recurrent_clipval: Modifiable[float | None] = field(
        None, label="Clip recurrent gradients at", section="Regularisation", gt=0, advanced=True,
        applies_when=when(gradient_recurrent_cut=False), help="Bound of each entry of that gradient; none for no bound.",
    )  # fmt: skip
    dropout: Modifiable[float] = dropout_field(
        "Share of states that is dropped after the input, in every block and in the head, in training."
    )
    ffn_dropout: Modifiable[float | None] = field(
        None, label="Feed-forward dropout", section="Regularisation", ge=0, lt=1, advanced=True, help="Dropout after sLSTM cells' feed-forward part; none takes the general rate.",
    )  # fmt: skip

    @field_validator("slstm_at")
    @classmethod
    def _distinct(cls, value: tuple[int, ...] | str) -> tuple[int, ...] | str:
        if isinstance(value, tuple) and len(set(value)) < len(value):
            raise ValueError("must name each block once")
        return value

    @property
    def width(self) -> int:
        """Width of the encoder's output (W)."""
        return self.embedding_dim

    @property
    def head_width(self) -> int:
        """Width of the head's first hidden layer."""
        return self.embedding_dim

    @property
    def inner_width(self) -> int:
        """Inner width of mLSTM blocks (I)."""
        return rounded_width(self.proj_factor, self.embedding_dim)

    @property
    def ffn_width(self) -> int:
        """Hidden width of feed-forward parts (U)."""
        return rounded_width(self.ffn_proj_factor, self.embedding_dim)

    @property
    def scalar_blocks(self) -> frozenset[int]:
        """Blocks with a scalar memory."""
        return frozenset(range(self.num_blocks) if self.slstm_at == "all" else (int(index) for index in self.slstm_at))


def rounded_width(factor: float, width: int) -> int:
    """`factor * width`, rounded up to a multiple of 64."""
    return WIDTH_MULTIPLE * math.ceil(factor * width / WIDTH_MULTIPLE)
