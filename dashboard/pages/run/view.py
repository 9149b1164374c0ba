"""What a run's page shows, read once from the workbench at the edge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.about import About, about_of
from workbench.families import Family, ModelType, family
from workbench.fields import AUTO
from workbench.services.run_files import read_json
from workbench.state import Kind, ModelRecord, RunRecord
from workbench.values import path_of, stored_values

if TYPE_CHECKING:
    from workbench.runs.folder import ArtefactEntry
    from workbench.workbench import Workbench


@dataclass(frozen=True)
class RunView:
    """One run, ready to be laid out.

    Attributes:
        about: the record that it is about. model: the same if that is a model that is still there. resolved: the run's values, autos replaced.
        provenance: field name -> where its value came from, in words. metrics: group -> name -> metric.
        files: what it left, with sizes. environment: versions, host, command. is_latest: whether no newer run has its key.
        preflight: why its model cannot start a run now. waiting: what it waits for while queued.
        started_by: the user who began it; "" for one that no user began.
    """

    record: RunRecord
    about: About
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
    best_by: str = ""
    preflight: tuple[str, ...] = ()
    waiting: str = ""
    other_runs: tuple[RunRecord, ...] = field(default=())
    started_by: str = ""

    def file(self, name: str) -> ArtefactEntry | None:
        """The file of that name, if the run left it."""
        return next((entry for entry in self.files if entry.name == name), None)


def run_in(workbench: Workbench, run_id: str) -> RunRecord:
    """The run of that id, if it is there and not deleted. Raises CommandError with code not_found."""
    # imported here, because the first page is served before commands are loaded
    from workbench.commands.rules import find_run

    return find_run(workbench.state(), run_id)


def view_of(workbench: Workbench, run_id: str) -> RunView:
    """Everything a run's page shows. Raises CommandError with code not_found."""
    record = run_in(workbench, run_id)
    state = workbench.state()
    declared = family(record.family)
    kind = declared.model(record.model_type)
    model = state.model_of(record)
    present = model if model is not None and model.deleted_at is None else None
    summary = read_json(workbench, run_id, "summary.json")
    runs = [run for run in state.runs_of(record.subject.id) if run.key == record.key]
    return RunView(
        record=record,
        about=about_of(state, record),
        model=present,
        family=declared,
        model_type=kind,
        resolved=workbench.models.resolved(record),
        provenance=provenance_of(kind, record, workbench.history(Kind.MODEL, record.subject.id) if model else ()),
        metrics=summary.get("metrics", {}),
        files=tuple(workbench.runs.artefacts(run_id)),
        environment=read_json(workbench, run_id, "environment.json"),
        is_latest=bool(runs) and runs[0].id == run_id,
        best_epoch=summary.get("best_epoch"),
        best_by=summary.get("best_by", ""),
        preflight=tuple(workbench.runs.preflight(record.subject.id)) if present else ("The model of this run was deleted.",),
        waiting=workbench.runs.waiting_words(record),
        other_runs=tuple(run for run in runs if run.id != run_id),
        started_by=started_by(workbench, run_id),
    )


def started_by(workbench: Workbench, run_id: str) -> str:
    """What the user is called who began a run; "" for one that no user began, as where there are none."""
    names = workbench.people.display_names()
    begun = workbench.history(Kind.RUN, run_id, None)[-1:] if names else []
    return names.get(begun[0].actor, "") if begun else ""


def provenance_of(kind: ModelType, record: RunRecord, history: Any) -> dict[str, str]:
    """Where each value of a run came from: its default, chosen by the model type, or the command that set it.

    `history` is the model's, newest first; only what happened before the run counts.
    """
    words: dict[str, str] = {}
    given, fields = stored_values(kind.fields, record.config), kind.fields
    for path, spec in fields.specs.items():
        value = given.get(path, spec.default)
        if value == AUTO:
            words[path] = "auto: the model type chose it"
        elif not spec.required and value == spec.default:
            words[path] = "default"
        else:
            words[path] = "set when the model was created"
    for entry in reversed(tuple(history)):
        if entry.seq > record.journal_seq:
            break
        for change in entry.changes:
            path = path_of(fields, change.path)
            if path in words and words[path] != "default":
                words[path] = f"{entry.words} ({entry.at[:10]})"
    return words
