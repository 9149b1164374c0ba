"""What a run's page shows, read once from the workbench at the edge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.commands.base import CommandError
from workbench.families import Family, ModelType, family
from workbench.runs.queueing import waiting_words
from workbench.state import Kind, ModelRecord, RunRecord

if TYPE_CHECKING:
    from workbench.runs.folder import ArtefactEntry
    from workbench.workbench import Workbench

MOST_BYTES = 4_000_000
"""Size of a JSON artefact past which the page does not read it."""


@dataclass(frozen=True)
class RunView:
    """One run, ready to be laid out.

    Attributes:
        model: its model, if that is still there. resolved: the run's values, autos replaced.
        provenance: field name -> where its value came from, in words. metrics: group -> name -> metric.
        files: what it left, with sizes. environment: versions, host, command. is_latest: whether it is its model's newest run.
        preflight: why its model cannot start a run now. waiting: what it waits for while queued.
    """

    record: RunRecord
    model: ModelRecord | None
    family: Family
    model_type: ModelType
    resolved: Mapping[str, Any]
    provenance: Mapping[str, str]
    metrics: Mapping[str, Mapping[str, Mapping[str, Any]]]
    files: tuple[ArtefactEntry, ...]
    environment: Mapping[str, Any]
    is_latest: bool = False
    best_epoch: int | None = None
    preflight: tuple[str, ...] = ()
    waiting: str = ""
    other_runs: tuple[RunRecord, ...] = field(default=())

    def file(self, name: str) -> ArtefactEntry | None:
        """The file of that name, if the run left it."""
        return next((entry for entry in self.files if entry.name == name), None)


def run_in(workbench: Workbench, run_id: str) -> RunRecord:
    """The run of that id, if it is there and not deleted. Raises CommandError with code not_found."""
    record = workbench.state().runs.get(run_id)
    if record is None or record.deleted_at is not None:
        raise CommandError("This run does not exist or was deleted.", code="not_found")
    return record


def view_of(workbench: Workbench, run_id: str) -> RunView:
    """Everything a run's page shows. Raises CommandError with code not_found."""
    record = run_in(workbench, run_id)
    state = workbench.state()
    declared = family(record.family)
    kind = declared.model(record.model_type)
    given = {
        **kind.architecture.model_validate(record.architecture).model_dump(),
        **kind.training.model_validate(record.training).model_dump(),
    }
    model = state.models.get(record.model_id)
    present = model if model is not None and model.deleted_at is None else None
    summary = read_json(workbench, run_id, "summary.json")
    runs = state.runs_of(record.model_id)
    return RunView(
        record=record,
        model=present,
        family=declared,
        model_type=kind,
        resolved=kind.resolve(given),
        provenance=provenance_of(kind, record, workbench.history(Kind.MODEL, record.model_id) if model else ()),
        metrics=summary.get("metrics", {}),
        files=tuple(workbench.runs.artefacts(run_id)),
        environment=read_json(workbench, run_id, "environment.json"),
        is_latest=bool(runs) and runs[0].id == run_id,
        best_epoch=summary.get("best_epoch"),
        preflight=tuple(workbench.runs.preflight(record.model_id)) if present else ("The model of this run was deleted.",),
        waiting=waiting_words(state, record),
        other_runs=tuple(run for run in runs if run.id != run_id),
    )


def provenance_of(kind: ModelType, record: RunRecord, history: Any) -> dict[str, str]:
    """Where each value of a run came from: its default, chosen by the model type, or the command that set it.

    `history` is the model's, newest first; only what happened before the run counts.
    """
    words: dict[str, str] = {}
    for part, config_type in (("architecture", kind.architecture), ("training", kind.training)):
        given = getattr(record, part)
        for name, info in config_type.model_fields.items():
            value = given.get(name, info.default)
            default = None if info.is_required() else config_type.model_construct().__dict__.get(name)
            if value == "auto":
                words[name] = "auto: the model type chose it"
            elif _plain(value) == _plain(default):
                words[name] = "default"
            else:
                words[name] = "set when the model was created"
    for entry in reversed(tuple(history)):
        if entry.seq > record.journal_seq:
            break
        for change in entry.changes:
            part, _, name = change.path.partition(".")
            if part in ("architecture", "training") and name in words and words[name] != "default":
                words[name] = f"{entry.words} ({entry.at[:10]})"
    return words


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def read_json(workbench: Workbench, run_id: str, name: str) -> dict[str, Any]:
    """A JSON artefact of a run; empty if the run has none, or none that can be read."""
    try:
        path: Path = workbench.runs.artefact_path(run_id, name)
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (CommandError, OSError, ValueError):
        # A damaged or half-written file is shown as absent; its size and checksum are in the list of files.
        return {}
    return found if isinstance(found, dict) else {}
