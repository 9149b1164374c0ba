"""Runs tell and beat beside commands: readers that poll miss nothing and see nothing twice, whoever writes meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support import telling
from tests.support.counting import ID, SetCommand
from workbench.runs import events, leases
from workbench.runs.events import NewEvent
from workbench.runs.held import HeldRun
from workbench.runs.job import LeaseLost
from workbench.runs.leases import Lease
from workbench.runs.process import ProcessIdentity
from workbench.store.store import Store

ROOT = Path(__file__).parents[3]
ENV = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
RUNS, TIMES = 3, 30
PATIENCE_SECONDS = 120


def hold(store: Store, number: int = 0) -> HeldRun:
    """A run under the lease of a worker of this process."""
    lease = Lease(f"worker_{number}", f"run_{number}", 1)
    with store.transaction() as connection:
        leases.register(connection, lease.worker_id, "jax", "here", ProcessIdentity.current(), telling.LEASE_SECONDS)
        leases.take(connection, lease, telling.LEASE_SECONDS)
    return HeldRun(store, lease, telling.LEASE_SECONDS)


def in_thread(work) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def messages(store: Store, run_id: str = "run_0") -> list[str]:
    return [event.payload["message"] for event in events.read(store, run_id).items]


def numbers(store: Store, run_id: str = "run_0") -> list[int]:
    return [event.seq for event in events.read(store, run_id).items]


def test_a_reader_that_polls_sees_every_event_of_every_writer_once_and_in_order(database: str) -> None:
    store = Store.open(database)
    held = [hold(store, number) for number in range(RUNS)]
    programs = [
        [sys.executable, "-m", "tests.support.telling", database, run.lease.worker_id, run.lease.run_id, str(TIMES)] for run in held
    ]
    programs += [[sys.executable, "-m", "tests.support.counting", database, actor, str(TIMES)] for actor in ("a", "b")]
    writers = [subprocess.Popen(program, cwd=ROOT, env=ENV) for program in programs]
    reader, until = Store.open(database), time.monotonic() + PATIENCE_SECONDS
    seen: dict[str, list[events.StoredEvent]] = {run.lease.run_id: [] for run in held}
    values = [0]
    ended = False
    while not ended:
        ended = all(writer.poll() is not None for writer in writers)  # what they told before is read once more
        for run_id, told in seen.items():
            told += events.read(reader, run_id, told[-1].seq if told else 0, limit=7).items
        counter = reader.state().counters.get(ID)
        values.append(counter.value if counter else 0)
        assert time.monotonic() < until
    assert [writer.returncode for writer in writers] == [0] * len(writers)
    for run_id, told in seen.items():
        while page := events.read(reader, run_id, told[-1].seq).items:
            told += page
        assert [event.seq for event in told] == list(range(1, len(told) + 1))
        for thread in range(telling.THREADS):
            of_thread = [event.payload["message"] for event in told if event.payload["message"].startswith(f"{thread}/")]
            assert of_thread == telling.told(thread, TIMES)
    assert values == sorted(values)
    assert reader.state().counters[ID].value == 2 * TIMES


@pytest.mark.parametrize("kept_in", ["postgresql"])
def test_a_run_tells_and_beats_while_somebody_elses_command_takes_its_time(database: str) -> None:
    store, other = Store.open(database), Store.open(database)
    held = hold(store)
    with other.transaction() as connection:
        other.execute(SetCommand(value=1), actor="other", connection=connection)
        held.append([NewEvent.now("log", message="told")])
        with store.statement() as alone:
            leases.renew(alone, held.lease.worker_id, telling.LEASE_SECONDS)
        assert messages(store) == ["told"]
        assert ID not in store.state().counters
    assert store.state().counters[ID].value == 1


@pytest.mark.parametrize("kept_in", ["postgresql"])
def test_what_a_server_says_about_a_held_run_and_what_the_run_tells_get_numbers_of_their_own(database: str) -> None:
    store, server = Store.open(database), Store.open(database)
    held = hold(store)
    held.append([NewEvent.now("log", message="first")])
    with server.transaction() as connection:
        leases.hold_off(connection, held.lease.run_id)
        events.append(connection, held.lease.run_id, 1, [NewEvent.now("log", message="no worker")])
        run = in_thread(lambda: held.append([NewEvent.now("log", message="second")]))
        run.join(0.3)
        assert run.is_alive()
    run.join(PATIENCE_SECONDS)
    assert messages(store) == ["first", "no worker", "second"]
    assert numbers(store) == [1, 2, 3]


def test_a_run_that_was_taken_over_tells_nothing_more(database: str) -> None:
    store = Store.open(database)
    held = hold(store)
    held.append([NewEvent.now("log", message="mine")])
    with store.transaction() as connection:
        leases.remove(connection, held.lease.worker_id)
    with pytest.raises(LeaseLost):
        held.append([NewEvent.now("log", message="late")])
    with pytest.raises(LeaseLost):
        held.execute(SetCommand(value=1), NewEvent.now("log", message="later"))
    assert messages(store) == ["mine"]
    assert ID not in store.state().counters


def test_whoever_takes_a_run_over_waits_for_what_is_being_told_and_nothing_comes_after(database: str) -> None:
    store, other = Store.open(database), Store.open(database)
    held, lost = hold(store), threading.Event()

    def tell() -> None:
        number = 0
        try:
            while True:
                number += 1
                held.append([NewEvent.now("log", message=str(number))])
        except LeaseLost:
            lost.set()

    in_thread(tell)
    while len(messages(other)) < 5:
        time.sleep(0.01)
    with other.transaction() as connection:
        assert leases.row(connection, held.lease.worker_id, keep=True) is not None
        leases.remove(connection, held.lease.worker_id)
        events.append(connection, held.lease.run_id, 1, [NewEvent.now("log", message="taken over")])
    assert lost.wait(PATIENCE_SECONDS)
    told = messages(other)
    assert told[-1] == "taken over"
    assert told[:-1] == [str(number) for number in range(1, len(told))]


def test_a_command_that_is_refused_takes_back_what_was_told_with_it(database: str) -> None:
    store = Store.open(database)
    held = hold(store)
    with pytest.raises(ValueError, match="negative"):
        held.execute(SetCommand(value=-1), NewEvent.now("log", message="with it"))
    assert messages(store) == []
    held.execute(SetCommand(value=1), NewEvent.now("log", message="with it"))
    assert messages(store) == ["with it"]


def test_a_statement_of_its_own_is_refused_within_a_transaction_whose_locks_it_would_wait_for(database: str) -> None:
    store = Store.open(database)
    with store.transaction(), pytest.raises(RuntimeError, match="inside a transaction"), store.statement():
        pass
