"""What can go wrong while training, in words for people."""

from __future__ import annotations


class TrainingError(RuntimeError):
    """Training cannot start or go on; the message says what, where and what to do."""


class NonFiniteError(TrainingError):
    """A loss term became NaN or infinite.

    Attributes:
        epoch: the run's epoch, 1-based. term: the first loss term that broke.
    """

    def __init__(self, epoch: int, step: int, term: str) -> None:
        self.epoch = epoch
        self.step = step
        self.term = term
        super().__init__(
            f"{term} became NaN or infinite in epoch {epoch}, step {step}. The state of the epoch before is kept. "
            "Try a lower learning_rate, a lower grad_clip_norm, or check the data."
        )


class CheckpointError(TrainingError):
    """A checkpoint that cannot be written, read or used."""
