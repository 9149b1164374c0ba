"""Social pooling: what a detector's forecast sees of its neighbours."""

from __future__ import annotations

from typing import Literal

from workbench.fields import ConfigModel, Modifiable, Structural, field, when

PoolingType = Literal["st_attention", "distance"]
Kernel = Literal["gaussian", "exponential", "linear", "inverse"]
Aggregation = Literal["weighted_mean", "weighted_sum", "mean", "max"]

_ON = when(enabled=True)
_ATTENTION = when(enabled=True, type="st_attention")
_DISTANCE = when(enabled=True, type="distance")


class SocialPooling(ConfigModel):
    """Pooling over the nearest detectors, between encoder and head."""

    enabled: Structural[bool] = field(
        False, label="Social pooling", help="Whether a detector's forecast sees what its neighbours measure. Needs shared weights and two detectors.",
    )  # fmt: skip
    type: Structural[PoolingType] = field(
        "st_attention", label="Type", applies_when=_ON, help="How neighbours are weighed.",
        choices=(
            ("st_attention", "Attention", "Learned attention over neighbours and their latest steps; far ones start with less weight."),
            ("distance", "Distance", "Weights fixed by distance, on the neighbours' last states."),
        ),
    )  # fmt: skip
    knn_k: Structural[int] = field(
        16, label="Neighbours", ge=1, le=1000, applies_when=_ON, help="The nearest other detectors that are looked at.",
    )  # fmt: skip
    radius_m: Structural[float | None] = field(
        5000.0, label="Radius", unit="m", gt=0, le=1e7, applies_when=_ON, help="Detectors farther away do not count. None: no limit.",
    )  # fmt: skip
    length_scale_m: Structural[float | None] = field(
        None, label="Length scale", unit="m", gt=0, le=1e7, advanced=True, applies_when=_ON,
        help="The distance over which weight falls off. None takes the mean distance of neighbours.",
    )  # fmt: skip
    kernel: Structural[Kernel] = field(
        "gaussian", label="Kernel", applies_when=_DISTANCE, help="How weight falls off with distance d (s: the length scale).",
        choices=(
            ("gaussian", "Gaussian", "exp(-d²/2s²)."), ("exponential", "Exponential", "exp(-d/s)."),
            ("linear", "Linear", "1 - d/radius."), ("inverse", "Inverse", "1/(1 + d/s)."),
        ),
    )  # fmt: skip
    aggregation: Structural[Aggregation] = field(
        "weighted_mean", label="Aggregation", applies_when=_DISTANCE, help="What is made of the neighbours' states.",
        choices=(
            ("weighted_mean", "Weighted mean", "Weights sum to 1."), ("weighted_sum", "Weighted sum", "More neighbours count for more."),
            ("mean", "Mean", "All neighbours alike."), ("max", "Maximum", "The largest value of each state."),
        ),
    )  # fmt: skip
    time_window: Structural[int] = field(
        4, label="Time window", unit="steps", ge=1, le=4096, applies_when=_ATTENTION, help="How many of the neighbours' latest steps are seen.",
    )  # fmt: skip
    heads: Structural[int] = field(
        4, label="Heads", ge=1, le=64, advanced=True, applies_when=_ATTENTION, help="Attention heads; they divide the encoder's width.",
    )  # fmt: skip
    tau_init: Structural[float] = field(
        1.0, label="Distance temperature", gt=0, le=1000, advanced=True, applies_when=_ATTENTION,
        help="Where each head's temperature of distance starts: the larger, the less distance matters.",
    )  # fmt: skip
    learnable_tau: Structural[bool] = field(
        True, label="Learn the temperature", advanced=True, applies_when=_ATTENTION, help="Whether temperatures are trained or keep their start.",
    )  # fmt: skip
    dropout: Modifiable[float] = field(
        0.1, label="Dropout", ge=0, lt=1, applies_when=_ON, help="Share of the fused state that is dropped in training.",
    )  # fmt: skip
