"""REST for runs: start, follow, stop, resume, and what a run leaves behind."""

from __future__ import annotations

from operator import attrgetter
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field, StrictBool

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, IfMatch, Key, RunId, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.models import Tags
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.views import RunItem, RunView, run_item, run_view
from workbench.commands.base import CommandError
from workbench.commands.rules import id_of
from workbench.listing.asked import Asked, all_runs, select
from workbench.listing.columns import columns_of
from workbench.listing.expressions.parsing import MAX_LENGTH
from workbench.runs import diagnosing
from workbench.services.comparison import compare
from workbench.state import Kind, RunRecord, RunState
from workbench.workbench import Workbench

router = APIRouter(prefix="/runs", tags=["runs"], responses=ERRORS, route_class=IdempotentRoute)

REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
)
"""A report is shown in an origin of its own: its scripts draw figures and reach nothing else."""


class RunQuery(PageQuery):
    """Filters of the list of runs."""

    model_id: str | None = Field(None, max_length=100)
    family: str | None = Field(None, max_length=50)
    state: RunState | None = None
    tag: str | None = Field(None, max_length=40)
    where: str | None = Field(
        None,
        max_length=MAX_LENGTH,
        description="An expression over the keys of `/api/runs/columns`: `duration > 2 min and tag = baseline`.",
    )


class CompareQuery(Body):
    """Which runs to compare."""

    ids: str = Field(max_length=1_000, description="Ids of two to ten runs, separated by commas.")


class ComparedMetric(BaseModel):
    """One metric of the runs, a value a run."""

    group: str = Field(description="`headline`, or a group of the runs' summaries.")
    key: str
    label: str
    unit: str
    direction: str | None = Field(description="`lower` or `higher` where one is better.")
    values: list[float | None]
    best: list[int] = Field(description="Places of the best values.")


class ComparedSetting(BaseModel):
    """One setting of the runs, a value a run."""

    path: str
    label: str
    values: list[Any]
    words: list[str | None] = Field(description="The values in words; null where the setting does not apply.")
    differs: bool


class RunsComparison(BaseModel):
    """Runs beside each other; lists of values are in the order of `runs`."""

    runs: list[RunItem]
    apart: str = Field(description="Why values are not ranked, as when runs were measured on different data; empty if all are.")
    metrics: list[ComparedMetric]
    settings: list[ComparedSetting]


class RunColumn(BaseModel):
    """What a list of runs can be filtered by."""

    key: str
    title: str = Field(description="Another name for it, as pages show it.")
    kind: str = Field(description="`text`, `number`, `share`, `duration` (in seconds), `time`, `tags` or `flag`.")
    source: str = Field(description="`run`, `metric` or `setting`.")
    unit: str


class RunColumns(BaseModel):
    """All columns."""

    items: list[RunColumn]
    total: int
    next: None = None


class StartRun(Body):
    """Start training a model with its present settings and labels."""

    model_id: Key
    reset_optimizer: bool = Field(False, description="Begin with fresh optimiser moments; the weights stay.")
    confirm: StrictBool = Field(False, description="Start it whatever is foreseen, such as that its memory may not do (W-15).")


class ChangeRun(Body):
    """Changes of a run's notes; all of them are made, or none."""

    note: str | None = Field(None, max_length=10_000)
    tags: Tags | None = None


class EventView(BaseModel):
    """One event of a run."""

    seq: int
    attempt: int
    at: str
    kind: str
    payload: dict[str, Any]


class EventsView(BaseModel):
    """Events after a cursor, oldest first."""

    items: list[EventView]
    next: int = Field(description="Pass it as `after` to get what comes later.")
    ended: bool = Field(description="Whether the run has ended; then no more will come unless it is resumed.")


class ArtefactView(BaseModel):
    """One file of a run."""

    name: str
    size: int
    sha256: str
    media_type: str


class ArtefactsView(BaseModel):
    """All files of a run."""

    items: list[ArtefactView]
    total: int
    next: None = None


def _find(bench: Workbench, run_id: str) -> RunRecord:
    run = bench.state().runs.get(run_id)
    if run is None or run.deleted_at is not None:
        raise CommandError(f"no run has the id {run_id!r}", code="not_found")
    return run


def _show(bench: Workbench, run: RunRecord, response: Response) -> RunView:
    state = bench.state()
    set_version(response, state.versions.get(run.id, 0))
    run = state.runs.get(run.id, run)
    return run_view(state, run, bench.runs.obstacle(run))


@router.get("")
def list_runs(bench: Bench, query: Annotated[RunQuery, Query()]) -> Page[RunItem]:
    """All runs that are not deleted, newest first unless sorted otherwise."""
    state = bench.state()
    found = [run for run in select(state, Asked(where=query.where or "")).runs if _matches(run, query)]
    names = ("number", "state", "created_at", "started_at", "ended_at", "duration_seconds", "epochs_done")
    keys = {name: attrgetter(name) for name in names}
    return page_of(found, query, keys=keys, default_sort="-number", identity=lambda run: run.id, show=lambda run: run_item(state, run))


def _matches(run: RunRecord, query: RunQuery) -> bool:
    return (
        (query.model_id is None or run.subject.id == query.model_id)
        and (query.family is None or run.family == query.family)
        and (query.state is None or run.state is query.state)
        and (query.tag is None or query.tag in run.tags)
    )


@router.get("/columns")
def list_columns(bench: Bench) -> RunColumns:
    """What `where` can name: facts of runs, and the metrics and settings of those that there are."""
    found = columns_of(all_runs(bench.state()))
    items = [RunColumn(key=c.key, title=c.title, kind=c.kind, source=c.source, unit=c.unit) for c in found]
    return RunColumns(items=items, total=len(items))


@router.get("/compare")
def compare_runs(bench: Bench, query: Annotated[CompareQuery, Query()]) -> RunsComparison:
    """Two to ten runs beside each other: metrics with the best of each, and settings with whether the runs differ in them."""
    found = compare(bench, [part for part in query.ids.split(",") if part])
    state = bench.state()
    return RunsComparison(runs=[run_item(state, run) for run in found.runs], **found.values())


@router.post("", status_code=201, dependencies=[IDEMPOTENT])
@needs("train")
def start_run(bench: Bench, body: StartRun, response: Response) -> RunView:
    """Queue a run; a worker process takes it up."""
    model_id = id_of(bench.state(), Kind.MODEL, body.model_id)
    run = bench.runs.start(actor=acting_as(), model_id=model_id, reset_optimizer=body.reset_optimizer, confirmed=body.confirm)
    response.headers["Location"] = f"/api/runs/{run.id}"
    return _show(bench, run, response)


@router.get("/{run_id}")
def read_run(bench: Bench, run_id: RunId, response: Response) -> RunView:
    """One run."""
    return _show(bench, _find(bench, run_id), response)


@router.patch("/{run_id}")
@needs("train")
def change_run(bench: Bench, run_id: RunId, body: ChangeRun, version: IfMatch, response: Response) -> RunView:
    """Tag or annotate a run."""
    tags = tuple(body.tags) if body.tags is not None else None
    run = bench.runs.change(actor=acting_as(), run_id=run_id, note=body.note, tags=tags, expected_version=version)
    return _show(bench, run, response)


@router.delete("/{run_id}", status_code=204)
@needs("train")
def delete_run(bench: Bench, run_id: RunId, version: IfMatch) -> None:
    """Delete a run that has ended and whose weights no model uses."""
    bench.runs.delete(actor=acting_as(), run_id=run_id, expected_version=version)


@router.post("/{run_id}/restore")
@needs("train")
def restore_run(bench: Bench, run_id: RunId, response: Response) -> RunView:
    """Bring a deleted run back."""
    return _show(bench, bench.runs.restore(actor=acting_as(), run_id=run_id), response)


@router.post("/{run_id}/stop")
@needs("train")
def stop_run(bench: Bench, run_id: RunId, response: Response) -> RunView:
    """Ask a run to stop: it finishes the epoch, writes a checkpoint and keeps the trained weights."""
    return _show(bench, bench.runs.request_stop(actor=acting_as(), run_id=run_id), response)


@router.post("/{run_id}/diagnose")
@needs("train")
def diagnose_run(bench: Bench, run_id: RunId, response: Response) -> RunView:
    """Compute the diagnostics of a run that has ended without them, and its summary and report; answers when they are there."""
    diagnosing.in_process(bench, run_id)
    return _show(bench, bench.state().runs[run_id], response)


@router.post("/{run_id}/resume")
@needs("train")
def resume_run(bench: Bench, run_id: RunId, response: Response) -> RunView:
    """Go on from the last checkpoint of a stopped, failed or interrupted run."""
    return _show(bench, bench.runs.resume(actor=acting_as(), run_id=run_id), response)


@router.get("/{run_id}/events")
def read_events(
    bench: Bench,
    run_id: RunId,
    after: Annotated[int, Query(ge=0, le=2**62, description="`next` of the answer before.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 500,
) -> EventsView:
    """Events after a cursor: epochs with their metrics, log lines, diagnostics, checkpoints, the end."""
    run = _find(bench, run_id)
    page = bench.runs.events(run_id, after=after, limit=limit)
    items = [EventView(seq=e.seq, attempt=e.attempt, at=e.at, kind=e.kind, payload=dict(e.payload)) for e in page.items]
    return EventsView(items=items, next=page.next, ended=not run.state.active)


@router.get("/{run_id}/artefacts")
def list_artefacts(bench: Bench, run_id: RunId) -> ArtefactsView:
    """The run's files, with sizes and checksums."""
    _find(bench, run_id)
    found = bench.runs.artefacts(run_id)
    return ArtefactsView(
        items=[ArtefactView(name=a.name, size=a.size, sha256=a.sha256, media_type=a.media_type) for a in found], total=len(found)
    )


@router.get(
    "/{run_id}/artefacts/{name:path}",
    response_class=FileResponse,
    responses={200: {"content": {"application/octet-stream": {}}, "description": "The file."}},
)
def read_artefact(bench: Bench, run_id: RunId, name: Annotated[str, Path(max_length=300)]) -> FileResponse:
    """One file of a run. Reports come with a policy of their own, so that they can reach nothing."""
    _find(bench, run_id)
    entry = next((a for a in bench.runs.artefacts(run_id) if a.name == name), None)
    if entry is None:
        raise CommandError(f"run {run_id} has no file named {name!r}; its artefacts are listed one level up", code="not_found")
    path = bench.runs.artefact_path(run_id, name)
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": REPORT_POLICY}
    inline = entry.media_type.startswith(("text/html", "text/plain", "text/markdown"))
    return FileResponse(
        path,
        media_type=entry.media_type,
        filename=path.name,
        headers=headers,
        content_disposition_type="inline" if inline else "attachment",
    )
