"""Workers that end before they are ready are started a few times, each later than the one before; then the runs that wait for one fail."""

import signal
import sys

import psutil
import pytest

from tests.crash.processes import FAKE_WORKER, end_processes, run_of, use, wait_for_state, wait_until
from workbench.runs import executor, failed_starts, leases, reconciler
from workbench.runs.failed_starts import MAX_FAILED_STARTS
from workbench.runs.starting import worker_log
from workbench.state import RunState

pytestmark = pytest.mark.crash

SAID = "a worker was here"
REFUSES = f"print({SAID!r}, flush=True); raise SystemExit('no such package')"
LEAVES = f"import os; os.fork() and os._exit(0); print({SAID!r}, flush=True)"
"""Detaches as a worker does, and ends: what stops it, as a store that cannot be opened, stops it later than its parent looks."""

REGISTERS = f"""
import os, sys
os.fork() and os._exit(0)
print({SAID!r}, flush=True)
from tests.support import fake_family
fake_family.register()
from workbench.runs import leases
from workbench.settings import host_name
from workbench.runs.process import ProcessIdentity
from workbench.settings import Settings
from workbench.workbench import Workbench
bench = Workbench.open(Settings.load())
with bench.store.transaction() as connection:
    leases.register(connection, sys.argv[sys.argv.index("--worker-id") + 1], "jax", host_name(), ProcessIdentity.current(), 60)
"""
"""Gets as far as its row in the table."""


@pytest.fixture
def soon(monkeypatch):
    """Looks and waits that take a tenth of their time."""
    monkeypatch.setattr(reconciler, "PERIOD_SECONDS", 0.05)
    monkeypatch.setattr(failed_starts, "FIRST_WAIT_SECONDS", 0.1)


def make_run(bench):
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values={"max_epochs": 2})
    return bench.runs.start(actor="user:test", model_id=model.id)


def starts(bench):
    return worker_log(bench.settings.home).read_text().count(SAID)


@pytest.mark.parametrize(("program", "arrival"), [(REFUSES, 30), (LEAVES, 0.5), (REGISTERS, 30)], ids=["refuses", "leaves", "registers"])
def test_a_run_fails_with_a_sentence_once_several_workers_in_a_row_were_not_ready(soon, fake_bench, monkeypatch, program, arrival):
    monkeypatch.setattr(executor, "ARRIVAL_SECONDS", arrival)
    use(fake_bench, (sys.executable, "-c", program))
    run = make_run(fake_bench)
    ended = wait_for_state(fake_bench, run.id, RunState.FAILED)
    assert ended.error is not None
    assert ended.error.code == "WORKER_LOST"
    assert ended.reason == (
        "No worker became ready for it: 5 processes in a row ended before. See why in logs/workers.log of Trellis's home folder. "
        "Start a new run."
    )
    told = [event.payload["state"] for event in fake_bench.runs.events(run.id).items if event.kind == "ended"]
    assert told == ["failed"]
    # a start starts one at once, too, whose failure the start's own log tells
    assert MAX_FAILED_STARTS <= starts(fake_bench) <= MAX_FAILED_STARTS + 1
    # nothing is queued any more, so nothing is started
    count = starts(fake_bench)
    fake_bench.runs.look()
    assert starts(fake_bench) == count


def test_a_run_that_is_started_once_the_cause_is_gone_gets_its_worker(soon, fake_bench):
    use(fake_bench, (sys.executable, "-c", REFUSES))
    wait_for_state(fake_bench, make_run(fake_bench).id, RunState.FAILED)
    use(fake_bench, FAKE_WORKER)
    wait_for_state(fake_bench, make_run(fake_bench).id, RunState.COMPLETED)


def test_a_run_waits_for_the_worker_that_is_there_although_no_other_can_be_started(soon, fake_bench, monkeypatch):
    first = fake_bench.models.create(
        actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values={"max_epochs": 4000, "seconds_per_epoch": 0.05}
    )
    busy = fake_bench.runs.start(actor="user:test", model_id=first.id)
    wait_for_state(fake_bench, busy.id, RunState.RUNNING)
    monkeypatch.setattr(executor, "missing_workers", lambda *_, **__: 1)
    use(fake_bench, (sys.executable, "-c", REFUSES))
    queued = make_run(fake_bench)
    wait_until(lambda: starts(fake_bench) > MAX_FAILED_STARTS - 1, "starts that fail")
    fake_bench.runs.look()
    assert run_of(fake_bench, queued.id).state is RunState.QUEUED
    with fake_bench.store.engine.connect() as connection:
        (row,) = [row for row in leases.rows(connection) if row.run_id == busy.id]
    psutil.Process(row.pid).send_signal(signal.SIGKILL)
    end_processes(fake_bench.settings.home)
    wait_for_state(fake_bench, queued.id, RunState.FAILED)
