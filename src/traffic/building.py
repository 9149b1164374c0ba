"""A network from its configs, as layered configuration asks for it."""

from __future__ import annotations

from typing import Any

from traffic.config_training import Training
from traffic.kinds import AnyArchitecture
from traffic.model.network import build as build_network
from traffic.neighbours import Neighbours
from traffic.shapes import shape_of


def build(architecture: AnyArchitecture, training: Training) -> Any:
    """A new, untrained network; to one that pools no detector is near any other, as nothing says where they are."""
    pools = architecture.social_pooling
    around = nobody(architecture.num_sensors, pools.knn_k) if pools.enabled else None
    return build_network(architecture, shape_of(architecture, around), seed=training.seed)


def nobody(sensors: int, knn_k: int) -> Neighbours:
    """Neighbours of detectors of which none counts."""
    import numpy as np

    count = min(knn_k, sensors - 1)
    index = np.broadcast_to(np.arange(sensors, dtype=np.int32)[:, None], (sensors, count))
    return Neighbours(index, np.zeros((sensors, count)), np.zeros((sensors, count), bool))
