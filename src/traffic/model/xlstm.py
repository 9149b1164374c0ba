"""The xLSTM encoder: a residual stack of mLSTM and sLSTM blocks (Beck et al. 2024)."""

from __future__ import annotations

from typing import Any

from flax import nnx
from jax import Array

from traffic.config_xlstm import XLSTMArchitecture
from traffic.model.dropout import Dropout, dropped
from traffic.model.encoder import sequences
from traffic.model.feed_forward import GatedFeedForward
from traffic.model.mlstm_layer import MLSTMLayer
from traffic.model.norms import GainNorm
from traffic.model.products import Linear, product_over_steps
from traffic.model.slstm_layer import SLSTMLayer


class XLSTMBlock(nnx.Module):
    """x ← x + Layer(LN(x)), and after a scalar memory x ← x + FFN(LN(x))."""

    def __init__(self, architecture: XLSTMArchitecture, index: int) -> None:
        scalar = index in architecture.scalar_blocks
        self.norm = GainNorm(architecture.embedding_dim)
        self.layer = SLSTMLayer(architecture, index) if scalar else MLSTMLayer(architecture)
        self.ffn_norm = GainNorm(architecture.embedding_dim) if scalar else None
        self.ffn = GatedFeedForward(architecture) if scalar else None

    def __call__(self, x: Array, dropout: Dropout | None, last: int) -> Array:
        """`x` (L, S, E). Returns the `last` T steps, (T, S, E)."""
        return self._fed_forward(x[-last:] + self.layer(self.norm(x), dropout, last), dropout)

    def init_state(self, batch: int) -> Any:
        """The state before the first step."""
        return self.layer.init_state(batch)

    def step(self, state: Any, x: Array) -> tuple[Any, Array]:
        """`x` (S, E). Returns the next state and this step's output."""
        state, out = self.layer.step(state, self.norm(x))
        return state, self._fed_forward(x + out, None)

    def _fed_forward(self, x: Array, dropout: Dropout | None) -> Array:
        return x if self.ffn is None or self.ffn_norm is None else x + self.ffn(self.ffn_norm(x), dropout)


class XLSTMEncoder(nnx.Module):
    """Input projection, blocks, final norm."""

    def __init__(self, architecture: XLSTMArchitecture) -> None:
        self.project = Linear(architecture.step_width, architecture.embedding_dim, dtype=architecture.compute_dtype)
        self.blocks = nnx.List([XLSTMBlock(architecture, index) for index in range(architecture.num_blocks)])
        self.norm = GainNorm(architecture.embedding_dim) if architecture.add_post_blocks_norm else None
        self.width = architecture.width

    def __call__(self, x: Array, constant: Array | None, dropout: Dropout | None, last: int) -> Array:
        """See `Encoder`."""
        h = dropped(sequences(self._projected(x, constant)), dropout)
        for index, block in enumerate(self.blocks):
            # what no later step reads is not worked out
            h = block(h, dropout, last if index == len(self.blocks) - 1 else len(h))
        return h if self.norm is None else self.norm(h)

    def init_state(self, batch: int) -> tuple[Any, ...]:
        """See `Encoder`."""
        return tuple(block.init_state(batch) for block in self.blocks)

    def step(self, state: tuple[Any, ...], x: Array, constant: Array | None) -> tuple[tuple[Any, ...], Array]:
        """See `Encoder`."""
        h, states = self._projected(x, constant), []
        for block, before in zip(self.blocks, state, strict=True):
            after, h = block.step(before, h)
            states.append(after)
        return tuple(states), h if self.norm is None else self.norm(h)

    def _projected(self, x: Array, constant: Array | None) -> Array:
        project = self.project
        assert project.bias is not None
        return product_over_steps(x, constant, project.kernel[...], project.dtype) + project.bias[...]
