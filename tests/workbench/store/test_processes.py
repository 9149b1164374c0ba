"""Several processes on one store."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.counting import ID, AddOneCommand, SetCommand
from workbench.store.store import Store

ROOT = Path(__file__).parents[3]
ENV = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def start(*arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.support.counting", *arguments], cwd=ROOT, env=ENV)


def test_two_processes_writing_at_once_lose_nothing(database: str) -> None:
    writers = [start(database, actor, "40") for actor in ("a", "b")]  # they also race to create the tables
    assert [w.wait(60) for w in writers] == [0, 0]
    store = Store.open(database)
    state = store.state()
    assert (state.version, state.counters[ID].value) == (80, 80)
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT seq, actor FROM journal ORDER BY seq").all()
    assert [seq for seq, _ in rows] == list(range(1, 81))
    assert {actor for _, actor in rows} == {"a", "b"}


def test_a_crash_between_append_and_commit_leaves_nothing(database: str) -> None:
    assert start(database, "a", "3", "die").wait(60) == 9
    store = Store.open(database)
    assert (store.state().version, store.state().counters[ID].value) == (2, 2)
    assert store.execute(AddOneCommand(), actor="b").seq == 3


def test_threads_writing_and_reading_at_once_agree(database: str) -> None:
    store = Store.open(database)
    versions: list[list[int]] = [[] for _ in range(4)]

    def work(seen: list[int]) -> None:
        for _ in range(10):
            store.execute(AddOneCommand(), actor="me")
            seen.append(store.state().version)

    threads = [threading.Thread(target=work, args=(seen,)) for seen in versions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.state().counters[ID].value == 40
    assert all(seen == sorted(seen) for seen in versions)
    assert Store.open(database).state() == store.state()


FORKED = """
import os, sys
from tests.support.counting import AddOneCommand, ID
from workbench.store.store import Store
store = Store.open(sys.argv[1])
store.execute(AddOneCommand(), actor="parent")
before = store.state()
inherited = store.engine.pool
child = os.fork()
if child == 0:
    assert store.engine.pool is not inherited
    for _ in range(20):
        store.execute(AddOneCommand(), actor="child")
    os._exit(0 if store.state().counters[ID].value >= 21 else 1)
for _ in range(20):
    store.execute(AddOneCommand(), actor="parent")
_, status = os.waitpid(child, 0)
assert status == 0, status
assert store.state().counters[ID].value == 41, store.state()
assert before.counters[ID].value == 1
"""


def test_connections_never_cross_a_fork(database: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, database], cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


HELD = """
import sys
from tests.support.counting import AddOneCommand
from workbench.store.store import Store
store = Store.open(sys.argv[1])
with store.transaction() as connection:
    store.execute(AddOneCommand(), actor="other", connection=connection)
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_read_does_not_wait_for_another_processs_write(database: str) -> None:
    store = Store.open(database)
    store.execute(SetCommand(value=7), actor="me")
    other = subprocess.Popen(
        [sys.executable, "-c", HELD, database], cwd=ROOT, env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    assert store.state().counters[ID].value == 7
    other.communicate("go on\n", timeout=30)
    assert store.state().counters[ID].value == 8


@pytest.mark.parametrize("kept_in", ["postgresql"])
def test_a_process_that_stops_in_a_transaction_is_not_waited_for_for_ever(database: str) -> None:
    hasty = HELD.replace("store = ", "from workbench.store import engine\nengine.IDLE_SECONDS = 0.5\nstore = ")
    other = subprocess.Popen(
        [sys.executable, "-c", hasty, database], cwd=ROOT, env=ENV, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    store = Store.open(database)
    assert store.execute(SetCommand(value=8), actor="me").seq == 1
    other.communicate("go on\n", timeout=30)
    assert other.returncode != 0
    assert store.state().counters[ID].value == 8
