from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.support.counting import ID, MODEL, AddOneCommand, MutatingCommand, PaintCommand, SetCommand
from tests.support.postgres import cluster
from workbench.commands.base import CommandError
from workbench.state import AppState, Kind
from workbench.store import engine, load
from workbench.store.apply import labels_key
from workbench.store.errors import StoreAway, StoreBusy, StoreError, VersionConflict
from workbench.store.store import Store


def second(store: Store) -> Store:
    """Another process's view of the same database, as far as one process can have it."""
    return Store.open(store.engine.url.render_as_string(hide_password=False))


def test_an_executed_command_is_in_the_state_and_in_the_journal(store: Store) -> None:
    done = store.execute(SetCommand(value=5), actor="me")
    assert done.seq == 1
    assert done.state is store.state()
    assert store.state().counters[ID].value == 5
    assert store.state().versions == {ID: 1}
    assert [(e.seq, e.actor, e.command) for e in store.history(Kind.COUNTER, ID)] == [(1, "me", "SetCommand")]


def test_a_refused_command_leaves_nothing(store: Store) -> None:
    before = store.state()
    with pytest.raises(CommandError, match="negative"):
        store.execute(SetCommand(value=-1), actor="me")
    assert store.state() == before
    assert second(store).state() == before


def test_a_command_that_changes_nothing_makes_no_journal_entry(store: Store) -> None:
    store.execute(SetCommand(value=5), actor="me")
    done = store.execute(SetCommand(value=5), actor="me")
    assert (done.seq, done.changes) == (1, ())
    assert len(store.history(Kind.COUNTER, ID)) == 1


def test_another_store_on_the_database_sees_what_was_executed(store: Store) -> None:
    other = second(store)
    assert other.state() == AppState()
    store.execute(SetCommand(value=5), actor="me")
    store.execute(PaintCommand(labels={1: 0, 70_000: 2}), actor="me")
    assert other.state() == store.state() == second(store).state()
    other.execute(PaintCommand(labels={1: None}), actor="you")
    assert dict(store.state().labels[MODEL]) == dict(other.state().labels[MODEL])
    assert list(store.state().labels[MODEL]) == [70_000]
    assert store.state().versions[labels_key(MODEL)] == 3
    assert second(store).state() == store.state()


def test_a_store_far_behind_reads_anew_and_agrees(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    other = second(store)
    other.state()
    monkeypatch.setattr(load, "LONGEST_TAIL", 3)
    for value in range(10):
        store.execute(SetCommand(value=value), actor="me")
    assert other.state() == store.state()


def test_a_database_put_back_to_an_earlier_copy_is_noticed(store: Store) -> None:
    store.execute(SetCommand(value=1), actor="me")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM journal")
        connection.exec_driver_sql("DELETE FROM entities")
    assert store.state().counters == {}


def test_a_stale_writer_gets_a_conflict(store: Store) -> None:
    store.execute(SetCommand(value=1), actor="a")
    seen = store.state().version
    store.execute(SetCommand(value=2), actor="a", expected_version=seen)
    with pytest.raises(VersionConflict) as caught:
        store.execute(SetCommand(value=3), actor="b", expected_version=seen)
    assert (caught.value.code, caught.value.expected, caught.value.current) == ("conflict", 1, 2)
    assert store.state().counters[ID].value == 2


def test_an_entitys_version_ignores_changes_of_others(store: Store) -> None:
    store.execute(SetCommand(value=1), actor="a")
    store.execute(SetCommand(value=1, id="counter_other"), actor="a")
    store.execute(SetCommand(value=2), actor="a", expected=(ID, 1))
    with pytest.raises(VersionConflict, match="counter_test was changed"):
        store.execute(SetCommand(value=3), actor="b", expected=(ID, 1))


def test_commands_in_one_transaction_see_each_other_and_commit_together(store: Store) -> None:
    with store.transaction() as connection:
        store.execute(AddOneCommand(), actor="me", connection=connection)
        done = store.execute(AddOneCommand(), actor="me", connection=connection)
        assert store.state() is done.state
        assert second(store).state().version == 0
    assert store.state().counters[ID].value == 2
    assert second(store).state() == store.state()


def test_a_transaction_that_fails_takes_everything_back(store: Store) -> None:
    def fail() -> None:
        with store.transaction() as connection:
            store.execute(AddOneCommand(), actor="me", connection=connection)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        fail()
    assert store.state() == AppState()
    assert store.execute(AddOneCommand(), actor="me").seq == 1


def test_a_transaction_inside_one_is_a_programming_error(store: Store) -> None:
    with store.transaction(), pytest.raises(RuntimeError, match="pass its connection"):
        store.execute(AddOneCommand(), actor="me")


def test_a_foreign_connection_is_a_programming_error(store: Store) -> None:
    with store.engine.connect() as connection, pytest.raises(RuntimeError, match="not that of"):
        store.execute(AddOneCommand(), actor="me", connection=connection)


def test_a_command_that_mutates_its_state_is_caught_by_the_check(store: Store) -> None:
    store.execute(SetCommand(value=1), actor="me")
    with pytest.raises(AssertionError, match="MutatingCommand mutated"):
        store.execute(MutatingCommand(), actor="me")


def test_an_actor_needs_a_name(store: Store) -> None:
    with pytest.raises(ValueError, match="actor"):
        store.execute(SetCommand(value=1), actor="")


def test_the_record_of_any_past_moment_can_be_shown(store: Store) -> None:
    for value in (1, 2, 3):
        store.execute(SetCommand(value=value), actor="me")
    assert [store.record_at(Kind.COUNTER, ID, seq) and store.record_at(Kind.COUNTER, ID, seq).value for seq in range(4)] == [None, 1, 2, 3]


def test_history_shows_each_change_newest_first(store: Store) -> None:
    store.execute(SetCommand(value=1), actor="a")
    store.execute(SetCommand(value=2), actor="b")
    newest, oldest = store.history(Kind.COUNTER, ID)
    assert [(c.path, c.old, c.new) for c in newest.changes] == [("value", 1, 2)]
    assert ("value", None, 1) in [(c.path, c.old, c.new) for c in oldest.changes]
    assert [e.seq for e in store.history(Kind.COUNTER, ID, limit=1)] == [2]


@pytest.mark.parametrize("kept_in", ["sqlite"])
def test_the_file_is_durable(written_as_shipped: None, store: Store) -> None:
    with store.engine.connect() as connection:
        asked = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_reader_does_not_wait_for_the_writer(store: Store) -> None:
    with store.transaction() as connection:
        store.execute(AddOneCommand(), actor="me", connection=connection)
        assert second(store).state().version == 0


def test_a_full_disk_is_said_and_what_was_there_stays(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    store.execute(SetCommand(value=1), actor="me")
    before = store.state()
    store.close()
    event.listen(store.engine, "connect", lambda connection, record: connection.execute("PRAGMA max_page_count=1"))
    with pytest.raises(StoreError, match=r"disk is full.*Nothing was changed"):
        store.execute(PaintCommand(labels=dict.fromkeys(range(20_000), 1)), actor="me")
    assert store.state() == before == second(store).state()


def test_a_store_that_another_process_holds_too_long_is_busy(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    impatient = second(store)
    with store.transaction(), pytest.raises(StoreBusy, match="another process has held it"):
        impatient.execute(AddOneCommand(), actor="me")
    assert impatient.execute(AddOneCommand(), actor="me").seq == 1


@pytest.mark.parametrize("url", ["sqlite://", "nonsense", "nosuch://x/y", "mysql://x/y"])
def test_an_address_that_is_no_database_is_refused_in_words(url: str) -> None:
    with pytest.raises(StoreError, match="TRELLIS_DATABASE_URL"):
        Store.open(url)


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreError, match=r"damaged.*Restore the file"):
        Store.open(f"sqlite:///{tmp_path / 'store.db'}")


def test_a_folder_that_cannot_be_made_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="folder cannot be created"):
        Store.open(f"sqlite:///{tmp_path / 'file' / 'store.db'}")


@pytest.mark.parametrize("kept_in", ["postgresql"])
class TestAServer:
    """What only a database server can do to a store: be away, refuse, lack the database."""

    def test_what_was_done_is_there_after_it_was_away(self, database: str) -> None:
        store = Store.open(database)
        store.execute(SetCommand(value=5), actor="me")
        server = cluster()
        server.stop()
        try:
            with pytest.raises(StoreAway, match="does not answer"):
                store.state()
            with pytest.raises(StoreAway, match="does not answer"):
                store.execute(SetCommand(value=6), actor="me")
        finally:
            server.start()
        assert store.state().counters[ID].value == 5
        assert store.execute(SetCommand(value=6), actor="me").seq == 2

    def test_a_transaction_that_it_cuts_off_leaves_nothing(self, database: str) -> None:
        store = Store.open(database)

        def cut_off() -> None:
            with store.transaction() as connection:
                store.execute(SetCommand(value=5), actor="me", connection=connection)
                cluster().stop()
                cluster().start()

        with pytest.raises(StoreAway):
            cut_off()
        assert store.state().counters == {}
        assert store.execute(SetCommand(value=6), actor="me").seq == 1

    def test_a_database_that_is_not_there_is_refused_in_words(self, database: str) -> None:
        with pytest.raises(StoreError, match="There is no such database"):
            Store.open(database.replace("@/t", "@/no_t"))

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_its_address_may_be_written_as_people_write_it(self, database: str, scheme: str) -> None:
        store = Store.open(database.replace("postgresql", scheme, 1))
        assert store.engine.url.drivername == "postgresql+psycopg"
        assert store.state().version == 0

    def test_a_password_is_never_in_what_is_said(self, database: str) -> None:
        wrong = database.replace("trellis@", "trellis:secret-word@").replace("@/t", "@/no_t")
        with pytest.raises(StoreError) as refused:
            Store.open(wrong)
        assert "secret-word" not in str(refused.value)


def test_a_forked_process_executes_commands_whatever_was_being_counted_at_that_moment(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    with store.commands._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            store.execute(SetCommand(value=3), actor="me")
            os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert store.state().counters[ID].value == 3
