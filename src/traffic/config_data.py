"""How a model uses its data: which detectors and features, what is forecast, and how windows are divided. Fixed at creation.

The module imports no array package; the web process reads it to draw forms and to check settings.
"""

from __future__ import annotations

from typing import Literal

from traffic.config_architecture import MOST_STEPS
from traffic.windows.size import Protocol
from workbench.fields import ConfigModel, Structural, field, part

TimeFeature = Literal["tod", "dow"]
Method = Literal["zscore", "minmax", "none"]
Impute = Literal["ffill", "profile", "mean"]
Zeros = Literal["none", "metrics", "both"]
Gaps = Literal["error", "insert_nan", "keep"]
NeighbourKind = Literal["coords", "edges", "none"]

DEFAULT_LOOKBACK, DEFAULT_HORIZON = 12, 12


class Window(ConfigModel):
    """How far a forecast looks back, and how far ahead."""

    sequence_length: Structural[int | None] = field(
        None, label="Input steps", empty="the model's own", unit="steps", ge=1, le=MOST_STEPS, help="Steps that a forecast looks back on; none leaves it to the model.",
    )  # fmt: skip
    prediction_length: Structural[int | None] = field(
        None, label="Forecast steps", empty="the model's own", unit="steps", ge=1, le=MOST_STEPS, help="Steps that are forecast; none leaves it to the model.",
    )  # fmt: skip


class ScalerUse(ConfigModel):
    """How inputs are scaled, by what training windows show."""

    method: Structural[Method] = field(
        "zscore", label="Method", help="How inputs are scaled.",
        choices=(
            ("zscore", "Mean and deviation", "To mean 0 and standard deviation 1."), ("minmax", "Range", "To 0 and 1."),
            ("none", "None", "As they are."),
        ),
    )  # fmt: skip
    per_sensor: Structural[bool] = field(False, label="For each detector", help="Whether every detector has a scale of its own.")


class DataUse(ConfigModel):
    """What a model sees of its data."""

    multi_vd_mode: Structural[bool] = field(
        True, label="Several detectors", section="Detectors", help="Whether the model forecasts several detectors; off for exactly one.",
    )  # fmt: skip
    num_vds: Structural[int | None] = field(
        None, label="Number of detectors", empty="all", section="Detectors", ge=1, le=100_000,
        help="The first so many in the data's order; none takes all. The simulated corridor begins at its bottleneck.",
    )  # fmt: skip
    vd_ids: Structural[tuple[str, ...] | None] = field(
        None, label="Detector ids", empty="the first ones", section="Detectors", min_items=1, max_items=10_000, advanced=True, help="These detectors, in this order; none takes the first ones.",
    )  # fmt: skip
    share_weights_across_vds: Structural[bool] = field(
        False, label="Shared weights", section="Detectors",
        help="Whether one set of weights reads each detector apart. Otherwise all detectors are one wide input.",
    )  # fmt: skip
    features: Structural[tuple[str, ...] | None] = field(
        None, label="Inputs", empty="all", section="Features", min_items=1, max_items=64, help="Features that the model reads, such as speed, flow; none takes all.",
    )  # fmt: skip
    targets: Structural[tuple[str, ...] | None] = field(
        None, label="Targets", empty="all inputs", section="Features", min_items=1, max_items=64, help="Features that it forecasts, among the inputs; none takes all of them.",
    )  # fmt: skip
    time_features: Structural[tuple[TimeFeature, ...]] = field(
        ("tod", "dow"), label="Time features", section="Features", max_items=2, help="What the model is told of the time: of day (tod), of week (dow).",
    )  # fmt: skip
    mask_as_input: Structural[bool] = field(
        True, label="Tell what is missing", section="Features", help="Whether the model is told which inputs were measured.",
    )  # fmt: skip
    window: Window = part(Window(), label="Window")
    protocol: Structural[Protocol] = field(
        "strict", label="Protocol", section="Split", help="How windows are divided into training, validation and test.",
        choices=(
            ("strict", "Strict", "Rows are divided; no row is a target in two sets."),
            ("standard", "Standard", "Windows are divided; neighbouring sets overlap, as in the literature."),
        ),
    )  # fmt: skip
    split: Structural[tuple[float, float, float]] = field(
        (0.7, 0.1, 0.2), label="Shares of the split", section="Split", gt=0, lt=1, min_items=3, max_items=3,
        help="Training, validation and test; together 1.",
    )  # fmt: skip
    train_stride: Structural[int] = field(
        1, label="Training stride", section="Split", unit="windows", ge=1, le=10_000, advanced=True, help="Every so many training windows are used.",
    )  # fmt: skip
    scaler: ScalerUse = part(ScalerUse(), label="Scaler")
    impute: Structural[Impute] = field(
        "ffill", label="Missing inputs", section="Missing values", help="What stands in for inputs that were not measured; targets are never filled.",
        choices=(
            ("ffill", "Last value", "The last measurement."), ("profile", "Profile", "The mean of that time of week."),
            ("mean", "Mean", "The mean of the training part."),
        ),
    )  # fmt: skip
    zeros_as_missing: Structural[Zeros] = field(
        "none", label="Zeros", section="Missing values", help="Whether zeros mean that nothing was measured.",
        choices=(
            ("none", "Are values", "Zeros count like any value."), ("metrics", "In errors", "Errors and the loss leave zeros out."),
            ("both", "Everywhere", "Zeros are missing values."),
        ),
    )  # fmt: skip
    gaps: Structural[Gaps] = field(
        "error", label="Gaps in the clock", section="Missing values", help="What becomes of times that the data skips.",
        choices=(
            ("error", "Refused", "The model is not made."), ("insert_nan", "Filled", "With rows of missing values."),
            ("keep", "Kept", "Steps number rows; strict splits drop windows across a gap."),
        ),
    )  # fmt: skip
    convert_units: Structural[Literal["km/h", "mph"] | None] = field(
        None, label="Speeds converted to", empty="as they are", section="Features", advanced=True, help="The unit that speeds are converted to; none leaves them as they are.",
    )  # fmt: skip
    neighbours: Structural[NeighbourKind] = field(
        "coords", label="Neighbours by", section="Detectors", advanced=True, help="What says which detectors are near, for social pooling.",
        choices=(
            ("coords", "Coordinates", "Distances on the map."), ("edges", "Edges", "A list of links with costs that comes with the data."),
            ("none", "Nothing", "There are no neighbours."),
        ),
    )  # fmt: skip

    def sensors_of(self, available: int) -> int:
        """How many detectors it takes of so many."""
        return self.num_vds or (len(self.vd_ids) if self.vd_ids is not None else available)

    def features_of(self, available: tuple[str, ...]) -> tuple[str, ...]:
        """The inputs it takes of those there are."""
        return self.features if self.features is not None else available

    def targets_of(self, available: tuple[str, ...]) -> tuple[str, ...]:
        """What it forecasts of those there are."""
        return self.targets if self.targets is not None else self.features_of(available)
