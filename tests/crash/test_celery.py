"""Runs on other hosts: whatever is killed in mid-run (a Celery worker, the broker, the server), nothing is lost and nothing is run twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from tests.crash.hosts import Host, holder
from tests.crash.processes import gone, run_of, wait_for_epoch, wait_for_state, wait_until
from tests.support import fake_family
from tests.support.brokers import broker
from workbench import families
from workbench.doctor.broker import examine
from workbench.runs import leases
from workbench.runs.celery.broker import Broker
from workbench.state import RunState

pytestmark = [pytest.mark.crash, pytest.mark.parametrize("kept_in", ["postgresql"])]


@pytest.fixture
def kind():
    """Which broker; a few tests are about both."""
    return "redis"


@pytest.fixture
def server(kind):
    """A broker without tasks."""
    return broker(kind)


@pytest.fixture
def hosts(tmp_path, database, server, monkeypatch):
    """Makes hosts; their processes end with the test."""
    fake_family.register(monkeypatch)
    made = []

    def make(name, **more):
        made.append(Host(tmp_path, name, server, database, **more))
        return made[-1]

    yield make
    for host in made:
        host.end()
    families.family.cache_clear()


@pytest.fixture
def front(hosts):
    """The workbench of a server on a host of its own, which trains nothing."""
    bench = hosts("front").bench()
    bench.runs.keep_watch()
    yield bench
    bench.close()


def make(bench, **values):
    return bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)


def start(bench, **values):
    return bench.runs.start(actor="user:test", model_id=make(bench, **values).id)


def epochs_told(bench, run_id):
    return [event.payload["epoch"] for event in bench.runs.events(run_id).items if event.kind == "epoch"]


def test_a_run_is_trained_on_another_host(front, hosts):
    hosts("back").listen("--framework", "jax")
    run = start(front, max_epochs=5, seconds_per_epoch=0.1)
    wait_for_epoch(front, run.id, 1)
    assert holder(front, run.id).host == "back"
    done = wait_for_state(front, run.id, RunState.COMPLETED, RunState.FAILED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
    assert epochs_told(front, run.id) == [1, 2, 3, 4, 5]
    assert [found.level for found in examine(front.settings)] == ["ok"]


def test_a_celery_worker_killed_in_mid_run_takes_nothing_along_and_nobody_runs_it_again(front, hosts):
    back = hosts("back")
    worker = back.listen("--framework", "jax")
    run = start(front, max_epochs=30, seconds_per_epoch=0.1)
    wait_for_epoch(front, run.id, 1)
    pid = holder(front, run.id).pid
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    # a worker that comes after it may get the task again, and there is nothing to do
    back.listen("--framework", "jax")
    done = wait_for_state(front, run.id, RunState.COMPLETED, RunState.FAILED, RunState.INTERRUPTED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
    assert epochs_told(front, run.id) == list(range(1, 31))
    wait_until(lambda: gone(pid), "the run's process to end")


def test_a_run_whose_process_is_killed_is_interrupted_its_worker_lives_and_it_goes_on_elsewhere(front, hosts):
    hosts("back").listen("--framework", "jax")
    run = start(front, max_epochs=20, seconds_per_epoch=0.1)
    wait_for_epoch(front, run.id, 2)
    os.kill(holder(front, run.id).pid, signal.SIGKILL)
    # at once, by the worker beside it: no lease is waited for
    wait_for_state(front, run.id, RunState.INTERRUPTED)
    front.runs.resume(actor="user:test", run_id=run.id)
    done = wait_for_state(front, run.id, RunState.COMPLETED, RunState.FAILED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 2)
    assert epochs_told(front, run.id) == list(range(1, 21))


def test_a_host_that_is_gone_loses_its_run_to_the_grace_time_and_another_host_goes_on_from_its_checkpoint(front, hosts):
    lost = hosts("lost")
    lost.listen("--framework", "jax")
    run = start(front, max_epochs=20, seconds_per_epoch=0.1)
    wait_for_epoch(front, run.id, 3)
    lost.end()
    wait_for_state(front, run.id, RunState.INTERRUPTED)
    hosts("other").listen("--framework", "jax")
    front.runs.resume(actor="user:test", run_id=run.id)
    wait_until(lambda: run_of(front, run.id).state is RunState.RUNNING, "the other host to go on")
    assert holder(front, run.id).host == "other"
    done = wait_for_state(front, run.id, RunState.COMPLETED, RunState.FAILED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 2)
    assert epochs_told(front, run.id) == list(range(1, 21))


@pytest.mark.parametrize(("kind", "remembers"), [("redis", True), ("redis", False), ("rabbitmq", True)])
def test_a_broker_that_is_killed_costs_neither_the_run_under_way_nor_those_that_wait(front, hosts, server, remembers):
    hosts("back").listen("--framework", "jax")
    assert list(Broker(front.settings).listening().values()) == [("trellis.jax.cpu",)]
    runs = [start(front, max_epochs=20, seconds_per_epoch=0.1)]
    wait_for_epoch(front, runs[0].id, 1)
    runs.append(start(front, max_epochs=2))
    server.kill()
    # what is queued meanwhile says why it waits, and is published when the broker is back
    runs.append(start(front, max_epochs=2))
    assert any("does not answer" in event.payload["message"] for event in front.runs.events(runs[-1].id).items)
    if not remembers:
        server.forget()
    server.start()
    for run in runs:
        done = wait_for_state(front, run.id, RunState.COMPLETED, RunState.FAILED, RunState.INTERRUPTED)
        assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
        assert epochs_told(front, run.id) == list(range(1, done.epochs_done + 1))


def test_a_server_killed_after_it_queued_a_run_is_not_needed_any_more(hosts):
    host = hosts("front")
    program = (
        "from tests.support import fake_family; fake_family.register()\n"
        "import os\n"
        "from workbench.workbench import Workbench\n"
        "bench = Workbench.open()\n"
        "values = dict(max_epochs=5, seconds_per_epoch=0.1)\n"
        "model = bench.models.create(actor='user:test', family='fake', model_type='toy', dataset_id='tiny', values=values)\n"
        "{cut}"
        "bench.runs.start(actor='user:test', model_id=model.id)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    # once after it published the task, and once before: then any reconciler does
    cut = "bench.runs.see_to_worker = lambda run: os.kill(os.getpid(), 9)\n"
    for each in ("", cut):
        subprocess.run([sys.executable, "-c", program.format(cut=each)], env=host.environment, cwd=host.home, check=False)
    hosts("back").listen("--framework", "jax")
    other = hosts("other").bench()
    assert len(other.state().runs) == 2
    try:
        for id in other.state().runs:
            done = wait_for_state(other, id, RunState.COMPLETED, RunState.FAILED, RunState.INTERRUPTED)
            assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
            assert epochs_told(other, id) == [1, 2, 3, 4, 5]
    finally:
        other.close()


def test_a_stop_reaches_the_other_host_and_its_log_comes_back(front, hosts):
    hosts("back").listen("--framework", "jax")
    run = start(front, max_epochs=400, seconds_per_epoch=0.05)
    wait_for_epoch(front, run.id, 1)
    front.runs.request_stop(actor="user:test", run_id=run.id)
    done = wait_for_state(front, run.id, RunState.STOPPED)
    assert done.reason == "Stopped as asked; the trained weights are kept."
    assert "stop" in front.runs.artefact_path(run.id, "log.txt").read_text()
    assert json.loads(front.runs.artefact_path(run.id, "environment.json").read_text())["host"] == "back"


def test_a_run_that_obeys_nobody_is_killed_on_its_host_by_the_grace_time(front, hosts):
    worker = hosts("back", stop_grace_seconds=0.5).listen("--framework", "jax")
    run = start(front, max_epochs=400, hang_at_epoch=3)
    wait_for_epoch(front, run.id, 2)
    front.runs.request_stop(actor="user:test", run_id=run.id)
    wait_for_state(front, run.id, RunState.STOPPED)
    again = start(front, max_epochs=2)
    wait_for_state(front, again.id, RunState.COMPLETED)
    assert worker.poll() is None


def test_a_celery_worker_that_is_told_to_end_stops_its_run_with_its_weights_and_leaves(front, hosts):
    worker = hosts("back").listen("--framework", "jax")
    run = start(front, max_epochs=400, seconds_per_epoch=0.05)
    waiting = start(front, max_epochs=2)
    wait_for_epoch(front, run.id, 1)
    worker.terminate()
    assert worker.wait(60) == 0
    stopped = run_of(front, run.id)
    assert stopped.state is RunState.STOPPED
    assert "told to end" in stopped.reason
    assert run_of(front, waiting.id).state is RunState.QUEUED
    hosts("other").listen("--framework", "jax")
    wait_for_state(front, waiting.id, RunState.COMPLETED)


def test_a_process_goes_on_with_the_runs_that_wait(front, hosts):
    runs = [start(front, max_epochs=2, seconds_per_epoch=0.2) for _ in range(4)]
    hosts("back", max_concurrent_runs=1).listen("--framework", "jax")
    holders = set()

    def all_ended():
        with front.store.reading() as connection:
            holders.update(row.pid for row in leases.rows(connection) if row.state == "busy")
        return not front.state().active_runs

    wait_until(all_ended, "the runs to end")
    assert {(run_of(front, run.id).state, run_of(front, run.id).attempt) for run in runs} == {(RunState.COMPLETED, 1)}
    assert [epochs_told(front, run.id) for run in runs] == [[1, 2]] * 4
    assert len(holders) == 1


def test_a_process_whose_celery_worker_was_killed_ends_after_its_run(front, hosts):
    back = hosts("back", max_concurrent_runs=1)
    worker = back.listen("--framework", "jax")
    run, waiting = start(front, max_epochs=20, seconds_per_epoch=0.1), start(front, max_epochs=2)
    wait_for_epoch(front, run.id, 1)
    pid = holder(front, run.id).pid
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    wait_for_state(front, run.id, RunState.COMPLETED)
    wait_until(lambda: gone(pid), "the run's process to end")
    assert run_of(front, waiting.id).state is RunState.QUEUED
