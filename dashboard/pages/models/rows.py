"""What the Models page knows about each model, read off the state; filtering and sorting."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.about import Results, results_of
from dashboard.components.runs import RUN_STATES
from workbench.families import Metric, Metrics, family, is_registered, model_type
from workbench.fields import fingerprint
from workbench.state import AppState, ModelRecord, RunRecord, RunState
from workbench.values import configs_of, resolved_of

Words = Callable[[ModelRecord], tuple[tuple[str, str], ...]]
"""A model's architecture in words, as (label, value) pairs."""

SORTS: dict[str, str] = {"updated": "Last changed", "name": "Name", "metric": "Best metric", "created": "Newest", "state": "State"}
NOT_TRAINED = "none"


@dataclass(frozen=True)
class ModelRow:
    """One model as cards and the table show it.

    Attributes:
        words: its architecture in few words. run_id: the run whose curve is drawn. state: the last run's, None without runs.
        metric, metric_text: the best run's first headline metric (the newest run's where none is better) and its name.
        lower_is_better: whether a lower value of it ranks first. misfit: why its weights do not fit, if so.
        active: whether a run is queued or training. results: the page of the newest measured run's results, if its family has one.
    """

    id: str
    number: int
    name: str
    family: str
    family_title: str
    words: str
    dataset: str
    held: str
    state: RunState | None
    run_id: str | None
    metric: float | None
    metric_name: str
    metric_text: str
    lower_is_better: bool
    updated_at: str
    created_at: str
    tags: tuple[str, ...]
    misfit: str | None
    active: bool
    results: Results | None = None


def signature(shown: Sequence[ModelRow]) -> str:
    """A short text that changes when anything shown of these rows does."""
    return hashlib.sha256(repr(list(shown)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Choice:
    """What is asked for: search text, filters ("" for any) and the order."""

    text: str = ""
    family: str = ""
    state: str = ""
    tag: str = ""
    sort: str = "updated"


@dataclass(frozen=True)
class Known:
    """What is derived from an architecture alone: its words, and the fingerprint its weights must carry."""

    words: str
    fingerprint: str


@dataclass
class KnownArchitectures:
    """Architectures never change, so what follows from one is computed once a process."""

    summary: Words
    _kept: dict[tuple[str, str, str], Known] = field(default_factory=dict)

    def of(self, model: ModelRecord) -> Known:
        """What is known of the model's architecture."""
        key = (model.family, model.model_type, repr(model.config))
        if key not in self._kept:
            if len(self._kept) > 5000:
                self._kept.clear()
            self._kept[key] = Known(short_words(self.summary(model), model_type(model.family, model.model_type).card), _fingerprint(model))
        return self._kept[key]


def short_words(pairs: Iterable[tuple[str, str]], card: Sequence[str] = ()) -> str:
    """Architecture pairs as one line: the values of the labels that the model type names for its card, else the first three. A bare number
    says nothing without its label."""
    told = dict(pairs)
    known = [f"{label}: {told[label]}" if told[label].isdigit() else told[label] for label in card if told.get(label)]
    return " · ".join(known or [f"{label}: {value}" for label, value in list(told.items())[:3]])


def rows_of(state: AppState, known: Callable[[ModelRecord], Known]) -> list[ModelRow]:
    """Rows of all models that are not deleted, in no particular order."""
    runs: dict[str, list[RunRecord]] = {}
    for run in state.runs.values():
        if run.deleted_at is None:
            runs.setdefault(run.subject.id, []).append(run)
    return [_row(state, model, runs.get(model.id, []), known(model)) for model in state.models.values() if model.deleted_at is None]


def choose(rows: Iterable[ModelRow], choice: Choice) -> list[ModelRow]:
    """The rows that fit the choice, in its order."""
    wanted = choice.text.lower().split()
    kept = [
        row
        for row in rows
        if (not choice.family or row.family == choice.family)
        and (not choice.state or (row.state.value if row.state else NOT_TRAINED) == choice.state)
        and (not choice.tag or choice.tag in row.tags)
        and all(word in _searched(row) for word in wanted)
    ]
    return sorted(kept, key=_order(choice.sort), reverse=choice.sort in ("updated", "created"))


def all_tags(rows: Iterable[ModelRow]) -> list[str]:
    """Every tag in use, in alphabetical order."""
    return sorted({tag for row in rows for tag in row.tags}, key=str.lower)


def _row(state: AppState, model: ModelRecord, runs: Sequence[RunRecord], known: Known) -> ModelRow:
    newest = max(runs, key=lambda r: r.number, default=None)
    metrics = family(model.family).measures if is_registered(model.family) else Metrics()
    name, value, unit = _best(runs, metrics)
    measured: Metric | None = metrics.of(name).in_unit(unit) if name else None
    dataset_id = state.dataset_of(model)
    misfit = None
    if model.weights is not None and model.weights.fingerprint != known.fingerprint:
        misfit = "Its weights belong to another architecture, so it cannot be trained on. Clone it to start afresh, or run trellis audit for the details."
    return ModelRow(
        id=model.id,
        number=model.number,
        name=model.name,
        family=model.family,
        family_title=_family_title(model),
        words=known.words,
        dataset=state.datasets[dataset_id].name if dataset_id else "",
        held=_held(state, model),
        state=newest.state if newest else None,
        run_id=newest.id if newest else None,
        metric=value,
        metric_name=metrics.title(name) if name else "",
        metric_text=measured.text(value) if measured else "",
        lower_is_better=measured is not None and measured.direction == "lower",
        updated_at=max([model.updated_at, *(r.ended_at or r.started_at or r.created_at for r in runs)]),
        created_at=model.created_at,
        tags=model.tags,
        misfit=misfit,
        active=any(r.state.active for r in runs),
        results=next((found for r in sorted(runs, key=lambda r: -r.number) if (found := results_of(r))), None),
    )


def _best(runs: Sequence[RunRecord], metrics: Metrics) -> tuple[str, float | None, str]:
    """Name, best value over all runs of the newest run's first headline metric (the newest where no value is better), and its unit if its data decides it."""
    told = [r for r in runs if any(v is not None for v in r.headline.values())]
    if not told:
        return "", None, ""
    newest = max(told, key=lambda r: r.number)
    name = next(n for n, v in newest.headline.items() if v is not None)
    values = [v for r in told if (v := r.headline.get(name)) is not None]
    best = metrics.of(name).better(values)
    return name, newest.headline[name] if best is None else best, newest.units.get(name, "")


def _family_title(model: ModelRecord) -> str:
    declared = family(model.family)
    kind = declared.model(model.model_type).title
    return kind if len(declared.models) == 1 else f"{declared.title}, {kind}"


def _fingerprint(model: ModelRecord) -> str:
    kind = model_type(model.family, model.model_type)
    return fingerprint(kind.name, configs_of(kind, model.config).values(), resolved_of(kind, model.config))


def _held(state: AppState, model: ModelRecord) -> str:
    holds = model_type(model.family, model.model_type).holds
    return holds.brief(holds.payload.model_validate(model.payload), len(state.labels.get(model.id, ())))


def _searched(row: ModelRow) -> str:
    return " ".join((row.name, f"#{row.number}", row.words, row.dataset, row.family_title, *row.tags)).lower()


def _order(sort: str) -> Callable[[ModelRow], Any]:
    states = list(RUN_STATES)
    return {
        "name": lambda r: r.name.lower(),
        "metric": lambda r: (r.metric is None, r.metric if r.lower_is_better else -(r.metric or 0.0)),
        "created": lambda r: (r.created_at, r.number),
        "state": lambda r: (states.index(r.state) if r.state else len(states), r.name.lower()),
    }.get(sort, lambda r: (r.updated_at, r.number))
