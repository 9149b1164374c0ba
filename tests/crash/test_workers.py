"""What workers, killed or suspended at any moment, leave behind: nothing that claims to run, and nothing written late."""

import os
import signal
import sqlite3
from typing import Any

import psutil
import pytest

from tests.crash import processes
from tests.crash.processes import (
    FAKE_WORKER,
    SHORT,
    end_processes,
    gone,
    open_bench,
    processes_of,
    run_of,
    wait_for_epoch,
    wait_for_state,
    wait_until,
    worker_pid,
)
from tests.support import fake_family
from workbench import families
from workbench.clock import utc_now
from workbench.runs import leases
from workbench.runs.reconciler import Reconciler
from workbench.runs.starting import start_ahead
from workbench.settings import Settings
from workbench.state import RunState

pytestmark = pytest.mark.crash


def make(bench, **values):
    return bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)


def start(bench, model):
    return bench.runs.start(actor="user:test", model_id=model.id)


def test_a_run_is_trained_by_a_process_that_is_nobodys_descendant(fake_bench):
    run = start(fake_bench, make(fake_bench, max_epochs=400, seconds_per_epoch=0.05))
    wait_for_epoch(fake_bench, run.id, 1)
    pid = worker_pid(fake_bench, run.id)
    assert pid not in {child.pid for child in psutil.Process().children(recursive=True)}
    assert os.getsid(pid) != os.getsid(0)
    fake_bench.runs.request_stop(actor="user:test", run_id=run.id)
    stopped = wait_for_state(fake_bench, run.id, RunState.STOPPED)
    assert stopped.reason == "Stopped as asked; the trained weights are kept."
    assert psutil.Process(pid).is_running()


def test_of_workers_started_ahead_on_a_home_that_is_not_there_yet_one_stays_and_takes_the_first_run(home, monkeypatch):
    fake_family.register(monkeypatch)
    settings = Settings.load(home=home, **SHORT).prepare()
    try:
        for _ in range(3):
            start_ahead(settings, FAKE_WORKER)
        bench = open_bench(home, FAKE_WORKER)
        wait_until(lambda: [row.state for row in worker_rows(bench)] == ["idle"], "one worker to be ready")
        (row,) = worker_rows(bench)
        wait_until(lambda: len(processes_of(home)) == 1, "the others to leave")
        run = start(bench, make(bench, max_epochs=2))
        wait_for_state(bench, run.id, RunState.COMPLETED)
        assert [(left.id, left.pid) for left in worker_rows(bench)] == [(row.id, row.pid)]
        bench.close()
    finally:
        end_processes(home)
        families.family.cache_clear()


def worker_rows(bench):
    with bench.store.engine.connect() as connection:
        return leases.rows(connection)


def test_the_second_run_is_trained_by_the_same_warm_process(fake_bench):
    model = make(fake_bench, max_epochs=2)
    pids = set()
    for _ in range(3):
        run = start(fake_bench, model)
        wait_for_state(fake_bench, run.id, RunState.COMPLETED)
        pids |= {process.pid for process in processes_of(fake_bench.settings.home)}
    assert len(pids) == 1


def test_a_killed_worker_leaves_an_interrupted_run_that_resumes_to_the_same_parameters(fake_bench):
    whole = start(fake_bench, make(fake_bench, max_epochs=12))
    wait_for_state(fake_bench, whole.id, RunState.COMPLETED)
    run = start(fake_bench, make(fake_bench, max_epochs=12, seconds_per_epoch=0.1))
    wait_for_epoch(fake_bench, run.id, 3)
    os.kill(worker_pid(fake_bench, run.id), signal.SIGKILL)
    killed = wait_for_state(fake_bench, run.id, RunState.INTERRUPTED)
    assert killed.epochs_done < 12
    fake_bench.runs.resume(actor="user:test", run_id=run.id)
    resumed = wait_for_state(fake_bench, run.id, RunState.COMPLETED)
    assert resumed.attempt == 2

    def value(run_id):
        checkpoint = run_of(fake_bench, run_id).last_checkpoint
        assert checkpoint is not None
        return fake_family.read_checkpoint(fake_bench.artefacts.path(checkpoint.path))["value"]

    assert value(run.id) == value(whole.id)


def test_a_worker_that_is_told_to_end_stops_its_run_at_a_checkpoint_leaves_and_the_run_resumes(fake_bench):
    whole = start(fake_bench, make(fake_bench, max_epochs=12))
    wait_for_state(fake_bench, whole.id, RunState.COMPLETED)
    run = start(fake_bench, make(fake_bench, max_epochs=12, seconds_per_epoch=0.2))
    wait_for_epoch(fake_bench, run.id, 2)
    pid = worker_pid(fake_bench, run.id)
    os.kill(pid, signal.SIGTERM)
    stopped = wait_for_state(fake_bench, run.id, RunState.STOPPED)
    assert "worker process was told to end" in stopped.reason
    assert stopped.epochs_done < 12
    wait_until(lambda: gone(pid), "the worker to leave")
    with fake_bench.store.engine.connect() as connection:
        assert pid not in {row.pid for row in leases.rows(connection)}
    fake_bench.runs.resume(actor="user:test", run_id=run.id)
    resumed = wait_for_state(fake_bench, run.id, RunState.COMPLETED)
    values = [
        fake_family.read_checkpoint(fake_bench.artefacts.path(found.last_checkpoint.path))["value"]  # pyright: ignore[reportOptionalMemberAccess]
        for found in (resumed, run_of(fake_bench, whole.id))
    ]
    assert values[0] == values[1]


def test_an_idle_worker_that_is_told_to_end_leaves_at_once(fake_bench):
    fake_bench.runs.warm("jax")

    def idle():
        with fake_bench.store.engine.connect() as connection:
            return next((row.pid for row in leases.rows(connection) if row.state == "idle"), None)

    pid = wait_until(idle, "the worker to be idle")
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: gone(pid), "the worker to leave")
    with fake_bench.store.engine.connect() as connection:
        assert leases.rows(connection) == ()


def test_a_killed_workers_run_ends_though_its_lease_holds_for_an_hour(fake_bench):
    bench = open_bench(fake_bench.settings.home, FAKE_WORKER, lease_seconds=3600.0)
    run = start(bench, make(bench, max_epochs=10_000, seconds_per_epoch=0.02))
    wait_for_epoch(bench, run.id, 1)
    os.kill(worker_pid(bench, run.id), signal.SIGKILL)
    assert wait_for_state(bench, run.id, RunState.INTERRUPTED).last_checkpoint is not None
    bench.close()


def test_a_run_whose_worker_is_killed_right_after_its_claim_completes_by_itself(fake_bench, monkeypatch, tmp_path):
    marker = tmp_path / "hold"
    marker.touch()
    monkeypatch.setenv("FAKE_HOLD_WORK", str(marker))
    run = start(fake_bench, make(fake_bench, max_epochs=2))
    wait_for_state(fake_bench, run.id, RunState.STARTING)
    pid = worker_pid(fake_bench, run.id)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: run_of(fake_bench, run.id).lost_starts == 1, "the run to be queued again")
    marker.unlink()
    done = wait_for_state(fake_bench, run.id, RunState.COMPLETED)
    assert (done.attempt, done.epochs_done) == (2, 2)
    told = [event.payload["message"] for event in fake_bench.runs.follow(run.id) if event.kind == "log"]
    assert told[0] == "Its worker process ended before the work began. It was queued again (1 of 2 times)."


def test_a_worker_that_dies_by_itself_leaves_an_interrupted_run(fake_bench):
    run = start(fake_bench, make(fake_bench, max_epochs=5, die_at_epoch=2))
    assert wait_for_state(fake_bench, run.id, RunState.INTERRUPTED).epochs_done == 1


def suspend(bench: Any, pid: int) -> None:
    """Suspend a worker between two writes: one that sleeps in a transaction would hold the store from everybody."""

    def done() -> bool:
        os.kill(pid, signal.SIGSTOP)
        with sqlite3.connect(bench.settings.home / "trellis.db", timeout=0.5, isolation_level=None) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                return False
            database.execute("ROLLBACK")
        return True

    wait_until(done, "the worker to be between two writes")


def test_a_suspended_worker_that_wakes_after_its_run_was_taken_over_writes_nothing_and_leaves(fake_bench):
    run = start(fake_bench, make(fake_bench, max_epochs=10_000, seconds_per_epoch=0.02))
    wait_for_epoch(fake_bench, run.id, 2)
    pid = worker_pid(fake_bench, run.id)
    suspend(fake_bench, pid)
    # Another host cannot see that the process still exists; it goes by the lease alone.
    hasty = fake_bench.settings.model_copy(update={"remote_lease_grace_seconds": 0.0})
    elsewhere = Reconciler(fake_bench.store, hasty, fake_bench.runs.executor, host="elsewhere")
    wait_until(lambda: _past_lease(fake_bench, run.id), "the lease to run out")
    elsewhere.look()
    taken = run_of(fake_bench, run.id)
    assert taken.state is RunState.INTERRUPTED
    events = tuple(fake_bench.runs.follow(run.id))
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: gone(pid), "the late worker to leave")
    assert run_of(fake_bench, run.id) == taken
    assert tuple(fake_bench.runs.follow(run.id)) == events


def _past_lease(bench, run_id):
    with bench.store.engine.connect() as connection:
        return any(row.run_id == run_id and row.seconds_past_lease(utc_now()) > 0.1 for row in leases.rows(connection))


def test_a_suspended_worker_is_killed_once_its_run_is_asked_to_stop(fake_bench):
    bench = fake_bench
    hasty = bench.settings.model_copy(update={"stop_grace_seconds": 0.5})
    run = start(bench, make(bench, max_epochs=10_000, seconds_per_epoch=0.02))
    wait_for_epoch(bench, run.id, 2)
    pid = worker_pid(bench, run.id)
    suspend(bench, pid)
    bench.runs.request_stop(actor="user:test", run_id=run.id)
    reconciler = Reconciler(bench.store, hasty, bench.runs.executor)
    wait_until(lambda: (reconciler.look(), run_of(bench, run.id).state is RunState.STOPPED)[1], "the stop to be enforced")
    assert gone(pid)
    assert bench.state().models[run.subject.id].weights is not None


def test_fifty_rapid_starts_and_stops_leave_nothing_running_but_one_warm_worker(fake_bench):
    bench = fake_bench
    model = make(bench, max_epochs=10_000, seconds_per_epoch=0.01)
    for number in range(50):
        run = start(bench, model)
        if number % 3 == 0:
            wait_until(lambda run=run: run_of(bench, run.id).state is not RunState.QUEUED, "the run to be claimed")
        if number % 10 == 0:
            wait_for_epoch(bench, run.id, 1)
        if run_of(bench, run.id).state.active:
            bench.runs.request_stop(actor="user:test", run_id=run.id)
        wait_for_state(bench, run.id, RunState.STOPPED)
    assert not bench.state().active_runs
    wait_until(lambda: len(processes_of(bench.settings.home)) <= 1, "all but one worker to leave")
    with bench.store.engine.connect() as connection:
        assert all(row.run_id is None for row in leases.rows(connection))


def test_two_servers_on_one_store_start_one_worker_for_one_run_and_both_follow_it(fake_bench):
    other = open_bench(fake_bench.settings.home, FAKE_WORKER)
    other.runs.keep_watch()
    try:
        run = start(fake_bench, make(fake_bench, max_epochs=30, seconds_per_epoch=0.02))
        assert run_of(other, run.id).number == run.number
        told = [tuple(bench.runs.follow(run.id)) for bench in (other, fake_bench)]
        assert told[0] == told[1]
        assert [event.seq for event in told[0]] == list(range(1, len(told[0]) + 1))
        assert sum(event.kind == "epoch" for event in told[0]) == 30
        assert len(processes_of(fake_bench.settings.home)) == 1
    finally:
        other.close()


def test_an_idle_worker_leaves_by_itself(fake_bench):
    bench = open_bench(fake_bench.settings.home, FAKE_WORKER, worker_idle_seconds=0.5)
    bench.runs.warm("jax")
    bench.runs.warm("jax")
    wait_until(lambda: processes_of(bench.settings.home), "the worker to come")
    assert len(processes_of(bench.settings.home)) == 1
    wait_until(lambda: not processes_of(bench.settings.home), "the worker to leave")
    with bench.store.engine.connect() as connection:
        assert leases.rows(connection) == ()
    bench.close()


def test_a_trainer_that_ignores_a_stop_is_killed_after_the_grace_time(fake_bench):
    bench = open_bench(fake_bench.settings.home, FAKE_WORKER, stop_grace_seconds=0.3)
    run = start(bench, make(bench, max_epochs=3, seconds_per_epoch=0.0, hang_at_epoch=2))
    wait_for_epoch(bench, run.id, 1)
    wait_until(lambda: processes.told_progress(bench, run.id), "the second epoch")
    bench.runs.request_stop(actor="user:test", run_id=run.id)
    stopped = wait_for_state(bench, run.id, RunState.STOPPED)
    assert stopped.reason == "Stopped; the weights are those of the checkpoint at epoch 1."
    wait_until(lambda: not processes_of(bench.settings.home), "the process to be gone")
    bench.close()
