"""What a list of runs can show, sort, filter and group by: facts of runs, metrics of their families, settings they have."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from workbench.commands.rules import title
from workbench.comparing import measures_of
from workbench.families import Metric, family, is_registered
from workbench.fields import FieldSpec
from workbench.kinds import kind_of
from workbench.listing.settings import Setting, settings_of, specs_of
from workbench.state import AppState, RunRecord, RunState

ColumnKind = Literal["text", "number", "share", "duration", "time", "tags", "flag"]
"""How a column's values compare: `duration` in seconds, `time` as UTC text, `tags` as several texts, `flag` as yes or no."""

Source = Literal["run", "metric", "setting"]


@dataclass(frozen=True)
class Column:
    """One column of a list of runs.

    Attributes:
        key: what addresses and expressions call it. title: its name on the page, unlike any other's. kind: of its values.
        source: where its values come from. read: a run's value; None where it has none.
        also: other texts that mean the same value of a run (`running` of what is shown as Training).
        names: other names that expressions may use. metric: of a metric, its declaration. unit: of a number.
        path: of a setting, the field's. within: the only family whose runs have it, "" for all.
    """

    key: str
    title: str
    kind: ColumnKind
    source: Source
    read: Callable[[AppState, RunRecord], Any]
    also: Callable[[AppState, RunRecord], Sequence[str]] | None = None
    names: tuple[str, ...] = ()
    metric: Metric | None = None
    unit: str = ""
    path: str = ""
    within: str = ""

    def value(self, state: AppState, run: RunRecord) -> Any:
        """A run's value; None where it has none (a number that is not finite is none)."""
        found = self.read(state, run)
        return None if found in ("", ()) or (isinstance(found, float) and not math.isfinite(found)) else found

    def texts(self, state: AppState, run: RunRecord) -> tuple[str, ...]:
        """All that its value is called, for comparisons of text."""
        found = self.value(state, run)
        own = () if found is None else tuple(found) if self.kind == "tags" else (str(found),)
        return own if self.also is None else (*own, *self.also(state, run))

    @property
    def is_number(self) -> bool:
        """Whether values have an order and a mean."""
        return self.kind in ("number", "share", "duration")


def columns_of(runs: Iterable[RunRecord]) -> tuple[Column, ...]:
    """Every column that these runs can have: facts, then the metrics that one of them has, then the settings of their model types."""
    # of many runs, few differ in what decides which columns there are
    kinds = {(run.family, run.model_type, tuple(run.headline), tuple(run.units.items())): run for run in runs}
    runs = list(kinds.values())
    taken = {name.casefold() for column in FACTS for name in (column.key, column.title, *column.names)}
    found = list(FACTS)
    for column in (*_counts(runs), *_metrics(runs), *_settings(runs)):
        named = _unlike(column, taken)
        taken |= {named.key.casefold(), named.title.casefold()}
        found.append(named)
    return tuple(found)


def by_key(columns: Iterable[Column]) -> dict[str, Column]:
    """Columns by key."""
    return {column.key: column for column in columns}


def family_title(name: str) -> str:
    """A family's title; of one that is not installed, its name."""
    return family(name).title if is_registered(name) else name


def _about(state: AppState, run: RunRecord) -> str:
    record = state.of(run.subject.kind).get(run.subject.id)
    return f"a deleted {kind_of(run.subject.kind).word}" if record is None or record.deleted_at is not None else title(record)


def _dataset(state: AppState, run: RunRecord) -> str | None:
    found = state.datasets.get(state.dataset_of(run) or "")
    return found.name if found is not None else None


def _state_words(state: AppState, run: RunRecord) -> tuple[str, ...]:
    words = kind_of(run.subject.kind).run_words
    shown = {RunState.STARTING: words.starting, RunState.RUNNING: words.going, RunState.STOPPED: words.stopped}.get(run.state)
    return (shown,) if shown else ()


FACTS: tuple[Column, ...] = (
    Column("number", "Run", "number", "run", lambda _, run: run.number),
    Column("model", "Of", "text", "run", _about, also=lambda _, run: (run.subject.id,), names=("about",)),
    Column("family", "Family", "text", "run", lambda _, run: family_title(run.family), also=lambda _, run: (run.family,)),
    Column("state", "State", "text", "run", lambda _, run: run.state.value, also=_state_words),
    Column("dataset", "Dataset", "text", "run", _dataset, also=lambda state, run: (state.dataset_of(run) or "",)),
    Column("created", "Created", "time", "run", lambda _, run: run.created_at),
    Column("started", "Started", "time", "run", lambda _, run: run.started_at),
    Column("ended", "Ended", "time", "run", lambda _, run: run.ended_at),
    Column("duration", "Duration", "duration", "run", lambda _, run: run.duration_seconds),
    Column("epochs", "Epochs", "number", "run", lambda _, run: run.epochs_done),
    Column("seed", "Seed", "number", "run", lambda _, run: run.seed),
    Column("tags", "Tags", "tags", "run", lambda _, run: run.tags, names=("tag",)),
    Column("note", "Note", "text", "run", lambda _, run: run.note),
)  # fmt: skip
"""What every run has."""


def _counts(runs: Sequence[RunRecord]) -> list[Column]:
    """A column for every number that runs keep besides their settings, as their families name them."""
    held = {
        name: title
        for kind, model_type in dict.fromkeys((run.family, run.model_type) for run in runs)
        if is_registered(kind)
        for name, title in family(kind).model(model_type).holds.counts.items()
    }
    return [Column(name, title, "number", "run", lambda _, run, name=name: run.payload.get(name)) for name, title in held.items()]


def _metrics(runs: Sequence[RunRecord]) -> list[Column]:
    """A column for every headline metric, in order of first appearance; of families that mean different things by one key, one each."""
    found: dict[str, dict[str, Metric]] = {}
    units: dict[str, dict[str, None]] = {}
    for run in runs:
        for key in run.headline:
            found.setdefault(key, {}).setdefault(run.family, measures_of(run).of(key))
            if key in run.units:
                units.setdefault(key, {})[run.units[key]] = None
    # what is in several units stands below each other, and its title says so
    found = {
        key: {name: metric.in_unit(", ".join(units.get(key, ()))) for name, metric in declared.items()} for key, declared in found.items()
    }
    columns = []
    for key, declared in found.items():
        if len(set(declared.values())) == 1:
            columns.append(_metric(key, next(iter(declared.values())), ""))
        else:
            columns += [_metric(key, metric, name) for name, metric in declared.items()]
    return columns


def _metric(key: str, metric: Metric, family_name: str) -> Column:
    unit = f" ({metric.unit})" if metric.unit else ""

    def read(_: AppState, run: RunRecord) -> float | None:
        return run.headline.get(key) if family_name in ("", run.family) else None

    own = f"{family_name}.{key}" if family_name else key
    named = f"{metric.label}{unit}{f' · {family_title(family_name)}' if family_name else ''}"
    return Column(own, named, "share" if metric.format == "share" else "number", "metric", read, metric=metric, unit=metric.unit)


def _settings(runs: Sequence[RunRecord]) -> list[Column]:
    """A column for every field of the runs' model types; of fields that share a path and nothing else, one each."""
    found: dict[str, dict[str, FieldSpec]] = {}
    for name, model_type in dict.fromkeys((run.family, run.model_type) for run in runs):
        for path, spec in specs_of(name, model_type).items():
            found.setdefault(path, {}).setdefault(name, spec)
    columns = []
    for path, specs in found.items():
        if len({(spec.label, _kind(spec)) for spec in specs.values()}) == 1:
            columns.append(_setting(path, next(iter(specs.values())), ""))
        else:
            columns += [_setting(path, spec, name) for name, spec in specs.items()]
    return columns


def _setting(path: str, spec: FieldSpec, family_name: str) -> Column:
    kind = _kind(spec)

    def read(_: AppState, run: RunRecord) -> Any:
        found = settings_of(run).get(path) if family_name in ("", run.family) else None
        if found is None:
            return None
        if kind == "text":
            return found.words
        fits = isinstance(found.value, bool) if kind == "flag" else _is_number(found.value)
        return found.value if fits else None

    def also(_: AppState, run: RunRecord) -> tuple[str, ...]:
        found = settings_of(run).get(path) if family_name in ("", run.family) else None
        return () if found is None else (str(found.value),)

    own = f"{family_name}.{path}" if family_name else path
    named = f"{spec.label}{f' · {family_title(family_name)}' if family_name else ''}"
    return Column(own, named, kind, "setting", read, also if kind == "text" else None, unit=spec.meta.unit, path=path, within=family_name)


def _kind(spec: FieldSpec) -> ColumnKind:
    if spec.value_type is bool:
        return "flag"
    return "number" if spec.value_type in (int, float) and spec.composite is None else "text"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _unlike(column: Column, taken: set[str]) -> Column:
    """The column under a key and a title that no other has."""
    clash = column.key.casefold() in taken
    key = f"{column.source}.{column.key}" if clash else column.key
    named = f"{column.title} ({column.source})" if column.title.casefold() in taken else column.title
    return replace(column, key=key, title=named)


def differing_settings(columns: Iterable[Column], runs: Iterable[RunRecord]) -> tuple[str, ...]:
    """Keys of the settings in which runs differ; one that applies to some only is a difference."""
    # Equal configs are read once and are then the same object, so that a thousand runs of a few configs cost no more than these.
    configs = {(run.family, run.model_type, id(run.config)): run for run in runs}
    read = {id(settings): (run.family, settings) for run in configs.values() for settings in (settings_of(run),)}
    if len(read) < 2:
        return ()

    def setting(column: Column, family_name: str, settings: Mapping[str, Setting]) -> Setting | None:
        return settings.get(column.path) if column.within in ("", family_name) else None

    def differ(column: Column) -> bool:
        found = [setting(column, *one) for one in read.values()]
        first = found[0]
        if all(one is first or (one is not None and first is not None and one.value == first.value) for one in found):
            return False
        return len({None if one is None else one.words for one in found}) > 1

    return tuple(column.key for column in columns if column.path and differ(column))
