"""The three kinds of networks by their architectures."""

from __future__ import annotations

from traffic.config_lstm import LSTMArchitecture
from traffic.config_transformer import TransformerArchitecture
from traffic.config_xlstm import XLSTMArchitecture

AnyArchitecture = LSTMArchitecture | XLSTMArchitecture | TransformerArchitecture
