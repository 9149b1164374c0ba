"""Runs on other hosts: whatever is killed in mid-run (a Celery worker, the broker, the server), nothing is lost and nothing is run twice."""

from __future__ import annotations

import pytest

from tests.crash.hosts import Host, holder
from tests.crash.processes import run_of, wait_for_epoch, wait_for_state
from tests.support import fake_family
from tests.support.brokers import broker
from workbench import families
from workbench.state import RunState

pytestmark = [pytest.mark.crash, pytest.mark.parametrize("kept_in", ["postgresql"])]


@pytest.fixture(params=["redis", "rabbitmq"])
def server(request):
    """A broker, which runs again after a test that killed it."""
    found = broker(request.param)
    yield found
    if not found.answers():
        found.start()


@pytest.fixture
def hosts(tmp_path, database, server, monkeypatch):
    """Makes hosts; their processes end with the test."""
    fake_family.register(monkeypatch)
    made, benches = [], []

    def make(name, **more):
        made.append(Host(tmp_path, name, server, database, **more))
        return made[-1]

    yield make
    for host in made:
        host.end()
    for bench in benches:
        bench.close()
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
    assert run_of(front, run.id).attempt == 1
