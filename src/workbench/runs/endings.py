"""How a run ends: the command that says so, and the event that tells those who follow."""

from __future__ import annotations

from workbench.clock import seconds_between, utc_now
from workbench.commands.run_progress import FinishRunCommand, MarkInterruptedCommand, QueueAgainCommand
from workbench.kinds import kind_of
from workbench.runs.events import NewEvent
from workbench.runs.job import Summary
from workbench.state import CheckpointRef, RunError, RunRecord, RunState

TOLD_TO_END = "its worker process was told to end"
"""Why a run stops that nobody asked to stop: whoever ends processes (a person, a shutdown) sent SIGTERM."""

COMPUTE_THEM = "Compute them from the run's page, or with `trellis runs diagnose`."
"""What to do about missing diagnostics."""

MAX_LOST_STARTS = 2
"""How often a run is queued again by itself whose worker was lost before the work began."""

Ending = tuple[FinishRunCommand | MarkInterruptedCommand, NewEvent]


def finished(run: RunRecord, summary: Summary, kept: CheckpointRef, seconds: float) -> Ending:
    """The trainer has returned: completed, or stopped because it was asked to."""
    stopped = ""
    if summary.outcome == "stopped":
        word = kind_of(run.subject.kind).run_words.stopped
        pruned = run.trial.pruned if run.trial is not None else ""
        asked = (
            pruned.removesuffix(".") or f"{word} as asked"
            if run.stop_requested_at is not None
            else f"{word} after epoch {summary.epochs}: {TOLD_TO_END}"
        )
        stopped = f"{asked}; the trained weights are kept."
    reason = " ".join(filter(None, (stopped, summary.shortfall)))
    command = FinishRunCommand(
        run_id=run.id,
        attempt=run.attempt,
        outcome=summary.outcome,
        reason=reason,
        headline=dict(summary.headline),
        units=summary.units,
        epochs_done=summary.epochs,
        duration_seconds=seconds,
        kept=kept,
    )
    return command, _ended(summary.outcome, reason, epochs=summary.epochs, best_epoch=summary.best_epoch)


def failed(run: RunRecord, error: RunError, seconds: float | None) -> Ending:
    """Training raised or could not begin: one sentence, the traceback, and the last good checkpoint kept."""
    command = FinishRunCommand(
        run_id=run.id, attempt=run.attempt, outcome="failed", reason=error.message, error=error, duration_seconds=seconds
    )  # fmt: skip
    return command, _ended("failed", error.message)


def stopped_by_force(run: RunRecord) -> Ending:
    """The process was killed because of a stop, at once while starting or after the grace time; the last checkpoint counts."""
    checkpoint, word = run.best_checkpoint or run.last_checkpoint, kind_of(run.subject.kind).run_words.stopped
    word = (run.trial.pruned.removesuffix(".") if run.trial is not None else "") or word
    if checkpoint is not None:
        reason = f"{word}; the weights are those of the checkpoint at epoch {checkpoint.epoch}."
    else:
        reason = f"{word} before the first checkpoint; {kind_of(run.subject.kind).without_weights}."
    command = FinishRunCommand(
        run_id=run.id, attempt=run.attempt, outcome="stopped", reason=reason, duration_seconds=_seconds_so_far(run)
    )  # fmt: skip
    return command, _ended("stopped", reason)


def diagnostics_cut_short(run: RunRecord, limit: float) -> Ending:
    """Training was over and its weights are kept, but the diagnostics took longer than `limit` seconds."""
    outcome = "stopped" if run.stop_requested_at is not None else "completed"
    reason = f"The trained weights are kept; the diagnostics were cut short after {limit:,.0f} seconds. {COMPUTE_THEM}"
    command = FinishRunCommand(run_id=run.id, attempt=run.attempt, outcome=outcome, reason=reason, duration_seconds=_seconds_so_far(run))
    return command, _ended(outcome, reason)


def interrupted(run: RunRecord, reason: str) -> Ending:
    """The process is gone without having said how it ended."""
    command = MarkInterruptedCommand(run_id=run.id, attempt=run.attempt, reason=reason, duration_seconds=_seconds_so_far(run))
    return command, _ended("interrupted", reason)


def worker_log_words(host: str) -> str:
    """Where it stands why workers ended; `host`: on which host, "" where there is one only."""
    return f"See why in logs/workers.log of Trellis's home folder{f' on {host}' if host else ''}"


def process_gone(run: RunRecord, host: str = "") -> Ending | tuple[QueueAgainCommand, NewEvent]:
    """The process of a run (on that host, if there are several) is gone without a word: what becomes of the run.

    It ends as stopped if that was asked for. If the work had not begun, nothing is lost: it is queued again, and fails once that was of
    no use. Else it is interrupted.
    """
    if run.stop_requested_at is not None:
        return stopped_by_force(run)
    if run.state is not RunState.STARTING:
        return interrupted(run, f"Its worker process ended without a word. {what_next(run)}")
    if run.lost_starts < MAX_LOST_STARTS:
        reason = f"Its worker process ended before the work began. It was queued again ({run.lost_starts + 1} of {MAX_LOST_STARTS} times)."
        command = QueueAgainCommand(run_id=run.id, attempt=run.attempt, reason=reason)
        return command, NewEvent.now("log", level="warning", message=reason)
    message = f"Its worker process ended {run.lost_starts + 1} times in a row before the work began."
    hint = f"{worker_log_words(host)}; often memory is short. {what_next(run)}"
    error = RunError(message=f"{message} {hint}", code="WORKER_LOST")
    return failed(run, error, _seconds_so_far(run))


def told_to_end(run: RunRecord) -> Ending:
    """The process was told to end and training did not stop in time, or had not begun."""
    return interrupted(run, f"{TOLD_TO_END[0].upper()}{TOLD_TO_END[1:]}. {what_next(run)}")


def what_next(run: RunRecord) -> str:
    """What a person can do about a run whose process is gone."""
    return "Resume it to go on from the last checkpoint." if run.last_checkpoint is not None else kind_of(run.subject.kind).run_again


def _ended(state: str, reason: str, **more: int | None) -> NewEvent:
    return NewEvent.now("ended", state=state, reason=reason, **more)


def _seconds_so_far(run: RunRecord) -> float | None:
    """Seconds the run has taken, from outside: earlier attempts if it was resumed, else since its start."""
    if run.attempt > 1 or run.started_at is None:
        return run.duration_seconds
    return round(seconds_between(run.started_at, utc_now()), 3)
