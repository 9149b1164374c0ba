"""What is recommended of each optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from recsys.model.architecture import Architecture
from recsys.model.layers import dense_layers
from recsys.model.training import Optimizer, Training
from workbench.fields import spec_of


@dataclass(frozen=True)
class OptimizerInfo:
    """One optimiser.

    Attributes:
        low, high: recommended learning rates. default: the one to start with, for towers of two Dense layers
            and more. shallow_default: the one for towers with fewer.
        note: one line about it.
    """

    key: Optimizer
    name: str
    low: float
    high: float
    default: float
    shallow_default: float
    note: str

    def learning_rate(self, architecture: Architecture) -> float:
        """The rate to start with for an architecture, by its deeper tower."""
        towers = (architecture.buyer_tower_layers, architecture.product_tower_layers)
        depth = max(len(dense_layers(layers)) for layers in towers)
        return self.default if depth >= 2 else self.shallow_default


def _info(
    key: Optimizer, low: float, high: float, default: float, shallow: float | None = None
) -> OptimizerInfo:
    name, note = next((n, text) for value, n, text in spec_of(Training, "optimizer").choices if value == key)
    return OptimizerInfo(key, name, low, high, default, default if shallow is None else shallow, note)


RECOMMENDED: Mapping[Optimizer, OptimizerInfo] = MappingProxyType(
    {
        info.key: info
        for info in (
            _info("adagrad", 0.05, 0.1, 0.1),
            _info("adam", 0.001, 0.01, 0.005, 0.01),
            _info("sgd", 0.01, 0.1, 0.1),
            _info("adamw", 0.001, 0.01, 0.005),
            _info("rmsprop", 0.001, 0.01, 0.001),
        )
    }
)
"""Every optimiser by its key, in the order in which they are offered."""
