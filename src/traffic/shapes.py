"""What a network needs to know of the data it is built for, and which architecture fits it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from traffic.config_architecture import Architecture
from traffic.errors import Place, TrafficError

if TYPE_CHECKING:
    from traffic.neighbours import Neighbours


@dataclass(frozen=True)
class DataShape:
    """The sizes of data.

    Attributes:
        sensors: detectors N. features: F of an input. targets: G that are predicted.
        exog: exogenous inputs of a step X; with shared weights of a detector and step.
        slots_per_day: intervals of a day. shared: one set of weights for all detectors, each a sequence of its own;
            otherwise all detectors' features are one wide input.
        neighbours: of each detector, for social pooling.
    """

    sensors: int = 1
    features: int = 3
    targets: int = 3
    exog: int = 0
    slots_per_day: int = 288
    shared: bool = False
    neighbours: Neighbours | None = None

    @property
    def width(self) -> int:
        """Detectors that one sequence holds (D)."""
        return 1 if self.shared else self.sensors

    @property
    def sequences(self) -> int:
        """Sequences that one window is read as."""
        return self.sensors if self.shared else 1


def shape_of(architecture: Architecture, neighbours: Neighbours | None = None) -> DataShape:
    """The data that an architecture was made for."""
    width = 1 if architecture.shared_weights else architecture.num_sensors
    return DataShape(
        sensors=architecture.num_sensors, features=architecture.input_size // width, targets=architecture.output_size // width,
        exog=architecture.exog_size, slots_per_day=architecture.slots_per_day, shared=architecture.shared_weights, neighbours=neighbours,
    )  # fmt: skip


def require_fit(architecture: Architecture, shape: DataShape) -> None:
    """Raise TrafficError (MODEL_SHAPE) if a network of this architecture cannot read data of this shape."""
    found = {
        "num_sensors": shape.sensors, "shared_weights": shape.shared, "input_size": shape.features * shape.width,
        "output_size": shape.targets * shape.width, "exog_size": shape.exog, "slots_per_day": shape.slots_per_day,
    }  # fmt: skip
    for key, value in found.items():
        expected = getattr(architecture, key)
        if expected != value:
            raise TrafficError(
                "MODEL_SHAPE", f"The model was made for {key} {expected}, the data has {value}.",
                hint="Use the data that the model was made for, or make a model for these.", at=Place(key=key),
                expected=expected, found=value,
            )  # fmt: skip
