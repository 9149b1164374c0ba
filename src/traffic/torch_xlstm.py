"""Weights of the public PyTorch package xlstm (2.0.5), read into the xLSTM encoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from traffic.errors import Place, TrafficError

GATES = 4
_PLAIN = {
    "xlstm_norm.weight": "norm.gain",
    "ffn_norm.weight": "ffn_norm.gain",
    "xlstm.group_norm.weight": "layer.norm.gain",
    "xlstm.mlstm_cell.outnorm.weight": "layer.norm.gain",
    "xlstm.learnable_skip": "layer.skip",
    "xlstm.conv1d.conv.bias": "layer.conv.bias",
    "xlstm.mlstm_cell.igate.bias": "layer.input_gate.bias",
    "xlstm.mlstm_cell.fgate.bias": "layer.forget_gate.bias",
    "xlstm.proj_up.bias": "layer.up.bias",
    "xlstm.proj_down.bias": "layer.down.bias",
    "xlstm.q_proj.bias": "layer.query.bias",
    "xlstm.k_proj.bias": "layer.key.bias",
    "xlstm.v_proj.bias": "layer.value.bias",
}
_TRANSPOSED = {
    "xlstm.proj_up.weight": "layer.up.kernel",
    "xlstm.proj_down.weight": "layer.down.kernel",
    "xlstm.q_proj.weight": "layer.query.kernel",
    "xlstm.k_proj.weight": "layer.key.kernel",
    "xlstm.v_proj.weight": "layer.value.kernel",
    "xlstm.mlstm_cell.igate.weight": "layer.input_gate.kernel",
    "xlstm.mlstm_cell.fgate.weight": "layer.forget_gate.kernel",
    "ffn.proj_up.weight": "ffn.up.kernel",
    "ffn.proj_down.weight": "ffn.down.kernel",
}
"""Maps that the package stores with outputs before inputs."""
_SCALAR_GATES = ("xlstm.fgate.weight", "xlstm.igate.weight", "xlstm.zgate.weight", "xlstm.ogate.weight")
"""In the cell's order: what the package calls `fgate` feeds the input gate, and `igate` the forget gate."""
_RECURRENT, _BIAS = "xlstm.slstm_cell._recurrent_kernel_", "xlstm.slstm_cell._bias_"
_CONVOLUTION = "xlstm.conv1d.conv.weight"
_LAST_NORM = "post_blocks_norm.weight"


def import_torch_xlstm(state_dict: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The parameters of the blocks and the final norm, by their names in an `XLSTMArchitecture`'s network.

    Args:
        state_dict: of an `xLSTMBlockStack`, in the storage order of its vanilla or of its CUDA backend; tensors or arrays.

    Raises:
        TrafficError: MODEL_SHAPE for a name or a shape that such a stack does not have.
    """
    found: dict[str, np.ndarray] = {}
    blocks: dict[str, dict[str, np.ndarray]] = {}
    for name, value in state_dict.items():
        array = np.asarray(value.detach().cpu() if hasattr(value, "detach") else value)
        if name == _LAST_NORM:
            found["encoder.norm.gain"] = array
            continue
        place, _, rest = name.removeprefix("blocks.").partition(".")
        if not name.startswith("blocks.") or not place.isdigit():
            raise _foreign(name)
        blocks.setdefault(place, {})[rest] = array
    for place, arrays in blocks.items():
        found |= {f"encoder.blocks.{place}.{name}": array for name, array in _block(place, arrays).items()}
    return found


def _block(place: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        if name in _PLAIN:
            found[_PLAIN[name]] = array
        elif name in _TRANSPOSED:
            found[_TRANSPOSED[name]] = array.swapaxes(-1, -2)
        elif name == _CONVOLUTION:
            found["layer.conv.weight"] = array[:, 0].T
        elif name not in (*_SCALAR_GATES, _RECURRENT, _BIAS):
            raise _foreign(f"blocks.{place}.{name}")
    if _RECURRENT in arrays:
        missing = [name for name in (*_SCALAR_GATES, _BIAS) if name not in arrays]
        if missing:
            raise _foreign(f"blocks.{place}.{missing[0]}")
        found["layer.kernel"] = np.stack([arrays[name].swapaxes(-1, -2) for name in _SCALAR_GATES])
        found["layer.recurrent"], found["layer.bias"] = _scalar_cell(place, arrays[_RECURRENT], arrays[_BIAS])
    return found


def _scalar_cell(place: str, recurrent: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recurrent weights (heads, DH, 4, DH) and biases (heads, 4, DH); the order of storage shows in the first one's shape."""
    heads, first, second = recurrent.shape
    if first == GATES * second:
        return recurrent.reshape(heads, GATES, second, second).transpose(0, 3, 1, 2), bias.reshape(GATES, heads, second).transpose(1, 0, 2)
    if second == GATES * first:
        return recurrent.reshape(heads, first, GATES, first), bias.reshape(heads, GATES, first)
    raise _foreign(f"blocks.{place}.{_RECURRENT}")


def _foreign(name: str) -> TrafficError:
    return TrafficError(
        "MODEL_SHAPE", f"{name} is missing, or not as in a block stack of the package xlstm 2.0.5.", hint="Give the state_dict of an xLSTMBlockStack.",
        at=Place(key=name),
    )  # fmt: skip
