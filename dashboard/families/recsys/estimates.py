"""How long a test may take on this machine, what that costs and how much memory it needs, as REST shows it."""

from __future__ import annotations

from pydantic import BaseModel, Field

from dashboard.live.words import duration
from recsys.services.durations import Duration
from recsys.services.estimates import Cost, Forecast


class EstimatedTime(BaseModel):
    """How long a test may take on a worker that has loaded its framework."""

    seconds: float | None = Field(description="From the split to the export; null while this machine's rate is not known.")
    low: float | None = Field(description="As the quickest of the last tests here, measured by what it had to do; null before the first.")
    high: float | None = Field(description="As the slowest.")
    stages: dict[str, float] = Field(description="`seconds` by stage.")
    text: str
    calibrated: bool = Field(description="Whether finished tests say how fast training is here.")


class CostView(BaseModel):
    """What a test costs."""

    usd: float | None = Field(description="Null while the time is not known, on a machine that has a price.")
    text: str


class MemoryView(BaseModel):
    """How much memory a test needs, in bytes."""

    expected: int | None = Field(description="Rather high than low; null where the data is not known yet.")
    limit: int | None = Field(description="What there is for a worker.")


def time_view(found: Duration) -> EstimatedTime:
    """A duration as REST shows it."""
    text = "not calibrated yet" if found.seconds is None else f"about {duration(found.seconds)}"
    return EstimatedTime(
        seconds=found.seconds, low=found.low, high=found.high, stages=dict(found.stages), text=text, calibrated=found.calibrated
    )


def cost_view(cost: Cost) -> CostView:
    """A cost as REST shows it."""
    return CostView(usd=cost.usd, text=cost.text)


def memory_view(found: Forecast) -> MemoryView:
    """What a test needs as REST shows it."""
    return MemoryView(expected=found.memory, limit=found.memory_limit)
