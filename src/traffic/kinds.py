"""The three kinds of networks by their architectures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture
from workbench.fields import build

AnyArchitecture = LSTMArchitecture | XLSTMArchitecture | TransformerArchitecture


def architecture_of(values: Mapping[str, Any]) -> AnyArchitecture:
    """The architecture among flat values, which may hold more; its kind is told by the fields that only one kind has."""
    own = {"num_blocks": XLSTMArchitecture, "ffn_dim": TransformerArchitecture}
    return build(next((kind for name, kind in own.items() if name in values), LSTMArchitecture), values)
