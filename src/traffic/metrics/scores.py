"""Metrics by the names under which tables and files show them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from traffic.metrics.evaluate import Evaluation
from traffic.metrics.horizons import REPORTED
from traffic.metrics.sums import METRICS, ErrorSums


def scores(evaluation: Evaluation) -> dict[str, float]:
    """Metrics of a set by name: `test/masked_mae@null=0/h3`, the mean over all horizons as `avg`.

    With several targets a name means the mean over them, and each has its own, `test/speed/masked_mae@null=0/h3`. MAPE is in percent and
    always masks zeros. NaN where nothing was measured.
    """
    total = evaluation.total
    found = _named(f"{evaluation.set}/", evaluation.null, total, range(len(evaluation.target_names)))
    if len(evaluation.target_names) > 1:
        for number, target in enumerate(evaluation.target_names):
            found |= _named(f"{evaluation.set}/{target}/", evaluation.null, total, [number])
    return found


def shown_steps(horizon: int) -> tuple[int, ...]:
    """The horizons that are shown of so many."""
    return tuple(step for step in REPORTED if step <= horizon)


def horizon_label(step: int, interval_s: int) -> str:
    """A horizon as people read it: h3 (15 min)."""
    return f"h{step} ({step * interval_s / 60:g} min)"


def over_seeds(values: Sequence[float]) -> tuple[float, float | None]:
    """Mean and sample standard deviation of one metric; with one seed there is no deviation."""
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None


def _named(prefix: str, null: str, total: ErrorSums, targets: Sequence[int]) -> dict[str, float]:
    found = {}
    for metric in METRICS:
        by_step = total.metric(metric)[:, list(targets)].mean(1)
        rule = "0" if metric == "mape" else null
        shown = {f"h{step}": float(by_step[step - 1]) for step in shown_steps(len(by_step))}
        for label, value in {**shown, "avg": float(by_step.mean())}.items():
            found[f"{prefix}masked_{metric}@null={rule}/{label}"] = value
    return found
