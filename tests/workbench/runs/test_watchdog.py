"""The watchdog renews the lease, sees stops, and ends a process that does not stop or has lost its run."""

import pytest

from tests.workbench.runs import inline
from workbench.clock import utc_now
from workbench.commands.run_progress import MarkRunningCommand, RecordCheckpointCommand
from workbench.runs import leases, watchdog
from workbench.runs.events import NewEvent
from workbench.runs.job import LeaseLost
from workbench.runs.watchdog import EXIT_LEASE_LOST, EXIT_STOPPED, Watched
from workbench.state import CheckpointRef, RunState
from workbench.store.errors import StoreError


class Clock:
    """Monotonic seconds that pass when the test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(watchdog, "monotonic", clock)
    return clock


@pytest.fixture
def claimed(bench, make_model, clock):
    """A claimed run, its watchdog and what that watches."""
    inline.start(bench, make_model())
    inline.register(bench)
    held = inline.claim_one(bench)
    watched = Watched(held)
    dog = inline.watchdog(bench)
    dog.watch(watched)
    return dog, held, watched


def running(held):
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=1))


def checkpoint(held, epoch=1):
    ref = CheckpointRef(path=f"runs/{held.lease.run_id}/attempt-1/checkpoints/last-{epoch}.json", sha256="0" * 64, epoch=epoch, attempt=1)
    held.execute(RecordCheckpointCommand(run_id=held.lease.run_id, attempt=1, kind="last", checkpoint=ref))


def ask_to_stop(bench, held):
    bench.runs.request_stop(actor="user:test", run_id=held.lease.run_id)


def test_the_lease_is_renewed_when_a_heartbeat_is_due(bench, claimed, clock):
    dog, _, _ = claimed
    with bench.store.transaction() as connection:
        leases.renew(connection, inline.WORKER, 0)

    def past():
        return inline.row(bench).seconds_past_lease(utc_now())

    dog.look()
    assert past() >= 0
    clock.now += bench.settings.heartbeat_seconds
    dog.look()
    assert past() < 0


def test_a_process_whose_run_was_taken_over_leaves_at_its_next_heartbeat(bench, claimed, clock):
    dog, _, _ = claimed
    with bench.store.transaction() as connection:
        leases.remove(connection, inline.WORKER)
    clock.now += bench.settings.heartbeat_seconds
    with pytest.raises(inline.Left) as left:
        dog.look()
    assert left.value.code == EXIT_LEASE_LOST


def test_a_stop_while_starting_ends_the_process_at_once_and_the_model_keeps_its_weights(bench, claimed):
    dog, held, _ = claimed
    dog.look()
    ask_to_stop(bench, held)
    with pytest.raises(inline.Left) as left:
        dog.look()
    assert left.value.code == EXIT_STOPPED
    assert held.record.state is RunState.STOPPED
    assert held.record.reason == "Stopped before the first checkpoint; the model keeps the weights it had."
    assert bench.state().models[held.record.subject.id].weights is None
    with bench.store.engine.connect() as connection:
        assert leases.rows(connection) == ()


def test_a_running_trainer_is_asked_first_and_killed_after_the_grace_time(bench, claimed, clock):
    dog, held, watched = claimed
    running(held)
    checkpoint(held)
    ask_to_stop(bench, held)
    dog.look()
    assert watched.stop.is_set()
    assert held.record.state is RunState.RUNNING
    clock.now += bench.settings.stop_grace_seconds - 0.1
    dog.look()
    clock.now += 0.1
    with pytest.raises(inline.Left) as left:
        dog.look()
    assert left.value.code == EXIT_STOPPED
    assert held.record.reason == "Stopped; the weights are those of the checkpoint at epoch 1."
    assert bench.state().models[held.record.subject.id].weights.epoch == 1
    assert [e.kind for e in bench.runs.follow(held.lease.run_id)] == ["stopping", "ended"]


def test_a_trainer_that_saves_after_the_request_gets_time_to_finish(bench, claimed, clock):
    dog, held, watched = claimed
    running(held)
    ask_to_stop(bench, held)
    dog.look()
    clock.now += 1
    checkpoint(held)
    watched.saved()
    clock.now += 2.5 * bench.settings.stop_grace_seconds
    dog.look()
    clock.now += bench.settings.stop_grace_seconds
    with pytest.raises(inline.Left):
        dog.look()


def test_nothing_is_killed_once_the_trainer_has_returned(bench, claimed, clock):
    dog, held, watched = claimed
    running(held)
    ask_to_stop(bench, held)
    watched.phase = "finishing"
    clock.now += 100 * bench.settings.stop_grace_seconds
    dog.look()
    assert held.record.state is RunState.RUNNING


def test_diagnostics_are_not_cut_short_by_a_stop_but_by_their_own_time(bench, claimed, clock):
    dog, held, watched = claimed
    running(held)
    checkpoint(held)
    ask_to_stop(bench, held)
    dog.look()
    watched.weights_safe()
    clock.now += bench.settings.diagnostics_seconds - 1
    dog.look()
    assert held.record.state is RunState.RUNNING
    clock.now += 1
    with pytest.raises(inline.Left):
        dog.look()
    assert held.record.state is RunState.STOPPED
    assert "cut short after 3,600 seconds" in held.record.reason
    assert bench.state().models[held.record.subject.id].weights.epoch == 1


def test_a_run_whose_diagnostics_took_too_long_is_completed_unless_it_was_stopped(bench, claimed, clock):
    dog, held, watched = claimed
    running(held)
    checkpoint(held)
    watched.weights_safe()
    clock.now += bench.settings.diagnostics_seconds
    with pytest.raises(inline.Left):
        dog.look()
    assert held.record.state is RunState.COMPLETED
    assert "trellis runs diagnose" in held.record.reason


def test_a_store_that_cannot_be_written_neither_ends_training_nor_the_watch(bench, claimed, clock, monkeypatch):
    dog, held, _ = claimed
    real = bench.store.transaction

    def busy():
        raise StoreError("busy")

    monkeypatch.setattr(bench.store, "transaction", busy)
    clock.now += bench.settings.heartbeat_seconds
    dog.look()
    monkeypatch.setattr(bench.store, "transaction", real)
    dog.look()
    held.append([NewEvent.now("log", level="info", message="still mine")])


def test_a_failed_write_of_events_is_forgiven_unless_the_lease_is_lost(bench, claimed):
    dog, _, _ = claimed
    dog.judge(StoreError("busy"))
    with pytest.raises(inline.Left) as left:
        dog.judge(LeaseLost())
    assert left.value.code == EXIT_LEASE_LOST
    with pytest.raises(ZeroDivisionError):
        dog.judge(ZeroDivisionError())


def test_a_process_that_is_told_to_end_lets_its_run_stop_and_interrupts_it_after_the_grace_time(bench, claimed, clock):
    dog, held, watched = claimed
    running(held)
    checkpoint(held)
    dog.tell_to_end()
    dog.look()
    assert watched.stop.is_set()
    assert held.record.state is RunState.RUNNING
    clock.now += bench.settings.stop_grace_seconds
    with pytest.raises(inline.Left) as left:
        dog.look()
    assert left.value.code == EXIT_STOPPED
    assert held.record.state is RunState.INTERRUPTED
    assert held.record.reason == "Its worker process was told to end. Resume it to go on from the last checkpoint."


def test_a_process_that_is_told_to_end_while_its_run_is_starting_leaves_at_once(bench, claimed):
    dog, held, _ = claimed
    dog.tell_to_end()
    with pytest.raises(inline.Left):
        dog.look()
    assert held.record.state is RunState.INTERRUPTED
    assert "told to end" in held.record.reason
