"""REST for sweeps: start, look at, stop and resume them, and take over what they found."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, StrictBool, StrictFloat, StrictInt

from dashboard.acting import needs
from dashboard.api.dependencies import Bench, Body, IfMatch, Key, KeyInPath, acting_as, set_version
from dashboard.api.errors import ERRORS
from dashboard.api.idempotency import IDEMPOTENT, IdempotentRoute
from dashboard.api.paging import Page, PageQuery, page_of
from workbench.commands.rules import id_of
from workbench.state import AppState, Kind
from workbench.sweeps.importance import TARGET
from workbench.sweeps.records import KIND, SweepRecord, SweepState, best_trial, sweeps_of
from workbench.sweeps.rows import rows_of
from workbench.sweeps.settings import SPACE_HELP, Pruner, Sampler
from workbench.workbench import Workbench

router = APIRouter(prefix="/sweeps", tags=["sweeps"], responses=ERRORS, route_class=IdempotentRoute)

MOST_PARAMETERS = 100


def _sweep_id(bench: Bench, sweep_id: KeyInPath) -> str:
    return id_of(bench.state(), KIND, sweep_id)


SweepId = Annotated[str, Depends(_sweep_id)]


class SweepQuery(PageQuery):
    """Filters of the list of sweeps."""

    model_id: str | None = Field(None, max_length=100)
    state: SweepState | None = None


class SweepItem(BaseModel):
    """A sweep."""

    id: str
    number: int
    name: str
    model_id: str
    family: str
    model_type: str
    space: list[str] = Field(description="What is searched, one setting each, as it is written.")
    objective: str
    direction: str
    trials: int
    at_once: int
    sampler: Sampler
    pruner: Pruner
    seed: int
    minutes: float | None
    architectures: bool
    state: SweepState
    reason: str
    note: str
    trials_begun: int
    best_value: float | None
    best_run: str | None = Field(description="The run of the best trial.")
    created_at: str
    updated_at: str
    ended_at: str | None
    version: int


class TrialView(BaseModel):
    """One trial."""

    number: int
    values: dict[str, Any]
    state: str = Field(
        description="The run's state while it is under way, then `completed`, `pruned`, `stopped`, `failed`; `refused` without a run."
    )
    value: float | None = Field(description="The best value of the objective over its epochs.")
    run_id: str | None
    run_number: int | None
    model_id: str | None
    epochs: int
    seconds: float | None
    why: str
    deleted: bool = Field(description="Whether its run was deleted.")
    over: bool = Field(description="Whether it is settled what became of it.")
    best: bool


class TrialsView(BaseModel):
    """All trials of a sweep, in their order."""

    items: list[TrialView]
    total: int
    next: None = None


class ImportancesView(BaseModel):
    """How much of the objective's spread each setting explains, largest first; empty while too few trials are over."""

    items: dict[str, float]


class UsedBest(BaseModel):
    """What taking over the best settings changed."""

    model_id: str
    changed: list[str]
    reset: list[str]


class StartSweep(Body):
    """A search for settings of a model. What is left out takes its default."""

    model_id: Key
    space: list[Annotated[str, Field(max_length=2_000)]] = Field(max_length=MOST_PARAMETERS, description=SPACE_HELP)
    name: str | None = Field(None, max_length=1_000)
    note: str = Field("", max_length=10_000)
    objective: str | None = Field(None, max_length=200)
    trials: StrictInt | None = None
    at_once: StrictInt | None = None
    sampler: str | None = Field(None, max_length=40)
    pruner: str | None = Field(None, max_length=40)
    seed: StrictInt | None = None
    minutes: StrictFloat | StrictInt | None = None
    architectures: StrictBool = False
    confirm: StrictBool = Field(False, description="Start it whatever is foreseen of its trials.")


class AmendSweep(Body):
    """What can be changed of a sweep."""

    name: str = Field(max_length=1_000)


class ResumeSweep(Body):
    """How a sweep goes on."""

    trials: StrictInt | None = Field(None, description="Search on until there are so many trials.")


def _item(state: AppState, sweep: SweepRecord) -> SweepItem:
    best = best_trial(state, sweep)
    given = sweep.model_dump(include=set(SweepItem.model_fields) - {"space"})
    return SweepItem(
        **given,
        space=[parameter.text for parameter in sweep.space],
        trials_begun=len(rows_of(state, sweep)),
        best_value=best.trial.value if best is not None and best.trial is not None else None,
        best_run=best.id if best is not None else None,
        version=state.versions.get(sweep.id, 0),
    )


def _show(bench: Workbench, sweep: SweepRecord, response: Response) -> SweepItem:
    item = _item(bench.state(), sweep)
    set_version(response, item.version)
    return item


@router.get("")
def list_sweeps(bench: Bench, query: Annotated[SweepQuery, Query()]) -> Page[SweepItem]:
    """All sweeps that are not deleted, newest first unless sorted otherwise."""
    state = bench.state()
    items = [_item(state, sweep) for sweep in sweeps_of(state, query.model_id) if query.state in (None, sweep.state)]
    names = ("number", "name", "state", "created_at", "updated_at")
    keys = {name: (lambda item, name=name: getattr(item, name)) for name in names}
    return page_of(items, query, keys=keys, default_sort="-number", identity=lambda i: i.id, show=lambda i: i)


@router.post("", status_code=201, dependencies=[IDEMPOTENT])
@needs("train")
def start_sweep(bench: Bench, body: StartSweep, response: Response) -> SweepItem:
    """Begin to search; its trials are runs, which worker processes take up."""
    asked = body.model_dump(exclude={"model_id", "name", "note", "confirm"}, exclude_none=True)
    sweep = bench.sweeps.create(
        actor=acting_as(), model_id=id_of(bench.state(), Kind.MODEL, body.model_id), settings=asked, name=body.name, note=body.note,
        confirmed=body.confirm,
    )  # fmt: skip
    response.headers["Location"] = f"/api/sweeps/{sweep.id}"
    return _show(bench, sweep, response)


@router.get("/{sweep_id}")
def read_sweep(bench: Bench, sweep_id: SweepId, response: Response) -> SweepItem:
    """One sweep."""
    return _show(bench, bench.sweeps.get(sweep_id), response)


@router.patch("/{sweep_id}")
@needs("train")
def rename_sweep(bench: Bench, sweep_id: SweepId, body: AmendSweep, response: Response, version: IfMatch) -> SweepItem:
    """Give a sweep another name."""
    return _show(bench, bench.sweeps.rename(actor=acting_as(), sweep_id=sweep_id, name=body.name, expected_version=version), response)


@router.get("/{sweep_id}/trials")
def list_trials(bench: Bench, sweep_id: SweepId) -> TrialsView:
    """Its trials, in their order."""
    items = [TrialView(**vars(row)) for row in rows_of(bench.state(), bench.sweeps.get(sweep_id))]
    return TrialsView(items=items, total=len(items))


@router.get("/{sweep_id}/importances")
def read_importances(bench: Bench, sweep_id: SweepId) -> ImportancesView:
    """How much each setting matters (fANOVA)."""
    bench.sweeps.get(sweep_id)
    return ImportancesView(items=bench.beside(TARGET, sweep_id))


@router.post("/{sweep_id}/stop")
@needs("train")
def stop_sweep(bench: Bench, sweep_id: SweepId, response: Response) -> SweepItem:
    """Begin no further trial and stop those that run, to go on from their checkpoints when the sweep does."""
    return _show(bench, bench.sweeps.stop(actor=acting_as(), sweep_id=sweep_id), response)


@router.post("/{sweep_id}/resume")
@needs("train")
def resume_sweep(bench: Bench, sweep_id: SweepId, response: Response, body: ResumeSweep | None = None) -> SweepItem:
    """Go on with a sweep that was stopped, or give one that is over more trials."""
    return _show(bench, bench.sweeps.resume(actor=acting_as(), sweep_id=sweep_id, trials=body.trials if body else None), response)


@router.post("/{sweep_id}/use-best")
@needs("train")
def use_best(bench: Bench, sweep_id: SweepId) -> UsedBest:
    """Give the model the settings of the best trial."""
    updated = bench.sweeps.use_best(actor=acting_as(), sweep_id=sweep_id)
    return UsedBest(model_id=updated.record.id, changed=list(updated.changed), reset=list(updated.reset))


@router.delete("/{sweep_id}", status_code=204)
@needs("train")
def delete_sweep(bench: Bench, sweep_id: SweepId, version: IfMatch) -> None:
    """Delete a sweep that does not run; its runs stay. POST to its `restore` brings it back."""
    bench.sweeps.delete(actor=acting_as(), sweep_id=sweep_id, expected_version=version)


@router.post("/{sweep_id}/restore")
@needs("train")
def restore_sweep(bench: Bench, sweep_id: SweepId, response: Response) -> SweepItem:
    """Bring a deleted sweep back."""
    return _show(bench, bench.sweeps.restore(actor=acting_as(), sweep_id=sweep_id), response)
