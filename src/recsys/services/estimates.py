"""What a test may take on this machine: time from the rates that it was seen to reach, price, memory; and what is doubtful."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from recsys.commands.quick_tests import FRAMEWORK, MODEL_TYPE
from recsys.commands.trial_checks import with_target
from recsys.data.facts import TableFacts
from recsys.features.config import FeatureConfig
from recsys.model.config import ModelConfig, document_of
from recsys.model.facts import DataFacts, Schedule, schedule_of
from recsys.model.flat import operations_per_epoch
from recsys.model.memory import expected_memory
from recsys.model.warning import ConfigWarning
from recsys.model.warnings import before_start
from recsys.records import FEATURES, MODELS, FeatureConfigRecord, ModelConfigRecord
from recsys.services.finding import Key, find_by, schema_facts
from workbench.datasets import DatasetError
from workbench.runs.memory import memory_limit
from workbench.runs.rates import reached_rates
from workbench.state import AppState
from workbench.workbench import Workbench

ASSUMED_ROWS = 60_000
"""Rows where no data is named: those of the built-in shop."""

RATED = f"recsys/{MODEL_TYPE}"


@dataclass(frozen=True)
class Duration:
    """How long training may take, in seconds.

    Attributes:
        seconds: of training alone; None while this machine's rate is not known.
        low, high: at the fastest and the slowest rate of the last tests; None before the first that was long enough to tell.
    """

    seconds: float | None
    low: float | None = None
    high: float | None = None

    @property
    def calibrated(self) -> bool:
        """Whether finished tests say how fast training is here."""
        return self.low is not None


@dataclass(frozen=True)
class Cost:
    """What time costs at the price of an hour: `usd` is None where the time is not known; `text` says both."""

    usd: float | None
    text: str


@dataclass(frozen=True)
class Forecast:
    """What a test that can start may take, and what is doubtful about it.

    Attributes:
        memory, memory_limit: bytes that it may need, and that there are for a worker; None where they are not known.
    """

    duration: Duration
    cost: Cost
    memory: int | None
    memory_limit: int | None
    warnings: tuple[ConfigWarning, ...]


def training_time(
    workbench: Workbench, model: ModelConfig, rows: int | None, schedule: Schedule | None = None
) -> Duration:
    """What training on so many rows may take.

    Args:
        rows: None for those of the built-in shop. schedule: a test's, if it overrides the model's.
    """
    chosen = schedule_of(model) if schedule is None else schedule
    values = document_of(model) | {"batch_size": chosen.batch_size}
    work = operations_per_epoch(values, ASSUMED_ROWS if rows is None else rows) * chosen.epochs
    rate = workbench.runs.rate(FRAMEWORK, RATED)
    if not rate:
        return Duration(None)
    reached = reached_rates(workbench.settings.home, RATED)
    low, high = (work / max(reached), work / min(reached)) if reached else (None, None)
    return Duration(work / rate, low, high)


def cost_of(seconds: float | None, hourly_price: float) -> Cost:
    """What some seconds cost; on a machine without a price nothing, which the words call local."""
    usd = 0.0 if hourly_price == 0 else None if seconds is None else seconds / 3600 * hourly_price
    if usd is None:
        return Cost(None, "not known yet")
    shown = f"${usd:.2f}" if usd == 0 or usd >= 0.01 else "under $0.01"
    return Cost(usd, f"{shown} · local" if hourly_price == 0 else shown)


def facts_of(state: AppState, dataset_id: str) -> TableFacts | None:
    """What is known of a dataset's rows; None where nothing is."""
    record = state.datasets.get(dataset_id)
    if record is None or record.manifest is None:
        return None
    try:
        return TableFacts.of(record.manifest)
    except DatasetError:
        return None


def rows_of(state: AppState, dataset_id: str) -> int | None:
    """How many rows a dataset has; None where that is not known."""
    facts = facts_of(state, dataset_id)
    return None if facts is None else facts.usable


class Estimates:
    """Estimates of one workbench. Keys are ids or numbers."""

    def __init__(self, workbench: Workbench) -> None:
        self._workbench = workbench

    def forecast(
        self,
        *,
        feature_config: Key,
        model_config: Key,
        settings: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Forecast:
        """What a test that can start may take. Raises CommandError for configurations or data that are not there.

        Args:
            settings, overrides: as for `QuickTests.start`, valid.
        """
        state, told = self._workbench.state(), settings or {}
        record: FeatureConfigRecord = find_by(state, FEATURES, feature_config)
        chosen: ModelConfigRecord = find_by(state, MODELS, model_config)
        model = chosen.recommender
        schema = schema_facts(self._workbench, record.dataset_id).schema
        features = with_target(record.features, model, told.get("rating_column"))
        schedule = schedule_of(model, **dict(overrides or {}))
        known = facts_of(self._workbench.state(), record.dataset_id)
        rows = None if known is None else round(known.usable * float(told.get("sample_percent", 100)) / 100)
        facts = memory_facts(features, model, known, rows, schedule)
        duration = training_time(self._workbench, model, rows, schedule)
        return Forecast(
            duration,
            self.cost(duration.seconds),
            facts.memory,
            facts.memory_limit,
            before_start(features, model, schema, facts, schedule),
        )

    def cost(self, seconds: float | None) -> Cost:
        """What some seconds of this machine cost."""
        return cost_of(seconds, self._workbench.settings.hourly_price)


def memory_facts(
    features: FeatureConfig,
    model: ModelConfig,
    known: TableFacts | None,
    rows: int | None,
    schedule: Schedule,
) -> DataFacts:
    """The facts of a test's memory alone; nothing where the data is not known."""
    facts = DataFacts(memory_limit=memory_limit())
    if known is None or rows is None:
        return facts
    need = expected_memory(features, model, known.schema, schedule, rows=rows, items=known.items or 0)
    return replace(facts, memory=need.total)
