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

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    schema_version: int = 1


class DatasetFile(BaseModel):
    """One source file of a dataset, as it was when the dataset became ready."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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

    model_config = ConfigDict(frozen=True, extra="forbid")

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


class Sample(BaseModel):
    """A model's fixed sample of its dataset: settings, sizes and the artefact that holds the index sets.

    The artefact is an `.npz` with int32 arrays `train`, `validation`, `test`, `initially_labelled` of dataset rows.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: dict[str, Any]
    artefact: str
    sha256: str
    n_train: int
    n_validation: int
    n_test: int
    n_labelled: int


class Weights(BaseModel):
    """The checkpoint whose weights a model uses now."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    path: str
    sha256: str
    fingerprint: str
    epoch: int


class ModelRecord(Record):
    """A model: locked architecture, tunable training settings, fixed sample, growing label vocabulary."""

    number: int
    name: str
    family: str
    model_type: str
    dataset_id: str
    sample: Sample
    architecture: dict[str, Any]
    training: dict[str, Any]
    fingerprint: str
    class_names: tuple[str, ...]
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

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    sha256: str
    epoch: int
    attempt: int


class RunError(BaseModel):
    """Why a run failed: one sentence for people, the traceback folded behind it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    traceback: str = ""


class RunRecord(Record):
    """A run: a snapshot of what to train and the state of the work."""

    schema_version: int = 2
    number: int
    model_id: str
    family: str
    model_type: str
    framework: Literal["jax", "tensorflow"]
    state: RunState
    reason: str = ""
    attempt: int = 1
    architecture: dict[str, Any]
    training: dict[str, Any]
    fingerprint: str
    sample: Sample
    dataset: DatasetManifest
    dataset_id: str
    class_names: tuple[str, ...]
    seed: int
    journal_seq: int
    code_version: str
    labels_artefact: str | None = None
    reset_optimizer: bool = False
    start_from: Weights | None = None
    stop_requested_at: str | None = None
    last_checkpoint: CheckpointRef | None = None
    best_checkpoint: CheckpointRef | None = None
    headline: dict[str, float | None] = Field(default_factory=dict)
    epochs_done: int = 0
    error: RunError | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    created_at: str
    started_at: str | None = None
    ended_at: str | None = None
    duration_seconds: float | None = None
    deleted_at: str | None = None


class CounterRecord(Record):
    """The last number given to a kind; nothing lowers it."""

    value: int


class LabelValue(BaseModel):
    """A label a model may see. `index` of the sample is its key; `label` indexes the model's class names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: int
    source: Literal["given", "person", "imported"]


_EMPTY: Mapping[str, Any] = MappingProxyType({})


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
        """Model id -> ids of all its runs, deleted ones included, in the order they were made."""
        found: dict[str, list[str]] = {}
        for run in self.runs.values():
            found.setdefault(run.model_id, []).append(run.id)
        return {model_id: tuple(ids) for model_id, ids in found.items()}

    def keep_run_ids(self, earlier: AppState, added: Iterable[RunRecord]) -> None:
        """Derive `run_ids` from an earlier state's, if that is known, plus the runs `added` since, instead of counting anew."""
        known = earlier.__dict__.get("run_ids")
        if known is not None:
            known = dict(known)
            for run in added:
                known[run.model_id] = (*known.get(run.model_id, ()), run.id)
            self.__dict__["run_ids"] = known

    @cached_property
    def active_runs(self) -> tuple[RunRecord, ...]:
        """Every queued, starting or running run, oldest first."""
        return tuple(sorted((r for r in self.runs.values() if r.state.active and r.deleted_at is None), key=lambda r: r.number))

    def runs_of(self, model_id: str) -> tuple[RunRecord, ...]:
        """A model's runs that are not deleted, newest first."""
        found = [r for r in (self.runs[id] for id in self.run_ids.get(model_id, ())) if r.deleted_at is None]
        return tuple(sorted(found, key=lambda r: r.number, reverse=True))

    def active_run(self, model_id: str) -> RunRecord | None:
        """The model's queued, starting or running run, if there is one."""
        return next((r for r in self.runs_of(model_id) if r.state.active), None)
