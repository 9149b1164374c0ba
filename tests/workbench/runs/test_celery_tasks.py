"""What a Celery worker does with a task, without a broker: one process a run, none if there is nothing to do, and nothing in its way."""

import sys
import threading

import pytest
from celery.exceptions import Reject

from tests.workbench.runs import inline
from workbench.runs import leases
from workbench.runs.celery import working
from workbench.runs.celery.queues import Device
from workbench.runs.celery.working import WITHOUT_GPU, Tasks
from workbench.runs.failed_starts import MAX_FAILED_STARTS
from workbench.runs.process import ProcessIdentity
from workbench.runs.reconciler import Reconciler
from workbench.state import RunState

ID = "worker_0123456789abcdef"
TELLS = "import os, sys; open(os.environ['TRELLIS_HOME'] + '/told', 'a').write(' '.join(sys.argv[1:] + [str(os.environ.get({name!r}))]) + '\\n')"


def tasks_of(bench, device: Device = "cpu", program=TELLS.format(name="JAX_PLATFORMS")):
    return Tasks(bench, device, (sys.executable, "-c", program))


def told(bench):
    file = bench.settings.home / "told"
    return file.read_text().splitlines() if file.exists() else []


def rows(bench):
    with bench.store.reading() as connection:
        return leases.rows(connection)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """No pause after a process that was of no use."""
    monkeypatch.setattr(working, "FIRST_PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(working, "AWAY_PAUSE_SECONDS", 0.0)


def test_a_task_without_a_queued_run_starts_nothing_and_takes_its_announcement_away(bench):
    with bench.store.transaction() as connection:
        leases.announce(connection, ID, "jax", "trellis.jax.cpu", 60)
    tasks_of(bench).carry_out("jax", ID)
    assert told(bench) == []
    assert rows(bench) == ()


def test_a_process_is_started_for_one_run_under_an_id_of_its_own_and_without_a_gpu_if_its_queue_is_for_hosts_without(
    bench, make_model, monkeypatch
):
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    inline.start(bench, make_model())
    tasks_of(bench).carry_out("jax", ID)
    tasks_of(bench, "gpu").carry_out("jax", ID)
    (cpu, gpu) = told(bench)
    assert cpu.startswith("--framework jax --worker-id worker_")
    assert cpu.endswith(f"--once {WITHOUT_GPU['JAX_PLATFORMS']}")
    assert gpu.endswith("--once cuda")
    assert ID not in cpu + gpu
    # neither registered: their rows say at once that nobody is behind them, so that they count as starts that failed
    assert [row.seconds_past_lease(row.heartbeat_at) for row in rows(bench)] == [0.0, 0.0]


def test_a_task_that_comes_again_while_its_first_process_works_takes_nothing_from_it(bench, make_model):
    inline.start(bench, make_model("first"))
    inline.register(bench)
    held = inline.claim_one(bench)
    inline.start(bench, make_model("second"))
    tasks_of(bench).carry_out("jax", inline.WORKER)
    with bench.store.transaction() as connection:
        leases.check(connection, held.lease)


@pytest.mark.parametrize("given", [("jax; rm", ID), ("jax", "--detach"), ("jax", ID + "0")])
def test_a_task_that_trellis_did_not_publish_is_passed_over(bench, make_model, given):
    inline.start(bench, make_model())
    tasks_of(bench).carry_out(*given)
    assert told(bench) == []


def test_a_worker_that_is_ending_ends_its_processes_and_gives_tasks_back(bench, make_model):
    inline.start(bench, make_model())
    tasks = tasks_of(bench, program=TELLS.format(name="PATH") + "; import time; time.sleep(600)")
    thread = threading.Thread(target=tasks.carry_out, args=("jax", ID))
    thread.start()
    while not told(bench):
        pass
    tasks.end(sig="SIGTERM")
    thread.join(30)
    assert not thread.is_alive()
    with pytest.raises(Reject) as given_back:
        tasks.carry_out("jax", ID)
    assert given_back.value.requeue
    assert len(told(bench)) == 1


def test_after_a_process_that_was_of_no_use_others_get_the_chance_to_take_the_next_task(bench, make_model, monkeypatch):
    pauses = []
    inline.start(bench, make_model())
    tasks = tasks_of(bench)
    monkeypatch.setattr(working, "FIRST_PAUSE_SECONDS", 1.0)
    monkeypatch.setattr(tasks._ending, "wait", pauses.append)
    for _ in range(8):
        tasks.carry_out("jax", ID)
    assert pauses == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_store_that_does_not_answer_is_waited_for(bench, make_model, monkeypatch):
    from workbench.store.errors import StoreAway

    inline.start(bench, make_model())
    tasks, tries, real = tasks_of(bench), [], bench.store.transaction

    def transaction():
        tries.append(1)
        if len(tries) < 3:
            raise StoreAway("it does not answer")
        return real()

    monkeypatch.setattr(bench.store, "transaction", transaction)
    tasks.carry_out("jax", ID)
    assert len(told(bench)) == 1


def test_a_process_that_claimed_its_run_was_of_use_however_it_ended(bench, make_model):
    inline.start(bench, make_model())
    with bench.store.transaction() as connection:
        leases.register(connection, ID, "jax", bench.settings.host_name, ProcessIdentity(2**22 + 1, 1.0), 60)
    inline.claim_one(bench, ID)
    assert tasks_of(bench)._was_of_use(ID)


def test_a_run_that_no_process_becomes_ready_for_fails_and_names_the_host_whose_log_tells_why(bench, make_model):
    run = inline.start(bench, make_model())
    settings = bench.settings.model_copy(update={"executor": "celery"})
    reconciler, tasks = Reconciler(bench.store, settings, inline.NoWorkers()), tasks_of(bench, program="raise SystemExit('no framework')")
    for _ in range(MAX_FAILED_STARTS):
        assert bench.state().runs[run.id].state is RunState.QUEUED
        tasks.carry_out("jax", ID)
        reconciler.look()
    failed = bench.state().runs[run.id]
    assert failed.state is RunState.FAILED
    assert f"home folder on {settings.host_name}." in (failed.reason or "")
