"""REST for quick tests: what starting one would mean, start, follow, run again, cancel, compare."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, IfMatch, KeyInPath, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from dashboard.api.schemas import SchemaOf
from dashboard.families.recsys.comparing import Comparison, compared
from dashboard.families.recsys.estimates import CostView, EstimatedTime, MemoryView, cost_view, memory_view, time_view
from dashboard.families.recsys.histogram_views import Histograms, histograms_view
from dashboard.families.recsys.model_views import WarningView, warning_view
from dashboard.families.recsys.quick_test_views import (
    QuickTestItem,
    QuickTestView,
    StageView,
    quick_test_items,
    quick_test_view,
)
from dashboard.families.recsys.requests import NO_QUERY, QueryKey, Service
from dashboard.families.recsys.requests import Query as StrictQuery
from dashboard.families.recsys.start_body import Confirm, StartQuickTest, as_asked, told_as_asked
from recsys import histograms
from recsys.commands.quick_tests import Mode
from recsys.issues import Issue
from recsys.quick_tests import StatusWord
from recsys.records import model_of
from recsys.service import RecommenderService
from recsys.services.estimates import Forecast
from recsys.services.exporting import PREPROCESSING, TRAINER
from recsys.services.pairing import paired_with_first
from workbench.commands.base import CommandError
from workbench.fields import FieldProblem
from workbench.runs.events import MAX_PAGE, StoredEvent
from workbench.state import RunRecord
from workbench.workbench import Workbench

router = APIRouter(prefix="/quick-tests", tags=["quick tests"], responses=ERRORS, route_class=IdempotentRoute)

FEWEST, MOST = 2, 5
"""How many tests are compared at once."""


class QuickTestQuery(PageQuery):
    """Filters of the list of quick tests."""

    status: StatusWord | None = None
    model_type: str | None = Field(None, max_length=20)
    feature_config_id: QueryKey = None
    model_config_id: QueryKey = None
    dataset_id: str | None = Field(None, max_length=100)
    q: str | None = Field(None, max_length=200, description="Text within its names, case ignored, or its number as in #62.")


class HistoryQuery(StrictQuery):
    """From where on."""

    after: int = Field(0, ge=0, le=2**62, description="`next` of the answer before.")
    limit: int = Field(MAX_PAGE, ge=1, le=MAX_PAGE)


class CompareQuery(StrictQuery):
    """Which tests."""

    ids: str = Field(max_length=600, description="Two to five ids or numbers, with commas between.")


class HistogramQuery(StrictQuery):
    """Which epochs."""

    epoch: int | None = Field(None, ge=1, le=500, description="That one alone.")


class RerunQuickTest(Body):
    """How a test is repeated."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mode": "current"}]})

    mode: Mode = Field("snapshot", description="snapshot: as it was; current: with its configurations as they are now.")
    confirm: Confirm = False


class Check(BaseModel):
    """One line of the checklist."""

    code: str | None
    path: str
    message: str
    severity: str


class Estimate(BaseModel):
    """What starting a test would mean."""

    can_start: bool
    needs_confirmation: bool = Field(default=False, description="Whether it starts only with `confirm`: its memory may not do.")
    checklist: list[Check] = Field(description="What keeps it from starting (error), and what is only worth knowing.")
    warnings: list[WarningView] = Field(description="Doubts that need no training; further ones come with the results.")
    duration: EstimatedTime
    cost: CostView | None = Field(description="Of all stages; null for a test that cannot start.")
    memory: MemoryView | None


class StartedTest(QuickTestView):
    """A test that was queued just now."""

    estimate: EstimatedTime


class Epoch(BaseModel):
    """One epoch; after a resume an epoch may be told again, and then the later one counts."""

    seq: int
    attempt: int
    at: str
    epoch: int | None
    metrics: dict[str, float | None]


class EpochHistory(BaseModel):
    """Epochs after a cursor, oldest first."""

    items: list[Epoch]
    stages: Annotated[list[dict[str, Any]], SchemaOf(list[StageView])] | None = Field(
        description="Where the work stands, if that was told after the cursor."
    )
    next: int = Field(description="Pass it as `after` to get what comes later.")
    ended: bool


class TestCode(BaseModel):
    """The code that a test ran."""

    trainer_code: str
    preprocessing_code: str | None = Field(description="The same transforms for tensorflow-transform; null for a test that kept none.")
    code_hash: str = Field(description="SHA-256 of the trainer, as 64 hex digits.")


def _show(bench: Workbench, run: RunRecord, response: Response) -> QuickTestView:
    set_version(response, bench.state().versions.get(run.id, 0))
    return quick_test_view(bench, bench.state().runs[run.id])


@router.get("")
def list_quick_tests(bench: Bench, service: Service, query: Annotated[QuickTestQuery, Query()]) -> Page[QuickTestItem]:
    """All quick tests, newest first unless sorted otherwise."""
    features = None if query.feature_config_id is None else service.features.get(query.feature_config_id, deleted=True).id
    model = None if query.model_config_id is None else service.models.get(query.model_config_id, deleted=True).id
    uses = {id for id in (features, model) if id is not None}
    runs = (run for run in service.tests.list() if uses <= set(run.uses))
    items = [item for item in quick_test_items(bench, runs) if _matches(item, query)]
    names = ("number", "name", "status", "created_at", "started_at", "completed_at", "duration_seconds")
    keys = {name: (lambda item, name=name: getattr(item, name)) for name in names}
    return page_of(items, query, keys=keys, default_sort="-created_at", identity=lambda i: i.id, show=lambda i: i)


def _matches(item: QuickTestItem, query: QuickTestQuery) -> bool:
    asked = {name: getattr(query, name) for name in ("status", "model_type", "dataset_id")}
    if any(value is not None and getattr(item, name) != value for name, value in asked.items()):
        return False
    text = query.q
    named = " ".join((item.name, item.feature_config_name, item.model_config_name)).casefold()
    return text is None or text.casefold() in named or text.strip() == f"#{item.number}"


@router.post("", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def start_quick_test(bench: Bench, service: Service, body: StartQuickTest, response: Response) -> StartedTest:
    """Queue a test. It is refused with everything that keeps it from starting."""
    with told_as_asked():
        run = service.tests.start(actor=acting_as(), **body.trial(), confirmed=body.confirm)
    forecast = _forecast(service, body)
    view = _started(bench, run, response)
    warnings = [warning_view(w).model_dump() for w in forecast.warnings]
    return StartedTest.model_validate({**view.model_dump(by_alias=True), "warnings": warnings, "estimate": time_view(forecast.duration)})


def _started(bench: Workbench, run: RunRecord, response: Response) -> QuickTestView:
    response.headers["Location"] = f"/api/quick-tests/{run.id}"
    return _show(bench, run, response)


@router.post("/estimate", dependencies=[NO_QUERY])
@needs("read")
def estimate_quick_test(service: Service, body: StartQuickTest) -> Estimate:
    """What starting a test would mean, without starting it."""
    trial = body.trial()
    problems = service.tests.problems(**trial)
    checklist = [_check(as_asked(problem)) for problem in problems]
    if not problems:
        issues = service.tests.issues(
            feature_config=body.feature_config_id, model_config=body.model_config_id, rating_column=trial["settings"].get("rating_column")
        )
        checklist += [_check_of_issue(issue) for issue in issues]
    if problems:
        return Estimate(can_start=False, checklist=checklist, warnings=[], duration=_unknown(), cost=None, memory=None)
    found = _forecast(service, body)
    return Estimate(
        can_start=True, needs_confirmation=found.needs_confirmation, checklist=checklist, warnings=[warning_view(w) for w in found.warnings], duration=time_view(found.duration),
        cost=cost_view(found.cost), memory=memory_view(found),
    )  # fmt: skip


def _check(problem: FieldProblem) -> Check:
    return Check(code=problem.code, path=problem.path, message=problem.message, severity="error")


def _check_of_issue(issue: Issue) -> Check:
    return Check(code=str(issue.code), path=issue.path, message=issue.message, severity=issue.severity)


def _unknown() -> EstimatedTime:
    return EstimatedTime(seconds=None, low=None, high=None, stages={}, text="it cannot start", calibrated=False)


def _forecast(service: RecommenderService, body: StartQuickTest) -> Forecast:
    """What a test that can start may take, and what is doubtful about it, as far as its settings say."""
    trial = body.trial()
    return service.estimates.forecast(**{name: trial[name] for name in ("feature_config", "model_config", "settings", "overrides")})


@router.get("/compare")
def compare_quick_tests(bench: Bench, service: Service, query: Annotated[CompareQuery, Query()]) -> Comparison:
    """Two to five tests side by side."""
    keys = [part.strip() for part in query.ids.split(",") if part.strip()]
    if not FEWEST <= len(keys) <= MOST:
        raise CommandError(f"{FEWEST} to {MOST} tests can be compared, not {len(keys)}.", "ids")
    runs = [service.tests.get(key) for key in keys]
    if len({run.id for run in runs}) < len(runs):
        raise CommandError("A test cannot be compared with itself.", "ids")
    return compared([quick_test_view(bench, run) for run in runs], paired_with_first(bench, runs))


@router.get("/{test_id}", dependencies=[NO_QUERY])
def read_quick_test(bench: Bench, service: Service, test_id: KeyInPath, response: Response) -> QuickTestView:
    """One test: its status, and its results once there are any."""
    return _show(bench, service.tests.get(test_id), response)


@router.delete("/{test_id}", status_code=204, dependencies=[NO_QUERY])
@needs("train")
def delete_quick_test(service: Service, test_id: KeyInPath, version: IfMatch) -> None:
    """Delete a test that has ended."""
    service.tests.delete(actor=acting_as(), key=test_id, expected_version=version)


@router.post("/{test_id}/cancel", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def cancel_quick_test(bench: Bench, service: Service, test_id: KeyInPath, response: Response) -> QuickTestView:
    """Ask a test to stop; one that is pending ends at once."""
    return _show(bench, service.tests.cancel(actor=acting_as(), key=test_id), response)


@router.post("/{test_id}/resume", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def resume_quick_test(bench: Bench, service: Service, test_id: KeyInPath, response: Response) -> QuickTestView:
    """Have a test that was stopped or interrupted go on from its last checkpoint."""
    return _show(bench, service.tests.resume(actor=acting_as(), key=test_id), response)


@router.post("/{test_id}/restore", dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def restore_quick_test(bench: Bench, service: Service, test_id: KeyInPath, response: Response) -> QuickTestView:
    """Bring a deleted test back."""
    return _show(bench, service.tests.restore(actor=acting_as(), key=test_id), response)


@router.post("/{test_id}/rerun", status_code=201, dependencies=[IDEMPOTENT, NO_QUERY])
@needs("train")
def rerun_quick_test(
    bench: Bench, service: Service, test_id: KeyInPath, response: Response, body: RerunQuickTest | None = None
) -> QuickTestView:
    """Queue a test again: as it was, or with its configurations as they are now."""
    asked = body or RerunQuickTest.model_validate({})
    return _started(bench, service.tests.rerun(actor=acting_as(), key=test_id, mode=asked.mode, confirmed=asked.confirm), response)


@router.get("/{test_id}/history")
def read_history(bench: Bench, service: Service, test_id: KeyInPath, query: Annotated[HistoryQuery, Query()]) -> EpochHistory:
    """The epochs after a cursor, with their losses and figures; those of a later attempt replace an earlier one's."""
    run = service.tests.get(test_id)
    epochs: list[StoredEvent] = []
    stages: list[Any] = []
    after = query.after
    while len(epochs) < query.limit and (events := bench.runs.events(run.id, after=after, limit=MAX_PAGE).items):
        for event in events:
            after = event.seq
            if event.kind == "diagnostics" and event.payload["name"] == "stages":
                stages.append(event.payload["values"]["stages"])
            elif event.kind == "epoch":
                epochs.append(event)
                if len(epochs) == query.limit:
                    break
    items = [
        Epoch(seq=e.seq, attempt=e.attempt, at=e.at, epoch=e.payload.get("epoch"), metrics=e.payload.get("metrics", {})) for e in epochs
    ]
    return EpochHistory(items=items, stages=stages[-1] if stages else None, next=after, ended=not run.state.active)


@router.get("/{test_id}/histograms")
def read_histograms(bench: Bench, service: Service, test_id: KeyInPath, query: Annotated[HistogramQuery, Query()]) -> Histograms:
    """Weights and gradients of every layer in bins, of the epochs that were looked at; those of a running test as far as it is."""
    run = service.tests.get(test_id)
    every = model_of(run.config).training.histogram_epochs
    kept = histograms.read(bench.runs.lying(run.id, histograms.FILE))
    return histograms_view([epoch for epoch in kept if query.epoch in (None, epoch.epoch)], every)


@router.get("/{test_id}/generated-code", dependencies=[NO_QUERY])
def read_test_code(bench: Bench, service: Service, test_id: KeyInPath) -> TestCode:
    """The trainer that the test ran, and its preprocessing, as they lie with its results."""
    run = service.tests.get(test_id)
    found = {a.name: a for a in bench.runs.artefacts(run.id)}
    entry = found.get(TRAINER)
    if entry is None:
        raise CommandError(f"Test #{run.number} has not generated its code yet.", "id", code="not_found")
    texts = {name: bench.runs.artefact_path(run.id, name).read_text("utf-8") for name in (TRAINER, PREPROCESSING) if name in found}
    return TestCode(trainer_code=texts[TRAINER], preprocessing_code=texts.get(PREPROCESSING), code_hash=entry.sha256)
