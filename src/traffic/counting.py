"""How large and how costly a forecasting network is, from its config alone: no framework, no built network.

The network is walked as its parts, each with its parameters and with what it multiplies in a forward pass of one window. Parameters
equal those of the built network.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture
from workbench.fields import build

GATES = 4
WEEK_DAYS = 7
FLOATS_PER_MULTIPLY_ADD = 2
FORWARD_AND_BACKWARD = 3
"""A backward pass costs about two forward passes: one for the gradients of inputs, one for those of weights."""


@dataclass(frozen=True)
class Part:
    """Parameters of a part, and its multiply-adds at every input step and once for each sequence of a window."""

    parameters: int
    per_step: float = 0.0
    per_sequence: float = 0.0


def parameter_count(values: Mapping[str, Any]) -> int:
    """Trainable parameters of the network of resolved `values`; equal to the built network's."""
    return sum(part.parameters for part in parts_of(architecture_of(values)))


def operations_per_epoch(values: Mapping[str, Any], n_train: int) -> float:
    """Floating point operations of one training epoch over `n_train` windows, as many of them as the settings take.

    Counted are the matrix products, two operations each, forwards and backwards. Element-wise work, the optimiser and validation are left
    out.
    """
    architecture = architecture_of(values)
    sequences = architecture.num_sensors if architecture.shared_weights else 1
    steps = architecture.sequence_length
    window = sum(part.per_step * steps + part.per_sequence for part in parts_of(architecture)) * sequences
    windows = min(n_train, values.get("max_train_windows") or n_train)
    return float(window * windows * FLOATS_PER_MULTIPLY_ADD * FORWARD_AND_BACKWARD)


def architecture_of(values: Mapping[str, Any]) -> AnyArchitecture:
    """The architecture of flat values, by what only one kind of network has."""
    if "num_blocks" in values:
        return build(XLSTMArchitecture, values)
    return build(TransformerArchitecture if "ffn_dim" in values else LSTMArchitecture, values)


def parts_of(architecture: AnyArchitecture) -> Iterator[Part]:
    """The parts of a network in the order of a forward pass."""
    tables = (
        (architecture.num_sensors, architecture.sensor_embedding),
        (architecture.slots_per_day, architecture.tod_embedding_dim),
        (WEEK_DAYS, architecture.dow_embedding_dim),
    )
    yield Part(sum(rows * width for rows, width in tables))
    if isinstance(architecture, LSTMArchitecture):
        yield from _lstm(architecture)
    elif isinstance(architecture, XLSTMArchitecture):
        yield from _xlstm(architecture)
    else:
        yield from _transformer(architecture)
    yield from _pooling(architecture)
    yield from _head(architecture)


def _linear(inputs: int, outputs: int, bias: bool = True) -> tuple[int, int]:
    """(parameters, multiply-adds) of a matrix product."""
    return inputs * outputs + (outputs if bias else 0), inputs * outputs


def _step(*products: tuple[int, int], extra: int = 0, work: float = 0.0) -> Part:
    """A part whose products are done at every step; `extra` parameters and `work` come on top."""
    return Part(sum(count for count, _ in products) + extra, sum(cost for _, cost in products) + work)


def _lstm(architecture: LSTMArchitecture) -> Iterator[Part]:
    width = architecture.hidden_size
    for index in range(architecture.num_layers):
        inputs = architecture.width if index else architecture.step_width
        for _ in range(2 if architecture.bidirectional else 1):
            yield _step(_linear(inputs, GATES * width), _linear(width, GATES * width))


def _xlstm(architecture: XLSTMArchitecture) -> Iterator[Part]:
    width = architecture.embedding_dim
    yield _step(_linear(architecture.step_width, width))
    for index in range(architecture.num_blocks):
        yield _slstm(architecture) if index in architecture.scalar_blocks else _mlstm(architecture)
    yield Part(width if architecture.add_post_blocks_norm else 0)


def _mlstm(architecture: XLSTMArchitecture) -> Part:
    width, inner, heads, bias = architecture.embedding_dim, architecture.inner_width, architecture.num_heads, architecture.bias
    block, kernel = architecture.qkv_proj_blocksize, architecture.conv1d_kernel_size
    maps = [(inner * block + (inner if bias else 0), inner * block)] * 3
    gates = [_linear(3 * inner, heads)] * 2
    norms = width + (inner if architecture.group_norm_weight else 0)
    convolution = inner * kernel + inner if kernel else 0
    attention = 2 * inner * architecture.sequence_length  # each step's query with every key, and the weighted values
    return _step(
        _linear(width, 2 * inner, bias), *maps, *gates, _linear(inner, width, bias),
        extra=norms + convolution + inner, work=inner * kernel + attention,
    )  # fmt: skip


def _slstm(architecture: XLSTMArchitecture) -> Part:
    width, hidden, kernel = architecture.embedding_dim, architecture.ffn_width, architecture.conv1d_kernel_size
    blockwise = GATES * width * (width // architecture.num_heads)
    norms = 2 * width + (width if architecture.group_norm_weight else 0)
    convolution = width * kernel + width if kernel else 0
    return _step(
        (blockwise, blockwise), (blockwise + GATES * width, blockwise), _linear(width, 2 * hidden, False), _linear(hidden, width, False),
        extra=norms + convolution, work=width * kernel,
    )  # fmt: skip


def _transformer(architecture: TransformerArchitecture) -> Iterator[Part]:
    width, hidden = architecture.embedding_dim, architecture.ffn_dim
    yield _step(_linear(architecture.step_width, width))
    attention = 2 * width * architecture.sequence_length
    for _ in range(architecture.num_layers):
        yield _step(*[_linear(width, width)] * 4, _linear(width, hidden), _linear(hidden, width), extra=4 * width, work=attention)
    yield Part(2 * width)


def _pooling(architecture: AnyArchitecture) -> Iterator[Part]:
    pooling, width = architecture.social_pooling, architecture.width
    if not pooling.enabled:
        return
    neighbours = max(1, min(pooling.knn_k, architecture.num_sensors - 1))
    count, cost = (2 * part for part in _linear(2 * width, width))
    if pooling.type == "distance":
        yield Part(count, per_sequence=cost + neighbours * width)
        return
    maps, mapped = _linear(width, width)
    scales = pooling.heads * pooling.time_window + (pooling.heads if pooling.learnable_tau else 0)
    seen = neighbours * pooling.time_window
    yield Part(count + 4 * maps + scales, per_sequence=cost + 2 * mapped + 2 * mapped * pooling.time_window + 2 * seen * width)


def _head(architecture: AnyArchitecture) -> Iterator[Part]:
    inputs, width, pooled = architecture.width + architecture.context_width, architecture.head_width, architecture.social_pooling.enabled
    widths = [inputs]
    if architecture.head == "mlp" and not pooled:
        widths.append(width)
    if architecture.head == "mlp" or pooled:
        widths.append(max(1, width // 2))
    for before, after in zip(widths, [*widths[1:], architecture.forecast_width], strict=True):
        count, cost = _linear(before, after)
        yield Part(count, per_sequence=cost)
