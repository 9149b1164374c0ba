"""Errors of the validation windows by horizon: those of simple forecasts from a run's start, the model's beside them epoch by epoch."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

from traffic.baselines.every import baselines_of
from traffic.metrics.evaluate import evaluate
from traffic.training.task import Task
from workbench.runs.failures import sentence
from workbench.runs.job import Reporter

NAME = "horizons"
"""The name of these diagnostics."""


class ValidationErrors:
    """Mean absolute errors of the first target, as plain values for a page that follows the run.

    Attributes:
        target, unit: what is forecast. baselines: errors of each simple forecast by name, P of them, None where nothing was measured.
    """

    def __init__(self, task: Task) -> None:
        ready = task.prepared
        self.target, self.unit = ready.target_names[0], task.data.units[ready.target_columns[0]]
        self.baselines = {each.name: _plain(evaluate(ready, each, "val").total.metric("mae")[:, 0]) for each in baselines_of(ready)}
        self._facts = {
            "target": self.target, "unit": self.unit, "null": ready.null, "interval_s": ready.interval_s,
        }  # fmt: skip

    def beside(self, model: Sequence[float] = ()) -> dict[str, Any]:
        """The same with the model's, which are none before its first epoch has ended."""
        return {**self._facts, "baselines": self.baselines, "model": _plain(np.array(model))}

    @property
    def of(self) -> str:
        """What the errors are of, with its unit: speed in km/h."""
        return f"{self.target} in {self.unit}" if self.unit else self.target

    def words(self) -> dict[str, float]:
        """Each simple forecast's mean over the horizons, where it can be told."""
        means = {name: float(np.array(values, np.float64).mean()) for name, values in self.baselines.items()}
        return {name: mean for name, mean in means.items() if np.isfinite(mean)}


def validation_errors(task: Task, reporter: Reporter) -> ValidationErrors | None:
    """The same for a run; None, which its log says, if simple forecasts cannot be made: a run is worth more than what stands beside it."""
    try:
        return ValidationErrors(task)
    except Exception as error:
        logging.getLogger(__name__).exception("the simple forecasts of %s failed", task.run_id)
        reporter.log(f"Simple forecasts of the validation windows could not be made. {sentence(error)}", "warning")
        return None


def _plain(values: np.ndarray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
