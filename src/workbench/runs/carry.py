"""Carrying out one claimed run in a worker: prepare, train, write the folder, and end the run whatever happens."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import NoReturn

from workbench.artefacts import Working
from workbench.clock import monotonic
from workbench.collecting import without_collecting
from workbench.families import family
from workbench.layered import LayeredError
from workbench.logs import about
from workbench.runs import folder
from workbench.runs.configured import write_config
from workbench.runs.crews.contract import EXIT_CREW, Crew
from workbench.runs.crews.following import name_of
from workbench.runs.documents import write_documents
from workbench.runs.endings import Ending, failed, finished
from workbench.runs.events import NewEvent
from workbench.runs.failures import RunFailure, describe, sentence
from workbench.runs.held import HeldRun
from workbench.runs.job import Job, LeaseLost, Summary
from workbench.runs.preparing import prepare
from workbench.runs.rates import learn
from workbench.runs.reporter import StoreReporter
from workbench.runs.watchdog import EXIT_LEASE_LOST, Watchdog, Watched
from workbench.services.lengths import length_of
from workbench.state import CheckpointRef, Kind
from workbench.store.errors import StoreError
from workbench.workbench import Workbench

END_TRIES = 60
"""How often the end of a run is tried, a second apart, while the store cannot be written."""

_log = logging.getLogger(__name__)


def carry_out(workbench: Workbench, held: HeldRun, watchdog: Watchdog, crew: Crew | None = None) -> None:
    """Train a claimed run and end it. Leaves the process at once, writing nothing more, if the lease is lost.

    As the first process of a `crew`, with the others; the process is also left after a run that failed, since nobody knows how far the
    others came with it.
    """
    watched = Watched(held)
    watchdog.watch(watched)
    try:
        with about(run=held.lease.run_id):
            _log.info("the run begins", extra={"facts": {"attempt": held.lease.attempt}})
            wait = workbench.settings.artefact_wait_seconds
            with workbench.artefacts.patiently(wait, lambda said: _tell(held, said)), ExitStack() as stack:
                _carry_out(workbench, held, watchdog, watched, stack, crew)
    except LeaseLost:
        _leave()
    finally:
        watchdog.watch(None)


def _carry_out(
    workbench: Workbench, held: HeldRun, watchdog: Watchdog, watched: Watched, stack: ExitStack, crew: Crew | None
) -> None:  # fmt: skip
    begun = monotonic()
    before = held.record.duration_seconds or 0.0
    reporter: StoreReporter | None = None
    working: Working | None = None
    job: Job | None = None
    if crew is not None:
        crew.told(name_of(held.lease.run_id, held.lease.attempt))
    try:
        _tell_start(held)
        working = stack.enter_context(workbench.artefacts.working(folder.folder_of(held.lease.run_id)))
        folder.remove_manifest(workbench.artefacts, held.lease.run_id)
        job = prepare(workbench, held.record, working)
        if crew is not None:
            _wait_for(crew)
        _write_config(workbench, held)
        _tell_part(workbench, held)
        reporter = StoreReporter(
            held,
            working,
            watched.stop,
            on_error=watchdog.judge,
            on_checkpoint=watched.saved,
            on_finishing=watched.weights_safe,
            batch_seconds=workbench.settings.event_batch_seconds,
        )
        with without_collecting():
            train = family(held.record.family).trainer.load()
        summary = train(job, reporter)
        watched.phase = "finishing"
        kept = _kept(held, summary, working)
        ending = finished(held.record, summary, kept, round(before + monotonic() - begun, 3))
        learn(workbench.settings.home, f"{held.record.family}/{held.record.model_type}", summary.rate)
        reporter.flush()
        _write(workbench, held, working, job, ending, summary, kept)
    except Exception as error:  # whatever a trainer raises ends the run as failed
        watched.phase = "finishing"
        _log.exception("run %s failed", held.lease.run_id)
        if crew is not None:
            _end_with(crew, held, job, error)
        ending = failed(held.record, describe(error), round(before + monotonic() - begun, 3))
        _flush(reporter)
        _write(workbench, held, working, job, ending, None, None)
    if reporter is not None:
        reporter.close()
    _insist(lambda: held.finish(*ending))
    _log.info("the run ended", extra={"facts": {"state": ending[1].payload["state"]}})
    if crew is not None and job is not None and ending[1].payload["state"] == "failed":
        os._exit(EXIT_CREW)


def _wait_for(crew: Crew) -> None:
    """Begin when every process of the crew can. Raises RunFailure naming those that cannot."""
    unready = crew.unready(True)
    if unready:
        who = ", ".join(str(rank) for rank in unready)
        raise RunFailure(f"Not every process of the crew could prepare the run (rank {who}): the logs of their hosts say why.")


def _end_with(crew: Crew, held: HeldRun, job: Job | None, error: Exception) -> None:
    """What an error means for the others. Leaves the process where one of them is gone: the run is interrupted then, and has not failed."""
    if job is None:
        crew.unready(False)
    elif crew.lost(error):
        text = "Another process of the crew is gone. The run can be resumed once all are there again."
        _insist(lambda: held.append([NewEvent.now("log", level="error", message=text)]))
        os._exit(EXIT_CREW)


def _write_config(workbench: Workbench, held: HeldRun) -> None:
    """Write the settings of a model's run before it trains. A record that no file can describe is said in the log and trained all the same."""
    if held.record.subject.kind != Kind.MODEL:
        return
    try:
        write_config(workbench, held.record)
    except LayeredError as error:
        text = f"The run has no resolved_config.yaml: {error.problems[0].message}."
        held.append([NewEvent.now("log", level="warning", message=text)])


def _tell_part(workbench: Workbench, held: HeldRun) -> None:
    """Say in the log how much of the data the run trains on, if that is not all."""
    run = held.record
    words = workbench.models.part_words(run)
    if words is not None:
        held.append([NewEvent.now("log", level="info", message=words)])


def _tell_start(held: HeldRun) -> None:
    run = held.record
    total = length_of(run)
    if run.attempt == 1:
        held.append([NewEvent.now("started", total_epochs=total)])
    else:
        from_epoch = run.last_checkpoint.epoch if run.last_checkpoint else 0
        held.append([NewEvent.now("resumed", attempt=run.attempt, from_epoch=from_epoch, total_epochs=total)])


def _tell(held: HeldRun, said: str) -> None:
    """Have it said that object storage keeps the run waiting, and that it does so no more."""
    _log.warning("%s", said)
    _insist(lambda: held.append([NewEvent.now("log", level="warning", message=said)]))


def _kept(held: HeldRun, summary: Summary, working: Working) -> CheckpointRef:
    """The kept checkpoint as the store points to it; one that was recorded already keeps its epoch."""
    name = working.name_of(summary.kept)
    run = held.record
    for known in (run.best_checkpoint, run.last_checkpoint):
        if known is not None and known.path == name:
            return known
    epoch = summary.epochs if summary.best_epoch is None else summary.best_epoch
    published = working.publish(summary.kept)
    return CheckpointRef(path=name, sha256=published.sha256, epoch=epoch, attempt=run.attempt)


def _write(
    workbench: Workbench,
    held: HeldRun,
    working: Working | None,
    job: Job | None,
    ending: Ending,
    summary: Summary | None,
    kept: CheckpointRef | None,
) -> None:
    """Write the run's folder. What cannot be written is said in the log; it takes nothing from a run that was trained."""
    try:
        write_documents(workbench, held.record, working, job, ending, summary, kept)
    except Exception as error:
        _log.exception("the folder of run %s is incomplete", held.lease.run_id)
        text = f"The run's folder is incomplete. {sentence(error)}"
        _insist(lambda: held.append([NewEvent.now("log", level="error", message=text)]))


def _flush(reporter: StoreReporter | None) -> None:
    if reporter is not None:
        _insist(reporter.flush)


def _insist(write: Callable[[], None]) -> None:
    """Write to the store, waiting for a while if it is busy or the disk is full. Leaves the process if it cannot be done:
    then the reconcilers end the run."""
    for remaining in reversed(range(END_TRIES)):
        try:
            write()
            return
        except StoreError:
            if remaining == 0:
                raise
            time.sleep(1)


def _leave() -> NoReturn:
    os._exit(EXIT_LEASE_LOST)
