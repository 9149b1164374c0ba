"""A model from its two configs, as layered configuration asks for it."""

from __future__ import annotations

from rcmvae.api import RCMVAE
from rcmvae.config import Architecture, Training


def build(architecture: Architecture, training: Training) -> RCMVAE:
    """A new, untrained model whose classes are called by their numbers."""
    return RCMVAE(architecture, training, class_names=tuple(str(number) for number in range(architecture.num_classes)))
