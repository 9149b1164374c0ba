"""Which runs are queued, and what such a run waits for, in words: for pages, REST and the command line alike."""

from __future__ import annotations

from workbench.runs.celery.queues import queue_of, worker_command
from workbench.settings import Settings
from workbench.state import AppState, RunRecord, RunState


def queued_runs(state: AppState, framework: str | None = None) -> list[RunRecord]:
    """The queued runs, all or those of a framework, oldest first."""
    return [run for run in state.active_runs if run.state is RunState.QUEUED and framework in (None, run.framework)]


def ahead_of(state: AppState, run: RunRecord) -> tuple[RunRecord, ...]:
    """The active runs that come before a queued one, oldest first: those being worked on, and those queued before it."""
    before = (other for other in state.active_runs if other.id != run.id)
    return tuple(sorted((o for o in before if o.state is not RunState.QUEUED or o.number < run.number), key=lambda o: o.number))


def taker(settings: Settings, framework: str) -> str:
    """Who takes runs of a framework where no server starts workers."""
    return f"a crew of {framework}" if settings.executor == "crew" else f"a worker of {queue_of(settings, framework)}"


def taker_command(settings: Settings, framework: str) -> str:
    """What starts one, as people type it on a host that may train."""
    if settings.executor == "crew":
        return f"trellis crew --framework {framework} --coordinator HOST:PORT --size N --rank R"
    return worker_command(queue_of(settings, framework))


def waiting_words(state: AppState, run: RunRecord, settings: Settings) -> str:
    """Why a queued run has not begun: the runs before it in its queue, or that a worker is being started or waited for.

    Where others train, nobody here starts one: the words name who has to take the run.
    """
    elsewhere = settings.executor != "local"
    ahead = [other for other in ahead_of(state, run) if not elsewhere or other.framework == run.framework]
    if not ahead:
        return f"Waiting for {taker(settings, run.framework)}" if elsewhere else "Starting a worker"
    names = [f"#{other.number}" for other in ahead]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"Queued behind run{'' if len(names) == 1 else 's'} {listed}"
