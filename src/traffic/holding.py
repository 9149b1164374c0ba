"""What a forecasting model and its runs keep besides their configs: how they use their data. Importing it imports no array package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from traffic.config_data import DataUse
from traffic.errors import TrafficError
from traffic.facts import TrafficFacts
from traffic.sizes import window_counts
from workbench.families import Holding, ImportString, NewModel, Payload, Prepared, Standing
from workbench.fields import build, flat_values

if TYPE_CHECKING:
    from workbench.artefacts import ArtefactRoot


class ModelPayload(Payload):
    """What a model keeps: how it uses its data, and how much of it that is.

    Attributes:
        use: settings of `DataUse`, nested. sensors, all_sensors: detectors that it sees, and that there are.
        n_train, n_val, n_test: windows of the three sets. inputs, targets: features that it reads and forecasts.
    """

    use: dict[str, Any]
    sensors: int
    all_sensors: int
    n_train: int
    n_val: int
    n_test: int
    inputs: tuple[str, ...]
    targets: tuple[str, ...]

    @property
    def data_use(self) -> DataUse:
        """The settings, typed."""
        return DataUse.model_validate(self.use)


@dataclass(frozen=True)
class Inputs:
    """What a run trains on besides its data: how that is used."""

    use: DataUse


def prepare(new: NewModel) -> Prepared:
    """A new model's payload and the facts with its use of the data. Nothing is loaded: validation has compared settings and facts."""
    use, facts, architecture = new.settings, new.facts, new.configs["architecture"]
    assert isinstance(use, DataUse)
    assert isinstance(facts, TrafficFacts)
    known = facts.used(use)
    lengths: Any = architecture
    train, val, test = window_counts(facts, use, lengths.sequence_length, lengths.prediction_length)
    payload = ModelPayload(
        use=use.model_dump(mode="json"), sensors=known.sensors, all_sensors=facts.n_sensors, n_train=train, n_val=val, n_test=test,
        inputs=known.inputs, targets=known.targets,
    )  # fmt: skip
    return Prepared(payload, known)


def inputs(payload: ModelPayload, artefacts: ArtefactRoot) -> Inputs:
    """What a run trains on besides its data."""
    del artefacts
    return Inputs(payload.data_use)


def facts_now(standing: Standing) -> Any:
    """The facts of a model's data with how it uses it."""
    return standing.facts.used(standing.payload.data_use) if isinstance(standing.facts, TrafficFacts) else standing.facts


def expected(facts: Any, settings: Mapping[str, Any]) -> Any:
    """The facts as they will be with such settings; as they are while the settings are incomplete or wrong."""
    try:
        return facts.used(build(DataUse, settings))
    except ValidationError:
        return facts


def settings_of(payload: ModelPayload) -> Mapping[str, Any]:
    """The settings, flat."""
    return flat_values(payload.data_use)


def items(facts: Any, payload: ModelPayload | None) -> int:
    """Training windows: what an epoch passes over."""
    if payload is not None:
        return payload.n_train
    try:
        return window_counts(facts, facts.use or DataUse())[0] if facts.steps else 0
    except TrafficError:  # shares that are still being typed divide no whole
        return 0


def brief(payload: ModelPayload, _marks: int) -> str:
    """A model's data in a few words."""
    sensors = f"{payload.sensors:,} detector{'' if payload.sensors == 1 else 's'}"
    of = f" of {payload.all_sensors:,}" if payload.sensors < payload.all_sensors else ""
    return f"{sensors}{of}, {payload.n_train:,} training windows, {payload.n_test:,} held out"


def words(payload: ModelPayload, _inputs: Any) -> list[tuple[str, str]]:
    """What a run's report says of its data."""
    use = payload.data_use
    return [
        ("Forecasts", f"{', '.join(payload.targets)} of {payload.sensors:,} of {payload.all_sensors:,} detectors from {', '.join(payload.inputs)}"),
        ("Windows", f"{use.protocol}: {payload.n_train:,} training, {payload.n_val:,} validation, {payload.n_test:,} test"),
    ]  # fmt: skip


def measured(payload: ModelPayload) -> Mapping[str, str]:
    """What on equal data decides which values a model's errors are of, and in which unit."""
    use = payload.data_use
    return {
        "targets": ", ".join(payload.targets),
        "unit of speeds": use.convert_units or "",
        "detectors": str(payload.sensors) if use.vd_ids is None else ", ".join(sorted(use.vd_ids)),
        "test period": f"{use.protocol} {use.split} {use.gaps}",
        "rule for zeros": "values" if use.zeros_as_missing == "none" else "missing",
    }


HOLDING = Holding(
    payload=ModelPayload,
    run_payload=ModelPayload,
    prepare=ImportString("traffic.holding:prepare"),
    loads=False,
    inputs=ImportString("traffic.holding:inputs"),
    facts=facts_now,
    settings=settings_of,
    words=words,
    measured=measured,
    brief=brief,
    expected=expected,
    items=items,
)
