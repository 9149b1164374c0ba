"""Names and shapes of a network's parameters, computed from its architecture alone.

Checkpoints are audited and parameters counted with this listing, without any framework; a test holds it equal to the built
network for every kind of architecture.
"""

from __future__ import annotations

from traffic.config_architecture import Architecture
from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from traffic.kinds import AnyArchitecture

Shapes = dict[str, tuple[int, ...]]
GATES = 4
WEEK_DAYS = 7


def parameter_shapes(architecture: AnyArchitecture) -> Shapes:
    """Dotted name -> shape of every parameter."""
    if isinstance(architecture, LSTMArchitecture):
        encoder = _lstm(architecture)
    else:
        encoder = _xlstm(architecture) if isinstance(architecture, XLSTMArchitecture) else _transformer(architecture)
    return _embeddings(architecture) | encoder | _pooling(architecture) | _head(architecture)


def _linear(name: str, inputs: int, outputs: int, *, bias: bool = True) -> Shapes:
    return {f"{name}.kernel": (inputs, outputs)} | ({f"{name}.bias": (outputs,)} if bias else {})


def _embeddings(architecture: Architecture) -> Shapes:
    tables = (
        ("sensors", architecture.num_sensors, architecture.sensor_embedding),
        ("time_of_day", architecture.slots_per_day, architecture.tod_embedding_dim),
        ("day_of_week", WEEK_DAYS, architecture.dow_embedding_dim),
    )
    return {f"embeddings.{name}": (rows, width) for name, rows, width in tables if width}


def _lstm(architecture: LSTMArchitecture) -> Shapes:
    shapes: Shapes = {}
    hidden = architecture.hidden_size
    for direction in ("layers", "backward_layers") if architecture.bidirectional else ("layers",):
        for index in range(architecture.num_layers):
            name, inputs = f"encoder.{direction}.{index}", architecture.width if index else architecture.step_width
            shapes |= {f"{name}.kernel": (inputs, GATES * hidden), f"{name}.recurrent": (hidden, GATES * hidden)}
            shapes |= {f"{name}.bias": (GATES * hidden,), f"{name}.recurrent_bias": (GATES * hidden,)}
    return shapes


def _xlstm(architecture: XLSTMArchitecture) -> Shapes:
    width = architecture.embedding_dim
    shapes = _linear("encoder.project", architecture.step_width, width)
    for index in range(architecture.num_blocks):
        name = f"encoder.blocks.{index}"
        shapes[f"{name}.norm.gain"] = (width,)
        if index in architecture.scalar_blocks:
            shapes |= _slstm(architecture, f"{name}.layer") | {f"{name}.ffn_norm.gain": (width,)}
            shapes |= _linear(f"{name}.ffn.up", width, 2 * architecture.ffn_width, bias=False)
            shapes |= _linear(f"{name}.ffn.down", architecture.ffn_width, width, bias=False)
        else:
            shapes |= _mlstm(architecture, f"{name}.layer")
    return shapes | ({"encoder.norm.gain": (width,)} if architecture.add_post_blocks_norm else {})


def _convolution(architecture: XLSTMArchitecture, name: str, width: int) -> Shapes:
    size = architecture.conv1d_kernel_size
    return {f"{name}.conv.weight": (size, width), f"{name}.conv.bias": (width,)} if size else {}


def _norm(architecture: XLSTMArchitecture, name: str, width: int) -> Shapes:
    return {f"{name}.norm.gain": (width,)} if architecture.group_norm_weight else {}


def _mlstm(architecture: XLSTMArchitecture, name: str) -> Shapes:
    inner, block, bias = architecture.inner_width, architecture.qkv_proj_blocksize, architecture.bias
    shapes = _linear(f"{name}.up", architecture.embedding_dim, 2 * inner, bias=bias) | _convolution(architecture, name, inner)
    for part in ("query", "key", "value"):
        shapes |= {f"{name}.{part}.kernel": (inner // block, block, block)} | ({f"{name}.{part}.bias": (inner,)} if bias else {})
    for gate in ("input_gate", "forget_gate"):
        shapes |= _linear(f"{name}.{gate}", 3 * inner, architecture.num_heads)
    shapes |= _norm(architecture, name, inner) | {f"{name}.skip": (inner,)}
    return shapes | _linear(f"{name}.down", inner, architecture.embedding_dim, bias=bias)


def _slstm(architecture: XLSTMArchitecture, name: str) -> Shapes:
    heads = architecture.num_heads
    head = architecture.embedding_dim // heads
    shapes = _convolution(architecture, name, architecture.embedding_dim) | {f"{name}.kernel": (GATES, heads, head, head)}
    shapes |= {f"{name}.recurrent": (heads, head, GATES, head), f"{name}.bias": (heads, GATES, head)}
    return shapes | _norm(architecture, name, architecture.embedding_dim)


def _transformer(architecture: TransformerArchitecture) -> Shapes:
    width = architecture.embedding_dim

    def norm(name: str) -> Shapes:
        return {f"{name}.scale": (width,), f"{name}.bias": (width,)}

    shapes = _linear("encoder.project", architecture.step_width, width)
    for index in range(architecture.num_layers):
        name = f"encoder.layers.{index}"
        shapes |= norm(f"{name}.attention_norm") | norm(f"{name}.ffn_norm")
        for part in ("query", "key", "value", "out"):
            shapes |= _linear(f"{name}.attention.{part}", width, width)
        shapes |= _linear(f"{name}.up", width, architecture.ffn_dim) | _linear(f"{name}.down", architecture.ffn_dim, width)
    return shapes | norm("encoder.norm")


def _pooling(architecture: AnyArchitecture) -> Shapes:
    pooling, width = architecture.social_pooling, architecture.width
    if not pooling.enabled:
        return {}
    shapes = _linear("pooling.gate", 2 * width, width) | _linear("pooling.fuse", 2 * width, width)
    if pooling.type == "st_attention":
        for part in ("query", "key", "value", "out"):
            shapes |= _linear(f"pooling.attention.{part}", width, width)
        shapes["pooling.attention.lag_bias"] = (pooling.heads, pooling.time_window)
        if pooling.learnable_tau:
            shapes["pooling.attention.raw_temperature"] = (pooling.heads,)
    return shapes


def _head(architecture: AnyArchitecture) -> Shapes:
    inputs, shapes = architecture.width + architecture.context_width, Shapes()
    for index, width in enumerate(hidden_widths(architecture)):
        shapes |= _linear(f"head.hidden.{index}", inputs, width)
        inputs = width
    return shapes | _linear("head.out", inputs, architecture.forecast_width)


def hidden_widths(architecture: AnyArchitecture) -> tuple[int, ...]:
    """Widths of the head's hidden layers.

    Behind social pooling the fused state, itself the output of a ReLU, is the first of these layers, whatever the head.
    """
    half = max(1, architecture.head_width // 2)
    if architecture.social_pooling.enabled:
        return (half,)
    return (architecture.head_width, half) if architecture.head == "mlp" else ()
