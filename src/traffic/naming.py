"""Forecasting models in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from traffic.config_architecture import AUTO_SENSOR_EMBEDDING
from workbench.fields import AUTO


def names_of(kind: str) -> Callable[[Mapping[str, Any]], str]:
    """The function that makes a model's name from its resolved values: "LSTM 128 x 2, 40 detectors, 12 steps ahead"."""

    def suggest(values: Mapping[str, Any]) -> str:
        width = values.get("hidden_size") or values["embedding_dim"]
        layers = values.get("num_layers") or values.get("num_blocks")
        detectors = values["num_sensors"]
        parts = [
            f"{kind} {width} x {layers}",
            *(["neighbours"] if values["social_pooling.enabled"] else []),
            "1 detector" if detectors == 1 else f"{detectors} detectors",
            f"{values['prediction_length']} steps ahead",
        ]
        return ", ".join(parts)

    return suggest


def resolve(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values with every auto replaced: the loss by whether quantiles are forecast, embeddings by whether there are detectors to tell apart."""
    full: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    if full.get("loss") == AUTO:
        full["loss"] = "pinball" if full.get("quantiles") else "masked_mae"
    if full.get("sensor_embedding_dim") == AUTO:
        several = bool(full.get("shared_weights")) and int(full.get("num_sensors") or 1) > 1
        full["sensor_embedding_dim"] = AUTO_SENSOR_EMBEDDING if several else 0
    return full
