"""Runs beside each other: a row a run, a column a metric, and over seeds their mean and standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from workbench.cli.words import duration
from workbench.state import RunRecord


@dataclass(frozen=True)
class Compared:
    """One run: its model's name, the group of runs that differ by their seed only, and the seed."""

    model: str
    group: str
    seed: int | None
    run: RunRecord


@dataclass(frozen=True)
class Comparison:
    """A table: names of its columns, and rows of text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_of_runs(done: Sequence[Compared]) -> Comparison:
    """A row for each run, in order."""
    metrics = _metrics(done)
    rows = []
    for one in done:
        seed = "" if one.seed is None else str(one.seed)
        told = (one.run.state.value, str(one.run.epochs_done), duration(one.run.duration_seconds))
        rows.append((f"#{one.run.number}", one.model, seed, *told, *(_number(one.run.headline.get(name)) for name in metrics)))
    return Comparison(("Run", "Model", "Seed", "State", "Epochs", "Time", *metrics), tuple(rows))


def table_of_groups(done: Sequence[Compared]) -> Comparison:
    """A row for each group: how many runs it has, and each metric's mean and standard deviation over those that measured it."""
    metrics = _metrics(done)
    rows = []
    for group in dict.fromkeys(one.group for one in done):
        runs = [one.run for one in done if one.group == group]
        rows.append((group, str(len(runs)), *(_spread([run.headline.get(name) for run in runs]) for name in metrics)))
    return Comparison(("Model", "Runs", *metrics), tuple(rows))


def _metrics(done: Sequence[Compared]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in done for name in one.run.headline))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _spread(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return _number(known[0]) if known else ""
    return f"{mean(known):.4g} ± {stdev(known):.2g}"
