"""Runs are claimed oldest first, by one worker each, and never more at once than allowed."""

import threading

import pytest

from tests.workbench.runs import inline
from workbench.runs import leases
from workbench.runs.claiming import claim, leave_if_unneeded
from workbench.runs.job import LeaseLost
from workbench.runs.process import ProcessIdentity
from workbench.settings import host_name
from workbench.state import RunState

HOST = host_name()


def allow(bench, number):
    return bench.settings.model_copy(update={"max_concurrent_runs": number})


def queue(bench, make_model, number):
    return [inline.start(bench, make_model(f"model {n}")) for n in range(number)]


def test_the_oldest_queued_run_of_the_framework_comes_first(bench, make_model):
    first, second = queue(bench, make_model, 2)
    inline.register(bench)
    held = inline.claim_one(bench)
    assert held.record.id == first.id
    assert held.record.state is RunState.STARTING
    assert bench.state().runs[second.id].state is RunState.QUEUED


def test_another_framework_finds_nothing(bench, make_model):
    queue(bench, make_model, 1)
    inline.register(bench)
    assert claim(bench.store, bench.settings, inline.WORKER, "tensorflow", HOST) is None


def test_the_limit_at_once_counts_every_framework_of_the_host(bench, make_model):
    queue(bench, make_model, 3)
    settings = allow(bench, 2)
    with bench.store.transaction() as connection:
        leases.register(connection, "worker_tf", "tensorflow", HOST, ProcessIdentity.current(), 15)
        leases.take(connection, leases.Lease("worker_tf", "run_other", 1), 15)
    inline.register(bench, "worker_1")
    inline.register(bench, "worker_2")
    assert claim(bench.store, settings, "worker_1", "jax", HOST) is not None
    assert claim(bench.store, settings, "worker_2", "jax", HOST) is None
    assert claim(bench.store, allow(bench, 3), "worker_2", "jax", HOST) is not None


def test_a_worker_that_died_takes_nobodys_place(bench, make_model):
    queue(bench, make_model, 1)
    with bench.store.transaction() as connection:
        leases.register(connection, "worker_dead", "jax", HOST, ProcessIdentity(2**22 + 1, 1.0), 60)
        leases.take(connection, leases.Lease("worker_dead", "run_other", 1), 60)
    inline.register(bench)
    assert claim(bench.store, allow(bench, 1), inline.WORKER, "jax", HOST) is not None


def test_workers_that_ask_at_once_never_get_the_same_run(bench, make_model):
    queue(bench, make_model, 4)
    names = [f"worker_{n}" for n in range(8)]
    for name in names:
        inline.register(bench, name)
    got = []
    together = threading.Barrier(len(names))

    def ask(name):
        together.wait()
        held = claim(bench.store, allow(bench, 3), name, "jax", HOST)
        if held is not None:
            got.append(held.lease.run_id)

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == len(set(got)) == 3


def test_a_worker_that_was_written_off_gets_no_run(bench, make_model):
    (run,) = queue(bench, make_model, 1)
    with pytest.raises(LeaseLost):
        inline.claim_one(bench)
    assert bench.state().runs[run.id].state is RunState.QUEUED


def leave(bench, worker_id, idle_too_long=False):
    return leave_if_unneeded(bench.store, worker_id, "jax", HOST, idle_too_long=idle_too_long)


def test_of_two_idle_workers_one_leaves(bench):
    inline.register(bench, "worker_1")
    inline.register(bench, "worker_2")
    assert leave(bench, "worker_1")
    assert not leave(bench, "worker_2")


def test_an_idle_worker_leaves_after_its_time_but_never_while_a_run_waits(bench, make_model):
    inline.register(bench, "worker_1")
    assert not leave(bench, "worker_1")
    (run,) = queue(bench, make_model, 1)
    assert not leave(bench, "worker_1", idle_too_long=True)
    bench.runs.request_stop(actor="user:test", run_id=run.id)
    assert leave(bench, "worker_1", idle_too_long=True)
