"""The width of both towers' inputs: the one place that adds it up."""

from __future__ import annotations

from dataclasses import dataclass

from recsys.features.config import FeatureConfig, Tower
from recsys.features.outputs import tower_outputs


@dataclass(frozen=True)
class TensorWidth:
    """One tensor's share."""

    name: str
    dim: int


@dataclass(frozen=True)
class TowerDims:
    """A tower's width, and what it is made of in the order in which tensors are joined."""

    total: int
    breakdown: tuple[TensorWidth, ...]


@dataclass(frozen=True)
class TensorDims:
    """Both towers' widths.

    `dataclasses.asdict` gives `{"buyer": {"total": 8, "breakdown": ({"name": "a", "dim": 8},)}, ...}`.
    """

    buyer: TowerDims
    product: TowerDims

    def of(self, tower: Tower) -> TowerDims:
        """One tower's."""
        return self.buyer if tower == "buyer" else self.product


def tensor_dims(config: FeatureConfig) -> TensorDims:
    """The widths of both towers' inputs; a history without its table adds nothing."""
    return TensorDims(_tower(config, "buyer"), _tower(config, "product"))


def _tower(config: FeatureConfig, tower: Tower) -> TowerDims:
    breakdown = tuple(TensorWidth(output.name, output.dim) for output in tower_outputs(config, tower))
    return TowerDims(sum(width.dim for width in breakdown), breakdown)
