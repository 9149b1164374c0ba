"""What a run keeps of a trial's figures: its headline, its metrics, and what pages show of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from recsys.evaluation.comparing import Results
from recsys.evaluation.deciles import popularity_deciles
from recsys.model.config import ModelConfig
from recsys.training import shown
from recsys.training.measuring import Measured
from recsys.training.parts import Division

LEAST_SECONDS = 0.5
"""Epochs after the first must have taken this long to say how fast this machine is."""


def rate(operations: float, epoch_seconds: Sequence[float]) -> float | None:
    """Floating point operations a second that training reached; None for one too short to tell.

    Args:
        operations: of an epoch. epoch_seconds: of each epoch; the first holds the tracing of its functions.
    """
    later = epoch_seconds[1:]
    if not later or sum(later) < LEAST_SECONDS:
        return None
    return operations * len(later) / sum(later)


def told_of_rows(measured: Measured, division: Division, *, seed: int) -> dict[str, Any]:
    """What figures and pages show of the rows, as JSON values."""
    test = division.users("test")
    counts = {
        "candidates": len(division.candidates),
        "test_rows": len(test),
        "test_users": len(np.unique(test)),
    }
    if measured.users is None or measured.positions is None:
        return {"counts": counts, "popularity": None, "examples": []}
    deciles = popularity_deciles(division.train_counts[division.candidates], measured.positions)
    return {
        "counts": counts,
        "popularity": None if deciles is None else asdict(deciles),
        "examples": shown.example_buyers(
            division, measured.buyers, measured.products, measured.results.seen, seed=seed
        ),
    }


def headline(config: ModelConfig, results: Results) -> dict[str, float | None]:
    """The figures that stand first."""
    own = results.values()["model"]
    found: dict[str, float | None] = {}
    if config.retrieves:
        found |= {name: own[name] for name in (results.recall, results.ndcg)}
    if config.rates:
        found["rmse"] = own["rmse"]
    return found


def metrics(results: Results) -> dict[str, dict[str, dict[str, Any]]]:
    """The figures of the test part as a run's summary keeps them: who -> name -> value."""
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for one in (*results.ranked, *results.rated):
        if one.metrics is None:
            groups.setdefault(one.name, {})["recall_at_10"] = {
                "value": None,
                "split": "test",
                "n": 0,
                "state": "unavailable",
                "reason": one.about,
            }
            continue
        for figure in one.metrics.figures:
            groups.setdefault(one.name, {})[figure.name] = {
                "value": figure.value,
                "split": "test",
                "n": len(results.users) if one in results.ranked else len(results.actual),
                "state": "success" if figure.value is not None else "unavailable",
                "reason": figure.reason or "",
            }
    return groups
