"""Runs that agree in one column, with means and spreads of what they measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev

from workbench.comparing import apart, averaged, spread, with_value
from workbench.families import Metric
from workbench.fields import show_value
from workbench.listing.columns import Column
from workbench.state import AppState, RunRecord

NOTHING = "nothing"
"""What stands for runs that have no value of the column."""


@dataclass(frozen=True)
class Mean:
    """The mean and the standard deviation (of the sample, n - 1) of one column over `count` runs that have it, and both in words.

    There is neither of what runs measured on different data, or otherwise (`workbench.comparing.apart`); the words say so.
    """

    count: int
    mean: float | None
    deviation: float | None
    words: str


@dataclass(frozen=True)
class Group:
    """Runs with one value of a column.

    Attributes:
        words: the value for people. where: the expression that gives these runs. means: by column key.
    """

    words: str
    where: str
    runs: tuple[RunRecord, ...]
    means: Mapping[str, Mean]


def groups_of(state: AppState, runs: Iterable[RunRecord], by: Column, measured: Iterable[Column]) -> tuple[Group, ...]:
    """The runs by their value of a column, in the order of first appearance; of tags, by all that a run has."""
    found: dict[object, list[RunRecord]] = {}
    for run in runs:
        found.setdefault(by.value(state, run), []).append(run)
    measured = list(measured)
    return tuple(
        Group(_words(by, value), _where(by, value), tuple(members), _means(state, members, measured)) for value, members in found.items()
    )


def _means(state: AppState, runs: Sequence[RunRecord], measured: Iterable[Column]) -> Mapping[str, Mean]:
    alike = not apart(runs)
    return {column.key: _mean(state, runs, column, alike) for column in measured}


def _mean(state: AppState, runs: Sequence[RunRecord], column: Column, alike: bool) -> Mean:
    values = [column.value(state, run) for run in runs]
    known = [value for value in values if value is not None]
    if not alike and column.metric is not None and apart(with_value(runs, values)):
        return Mean(len(known), None, None, averaged(column.metric, runs, values))
    metric = column.metric or Metric(column.key, column.title, unit="s" if column.kind == "duration" else column.unit)
    return Mean(len(known), mean(known) if known else None, stdev(known) if len(known) > 1 else None, spread(metric, known))


def _words(column: Column, value: object) -> str:
    if value is None:
        return NOTHING
    return column.metric.text(value) if column.metric is not None and isinstance(value, int | float) else show_value(value)


def _where(column: Column, value: object) -> str:
    if value is None:
        return f"{column.key} is empty"
    if isinstance(value, tuple):
        return " and ".join(f"{column.key} = {_quoted(str(tag))}" for tag in value)
    return f"{column.key} = {_quoted(value) if isinstance(value, str) else show_value(value) if isinstance(value, bool) else repr(value)}"


def _quoted(text: str) -> str:
    return f"'{text}'" if '"' in text else f'"{text}"'
