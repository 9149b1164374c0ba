"""Runs beside each other: a row a run, a column a metric, and over seeds their mean and standard deviation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workbench.beside import Beside, beside
from workbench.cli.words import duration
from workbench.commands.base import CommandError
from workbench.comparing import HEADLINE, MetricRow, SettingRow, Told, averaged, grouped, headline_metrics, unit_at
from workbench.families import Metric
from workbench.families.metrics import plain_words
from workbench.services.comparison import RunComparison
from workbench.state import RunRecord


@dataclass(frozen=True)
class Compared:
    """One run: its model's name, the group of runs that differ by their seed only, the seed, and every metric of its summary."""

    model: str
    group: str
    seed: int | None
    run: RunRecord
    told: Told = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """A table: names of its columns, and rows of text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def table_of_runs(done: Sequence[Compared]) -> Comparison:
    """A row for each run, in order, and below them one for each simple method that is set beside them: once for runs with equal values."""
    metrics = _metrics(done)
    rows = []
    for one in done:
        seed = "" if one.seed is None else str(one.seed)
        told = (one.run.state.value, str(one.run.epochs_done), duration(one.run.duration_seconds))
        cells = (_text(metric.in_unit(unit_at(one.told, name)), one.run.headline.get(name)) for name, metric in metrics.items())
        rows.append((f"#{one.run.number}", one.model, seed, *told, *cells))
    for who, cells in _reference_rows(done, list(metrics)):
        rows.append(("", who, "", "", "", "", *cells))
    return Comparison(("Run", "Model", "Seed", "State", "Epochs", "Time", *_heads(metrics)), tuple(rows))


def _reference_rows(done: Sequence[Compared], names: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """(name of a simple method, what it reached of each metric in words); where runs differ in that, a name says whose it is."""
    found: dict[str, dict[tuple[str, ...], list[int]]] = {}
    for one in done:
        by_name = {row.name: row for row in beside(one.run, one.told)}
        for title in dict.fromkeys(title for row in by_name.values() for title in row.references):
            cells = tuple(_text(row.metric, row.references.get(title)) if (row := by_name.get(name)) else "" for name in names)
            found.setdefault(title, {}).setdefault(cells, []).append(one.run.number)
    return [
        (title if len(reached) == 1 else f"{title}, {', '.join(f'#{number}' for number in numbers)}", cells)
        for title, reached in found.items()
        for cells, numbers in reached.items()
    ]


def table_beside(rows: Sequence[Beside]) -> Comparison | None:
    """A run's metrics beside simple methods, a column each, the best with a star; None without any."""
    rows = [row for row in rows if row.references]
    if not rows:
        return None
    titles = tuple(dict.fromkeys(title for row in rows for title in row.references))
    heads = _heads({row.name: row.metric for row in rows})
    lines = []
    for head, row in zip(heads, rows, strict=True):
        best = row.best()
        told = [(None, row.value), *((title, row.references.get(title)) for title in titles)]
        lines.append((head, *(f"{_text(row.metric, value)}{' *' if who in best else ''}" for who, value in told)))
    return Comparison(("", "Model", *titles), tuple(lines))


def table_of_groups(done: Sequence[Compared]) -> Comparison:
    """A row for each group: how many runs it has, and each metric's mean and standard deviation over those that measured it alike."""
    metrics = _metrics(done)
    rows = []
    for group in dict.fromkeys(one.group for one in done):
        runs = [one.run for one in done if one.group == group]
        rows.append(
            (group, str(len(runs)), *(averaged(metric, runs, [run.headline.get(name) for run in runs]) for name, metric in metrics.items()))
        )
    return Comparison(("Model", "Runs", *_heads(metrics)), tuple(rows))


def _metrics(done: Sequence[Compared]) -> dict[str, Metric]:
    """What the runs measured, by key; of runs of several families as the first one declares it."""
    return headline_metrics([one.run for one in done], [one.told for one in done])


def _heads(metrics: Mapping[str, Metric]) -> tuple[str, ...]:
    """Their names, with an arrow towards the better values."""
    better = {"lower": " ↓", "higher": " ↑", None: ""}
    return tuple(f"{metric.label}{better[metric.direction]}" for metric in metrics.values())


def _text(metric: Metric, value: float | None) -> str:
    return "" if value is None else metric.text(value)


def metric_lines(metrics: Sequence[MetricRow]) -> list[tuple[str, ...]]:
    """A line a metric: its name, after its group in a summary, with an arrow towards the better values; and a value a run, the best with a star."""
    heads = _heads({str(place): row.metric for place, row in enumerate(metrics)})
    names = [head if row.group == HEADLINE else f"{plain_words(row.group)}: {head}" for head, row in zip(heads, metrics, strict=True)]
    return [
        (name, *(f"{_text(row.metric, value)}{' *' if place in row.best else ''}" for place, value in enumerate(row.values)))
        for name, row in zip(names, metrics, strict=True)
    ]


def setting_lines(settings: Sequence[SettingRow]) -> list[tuple[str, ...]]:
    """A line a setting with a value a run; a dash where it does not apply."""
    return [(row.label, *("–" if words is None else words for words in row.words)) for row in settings]


def table_of_setting(found: RunComparison, path: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Columns and rows of the means over runs that agree in a setting. Raises CommandError for one in which they do not differ."""
    setting = next((row for row in found.differing if row.path == path), None)
    if setting is None:
        named = ", ".join(row.path for row in found.differing) or "none"
        raise CommandError(f"The runs do not differ in {path!r}; they differ in {named}.", "group")
    columns = (setting.label, "Runs", *(row.metric.label for row in found.headlines))
    return columns, [(row.words, str(len(row.places)), *row.spreads) for row in grouped(setting, found.headlines, found.runs)]
