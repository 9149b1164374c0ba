"""What a queued run waits for."""

from __future__ import annotations

from tests.support.records import run_record
from workbench.runs.queueing import ahead_of, waiting_words
from workbench.state import AppState, RunState


def _state(*states: RunState) -> AppState:
    runs = [run_record(id=f"run_000000000000{n}", number=n, state=state) for n, state in enumerate(states, start=1)]
    return AppState(records={"run": {run.id: run for run in runs}})


def test_a_run_waits_for_those_that_train_and_those_queued_before_it() -> None:
    state = _state(RunState.COMPLETED, RunState.RUNNING, RunState.QUEUED, RunState.QUEUED, RunState.QUEUED)
    fourth = state.runs["run_0000000000004"]
    assert [run.number for run in ahead_of(state, fourth)] == [2, 3]
    assert waiting_words(state, fourth) == "Queued behind runs #2 and #3"
    assert waiting_words(state, state.runs["run_0000000000003"]) == "Queued behind run #2"


def test_with_nothing_before_it_a_run_waits_for_a_worker() -> None:
    state = _state(RunState.QUEUED)
    assert waiting_words(state, state.runs["run_0000000000001"]) == "Starting a worker"
