"""Runs beside each other: what they measured with the best marked, the settings in which they differ, and means over equal runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Any

from workbench.families import Metric, Metrics, family, is_registered
from workbench.fields import FieldSpec, applies, field_specs, value_words
from workbench.state import RunRecord

HEADLINE = "headline"
"""The group of the few metrics that lists show."""

Told = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Every metric of a run by group, as its summary has them (`Summary.metrics`)."""

BEGUN = "begun"
"""Before the paths of what a run began with besides its settings: its data, its labels, the weights it went on from."""


@dataclass(frozen=True)
class MetricRow:
    """One metric of several runs.

    Attributes:
        group: of a run's summary, or `HEADLINE`. metric: as the first run's family that has it declares it.
        values: one a run; None where a run has none. best: places of the best values; empty if no value is better than another, or if
            they were measured apart (`apart`).
    """

    group: str
    metric: Metric
    values: tuple[float | None, ...]
    best: frozenset[int]


@dataclass(frozen=True)
class SettingRow:
    """One setting of several runs.

    Attributes:
        path, label, section: of the field. words: its value in words, one a run; None where it does not apply. values: as they are.
    """

    path: str
    label: str
    section: str
    words: tuple[str | None, ...]
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether the runs differ in it; one that applies to some only is a difference."""
        return len(set(self.words)) > 1


@dataclass(frozen=True)
class GroupRow:
    """Runs that agree in a setting: its value in words, their places, and each metric's mean and spread in words (see `averaged`)."""

    words: str
    places: tuple[int, ...]
    spreads: tuple[str, ...]


def measures_of(run: RunRecord) -> Metrics:
    """The metrics of a run's family; of a family that is not installed, none."""
    return family(run.family).measures if is_registered(run.family) else Metrics()


def measured(run: RunRecord, name: str) -> Metric:
    """A metric of a run's headline, in the unit that its data decides."""
    return measures_of(run).of(name).in_unit(run.units.get(name, ""))


def apart(runs: Sequence[RunRecord]) -> tuple[str, ...]:
    """What makes results of the runs no measure of each other: other data, or what their family says is measured otherwise on it."""
    if len({None if run.dataset is None else run.dataset.content_sha256 for run in runs}) > 1:
        return ("data",)
    told = [_measured(run) for run in runs]
    return tuple(label for label in dict.fromkeys(label for each in told for label in each) if len({each.get(label) for each in told}) > 1)


def apart_words(runs: Sequence[RunRecord]) -> str:
    """The same as a sentence; "" for runs whose results may be ranked."""
    found = apart(runs)
    if not found:
        return ""
    return f"The runs were not all measured on the same {' and '.join(found)}: no value is marked as the best where they differ in that."


def headline_metrics(runs: Sequence[RunRecord], summaries: Sequence[Told]) -> dict[str, Metric]:
    """What the runs' headlines have, by name in the order in which they first occur, in the unit of their data if that is one."""
    found: dict[str, Metric] = {}
    units: dict[str, set[str]] = {}
    for run, told in zip(runs, summaries, strict=True):
        for name in run.headline:
            found.setdefault(name, measures_of(run).of(name))
            units.setdefault(name, set()).add(run.units.get(name) or unit_at(told, name))
    return {name: metric.in_unit(_only(units[name])) for name, metric in found.items()}


def value_at(told: Told, key: str) -> float | None:
    """The number of a metric of a summary by its group and name; None if there is none."""
    return _number(_entry(told, key))


def unit_at(told: Told, key: str) -> str:
    """The unit that a metric of a summary has because of its data; "" if its family declares it, or it has none."""
    return str(_entry(told, key).get("unit") or "")


def headline_rows(runs: Sequence[RunRecord], summaries: Sequence[Told] | None = None) -> tuple[MetricRow, ...]:
    """The headline metrics of the runs, in the order in which they first occur; summaries know the units that their data decides."""
    found = headline_metrics(runs, summaries if summaries is not None else [{}] * len(runs))
    return tuple(_row(HEADLINE, metric, runs, [run.headline.get(name) for run in runs]) for name, metric in found.items())


def metric_rows(runs: Sequence[RunRecord], summaries: Sequence[Told]) -> tuple[MetricRow, ...]:
    """Every metric with a single number, as the runs' summaries have it, by group."""
    found: dict[tuple[str, str], Metric] = {}
    units: dict[tuple[str, str], set[str]] = {}
    for run, summary in zip(runs, summaries, strict=True):
        for group, members in summary.items():
            for name, told in members.items():
                if _number(told) is not None:
                    found.setdefault((group, name), measures_of(run).of(f"{group}/{name}"))
                    units.setdefault((group, name), set()).add(str(told.get("unit") or ""))
    return tuple(
        _row(group, metric.in_unit(_only(units[group, name])), runs, [_number(each.get(group, {}).get(name)) for each in summaries])
        for (group, name), metric in found.items()
    )


def setting_rows(runs: Sequence[RunRecord], resolved: Sequence[Mapping[str, Any]]) -> tuple[SettingRow, ...]:
    """Every setting that applies to one of the runs, whose values are `resolved`, in the order of the first type that has it."""
    specs: dict[str, FieldSpec] = {}
    owners = [_specs(run) for run in runs]
    for own in owners:
        for path, spec in own.items():
            specs.setdefault(path, spec)
    rows = []
    for path, spec in specs.items():
        held = [own.get(path) is not None and applies(own[path], values) for own, values in zip(owners, resolved, strict=True)]
        if not any(held):
            continue
        values = tuple(given.get(path) if there else None for given, there in zip(resolved, held, strict=True))
        words = tuple(value_words(own[path], value) if there else None for own, value, there in zip(owners, values, held, strict=True))
        rows.append(SettingRow(path, spec.label, spec.section, words, values))
    return tuple(rows)


def begun_rows(told: Sequence[Sequence[tuple[str, str]]]) -> tuple[SettingRow, ...]:
    """What several runs began with besides their settings, as rows like those of settings.

    Args:
        told: (label, words) lines, a list a run.
    """
    lines = [dict(lines) for lines in told]
    rows = []
    for label in dict.fromkeys(label for each in lines for label in each):
        words = tuple(each.get(label) for each in lines)
        rows.append(SettingRow(f"{BEGUN}.{label.casefold().replace(' ', '_')}", label, "Begun with", words, words))
    return tuple(rows)


def grouped(setting: SettingRow, metrics: Sequence[MetricRow], runs: Sequence[RunRecord]) -> tuple[GroupRow, ...]:
    """The runs by their value of a setting, with each metric's mean and standard deviation over those that measured it."""
    places: dict[str, list[int]] = {}
    for place, words in enumerate(setting.words):
        places.setdefault("does not apply" if words is None else words, []).append(place)
    return tuple(
        GroupRow(
            words,
            tuple(members),
            tuple(averaged(row.metric, [runs[i] for i in members], [row.values[i] for i in members]) for row in metrics),
        )
        for words, members in places.items()
    )


def averaged(metric: Metric, runs: Sequence[RunRecord], values: Sequence[float | None]) -> str:
    """Mean and standard deviation over the runs that have a value, in words; of runs that were measured apart, that they were."""
    differing = apart(with_value(runs, values))
    return f"not averaged: different {' and '.join(differing)}" if differing else spread(metric, values)


def with_value(runs: Sequence[RunRecord], values: Sequence[float | None]) -> list[RunRecord]:
    """The runs that have a value."""
    return [run for run, value in zip(runs, values, strict=True) if value is not None]


def spread(metric: Metric, values: Iterable[float | None]) -> str:
    """Mean and standard deviation (of the sample, n - 1) of several values in words; a single value as it is, "" for none."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return metric.text(known[0]) if known else ""
    if metric.format == "share":
        return f"{100 * mean(known):.1f} ± {100 * stdev(known):.2g} %"
    return f"{mean(known):.4g} ± {stdev(known):.2g} {metric.unit}".strip()


def _row(group: str, metric: Metric, runs: Sequence[RunRecord], values: Sequence[float | None]) -> MetricRow:
    known = [value for value in values if value is not None]
    ranked = len(known) > 1 and not apart(with_value(runs, values))
    best = metric.better(known) if ranked else None
    return MetricRow(group, metric, tuple(values), frozenset(i for i, value in enumerate(values) if best is not None and value == best))


def _only(units: set[str]) -> str:
    return next(iter(units)) if len(units) == 1 else ""


def _entry(told: Told, key: str) -> Mapping[str, Any]:
    group, _, name = key.partition("/")
    return told.get(group, {}).get(name) or {}


def _number(told: Mapping[str, Any] | None) -> float | None:
    value = (told or {}).get("value")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None


def _measured(run: RunRecord) -> Mapping[str, str]:
    """What a run's family says its results were measured on, besides the data."""
    if not is_registered(run.family):
        return {}
    holds = family(run.family).model(run.model_type).holds
    return holds.measured(holds.run_payload.model_validate(run.payload))


def _specs(run: RunRecord) -> dict[str, FieldSpec]:
    """The fields of a run's model type that people see, by path."""
    if not is_registered(run.family):
        return {}
    sections = family(run.family).model(run.model_type).sections
    return {spec.name: spec for section in sections.values() for spec in field_specs(section) if spec.meta.unavailable is None}
