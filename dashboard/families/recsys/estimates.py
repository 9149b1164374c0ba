"""How long training may take on this machine, from the rates that it was seen to reach; no figure where it was not."""

from __future__ import annotations

from pydantic import BaseModel, Field

from dashboard.live.words import duration
from recsys.commands.quick_tests import FRAMEWORK, MODEL_TYPE
from recsys.data.facts import TableFacts
from recsys.model.config import ModelConfig, document_of
from recsys.model.facts import Schedule, schedule_of
from recsys.model.flat import operations_per_epoch
from workbench.datasets import DatasetError
from workbench.runs.rates import reached_rates
from workbench.state import AppState
from workbench.workbench import Workbench

ASSUMED_ROWS = 60_000
"""Rows where no data is named: those of the built-in shop."""

_RATED = f"recsys/{MODEL_TYPE}"


class EstimatedTime(BaseModel):
    """How long training may take."""

    seconds: float | None = Field(description="Of training alone; null while this machine's rate is not known.")
    low: float | None = Field(description="At the fastest rate of the last tests; null before the first that was long enough to tell.")
    high: float | None = Field(description="At the slowest.")
    text: str
    calibrated: bool = Field(description="Whether finished tests say how fast training is here.")


def training_time(bench: Workbench, model: ModelConfig, rows: int | None, schedule: Schedule | None = None) -> EstimatedTime:
    """What training on so many rows may take.

    Args:
        rows: None for those of the built-in shop. schedule: a test's, if it overrides the model's.
    """
    chosen = schedule_of(model) if schedule is None else schedule
    values = document_of(model) | {"batch_size": chosen.batch_size}
    work = operations_per_epoch(values, ASSUMED_ROWS if rows is None else rows) * chosen.epochs
    rate = bench.runs.rate(FRAMEWORK, _RATED)
    reached = reached_rates(bench.settings.home, _RATED)
    if not rate:
        return EstimatedTime(seconds=None, low=None, high=None, text="not calibrated yet", calibrated=False)
    low, high = (work / max(reached), work / min(reached)) if reached else (None, None)
    return EstimatedTime(seconds=work / rate, low=low, high=high, text=f"about {duration(work / rate)}", calibrated=bool(reached))


def rows_of(state: AppState, dataset_id: str) -> int | None:
    """How many rows a dataset has; None where that is not known."""
    record = state.datasets.get(dataset_id)
    if record is None or record.manifest is None:
        return None
    try:
        return TableFacts.of(record.manifest).usable
    except DatasetError:
        return None
