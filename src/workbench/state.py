"""AppState and its frozen records: everything Trellis knows, by id.

Records hold plain JSON values only (architecture and training configs as mappings), so that the core
needs no family and the whole state round-trips through JSON. Big arrays are artefacts, named by id.
Times are UTC ISO 8601 text with milliseconds and a trailing Z.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Kind(StrEnum):
    """The core's own kinds of record (see `workbench.kinds`); a family's kinds are plain strings beside them."""

    DATASET = "dataset"
    MODEL = "model"
    RUN = "run"
    COUNTER = "counter"


class Record(BaseModel):
    """Base of every record: frozen, no unknown fields, JSON in and out."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    id: str
    schema_version: int = 1


class DatasetFile(BaseModel):
    """One source file of a dataset, as it was when the dataset became ready."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    path: str
    size: int
    sha256: str


class DatasetManifest(BaseModel):
    """What a dataset is made of: enough to know later that it is still the same.

    Attributes:
        source: what it was read from, a source or a kind of file of its family. loader_version: of what read it.
        files: what it lies in; of an imported dataset, the artefact. content_sha256: of the data itself.
        about: what its family says of it (JSON values), in a type that is the family's own.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    source: str
    loader_version: int
    files: tuple[DatasetFile, ...] = ()
    content_sha256: str
    about: dict[str, Any] = Field(default_factory=dict)


class DatasetRecord(Record):
    """A dataset. Built-in ones have fixed ids (`digits`, `mnist`), imported and created ones ids made from their names.

    Attributes:
        source: the family's source or, of an imported dataset, the kind of file it was read from. params: the source's
            settings, if it has any. uses: ids of records that it needs.
    """

    schema_version: int = 3
    name: str
    family: str
    source: str
    params: dict[str, Any] = Field(default_factory=dict)
    status: Literal["preparing", "ready", "failed"]
    manifest: DatasetManifest | None = None
    error: str | None = None
    notes: str = ""
    uses: tuple[str, ...] = ()
    created_at: str
    updated_at: str
    deleted_at: str | None = None


class Weights(BaseModel):
    """The checkpoint whose weights a model uses now."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    run_id: str
    path: str
    sha256: str
    fingerprint: str
    epoch: int


class ModelRecord(Record):
    """A model: a config whose architecture is locked and whose everything else is tunable.

    Attributes:
        config: section -> nested JSON values, as the model type declares its sections.
        payload: what its family keeps with it, typed by `Holding.payload`. uses: ids of records it needs, its dataset among them.
    """

    schema_version: int = 2
    number: int
    name: str
    family: str
    model_type: str
    config: dict[str, dict[str, Any]]
    fingerprint: str
    payload: dict[str, Any] = Field(default_factory=dict)
    uses: tuple[str, ...] = ()
    cloned_from: str | None = None
    weights: Weights | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    created_at: str
    updated_at: str
    deleted_at: str | None = None


class RunState(StrEnum):
    """Where a run stands. queued -> starting -> running -> one of the ended states."""

    QUEUED = "queued"
    STARTING = "starting"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def active(self) -> bool:
        """Queued, starting or running."""
        return self in (RunState.QUEUED, RunState.STARTING, RunState.RUNNING)

    @property
    def resumable(self) -> bool:
        """Ended before its work was done, so that a resume can go on (given a checkpoint)."""
        return self in (RunState.STOPPED, RunState.FAILED, RunState.INTERRUPTED)


class CheckpointRef(BaseModel):
    """A checkpoint the store points to; `path` is relative to the artefact root."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    path: str
    sha256: str
    epoch: int
    attempt: int


class RunError(BaseModel):
    """Why a run failed: one sentence for people, the traceback folded behind it.

    Attributes:
        code: what failed, for programs; "" where nobody named it. stage: the part of the work that failed, likewise.
        hint: what to do, if it is not in the message.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    message: str
    traceback: str = ""
    code: str = ""
    stage: str = ""
    hint: str = ""


class Subject(BaseModel):
    """The record that a run is about."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: str
    id: str


class Trial(BaseModel):
    """What a run that is a trial of a sweep knows of it.

    Attributes:
        sweep: its id. number: of the trial, from 1. values: what was drawn for it, by path; `unused`: which of that mean nothing beside the
            others, so that the run does without.
        told: what became of it, "" until then. value: its best value of the sweep's objective.
        pruned: why it was given up, in a sentence. paused: it was stopped with its sweep, to go on with it.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    sweep: str
    number: int
    values: dict[str, Any]
    unused: tuple[str, ...] = ()
    told: Literal["", "completed", "pruned", "stopped", "failed"] = ""
    value: float | None = None
    pruned: str = ""
    paused: bool = False

    @property
    def tried(self) -> dict[str, Any]:
        """The values that the run has."""
        return {path: value for path, value in self.values.items() if path not in self.unused}


class RunRecord(Record):
    """A run: a snapshot of what to train and the state of the work.

    Attributes:
        subject: the record it is about. key: of the runs with the same key only one may be active at a time.
        config: section -> nested JSON values, as they were when it was started.
        payload: what its family keeps with it, typed by `Holding.run_payload`. uses: ids of records it was started with.
        dataset: the manifest of its data as it was, if it has any.
        lost_starts: how often in a row a worker was lost before this run's work began.
        units: of headline metrics whose unit the data decides.
        trial: what it knows of the sweep that it is a trial of, if it is one.
    """

    schema_version: int = 4
    number: int
    subject: Subject
    key: str
    family: str
    model_type: str
    framework: str
    state: RunState
    reason: str = ""
    attempt: int = 1
    lost_starts: int = 0
    config: dict[str, dict[str, Any]]
    fingerprint: str
    payload: dict[str, Any] = Field(default_factory=dict)
    uses: tuple[str, ...] = ()
    dataset: DatasetManifest | None = None
    seed: int
    journal_seq: int
    code_version: str
    reset_optimizer: bool = False
    start_from: Weights | None = None
    stop_requested_at: str | None = None
    last_checkpoint: CheckpointRef | None = None
    best_checkpoint: CheckpointRef | None = None
    headline: dict[str, float | None] = Field(default_factory=dict)
    units: dict[str, str] = Field(default_factory=dict)
    epochs_done: int = 0
    error: RunError | None = None
    trial: Trial | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    duration_seconds: float | None = None
    deleted_at: str | None = None

    @property
    def aside(self) -> bool:
        """Whether it tries settings that are not its model's: such a trial leaves the model as it is, its weights too."""
        return self.trial is not None and self.key == self.id


class CounterRecord(Record):
    """The last number given to a kind; nothing lowers it."""

    value: int


class LabelValue(BaseModel):
    """What somebody marked one item of a record with: a number whose meaning is the family's, and where it came from."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    label: int
    source: Literal["given", "person", "imported"]


_EMPTY: Mapping[str, Any] = MappingProxyType({})


def _active(runs: Iterable[RunRecord]) -> tuple[RunRecord, ...]:
    return tuple(sorted((r for r in runs if r.state.active and r.deleted_at is None), key=lambda r: r.number))


@dataclass(frozen=True)
class AppState:
    """The immutable state at journal number `version`. Deleted entities stay in it, marked `deleted_at`."""

    version: int = 0
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: _EMPTY)
    """Kind -> id -> record; a kind without records may be absent."""
    labels: Mapping[str, Mapping[int, LabelValue]] = field(default_factory=lambda: _EMPTY)
    versions: Mapping[str, int] = field(default_factory=lambda: _EMPTY)
    """Entity id -> journal number of its last change (the ETag)."""

    def of(self, kind: str) -> Mapping[str, Any]:
        """The records of one kind, by id."""
        return self.records.get(kind, _EMPTY)

    @property
    def datasets(self) -> Mapping[str, DatasetRecord]:
        """Every dataset, by id."""
        return self.of(Kind.DATASET)

    @property
    def models(self) -> Mapping[str, ModelRecord]:
        """Every model, by id."""
        return self.of(Kind.MODEL)

    @property
    def runs(self) -> Mapping[str, RunRecord]:
        """Every run, by id."""
        return self.of(Kind.RUN)

    @property
    def counters(self) -> Mapping[str, CounterRecord]:
        """Every counter, by id."""
        return self.of(Kind.COUNTER)

    @cached_property
    def run_ids(self) -> Mapping[str, tuple[str, ...]]:
        """Subject's id -> ids of all its runs, deleted ones included, in the order they were made."""
        found: dict[str, list[str]] = {}
        for run in self.runs.values():
            found.setdefault(run.subject.id, []).append(run.id)
        return {subject: tuple(ids) for subject, ids in found.items()}

    def keep_run_ids(self, earlier: AppState, added: Iterable[RunRecord]) -> None:
        """Derive `run_ids` from an earlier state's, if that is known, plus the runs `added` since, instead of counting anew."""
        known = earlier.__dict__.get("run_ids")
        if known is not None:
            known = dict(known)
            for run in added:
                known[run.subject.id] = (*known.get(run.subject.id, ()), run.id)
            self.__dict__["run_ids"] = known

    @cached_property
    def active_runs(self) -> tuple[RunRecord, ...]:
        """Every queued, starting or running run, oldest first."""
        return _active(self.runs.values())

    def keep_active_runs(self, earlier: AppState, changed: Mapping[str, RunRecord | None]) -> None:
        """Derive `active_runs` from an earlier state's, if that is known, and the runs `changed` since by id (None: removed)."""
        known: tuple[RunRecord, ...] | None = earlier.__dict__.get("active_runs")
        if known is not None:
            others = (run for run in known if run.id not in changed)
            self.__dict__["active_runs"] = _active([*others, *(run for run in changed.values() if run is not None)])

    @cached_property
    def listed_runs(self) -> tuple[RunRecord, ...]:
        """Every run that is not deleted, newest first."""
        return tuple(sorted((r for r in self.runs.values() if r.deleted_at is None), key=lambda r: r.number, reverse=True))

    def runs_of(self, subject: str) -> tuple[RunRecord, ...]:
        """The runs about a record that are not deleted, newest first; without trials of other settings than its own (`RunRecord.aside`)."""
        found = [r for r in (self.runs[id] for id in self.run_ids.get(subject, ())) if r.deleted_at is None and not r.aside]
        return tuple(sorted(found, key=lambda r: r.number, reverse=True))

    def active_run(self, key: str) -> RunRecord | None:
        """The queued, starting or running run with that key, if there is one; a model's runs have its id as their key."""
        return next((r for r in self.active_runs if r.key == key), None)

    def dataset_of(self, record: ModelRecord | RunRecord) -> str | None:
        """The id of the dataset that a model or a run was made on; None for one without data."""
        return next((id for id in record.uses if id in self.datasets), None)

    def model_of(self, run: RunRecord) -> ModelRecord | None:
        """The model that a run is about, deleted or not; None for a run about something else."""
        return self.models.get(run.subject.id) if run.subject.kind == Kind.MODEL else None
