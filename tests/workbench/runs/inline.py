"""Carrying out runs of the fake family in the test's own process, with a watchdog that raises instead of leaving."""

from __future__ import annotations

from typing import Any, NoReturn

from workbench.runs import leases
from workbench.runs.carry import carry_out
from workbench.runs.claiming import claim
from workbench.runs.held import HeldRun
from workbench.runs.process import ProcessIdentity
from workbench.runs.watchdog import Watchdog
from workbench.settings import host_name
from workbench.state import CheckpointRef, RunError, RunRecord, RunState

WORKER = "worker_inline"


class Left(BaseException):
    """The process would have ended here, with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def leave(code: int) -> NoReturn:
    """Stands in for `os._exit`."""
    raise Left(code)


class NoWorkers:
    """An executor that starts nothing and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def ensure_worker(self, framework: str) -> None:
        self.asked.append(("ensure", framework))

    def warm(self, framework: str) -> None:
        self.asked.append(("warm", framework))


def register(
    bench: Any, worker_id: str = WORKER, host: str | None = None, lease_seconds: float | None = None, framework: str = "jax"
) -> None:
    """Enter this process as a worker."""
    with bench.store.transaction() as connection:
        seconds = bench.settings.lease_seconds if lease_seconds is None else lease_seconds
        leases.register(connection, worker_id, framework, host or host_name(), ProcessIdentity.current(), seconds)


def claim_one(bench: Any, worker_id: str = WORKER, framework: str = "jax") -> HeldRun:
    """Claim the next run for this process."""
    held = claim(bench.store, bench.settings, worker_id, framework, host_name())
    assert held is not None
    return held


def row(bench: Any, worker_id: str = WORKER) -> leases.WorkerRow:
    """This process's row."""
    with bench.store.engine.connect() as connection:
        found = leases.row(connection, worker_id)
    assert found is not None
    return found


def watchdog(bench: Any) -> Watchdog:
    """A watchdog that is looked after by the test: it has no thread."""
    return Watchdog(bench.store, bench.settings, WORKER, leave)


def start(bench: Any, model: Any, **options: Any) -> RunRecord:
    """Queue a run."""
    return bench.runs.start(actor="user:test", model_id=model.id, **options)


def work(bench: Any) -> RunRecord:
    """Claim the next run, carry it out, and return it as it ended."""
    queued = [run for run in bench.state().active_runs if run.state is RunState.QUEUED]
    framework = queued[0].framework if queued else "jax"
    register(bench, framework=framework)
    held = claim_one(bench, framework=framework)
    carry_out(bench, held, watchdog(bench))
    return held.record


def told(bench: Any, run_id: str, kind: str) -> list[dict[str, Any]]:
    """The payloads of a run's events of one kind."""
    return [event.payload for event in bench.runs.follow(run_id) if event.kind == kind]


def told_now(bench: Any, run_id: str, kind: str) -> list[dict[str, Any]]:
    """The same for a run that has not ended: what it has told so far."""
    return [event.payload for event in bench.runs.events(run_id).items if event.kind == kind]


def error_of(run: RunRecord) -> RunError:
    """Why the run failed."""
    assert run.error is not None
    return run.error


def last_of(run: RunRecord) -> CheckpointRef:
    """Its last checkpoint."""
    assert run.last_checkpoint is not None
    return run.last_checkpoint
