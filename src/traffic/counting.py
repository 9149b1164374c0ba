"""How large and how costly a network is, from its architecture alone: no framework, no built network."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture, architecture_of
from traffic.parameter_shapes import hidden_widths, parameter_shapes

FLOATS_PER_MULTIPLY_ADD = 2
FORWARD_AND_BACKWARD = 3
"""A backward pass costs about two forward passes: one for the gradients of inputs, one for those of weights."""
LSTM_GATES = 4


def parameter_count(values: Mapping[str, Any]) -> int:
    """Trainable parameters of the network of resolved `values`; equal to the built network's."""
    return sum(math.prod(shape) for shape in parameter_shapes(architecture_of(values)).values())


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Floating point operations of one training epoch over `n_train` windows.

    Counted are multiply-adds of matrix products, two operations each, forwards and backwards. Blocks of block-diagonal maps count as
    blocks; element-wise work, the optimiser and validation are left out.
    """
    return float(FLOATS_PER_MULTIPLY_ADD * FORWARD_AND_BACKWARD * n_train * window_multiply_adds(architecture_of(values)))


def window_multiply_adds(architecture: AnyArchitecture) -> int:
    """Multiply-adds of one window's forward pass, all detectors together."""
    sequences = architecture.num_sensors if architecture.shared_weights else 1
    if isinstance(architecture, LSTMArchitecture):
        encoder = _lstm(architecture)
    else:
        encoder = _xlstm(architecture) if isinstance(architecture, XLSTMArchitecture) else _transformer(architecture)
    return sequences * (encoder + _pooling(architecture) + _head(architecture))


def _steps(architecture: AnyArchitecture, index: int, count: int) -> int:
    """Steps that block `index` of `count` works out: the last only those that are read."""
    pooling = architecture.social_pooling
    read = pooling.time_window if pooling.enabled and pooling.type == "st_attention" else 1
    return min(read, architecture.sequence_length) if index == count - 1 else architecture.sequence_length


def _lstm(architecture: LSTMArchitecture) -> int:
    hidden, directions = architecture.hidden_size, 2 if architecture.bidirectional else 1
    inputs = [architecture.step_width] + [architecture.width] * (architecture.num_layers - 1)
    return directions * architecture.sequence_length * sum(LSTM_GATES * hidden * (width + hidden) for width in inputs)


def _xlstm(architecture: XLSTMArchitecture) -> int:
    length, width = architecture.sequence_length, architecture.embedding_dim
    inner, heads, block = architecture.inner_width, architecture.num_heads, architecture.qkv_proj_blocksize
    total = length * architecture.step_width * width
    for index in range(architecture.num_blocks):
        read = _steps(architecture, index, architecture.num_blocks)
        if index in architecture.scalar_blocks:
            # four gates from the input and four from the last output, head by head
            total += length * 2 * LSTM_GATES * width * width // heads + read * 3 * width * architecture.ffn_width
        else:
            total += length * (width * inner + 3 * inner * block + 6 * inner * heads) + read * 2 * width * inner
            total += 2 * read * length * inner
    return total


def _transformer(architecture: TransformerArchitecture) -> int:
    length, width = architecture.sequence_length, architecture.embedding_dim
    total = length * architecture.step_width * width
    for index in range(architecture.num_layers):
        read = _steps(architecture, index, architecture.num_layers)
        total += length * 2 * width * width + 2 * read * length * width + read * (2 * width * width + 2 * width * architecture.ffn_dim)
    return total


def _pooling(architecture: AnyArchitecture) -> int:
    pooling, width = architecture.social_pooling, architecture.width
    if not pooling.enabled:
        return 0
    seen = min(pooling.knn_k, architecture.num_sensors - 1)
    fused = 2 * 2 * width * width
    if pooling.type == "distance":
        return fused + seen * width
    steps = min(pooling.time_window, architecture.sequence_length)
    return fused + 2 * (1 + steps) * width * width + 2 * seen * steps * width


def _head(architecture: AnyArchitecture) -> int:
    widths = (architecture.width + architecture.context_width, *hidden_widths(architecture), architecture.forecast_width)
    return sum(before * after for before, after in itertools.pairwise(widths))
