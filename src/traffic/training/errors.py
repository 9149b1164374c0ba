"""What can go wrong while training, in words for people."""

from __future__ import annotations

from typing import Literal


class TrainingError(RuntimeError):
    """Training cannot start or go on; the message says what, where and what to do."""


class NonFiniteError(TrainingError):
    """The loss or its gradient became NaN or infinite; the step was not applied.

    Attributes:
        epoch, batch: of the run, 1-based. sensor_id: the detector whose values caused it, None if none stands out.
    """

    def __init__(self, epoch: int, batch: int, what: str, sensor_id: str | None = None) -> None:
        self.epoch, self.batch, self.sensor_id = epoch, batch, sensor_id
        cause = f" at detector {sensor_id}" if sensor_id is not None else ""
        super().__init__(
            f"{what} became NaN or infinite in epoch {epoch}, batch {batch}{cause}. The step was not applied, and the last checkpoint stays. "
            "Try a lower learning rate or gradient clipping norm, or check the data."
        )


class CheckpointError(TrainingError):
    """A checkpoint that cannot be written, read or used.

    Attributes:
        code: MODEL_SHAPE for another architecture, MODEL_SENSORS for other detectors; None for what is wrong with a file or its data.
    """

    def __init__(self, message: str, code: Literal["MODEL_SHAPE", "MODEL_SENSORS"] | None = None) -> None:
        super().__init__(message)
        self.code = code
