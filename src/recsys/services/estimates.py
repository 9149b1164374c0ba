"""What a test may take on this machine: time, price, memory; and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recsys.commands.foreseen import foreseen
from recsys.commands.trial_checks import checked_trial
from recsys.model.facts import schedule_of
from recsys.model.warning import Code, ConfigWarning
from recsys.model.warnings import before_start
from recsys.records import FEATURES, MODELS, FeatureConfigRecord, ModelConfigRecord
from recsys.services.durations import Duration, Work, expected_time
from recsys.services.finding import Key, find_by, schema_facts
from workbench.commands.rules import refuse

if TYPE_CHECKING:
    from workbench.workbench import Workbench


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

    @property
    def needs_confirmation(self) -> bool:
        """Whether it starts only once somebody has said yes to what it may need."""
        return any(warning.code is Code.MEMORY for warning in self.warnings)


def cost_of(seconds: float | None, hourly_price: float) -> Cost:
    """What some seconds cost; on a machine without a price nothing, which the words call local."""
    usd = 0.0 if hourly_price == 0 else None if seconds is None else seconds / 3600 * hourly_price
    if usd is None:
        return Cost(None, "not known yet")
    shown = f"${usd:.2f}" if usd == 0 or usd >= 0.01 else "under $0.01"
    return Cost(usd, f"{shown} · local" if hourly_price == 0 else shown)


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
        """What a test that can start may take. Raises CommandError for one that cannot.

        Args:
            settings, overrides: as for `QuickTests.start`.
        """
        state = self._workbench.state()
        record: FeatureConfigRecord = find_by(state, FEATURES, feature_config)
        chosen: ModelConfigRecord = find_by(state, MODELS, model_config)
        model = chosen.recommender
        known = schema_facts(self._workbench, record.dataset_id)
        trial, problems = checked_trial(
            record.features, model, self._workbench.state().datasets[record.dataset_id], known,
            settings=settings or {}, overrides=overrides or {},
        )  # fmt: skip
        refuse(problems)
        assert trial is not None  # without one there are problems
        assert known.table is not None  # as `schema_facts` gives it
        schedule = schedule_of(model, **trial.overrides.model_dump())
        data = foreseen(trial.features, model, trial.settings, schedule, known.table, known.memory_limit)
        work = Work.of(data.rows, data.items, data.sizes)
        duration = expected_time(self._workbench, model, work, schedule)
        facts = data.facts
        return Forecast(
            duration,
            self.cost(duration.seconds),
            facts.memory,
            facts.memory_limit,
            before_start(trial.features, model, known.schema, facts, schedule),
        )

    def cost(self, seconds: float | None) -> Cost:
        """What some seconds of this machine cost."""
        return cost_of(seconds, self._workbench.settings.hourly_price)
