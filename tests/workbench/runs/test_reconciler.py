"""The reconciler ends what nobody works on any more, and leaves alone what somebody does."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from tests.workbench.runs import inline
from workbench.clock import to_text
from workbench.commands.run_progress import MarkRunningCommand
from workbench.runs import leases
from workbench.runs.endings import MAX_LOST_STARTS, what_next
from workbench.runs.events import NewEvent
from workbench.runs.job import LeaseLost
from workbench.runs.leases import Lease
from workbench.runs.process import ProcessIdentity
from workbench.runs.reconciler import Reconciler
from workbench.settings import host_name
from workbench.state import CheckpointRef, Kind, RunState
from workbench.store.errors import StoreError

GONE = ProcessIdentity(2**22 + 1, 1.0)


@pytest.fixture
def reconciler(bench, no_workers):
    return Reconciler(bench.store, bench.settings, no_workers)


@pytest.fixture
def held(bench, make_model):
    """A run that is running, claimed by this process."""
    inline.start(bench, make_model())
    inline.register(bench)
    held = inline.claim_one(bench)
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=1))
    return held


def behind(bench, process, *, host=None, lease_seconds=0.0):
    """Let another process stand behind the worker's row."""
    row = inline.row(bench)
    assert row.run_id is not None
    assert row.attempt is not None
    with bench.store.transaction() as connection:
        leases.register(connection, inline.WORKER, "jax", host or host_name(), process, lease_seconds)
        leases.take(connection, Lease(inline.WORKER, row.run_id, row.attempt), lease_seconds)


def test_a_run_whose_lease_ran_out_and_whose_process_is_gone_is_interrupted(bench, held, reconciler):
    behind(bench, GONE)
    reconciler.look()
    assert held.record.state is RunState.INTERRUPTED
    assert held.record.reason == "Its worker process ended without a word. Start a new run."


def test_an_interrupted_run_with_a_checkpoint_says_that_it_can_be_resumed(held):
    checkpoint = CheckpointRef(path="a", sha256="0", epoch=1, attempt=1)
    assert what_next(held.record.model_copy(update={"last_checkpoint": checkpoint})).startswith("Resume it")


@pytest.fixture
def claimed(bench, make_model):
    """A run that is claimed by this process and has not begun to compute."""
    inline.start(bench, make_model())
    inline.register(bench)
    return inline.claim_one(bench)


def test_a_run_whose_worker_is_lost_before_the_work_began_is_queued_again_and_says_so(bench, claimed, reconciler, no_workers):
    behind(bench, GONE)
    no_workers.asked.clear()
    reconciler.look()
    run = claimed.record
    assert (run.state, run.attempt, run.lost_starts, run.ended_at) == (RunState.QUEUED, 2, 1, None)
    assert run.reason == "Its worker process ended before the work began. It was queued again (1 of 2 times)."
    assert inline.told_now(bench, run.id, "log") == [{"level": "warning", "message": run.reason}]
    assert next(entry.words for entry in bench.store.history(Kind.RUN, run.id)).startswith("Queue the run again")
    assert no_workers.asked == [("ensure", "jax")]
    with pytest.raises(LeaseLost):
        claimed.append([NewEvent.now("log", level="info", message="too late")])
    done = inline.work(bench)
    assert (done.state, done.attempt, done.lost_starts, done.reason) == (RunState.COMPLETED, 2, 0, "")


def test_a_run_that_loses_its_worker_before_the_work_again_and_again_fails(bench, claimed, reconciler):
    run_id = claimed.lease.run_id
    for lost in range(MAX_LOST_STARTS + 1):
        assert bench.state().runs[run_id].lost_starts == lost
        behind(bench, GONE)
        reconciler.look()
        if lost < MAX_LOST_STARTS:
            inline.register(bench)
            inline.claim_one(bench)
    run = bench.state().runs[run_id]
    assert (run.state, inline.error_of(run).code) == (RunState.FAILED, "WORKER_LOST")
    assert run.reason.startswith("Its worker process ended 3 times in a row before the work began. See why in logs/workers.log")
    assert run.reason.endswith("Start a new run.")
    assert [told["state"] for told in inline.told(bench, run_id, "ended")] == ["failed"]


def test_a_run_that_began_its_work_is_not_queued_again_by_itself(bench, claimed, reconciler):
    behind(bench, GONE)
    reconciler.look()
    inline.register(bench)
    held = inline.claim_one(bench)
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=2))
    assert held.record.lost_starts == 0
    behind(bench, GONE)
    reconciler.look()
    assert held.record.state is RunState.INTERRUPTED


def test_a_run_that_was_asked_to_stop_is_not_queued_again(bench, claimed, reconciler):
    bench.runs.request_stop(actor="user:test", run_id=claimed.lease.run_id)
    behind(bench, GONE)
    reconciler.look()
    assert claimed.record.state is RunState.STOPPED


def test_a_start_that_nobody_holds_is_queued_again_once_though_two_look(bench, claimed, no_workers):
    with bench.store.transaction() as connection:
        leases.remove(connection, inline.WORKER)
    for _ in range(2):
        Reconciler(bench.store, bench.settings, no_workers).look()
    assert (claimed.record.state, claimed.record.lost_starts) == (RunState.QUEUED, 1)


def test_whoever_tells_of_runs_can_look_once_without_a_server(bench, held):
    behind(bench, GONE)
    bench.runs.look()
    assert held.record.state is RunState.INTERRUPTED
    assert [e.kind for e in bench.runs.follow(held.lease.run_id)] == ["ended"]
    with pytest.raises(LeaseLost):
        held.append([NewEvent.now("log", level="info", message="too late")])


def test_a_process_known_to_be_gone_loses_its_run_though_a_clock_that_was_set_back_lets_the_lease_hold(bench, held, reconciler):
    behind(bench, GONE, lease_seconds=3600)
    reconciler.look()
    assert held.record.state is RunState.INTERRUPTED


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_clock_that_was_set_takes_no_run_from_a_process_that_is_there(bench, held, reconciler, monkeypatch, hours):
    behind(bench, ProcessIdentity.current(), lease_seconds=1)
    real = psutil.boot_time()
    monkeypatch.setattr(psutil, "boot_time", lambda: real + hours * 3600)
    monkeypatch.setattr(psutil.Process, "create_time", lambda self, real=psutil.Process.create_time: real(self) + hours * 3600)
    reconciler.look()
    assert held.record.state is RunState.RUNNING


def test_a_worker_that_only_its_lease_tells_of_is_lost_once_it_was_silent_for_as_long_whatever_the_clock_says(
    bench, held, no_workers, monkeypatch
):
    now = [1000.0]
    monkeypatch.setattr("workbench.runs.reconciler.monotonic", lambda: now[0])
    behind(bench, ProcessIdentity.current(), host="elsewhere", lease_seconds=15)
    with bench.store.transaction() as connection:
        leases.announce(connection, "worker_never_came", "jax", host_name(), 30)
    # The clock was set back by a day after these rows were written.
    monkeypatch.setattr("workbench.runs.reconciler.utc_now", lambda: to_text(datetime.now(UTC) - timedelta(days=1)))
    reconciler = Reconciler(bench.store, bench.settings, no_workers)
    reconciler.look()
    now[0] += 29
    reconciler.look()
    assert held.record.state is RunState.RUNNING
    assert len(rows_of(bench)) == 2
    now[0] += 2
    reconciler.look()
    assert rows_of(bench) == [inline.WORKER]
    now[0] = 1000 + 15 + bench.settings.remote_lease_grace_seconds + 1
    reconciler.look()
    assert held.record.state is RunState.INTERRUPTED


def rows_of(bench):
    with bench.store.engine.connect() as connection:
        return [row.id for row in leases.rows(connection)]


def test_a_process_that_is_there_keeps_its_run_however_late_its_heartbeat(bench, held, reconciler):
    behind(bench, ProcessIdentity.current())
    reconciler.look()
    assert held.record.state is RunState.RUNNING
    held.append([NewEvent.now("log", level="info", message="still mine")])


def test_a_silent_worker_of_another_host_is_lost_after_the_grace_time(bench, held, no_workers):
    behind(bench, ProcessIdentity.current(), host="elsewhere")
    patient = Reconciler(bench.store, bench.settings, no_workers)
    patient.look()
    assert held.record.state is RunState.RUNNING
    hasty = bench.settings.model_copy(update={"remote_lease_grace_seconds": 0.0})
    Reconciler(bench.store, hasty, no_workers).look()
    assert held.record.state is RunState.INTERRUPTED


def test_a_run_that_was_asked_to_stop_ends_as_stopped_when_its_process_is_gone(bench, held, reconciler):
    bench.runs.request_stop(actor="user:test", run_id=held.lease.run_id)
    behind(bench, GONE)
    reconciler.look()
    assert held.record.state is RunState.STOPPED


def test_a_suspended_process_that_ignores_a_stop_is_killed_and_its_run_stopped(bench, held, no_workers):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], stdin=subprocess.DEVNULL)
    try:
        os.kill(process.pid, signal.SIGSTOP)
        behind(bench, ProcessIdentity(process.pid, psutil.Process(process.pid).create_time()))
        settings = bench.settings.model_copy(update={"stop_grace_seconds": 0.0})
        reconciler = Reconciler(bench.store, settings, no_workers)
        reconciler.look()
        assert process.poll() is None
        bench.runs.request_stop(actor="user:test", run_id=held.lease.run_id)
        reconciler.look()
        assert process.wait() == -signal.SIGKILL
        reconciler.look()
        assert held.record.state is RunState.STOPPED
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_a_run_that_no_worker_holds_is_interrupted(bench, held, reconciler):
    with bench.store.transaction() as connection:
        leases.remove(connection, inline.WORKER)
    reconciler.look()
    assert held.record.state is RunState.INTERRUPTED


def test_a_dead_idle_worker_is_forgotten_and_an_announced_one_after_its_lease(bench, reconciler):
    with bench.store.transaction() as connection:
        leases.register(connection, "worker_dead", "jax", host_name(), GONE, 0)
        leases.announce(connection, "worker_never_came", "jax", host_name(), 0)
        leases.announce(connection, "worker_coming", "jax", host_name(), 60)
    reconciler.look()
    with bench.store.engine.connect() as connection:
        assert [row.id for row in leases.rows(connection)] == ["worker_coming"]


def test_queued_runs_get_a_worker(bench, make_model, reconciler, no_workers):
    reconciler.look()
    assert no_workers.asked == []
    inline.start(bench, make_model())
    no_workers.asked.clear()
    reconciler.look()
    assert no_workers.asked == [("ensure", "jax")]


def test_two_reconcilers_end_a_run_once(bench, held, no_workers):
    behind(bench, GONE)
    first, second = (Reconciler(bench.store, bench.settings, no_workers) for _ in range(2))
    first.look()
    second.look()
    assert len(inline.told(bench, held.lease.run_id, "ended")) == 1


def test_it_runs_in_the_background_until_it_is_ended(bench, held, reconciler):
    behind(bench, GONE)
    reconciler.start()
    reconciler.start()
    while held.record.state is RunState.RUNNING:
        time.sleep(0.01)
    reconciler.end()
    assert held.record.state is RunState.INTERRUPTED


def test_what_stays_wrong_is_said_once_a_minute_and_not_at_every_round(bench, no_workers, monkeypatch, caplog):
    now, wrong = [0.0], ["The disk is full"]
    monkeypatch.setattr("workbench.logs.monotonic", lambda: now[0])
    reconciler = Reconciler(bench.store, bench.settings, no_workers)

    def look() -> None:
        raise StoreError(wrong[0])

    for _ in range(130):
        reconciler._try(look)
        now[0] += 1
    assert caplog.messages == ["The disk is full"] * 3
    wrong[0] = "The database does not answer"
    reconciler._try(look)
    assert caplog.messages[3:] == ["The database does not answer"], "another fault is said at once"
