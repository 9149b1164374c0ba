"""What several commands check and do in the same way: finding records, unique names, numbers, facts about a model's data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from workbench.commands.base import Change, CommandError, Env, Facts, Put
from workbench.families import ModelType, Standing, source_of
from workbench.fields import ConfigError, FieldProblem, with_name
from workbench.ids import counter_id, is_id
from workbench.kinds import MAX_NAME, RecordKind, kind_of
from workbench.printing import printable
from workbench.state import AppState, CheckpointRef, CounterRecord, DatasetRecord, Kind, LabelValue, ModelRecord, RunRecord, Weights

MAX_NOTE, MAX_TAG, MAX_TAGS = 20_000, 50, 50


def find(state: AppState, kind: str, id: str, *, deleted: bool = False) -> Any:
    """The record of that id; one marked deleted only with `deleted`. Raises CommandError not_found."""
    word = kind_of(kind).word
    if kind != Kind.COUNTER and not is_id(kind, id):
        raise CommandError(f"{str(id)[:80]!r} is not the id of a {word}.", "id", f"See the list of {word}s.", code="not_found")
    record = state.of(kind).get(id)
    if record is None:
        raise CommandError(f"There is no {word} {id}.", "id", f"See the list of {word}s.", code="not_found")
    if getattr(record, "deleted_at", None) is not None and not deleted:
        raise CommandError(f"The {word} {title(record)} was deleted.", "id", "Restore it first.", code="not_found")
    return record


_NUMBER = re.compile(r"#?([1-9][0-9]{0,17})", re.ASCII)


def id_of(state: AppState, kind: str, key: int | str) -> str:
    """The id that a key means, which may be a number, as a number or as text with or without a # before it.

    Raises CommandError not_found for a number that no record of the kind has; whether there is a record of the id is for others to say.
    """
    written = _NUMBER.fullmatch(str(key)) if "number" in kind_of(kind).record.model_fields else None
    if written is None:
        return str(key)
    number = int(written[1])
    found = next((record.id for record in state.of(kind).values() if record.number == number), None)
    if found is None:
        word = kind_of(kind).word
        raise CommandError(f"There is no {word} #{number}.", "id", f"See the list of {word}s.", code="not_found")
    return found


def find_model(state: AppState, id: str, *, deleted: bool = False) -> ModelRecord:
    """The model of that id. Raises CommandError not_found."""
    return find(state, Kind.MODEL, id, deleted=deleted)


def find_run(state: AppState, id: str, *, deleted: bool = False) -> RunRecord:
    """The run of that id. Raises CommandError not_found."""
    return find(state, Kind.RUN, id, deleted=deleted)


def find_dataset(state: AppState, id: str, *, deleted: bool = False) -> DatasetRecord:
    """The dataset of that id. Raises CommandError not_found."""
    return find(state, Kind.DATASET, id, deleted=deleted)


def title(record: Any) -> str:
    """How people call a record: its name, or its number."""
    return record.name if hasattr(record, "name") else f"#{record.number}"


def clean_name(name: str, field: str = "name", most: int = MAX_NAME) -> str:
    """A name without space around it. Raises CommandError for an empty, long or unprintable one."""
    cleaned = " ".join(name.split())
    if not cleaned:
        raise CommandError("A name needs at least one character.", field)
    if len(cleaned) > most:
        raise CommandError(f"A name has at most {most} characters (got {len(cleaned)}).", field)
    if not printable(cleaned):
        raise CommandError("A name has printable characters only.", field)
    return cleaned


def clean_note(note: str) -> str:
    """A note. Raises CommandError for one that is too long."""
    if len(note) > MAX_NOTE:
        raise CommandError(f"A note has at most {MAX_NOTE:,} characters (got {len(note):,}).", "note")
    return note


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without repetitions, in the order given. Raises CommandError."""
    cleaned = tuple(dict.fromkeys(" ".join(tag.split()) for tag in tags))
    if len(cleaned) > MAX_TAGS:
        raise CommandError(f"There may be at most {MAX_TAGS} tags (got {len(cleaned)}).", "tags")
    for tag in cleaned:
        if not tag or len(tag) > MAX_TAG or not printable(tag):
            raise CommandError(f"A tag has 1 to {MAX_TAG} printable characters (got {tag[:80]!r}).", "tags")
    return cleaned


def names_taken(state: AppState, kind: str, but: str | None = None, within: Any = None) -> tuple[str, ...]:
    """The names of the live records of a kind, other than `but`.

    Args:
        within: of a kind whose names are unique within a scope, the value of that (`RecordKind.within`).
    """
    declared = kind_of(kind)
    return tuple(r.name for r in state.of(kind).values() if r.deleted_at is None and r.id != but and declared.within(r) == within)


def require_free_name(state: AppState, kind: str, name: str, but: str | None = None, within: Any = None) -> str:
    """The cleaned name, if no other live record has it (upper and lower case are the same). Raises CommandError conflict.

    Args:
        within: see `names_taken`.
    """
    cleaned = clean_name(name, most=kind_of(kind).max_name)
    taken = names_taken(state, kind, but, within)
    holder = next((other for other in taken if other.casefold() == cleaned.casefold()), None)
    if holder is not None:
        free = free_name(state, kind, cleaned, but, within)
        raise CommandError(
            f"There is a {kind_of(kind).word} named {holder} already.",
            "name",
            f"Choose another name, such as {free}.",
            code="conflict",
        )
    return cleaned


def free_name(state: AppState, kind: str, name: str, but: str | None = None, within: Any = None) -> str:
    """`name`, or if it is taken, the same with the first free " (2)", " (3)", ... in place of any such ending.

    Args:
        within: see `names_taken`.
    """
    taken = {other.casefold() for other in names_taken(state, kind, but, within)}
    if name.casefold() not in taken:
        return name
    stem = re.sub(r" \(\d+\)$", "", name)
    number = 2
    while True:
        ending = f" ({number})"
        candidate = stem[: kind_of(kind).max_name - len(ending)] + ending
        if candidate.casefold() not in taken:
            return candidate
        number += 1


def users_of(state: AppState, id: str) -> list[str]:
    """Titles of what needs a record: the live records that use it, and active runs that use it about none of them."""
    users = {
        record.id: title(record)
        for kind, records in state.records.items()
        if kind != Kind.RUN
        for record in records.values()
        if id in getattr(record, "uses", ()) and record.deleted_at is None
    }
    runs = [f"run #{run.number}" for run in state.active_runs if id in run.uses and run.subject.id not in users]
    return [*users.values(), *runs]


def next_number(state: AppState, kind: str) -> tuple[int, Change]:
    """The next number of a kind for people, and the change that remembers it; undoing what took a number does not free it.

    A record that counts something of its own, such as its versions, does so under its id.
    """
    id = counter_id(kind)
    number = (state.counters[id].value if id in state.counters else 0) + 1
    return number, Put(Kind.COUNTER, id, CounterRecord(id=id, value=number))


def model_type_of(env: Env, family: str, name: str) -> ModelType:
    """A registered model type. Raises CommandError naming what is not registered."""
    try:
        return env.model_type(family, name)
    except KeyError as error:
        raise CommandError(f"There is no model type {name!r} in a family {family!r}.", "model_type", code="not_found") from error


@dataclass(frozen=True)
class ModelFacts(Facts):
    """What was read for a command about a model.

    Attributes:
        data: the family's facts of its data. read: what the family read from the model's files (`Holding.read`).
        weights_mismatches: sentences of an audit of its weights' file. marks: those that a new model starts with.
        memory_limit: bytes that a worker may have; None where that is unknown.
    """

    data: Any = None
    read: Any = None
    weights_mismatches: tuple[str, ...] = ()
    marks: Mapping[int, LabelValue] = field(default_factory=dict)
    memory_limit: int | None = None


def facts_now(state: AppState, env: Env, record: ModelRecord, payload: Mapping[str, Any] | None = None) -> Any:
    """What validation may know about a model's data now, in the family's own type.

    Facts `ModelFacts` make it complete; without them it follows from the dataset's record.

    Args:
        payload: instead of the record's own, to ask what would hold under another.
    """
    holds = model_type_of(env, record.family, record.model_type).holds
    known = env.known(ModelFacts) or ModelFacts()
    dataset = state.datasets.get(state.dataset_of(record) or "")
    held = holds.payload.model_validate(record.payload if payload is None else payload)
    data = source_of(dataset)[1].facts if known.data is None and dataset is not None else known.data
    return holds.facts(Standing(data, held, state.labels.get(record.id, {}), known.read))


Code = Literal["not_found", "conflict", "invalid"]


def refuse(problems: Iterable[FieldProblem], *, code: Code = "invalid") -> None:
    """Raise the problems, if there are any, as one CommandError that lists them all."""
    problems = tuple(problems)
    if problems:
        raise from_config_error(ConfigError(problems), code)


def from_config_error(error: ConfigError, code: Code = "invalid") -> CommandError:
    """A config error as a command's refusal, every problem kept."""
    sentences = dict.fromkeys(_sentence(p) for p in error.problems)
    first = error.problems[0] if error.problems else None
    return CommandError(
        " ".join(sentences), first.path if first else None, first.hint if first else None, code=code, problems=error.problems
    )


def _sentence(problem: FieldProblem) -> str:
    """A problem as a sentence of its own."""
    words = with_name(problem.path, problem.message)
    return words if words.endswith((".", "?", "!")) else f"{words}."


COUNTER = RecordKind(Kind.COUNTER, "counter", CounterRecord, "counter", note="")
"""What the core knows of counters as records."""


def put_run(run: RunRecord, **update: Any) -> tuple[Put, ...]:
    """The change that gives a run other values."""
    return (Put(Kind.RUN, run.id, run.model_copy(update=update)),)


def weights_at(run: RunRecord, checkpoint: CheckpointRef) -> Weights:
    """The weights that a run's checkpoint holds."""
    return Weights(run_id=run.id, path=checkpoint.path, sha256=checkpoint.sha256, fingerprint=run.fingerprint, epoch=checkpoint.epoch)
