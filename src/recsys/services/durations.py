"""How long a test may take from its first stage to its last: rough figures, corrected by what tests took on this machine."""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from recsys.commands.facts import FAMILY
from recsys.commands.foreseen import foreseen, parts_of
from recsys.commands.quick_tests import FRAMEWORK, MODEL_TYPE
from recsys.data.facts import TableFacts
from recsys.data.split_sizes import SplitSizes
from recsys.features.config import FeatureConfig
from recsys.model.config import ModelConfig, document_of
from recsys.model.facts import Schedule, schedule_of
from recsys.model.flat import operations_per_epoch
from recsys.records import model_of
from recsys.training.stages import BESIDE, expected_work, one_after_the_other
from recsys.trial import TrialPayload, TrialSettings
from workbench.datasets import DatasetError
from workbench.state import AppState, RunRecord, RunState

if TYPE_CHECKING:
    from workbench.workbench import Workbench

RATED = f"recsys/{MODEL_TYPE}"

KEPT = 8
"""Finished tests that correct an estimate: the last ones."""

_LOOKED_AT = 64
"""Finished tests among which those are looked for; others ran elsewhere, or on data that is gone."""

_TRACING = 4.0
"""Seconds that training takes before its first step."""

_TRAIN, _BASELINES = "train", "baselines"
_RESULTS, _ENVIRONMENT = "results.json", "environment.json"


@dataclass(frozen=True)
class Work:
    """What the stages of a test work on.

    Attributes:
        rows: that it uses. train, test: rows of these parts. items: of the data.
    """

    rows: int
    train: int
    test: int
    items: int

    @classmethod
    def of(cls, rows: int, items: int, sizes: SplitSizes | None = None) -> Work:
        """The work of a split; where its sizes are not known, of the usual one."""
        train, test = (round(0.8 * rows), round(0.1 * rows)) if sizes is None else (sizes.train, sizes.test)
        return cls(rows, train, test, items)


ASSUMED = Work.of(60_000, 500)
"""Where no data is named: that of the built-in shop."""


@dataclass(frozen=True)
class Duration:
    """How long a test may take on a worker that has loaded its framework, in seconds.

    Attributes:
        seconds: of all stages; None while this machine's rate is not known.
        low, high: as the quickest and the slowest of the last tests, measured by what they had to do; None before the first.
        stages: `seconds` by stage.
    """

    seconds: float | None
    low: float | None = None
    high: float | None = None
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def calibrated(self) -> bool:
        """Whether finished tests say how fast it goes here."""
        return self.low is not None


def expected_time(
    workbench: Workbench, model: ModelConfig, work: Work, schedule: Schedule | None = None
) -> Duration:
    """What a test of a model may take.

    Args:
        schedule: the test's, if it overrides the model's.
    """
    rate = workbench.runs.rate(FRAMEWORK, RATED)
    if not rate:
        return Duration(None)
    rough = _rough(model, work, schedule_of(model) if schedule is None else schedule, rate)
    seen = list(_ratios(workbench, rate))
    usual = {part: median(one[part] for one in seen) if seen else 1.0 for part in rough}
    stages = _stages(rough, usual)
    totals = [sum(_stages(rough, one).values()) for one in seen]
    low, high = (min(totals), max(totals)) if totals else (None, None)
    return Duration(sum(stages.values()), low, high, stages)


def _stages(rough: Mapping[str, float], ratios: Mapping[str, float]) -> dict[str, float]:
    """Seconds by stage, where each part of the work takes so many times as long as rough figures say."""
    work = {part: seconds * ratios[part] for part, seconds in rough.items()}
    return {str(stage): seconds for stage, seconds in one_after_the_other(work).items()}


def _rough(model: ModelConfig, work: Work, schedule: Schedule, rate: float) -> dict[str, float]:
    """The work of each stage, and that beside them, in seconds before any correction; `rate` is in operations a second."""
    values = document_of(model) | {"batch_size": schedule.batch_size}
    operations = operations_per_epoch(values, work.train) * schedule.epochs
    parts = expected_work(work.rows, schedule.epochs, work.test, work.items)
    return parts | {_TRAIN: _TRACING + operations / rate}


def _ratios(workbench: Workbench, rate: float) -> Iterator[dict[str, float]]:
    """Of each of the last finished tests here: how many times as long as rough figures say each part of the work took."""
    state, found = workbench.state(), 0
    # where any host may train, all that did tell of it
    host = workbench.settings.host_name if workbench.settings.executor == "local" else None
    done = (
        r
        for r in state.runs.values()
        if r.family == FAMILY and r.state is RunState.COMPLETED and r.attempt == 1
    )
    for run in heapq.nlargest(_LOOKED_AT, done, key=lambda r: r.number):
        took = _took(workbench.runs.lying(run.id, _RESULTS), workbench.runs.lying(run.id, _ENVIRONMENT), host)
        rough = None if took is None else _rough_of(state, run, rate)
        if took is None or rough is None or not took.keys() >= rough.keys():
            continue
        yield {part: took[part] / seconds for part, seconds in rough.items()}
        found += 1
        if found == KEPT:
            return


def _rough_of(state: AppState, run: RunRecord, rate: float) -> dict[str, float] | None:
    """Rough figures of a run that is over; None where its data is no longer known."""
    table = table_facts(state, state.dataset_of(run) or "")
    if table is None:
        return None
    payload, model = TrialPayload.model_validate(run.payload), model_of(run.config)
    settings = TrialSettings.model_validate(payload.settings)
    features = FeatureConfig.model_validate(payload.features)
    schedule = schedule_of(model, **payload.overrides.model_dump())
    data = foreseen(features, model, settings, schedule, table, None)
    return _rough(model, Work.of(data.rows, data.items, data.sizes), schedule, rate)


def _took(results: Path, environment: Path, wanted: str | None) -> dict[str, float] | None:
    """Seconds that each part of a finished test's work took; None for one of another host than the wanted, or whose files are gone or damaged."""
    try:
        host, seconds = _read(results, environment)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return seconds if wanted in (None, host) else None


@lru_cache(maxsize=512)
def _read(results: Path, environment: Path) -> tuple[str, dict[str, float]]:
    """(host, seconds by part of the work); what a test left stays as it is once it is over."""
    told = json.loads(results.read_bytes())
    host = json.loads(environment.read_bytes())["host"]
    seconds = {str(stage): float(value) for stage, value in told["seconds"].items()}
    beside, waited = (float(told["baselines_took"][name]) for name in ("seconds", "waited"))
    return str(host), seconds | {BESIDE: beside, _BASELINES: seconds[_BASELINES] - waited}


def usual_work(state: AppState, dataset_id: str | None) -> Work:
    """The work of a test that is started on some data with no setting changed; `ASSUMED` where nothing is known of its rows."""
    table = None if dataset_id is None else table_facts(state, dataset_id)
    if table is None:
        return ASSUMED
    rows, sizes = parts_of(table, TrialSettings())
    return Work.of(rows, table.items or 0, sizes)


def table_facts(state: AppState, dataset_id: str) -> TableFacts | None:
    """What is known of a dataset's rows; None where nothing is."""
    record = state.datasets.get(dataset_id)
    if record is None or record.manifest is None:
        return None
    try:
        return TableFacts.of(record.manifest)
    except DatasetError:
        return None
