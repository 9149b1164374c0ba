"""What every executor keeps: queued runs are carried out, each once and as many at once as may be, however often it is asked."""

from __future__ import annotations

import pytest

from tests.crash.hosts import Host
from tests.crash.processes import FAKE_WORKER, end_processes, open_bench, wait_for_state, wait_until
from tests.support import fake_family
from tests.support.brokers import broker
from workbench import families
from workbench.runs import leases
from workbench.state import RunState

pytestmark = [pytest.mark.crash, pytest.mark.parametrize("kept_in", ["postgresql"])]


@pytest.fixture(params=["local", "celery"])
def bench(request, home, tmp_path, database, monkeypatch):
    """A workbench whose executor carries out two runs at once."""
    fake_family.register(monkeypatch)
    if request.param == "local":
        made, homes = open_bench(home, FAKE_WORKER, max_concurrent_runs=2), [home]
    else:
        front, back = (Host(tmp_path, name, broker("redis"), database, max_concurrent_runs=2) for name in ("front", "back"))
        back.listen("--framework", "jax")
        made, homes = front.bench(), [front.home, back.home]
    made.runs.keep_watch()
    yield made
    made.close()
    for each in homes:
        end_processes(each)
    families.family.cache_clear()


def start(bench, **values):
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)
    return bench.runs.start(actor="user:test", model_id=model.id)


def busy(bench):
    with bench.store.reading() as connection:
        return sum(row.state == "busy" for row in leases.rows(connection))


def test_runs_are_carried_out_each_once_and_as_many_at_once_as_may_be(bench):
    bench.runs.executor.ensure_worker("jax")
    bench.runs.warm("jax")
    runs = [start(bench, max_epochs=8, seconds_per_epoch=0.1) for _ in range(4)]
    for _ in range(10):
        bench.runs.executor.ensure_worker("jax")
    most = 0

    def all_ended():
        nonlocal most
        most = max(most, busy(bench))
        return not bench.state().active_runs

    wait_until(all_ended, "every run to end")
    assert most == 2
    for run in runs:
        done = wait_for_state(bench, run.id, RunState.COMPLETED)
        assert done.attempt == 1
        told = [event.payload["epoch"] for event in bench.runs.events(run.id).items if event.kind == "epoch"]
        assert told == list(range(1, 9))
    # nothing is left over that would be carried out again
    bench.runs.executor.ensure_worker("jax")
    again = start(bench, max_epochs=2)
    assert wait_for_state(bench, again.id, RunState.COMPLETED).attempt == 1
    assert len(bench.state().runs) == 5


def test_a_process_that_dies_takes_its_own_run_along_and_no_other(bench):
    run = start(bench, max_epochs=8, die_at_epoch=2)
    after = start(bench, max_epochs=2)
    assert "ended without a word" in (wait_for_state(bench, run.id, RunState.INTERRUPTED).reason or "")
    wait_for_state(bench, after.id, RunState.COMPLETED)
