"""A recommender's configuration, which knows nothing of any data set: what it is and how it is trained.

    config = ModelConfig(Architecture(model_type="ranking", rating_head_layers=head), Training(optimizer="adam"))
    document_of(config)    # {"model_type": "ranking", ..., "optimizer": "adam", ...}: every field, flat

Documents are read and checked by `recsys.model.validate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from recsys.hashes import content_hash, said
from recsys.model.architecture import Architecture, ModelKind
from recsys.model.training import Training
from workbench.fields import ConfigModel

SECTIONS: Mapping[str, type[ConfigModel]] = MappingProxyType(
    {"architecture": Architecture, "training": Training}
)
"""The sections of a configuration; field names are unique over both."""


@dataclass(frozen=True)
class ModelConfig:
    """A complete configuration."""

    architecture: Architecture = field(default_factory=Architecture)
    training: Training = field(default_factory=Training)

    @property
    def model_type(self) -> ModelKind:
        return self.architecture.model_type

    @property
    def retrieves(self) -> bool:
        """Whether it ranks products by dot products."""
        return self.model_type != "ranking"

    @property
    def rates(self) -> bool:
        """Whether it predicts ratings."""
        return self.model_type != "retrieval"

    @property
    def binary(self) -> bool:
        """Whether it learns ratings of two values, as 0 and 1."""
        return self.rates and self.training.loss_function == "binary_crossentropy"

    @property
    def content_hash(self) -> str:
        """Equal for configurations that say the same."""
        return content_hash(said_of(self))


def document_of(config: ModelConfig) -> dict[str, Any]:
    """Every field, flat, as JSON has it; the architecture's first."""
    return config.architecture.model_dump(mode="json") | config.training.model_dump(mode="json")


def said_of(config: ModelConfig) -> dict[str, Any]:
    """What counts in hashes of it, flat."""
    return said(config.architecture) | said(config.training)


def summed(config: ModelConfig) -> bool:
    """Whether the losses of a batch's rows are summed rather than averaged, `auto` decided."""
    training = config.training
    return sums_rows(config.model_type, training.optimizer, training.loss_reduction)


def sums_rows(model_type: str, optimizer: str, loss_reduction: str) -> bool:
    """The same from single values.

    Summed under `auto` for retrieval and multitask with Adagrad or SGD: Adagrad at a rate of 0.1 does not learn from
    means.
    """
    if loss_reduction != "auto":
        return loss_reduction == "sum"
    return model_type != "ranking" and optimizer in ("adagrad", "sgd")


def clipnorm(config: ModelConfig) -> float | None:
    """The norm that gradients are clipped to, `auto` decided: 1 for SGD with summed losses, else none."""
    return clips_at(config.training.clipnorm, config.training.optimizer, summed=summed(config))


def clips_at(chosen: float | str | None, optimizer: str, *, summed: bool) -> float | None:
    """The same from single values."""
    if chosen == "auto":
        return 1.0 if optimizer == "sgd" and summed else None
    return chosen if chosen is None else float(chosen)
