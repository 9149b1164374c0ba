"""A network from its configs, as layered configuration asks for it."""

from __future__ import annotations

from typing import Any

from traffic.config_training import Training
from traffic.kinds import AnyArchitecture
from traffic.model import build as build_network
from traffic.shapes import shape_of


def build(architecture: AnyArchitecture, training: Training) -> Any:
    """A new, untrained network; one that pools has no neighbours until it sees data."""
    return build_network(architecture, shape_of(architecture), seed=training.seed)
