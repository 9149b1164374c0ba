"""What a queued run waits for."""

from __future__ import annotations

import pytest

from tests.support.records import run_record
from workbench.runs.queueing import ahead_of, taker_command, waiting_words
from workbench.settings import Settings
from workbench.state import AppState, RunState

HERE = Settings.load()
ELSEWHERE = HERE.model_copy(update={"executor": "celery"})


def _state(*states: RunState) -> AppState:
    runs = [run_record(id=f"run_000000000000{n}", number=n, state=state) for n, state in enumerate(states, start=1)]
    return AppState(records={"run": {run.id: run for run in runs}})


def test_a_run_waits_for_those_that_train_and_those_queued_before_it() -> None:
    state = _state(RunState.COMPLETED, RunState.RUNNING, RunState.QUEUED, RunState.QUEUED, RunState.QUEUED)
    fourth = state.runs["run_0000000000004"]
    assert [run.number for run in ahead_of(state, fourth)] == [2, 3]
    assert waiting_words(state, fourth, HERE) == "Queued behind runs #2 and #3"
    assert waiting_words(state, state.runs["run_0000000000003"], HERE) == "Queued behind run #2"


def test_with_nothing_before_it_a_run_waits_for_a_worker() -> None:
    state = _state(RunState.QUEUED)
    assert waiting_words(state, state.runs["run_0000000000001"], HERE) == "Starting a worker"


@pytest.mark.parametrize(("gpu", "queue"), [("", "trellis.jax.cpu"), ("jax", "trellis.jax.gpu")])
def test_where_other_hosts_train_nobody_here_starts_a_worker_and_the_words_name_the_queue(gpu: str, queue: str) -> None:
    state = _state(RunState.QUEUED)
    settings = ELSEWHERE.model_copy(update={"gpu_frameworks": gpu})
    assert waiting_words(state, state.runs["run_0000000000001"], settings) == f"Waiting for a worker of {queue}"


def test_where_crews_train_the_words_name_them() -> None:
    state = _state(RunState.QUEUED)
    settings = HERE.model_copy(update={"executor": "crew"})
    assert waiting_words(state, state.runs["run_0000000000001"], settings) == "Waiting for a crew of jax"
    assert taker_command(settings, "jax").startswith("trellis crew --framework jax --coordinator ")


def test_where_other_hosts_train_runs_of_another_framework_are_in_nobodys_way() -> None:
    first = run_record(id="run_0000000000001", number=1, state=RunState.RUNNING, framework="tensorflow")
    second = run_record(id="run_0000000000002", number=2, state=RunState.QUEUED)
    third = run_record(id="run_0000000000003", number=3, state=RunState.QUEUED)
    state = AppState(records={"run": {run.id: run for run in (first, second, third)}})
    assert waiting_words(state, second, HERE) == "Queued behind run #1"
    assert waiting_words(state, second, ELSEWHERE) == "Waiting for a worker of trellis.jax.cpu"
    assert waiting_words(state, third, ELSEWHERE) == "Queued behind run #2"
