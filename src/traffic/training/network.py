"""The network of an architecture as the functions that training calls."""

from __future__ import annotations

from jax import Array

from traffic.kinds import AnyArchitecture
from traffic.model.dropout import Dropout, rates_of
from traffic.model.network import bind
from traffic.shapes import DataShape
from traffic.training.optimiser import Parameters
from traffic.training.recipe import Forward
from traffic.training.series import Windows


def forward_of(architecture: AnyArchitecture, shape: DataShape) -> Forward:
    """The forward pass of a network whose parameters come as an argument."""
    rates = rates_of(architecture)

    def forward(parameters: Parameters, windows: Windows, key: Array | None) -> Array:
        dropout = None if key is None else Dropout(key, rates)
        return bind(architecture, shape, parameters)(windows.inputs, windows.exog, windows.tod, windows.dow, dropout=dropout)

    return forward
