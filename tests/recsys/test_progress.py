"""How far a quick test is, from what workers tell."""

from __future__ import annotations

from typing import Any

from recsys.progress import ended_in, progress_of
from tests.support.records import run_record
from workbench.runs.events import StoredEvent
from workbench.state import RunError, RunState


def stages(seq: int, percent: float, share: float, *rows: tuple[str, str], attempt: int = 1) -> StoredEvent:
    told = [{"stage": stage, "status": status, "seconds": 1.0} for stage, status in rows]
    values = {"stages": told, "all": [], "percent": percent, "share": share}
    return StoredEvent(seq, attempt, "", "diagnostics", {"name": "stages", "epoch": 0, "values": values})


def event(seq: int, kind: str, attempt: int = 1, **payload: Any) -> StoredEvent:
    return StoredEvent(seq, attempt, "", kind, {"total": 4, **payload})


TRAINING = stages(1, 20, 60, ("split", "done"), ("train", "running"))


def test_a_pending_test_is_at_zero_and_a_completed_one_at_a_hundred() -> None:
    pending = progress_of(run_record(state=RunState.QUEUED), [])
    assert (pending.percent, pending.stage, pending.stages) == (0, None, ())
    done = progress_of(run_record(state=RunState.COMPLETED), [stages(9, 100, 0, ("export", "done"))])
    assert (done.percent, done.stage) == (100, None)
    assert [row["stage"] for row in done.stages] == ["export"]


def test_epochs_and_batches_count_within_training() -> None:
    run = run_record(state=RunState.RUNNING)
    assert progress_of(run, [TRAINING]).percent == 20
    assert progress_of(run, [TRAINING, event(2, "epoch", epoch=1)]).percent == 20 + 60 / 4
    both = [TRAINING, event(2, "epoch", epoch=1), event(3, "progress", epoch=2, fraction=0.5)]
    found = progress_of(run, both)
    assert (found.percent, found.stage) == (20 + 60 * 1.5 / 4, "train")


def test_nothing_but_completion_reaches_a_hundred() -> None:
    run = run_record(state=RunState.RUNNING)
    assert progress_of(run, [stages(9, 100, 0, ("export", "done"))]).percent == 99


def test_what_one_attempt_reached_the_next_does_not_take_back() -> None:
    first = [TRAINING, event(2, "epoch", epoch=2)]
    again = [*first, stages(3, 0, 5, ("split", "running"), attempt=2)]
    found = progress_of(run_record(state=RunState.RUNNING, attempt=2), again)
    assert (found.percent, found.stage) == (50, "split")
    on = [
        *again[:2],
        stages(4, 20, 60, ("train", "running"), attempt=2),
        event(5, "epoch", attempt=2, epoch=3),
    ]
    assert progress_of(run_record(state=RunState.RUNNING, attempt=2), on).percent == 65


def test_a_test_that_failed_says_where_and_how_far_it_was() -> None:
    error = RunError(message="No.", stage="evaluate")
    run = run_record(state=RunState.FAILED, error=error)
    found = progress_of(run, [stages(3, 80, 0, ("train", "done"), ("evaluate", "failed"))])
    assert (found.percent, found.stage) == (80, "evaluate")
    stopped = run_record(state=RunState.STOPPED)
    assert progress_of(stopped, [TRAINING]).stage == "train"
    assert progress_of(stopped, []).percent is None, "its events are no longer kept"


def test_the_stage_under_way_when_its_worker_was_lost_is_the_one_that_failed() -> None:
    lost = run_record(state=RunState.INTERRUPTED)
    found = progress_of(lost, [TRAINING])
    assert ended_in(lost, found) == "train"
    assert [(row["stage"], row["status"]) for row in found.stages] == [("split", "done"), ("train", "failed")]
    going = run_record(state=RunState.RUNNING)
    assert ended_in(going, progress_of(going, [TRAINING])) is None
    assert ended_in(lost, progress_of(lost, [])) is None


def test_between_two_stages_it_is_in_the_one_that_was_done_last_and_after_the_last_it_finishes() -> None:
    run = run_record(state=RunState.RUNNING)
    between = progress_of(run, [stages(2, 80, 0, ("train", "done"))])
    assert (between.stage, between.words) == ("train", "Train")
    last = progress_of(run, [stages(9, 100, 0, ("export", "done"))])
    assert (last.stage, last.words) == ("export", "Finishing")
    assert [(step.words, step.status) for step in last.steps] == [("Export", "done")]


def test_a_test_that_waits_for_its_next_attempt_is_in_no_stage() -> None:
    waits = progress_of(run_record(state=RunState.QUEUED), [TRAINING])
    assert (waits.percent, waits.stage, waits.words, waits.steps) == (20, None, "", ())
