"""What all forecasting networks have in common: widths, window, embeddings, head, social pooling.

The module imports no array framework. Sizes that follow from the data are fields too, so that a checkpoint's architecture says
all that its parameters' shapes depend on.
"""

from __future__ import annotations

import itertools
from typing import Any, Literal

from pydantic import field_validator

from traffic.config_social import SocialPooling
from workbench.fields import AUTO, Auto, ConfigModel, Modifiable, Structural, field, part

Head = Literal["linear", "mlp"]
ComputeDtype = Literal["float32", "bfloat16"]
MOST_STEPS = 4096
AUTO_SENSOR_EMBEDDING = 16
"""Length of a detector's embedding where it is left to the model and there are detectors to tell apart."""
MEDIAN = 0.5

HEADS = (
    ("linear", "Linear", "One linear map to all steps of the forecast."),
    ("mlp", "Two layers", "Two hidden layers with ReLU before it."),
)


def head_field(default: Head) -> Any:
    """The field of the map from states to forecasts."""
    return field(default, label="Head", section="Head", choices=HEADS, help="What turns the encoder's state into a forecast.")


def dropout_field(help: str) -> Any:
    """The field of the general dropout rate: none by default, which a small head cannot spare."""
    return field(0.0, label="Dropout", section="Regularisation", ge=0, lt=1, help=help)


class Architecture(ConfigModel):
    """Fields of every forecasting network."""

    input_size: Structural[int] = field(
        3, label="Input width", section="Data", in_form=False, ge=1, le=100_000,
        help="Features of one step: features x detectors, or the features alone with shared weights.",
    )  # fmt: skip
    output_size: Structural[int] = field(
        3, label="Output width", section="Data", in_form=False, ge=1, le=100_000,
        help="Predicted values of one step: targets x detectors, or the targets alone with shared weights.",
    )  # fmt: skip
    exog_size: Structural[int] = field(
        0, label="Exogenous inputs", section="Data", in_form=False, ge=0, le=100_000,
        help="Inputs besides the features: time of day and week, and masks of what was measured.",
    )  # fmt: skip
    num_sensors: Structural[int] = field(
        1, label="Detectors", section="Data", in_form=False, ge=1, le=100_000, help="Detectors of the data.",
    )  # fmt: skip
    shared_weights: Structural[bool] = field(
        False, label="Shared weights", section="Data", in_form=False,
        help="Whether one set of weights reads each detector apart; otherwise all detectors are one wide input.",
    )  # fmt: skip
    slots_per_day: Structural[int] = field(
        288, label="Slots of a day", section="Data", in_form=False, ge=1, le=86_400, help="Intervals of the data in one day.",
    )  # fmt: skip
    sequence_length: Structural[int] = field(
        12, label="Input steps", section="Window", unit="steps", in_form=False, ge=1, le=MOST_STEPS, help="Steps that a forecast looks back on.",
    )  # fmt: skip
    prediction_length: Structural[int] = field(
        1, label="Forecast steps", section="Window", unit="steps", in_form=False, ge=1, le=MOST_STEPS, help="Steps that are forecast, all at once.",
    )  # fmt: skip
    batch_first: Structural[bool] = field(
        True, label="Batch first", section="Window", in_form=False, help="Arrays are (batch, steps, ...); there is no other layout.",
        summary=lambda values: None,
    )  # fmt: skip
    sensor_embedding_dim: Structural[int | Auto] = field(
        AUTO, label="Detector embedding", section="Embeddings", unit="numbers", ge=0, le=512,
        help="Length of a learned vector for each detector, with shared weights. Auto takes 16 if there are several; 0 is none.",
    )  # fmt: skip
    tod_embedding_dim: Structural[int] = field(
        0, label="Time of day embedding", section="Embeddings", unit="numbers", ge=0, le=512,
        help="Length of a learned vector for each interval of the day; 0 is none.",
    )  # fmt: skip
    dow_embedding_dim: Structural[int] = field(
        0, label="Day of week embedding", section="Embeddings", unit="numbers", ge=0, le=512,
        help="Length of a learned vector for each day of the week; 0 is none.",
    )  # fmt: skip
    quantiles: Structural[tuple[float, ...]] = field(
        (), label="Quantiles", section="Head", gt=0, lt=1, max_items=99,
        help="Quantiles that are forecast, in order and with 0.5; none for a point forecast.",
    )  # fmt: skip
    compute_dtype: Modifiable[ComputeDtype] = field(
        "float32", label="Matrix products in", section="Computation", advanced=True, help="Precision of matrix products; states and norms are always float32.",
        choices=(
            ("float32", "float32", "Full precision."),
            ("bfloat16", "bfloat16", "Half the memory; fast on recent graphics cards, slow on most processors."),
        ),
    )  # fmt: skip
    social_pooling: SocialPooling = part(SocialPooling(), label="Social pooling", help="What a detector's forecast sees of its neighbours.")

    @field_validator("batch_first")
    @classmethod
    def _only_batch_first(cls, value: bool) -> bool:
        if not value:
            raise ValueError("must be true: arrays are (batch, steps, ...)")
        return value

    @field_validator("quantiles")
    @classmethod
    def _ordered(cls, value: tuple[float, ...]) -> tuple[float, ...]:
        if any(low >= high for low, high in itertools.pairwise(value)):
            raise ValueError("must increase from one to the next")
        if value and MEDIAN not in value:
            raise ValueError("must contain 0.5, the point forecast")
        return value

    @property
    def sensor_embedding(self) -> int:
        """Length of a detector's embedding, auto worked out; 0 without shared weights."""
        if self.sensor_embedding_dim != AUTO:
            return int(self.sensor_embedding_dim) if self.shared_weights else 0
        return AUTO_SENSOR_EMBEDDING if self.shared_weights and self.num_sensors > 1 else 0

    @property
    def context_width(self) -> int:
        """Length of the context that the head sees beside the state (C)."""
        return self.sensor_embedding + self.tod_embedding_dim + self.dow_embedding_dim

    @property
    def step_width(self) -> int:
        """Length of one step's input."""
        return self.input_size + self.exog_size + self.sensor_embedding

    @property
    def forecast_width(self) -> int:
        """Numbers of one forecast (O)."""
        return self.prediction_length * self.output_size * max(1, len(self.quantiles))
