"""A step of a run that does more than train epochs, as its family tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StepStatus = Literal["running", "done", "stopped", "failed"]


@dataclass(frozen=True)
class Step:
    """One step that has begun: what it is called, where it stands, and the seconds that it took."""

    words: str
    status: StepStatus
    seconds: float
