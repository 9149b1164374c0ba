"""PostgreSQL with few round trips: what is answered is on the disk, and a state that the database has lost is noticed."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest

from tests.support.counting import ID, AddOneCommand, SetCommand
from workbench.commands.base import CommandError
from workbench.store import pipelined
from workbench.store.load import LONGEST_TAIL
from workbench.store.store import Store


@pytest.fixture
def kept_in() -> str:
    return "postgresql"


def asked(store: Store, query: str) -> Any:
    with store.reading() as connection:
        return connection.exec_driver_sql(query).scalar()


def test_a_command_is_on_the_disk_when_it_is_answered_and_others_do_not_wait_for_that(database: str, monkeypatch) -> None:
    store, other = Store.open(database), Store.open(database)
    written: list[str] = []

    def await_disk(connection, real=pipelined.await_disk) -> None:
        if not written:
            written.append(asked(store, "SELECT pg_current_wal_insert_lsn()"))
            # the lock is free by now: somebody else's command goes through, on what this one did
            assert other.execute(AddOneCommand(), actor="other").state.counters[ID].value == 8
        real(connection)

    monkeypatch.setattr(pipelined, "await_disk", await_disk)
    store.execute(SetCommand(value=7), actor="me")
    assert asked(store, f"SELECT pg_current_wal_flush_lsn() >= '{written[0]}'")


def test_the_disk_is_waited_for_as_the_server_is_set(database: str) -> None:
    store = Store.open(database)
    with store.transaction() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "off"
    with store.statement() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_a_state_that_a_killed_database_has_lost_is_read_anew(database: str, monkeypatch) -> None:
    times = (f"2026-01-01T00:00:{second:02}.000Z" for second in itertools.count())
    store, other = (Store.open(database, now=lambda: next(times)) for _ in range(2))
    store.execute(SetCommand(value=1), actor="me")
    store.execute(SetCommand(value=2), actor="me")
    assert other.state().counters[ID].value == 2
    # as after a kill between the commit and the disk: the last row is gone, and another command has got its number
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM journal WHERE seq = 2")
        connection.exec_driver_sql("DELETE FROM journal_subjects WHERE seq = 2")
        row = str(connection.exec_driver_sql("SELECT record FROM entities").scalar())
        connection.exec_driver_sql("UPDATE entities SET seq = 1, record = %s", (row.replace('"value":2', '"value":1'),))
    assert other.state().counters[ID].value == 1
    Store.open(database, now=lambda: next(times)).execute(SetCommand(value=3), actor="somebody")
    for each in (store, other):
        assert each.state().counters[ID].value == 3
        assert each.state() == Store.open(database).state()
    whole: list[int] = []
    monkeypatch.setattr(pipelined, "whole_state", lambda connection, real=pipelined.whole_state: whole.append(1) or real(connection))
    assert store.state().version == 2
    assert not whole  # it is kept in place of what was lost
    assert store.execute(AddOneCommand(), actor="me").state.counters[ID].value == 4


def test_a_state_that_is_far_behind_is_read_anew(database: str, monkeypatch) -> None:
    monkeypatch.setattr(pipelined, "LONGEST_TAIL", 3)
    assert LONGEST_TAIL > 3
    store, other = Store.open(database), Store.open(database)
    store.execute(AddOneCommand(), actor="me")
    assert other.state().version == 1
    whole: list[int] = []
    monkeypatch.setattr(pipelined, "whole_state", lambda connection, real=pipelined.whole_state: whole.append(1) or real(connection))
    for times in (3, 4):
        for _ in range(times):
            store.execute(AddOneCommand(), actor="me")
        assert other.state().counters[ID].value == store.state().counters[ID].value
        assert len(whole) == times - 3


def test_what_commands_of_one_transaction_wrote_is_there_for_what_comes_after_them(database: str) -> None:
    store = Store.open(database)
    store.execute(SetCommand(value=1), actor="me")
    with store.transaction("me") as connection:
        store.execute(SetCommand(value=2), actor="me", connection=connection)
        assert connection.exec_driver_sql("SELECT max(seq) FROM journal").scalar() == 2
        store.execute(AddOneCommand(), actor="me", connection=connection)
        assert store.state().counters[ID].value == 3
    assert Store.open(database).state() == store.state()
    assert store.state().version == 3


def one_that_raises(store: Store, look: bool) -> None:
    with store.transaction("me") as connection:
        store.execute(SetCommand(value=2), actor="me", connection=connection)
        if look:
            connection.exec_driver_sql("SELECT 1")
        store.execute(SetCommand(value=-1), actor="me", connection=connection)


def test_a_transaction_that_raises_leaves_nothing_of_its_commands(database: str) -> None:
    store = Store.open(database)
    for look in (False, True):
        with pytest.raises(CommandError):
            one_that_raises(store, look)
    assert store.state().version == 0
    assert store.execute(SetCommand(value=5), actor="me").seq == 1
    assert Store.open(database).state().counters[ID].value == 5


def test_threads_of_one_process_share_its_connections_and_lose_nothing(database: str) -> None:
    store = Store.open(database)
    threads = [threading.Thread(target=lambda: [store.execute(AddOneCommand(), actor="me") for _ in range(15)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.state().counters[ID].value == 90
    assert asked(store, "SELECT count(*) FROM journal") == 90
