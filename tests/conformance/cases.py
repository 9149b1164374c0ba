"""What the conformance test needs of a family: a small model of it, in words that only the family knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """A small model of a family; `values` make a run of two epochs."""

    family: str
    model_type: str
    dataset: str
    preset: str
    values: Mapping[str, Any]
    sample: Mapping[str, Any]

    def __str__(self) -> str:
        return self.family


CASES = (
    Case(
        "rcmvae", "rcmvae", "digits", "semi_supervised_digits", {"max_epochs": 2, "batch_size": 64},
        {"num_samples": 200, "num_labeled": 40},
    ),
    Case(
        "recsys", "recommender", "retail", "standard", {"epochs": 2, "batch_size": 512, "buyer_tower_layers": ({"type": "dense", "units": 32, "activation": "relu", "l2_reg": 0.0},)},
        {"sample_percent": 10.0},
    ),
    Case(
        "traffic", "lstm", "corridor", "lstm_small", {"epochs": 2, "batch_size": 128, "max_train_windows": 512},
        {"num_vds": 4, "share_weights_across_vds": True, "targets": ["speed"], "window.sequence_length": 6, "window.prediction_length": 3},
    ),
    Case("regression", "linear", "delays", "small", {"epochs": 2, "decoder.width": 24, "layers": ({"type": "dense", "units": 12, "dropout": 0.0},)}, {}),
    Case("fake", "toy", "tiny", "mixed", {"max_epochs": 2, "learning_rate": 0.25}, {"num_labeled": 4}),
)  # fmt: skip
