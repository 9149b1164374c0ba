"""What a family keeps with its models and runs besides their configs, and the places where the core asks it.

The core stores payloads as JSON values and passes facts on; it reads neither.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from workbench.families.loading import ImportString
from workbench.fields import ConfigModel, FieldProblem

if TYPE_CHECKING:
    from workbench.artefacts import ArtefactRoot
    from workbench.state import LabelValue


class Payload(BaseModel):
    """Base of what a family keeps with a model or a run: frozen, no unknown fields, JSON in and out."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


@dataclass(frozen=True)
class NewModel:
    """A model that is about to be made.

    Attributes:
        id: its id; files of its own go below `models/<id>/`. dataset: its loaded data, None for a model without any, or whose
            type does without (`Holding.loads`).
        facts: what is known of the data. settings: the typed settings of its sample, if its type has any.
        configs: its configs by section, checked.
        artefacts: where its files go; they are removed if the model is refused.
    """

    id: str
    dataset: Any
    facts: Any
    settings: ConfigModel | None
    configs: Mapping[str, ConfigModel]
    artefacts: ArtefactRoot


@dataclass(frozen=True)
class Prepared:
    """What a family made for a new model: its payload, the facts as they are with it, and the marks it starts with."""

    payload: Payload
    facts: Any
    marks: Mapping[int, LabelValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Standing:
    """How a model stands at this moment, for what validation may know about it.

    Attributes:
        facts: of its data, None for a model without any.
        payload: the model's, typed. marks: item -> mark, as people have set them. read: what the family read from its files.
    """

    facts: Any
    payload: Any
    marks: Mapping[int, LabelValue]
    read: Any


@dataclass(frozen=True)
class Beginning:
    """A run that is about to start, for what a family foresees of it.

    Attributes:
        facts: of its data, None for a model without any. payload: the model's, typed. configs: the run's, by section.
        memory_limit: bytes that a worker may have; None where that is unknown.
    """

    facts: Any
    payload: Any
    configs: Mapping[str, Any]
    memory_limit: int | None


def _same_facts(standing: Standing) -> Any:
    return standing.facts


def _same_payload(payload: Any, _run_id: str, _marks: int) -> Payload:
    return payload


def _no_problems(_before: Any, _after: Any, _marks: Mapping[int, LabelValue]) -> list[FieldProblem]:
    return []


def _no_settings(_payload: Any) -> Mapping[str, Any]:
    return {}


def _no_brief(_payload: Any, _marks: int) -> str:
    return ""


def _as_known(facts: Any, _settings: Mapping[str, Any]) -> Any:
    return facts


def _no_items(_facts: Any, _payload: Any) -> int:
    return 0


def _no_part(_facts: Any, _payload: Any) -> str | None:
    return None


def _all_of_it(payload: Payload) -> Mapping[str, Any]:
    return payload.model_dump(mode="json")


def _nothing_more(_payload: Any) -> Mapping[str, str]:
    return {}


def _no_words(_payload: Any, _inputs: Any) -> list[tuple[str, str]]:
    return []


@dataclass(frozen=True)
class Holding:
    """What the models of a type hold.

    Attributes:
        payload, run_payload: types of what a model and a run keep.
        prepare: import string to `prepare(NewModel) -> Prepared`; raises ConfigError for settings that the data refuses.
        loads: whether `prepare` needs the data in memory; if not, what is known of data that was read once will do.
        refuses: import string to `refuses(facts, settings, configs by section) -> problems`: what `prepare` would refuse, as far as
            facts tell, so that forms can say it before. Pure.
        copy: import string to `copy(payload, model_id, artefacts) -> payload` for a clone with files of its own.
        read: import string to `read(payload, artefacts) -> Any`: what commands about a model need to know from its files.
        facts: `facts(Standing)` -> the family's facts as they are now. Pure.
        for_run: `for_run(payload, run_id, number of marks)` -> what a run started now keeps. Pure.
        counts: whole numbers that a run's payload keeps and lists of runs show: field -> title.
        foresees: import string to `foresees(Beginning) -> FieldProblem | None`: a doubt about a run that starts only once somebody has
            said yes to it, with what else to do as its hint. Pure.
        snapshot: import string to `snapshot(run_payload, marks, artefacts)`: saves what a run must still find when people have
            gone on; called in the transaction that starts the run.
        inputs: import string to `inputs(run_payload, artefacts) -> Any`: what the trainer gets as `Job.inputs`.
        problems: `problems(payload before, payload after, marks)` -> what of a model's marks an undo would leave unfit. Pure.
        settings: `settings(payload)` -> the settings of its sample, as they were given. Pure.
        words: `words(run_payload, inputs)` -> (label, value) lines about them, for a run's report. Pure.
        measured: `measured(run_payload)` -> name -> value of what on equal data decides what results are measured on, such as a unit:
            results of runs that differ in it are not ranked. Pure.
        brief: `brief(payload, number of marks)` -> a few words about what a model holds, for lists and headers. Pure.
        expected: `expected(facts, values of the sample's form)` -> the facts as they will be with such a sample. Pure.
        items: `items(facts, payload)` -> how many items an epoch passes over; the payload is None for a model not yet made. Pure.
        part: `part(facts, payload)` -> "922 of 7,291" where an epoch passes over a part of the data only, else None. Pure.
        public: `public(payload)` -> what REST shows of a model's payload, as JSON values. Pure.
    """

    payload: type[Payload] = Payload
    run_payload: type[Payload] = Payload
    prepare: ImportString | None = None
    loads: bool = True
    refuses: ImportString | None = None
    copy: ImportString | None = None
    read: ImportString | None = None
    facts: Callable[[Standing], Any] = _same_facts
    for_run: Callable[[Any, str, int], Payload] = _same_payload
    counts: Mapping[str, str] = field(default_factory=dict)
    foresees: ImportString | None = None
    snapshot: ImportString | None = None
    inputs: ImportString | None = None
    problems: Callable[[Any, Any, Mapping[int, LabelValue]], list[FieldProblem]] = _no_problems
    settings: Callable[[Any], Mapping[str, Any]] = _no_settings
    words: Callable[[Any, Any], list[tuple[str, str]]] = _no_words
    measured: Callable[[Any], Mapping[str, str]] = _nothing_more
    brief: Callable[[Any, int], str] = _no_brief
    expected: Callable[[Any, Mapping[str, Any]], Any] = _as_known
    items: Callable[[Any, Any], int] = _no_items
    part: Callable[[Any, Any], str | None] = _no_part
    public: Callable[[Any], Mapping[str, Any]] = _all_of_it
