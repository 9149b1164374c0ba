"""The stages of a small drawing of a forecasting network: past steps, encoder, neighbours, head, steps ahead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.families import Stage


def stages(values: Mapping[str, Any]) -> tuple[Stage, ...]:
    """The drawing's stages for resolved `values`. A bar's height follows the logarithm of the layer's width."""
    width = int(values.get("hidden_size") or values["embedding_dim"])
    layers = int(values.get("num_layers") or values.get("num_blocks") or 1)
    found = [
        Stage("data", "Input", f"{values['sequence_length']} steps"),
        Stage("network", "Encoder", f"{layers} x {width}", _bars([width] * layers)),
    ]
    if values["social_pooling.enabled"]:
        found.append(Stage("network", "Neighbours", f"{values['social_pooling.knn_k']} nearest", _bars([width])))
    head = [width, width // 2] if values["head"] == "mlp" else []
    found.append(Stage("network", "Head", "two layers" if head else "linear", _bars(head or [width])))
    quantiles = len(values["quantiles"])
    found.append(Stage("data", "Output", f"{values['prediction_length']} steps{f', {quantiles} quantiles' if quantiles else ''}"))
    return tuple(found)


def _bars(widths: list[int]) -> tuple[float, ...]:
    return tuple(min(1.0, math.log2(max(width, 1) + 1) / 11) for width in widths)
