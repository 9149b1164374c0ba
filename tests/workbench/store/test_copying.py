"""A store copied into another database is the same one there, and can be gone on with."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import new_database
from tests.support.counting import ID, AddOneCommand, PaintCommand, SetCommand
from tests.workbench.runs import inline
from workbench.cli.app import run as trellis
from workbench.store import copying, schema
from workbench.store.errors import StoreError
from workbench.store.store import Store


@pytest.fixture
def filled(tmp_path: Path) -> Store:
    """A store in a file, with a journal, labels and something undone."""
    store = Store.open(f"sqlite:///{tmp_path / 'old.db'}")
    for value in range(30):
        store.execute(SetCommand(value=value), actor="me")
    store.execute(PaintCommand(labels={n: n % 3 for n in range(5000)}), actor="you é🙂")
    return store


def test_it_is_the_same_and_goes_on_after_the_last_number(filled: Store, database: str) -> None:
    target = Store.open(database)
    parts: list[tuple[str, int, int]] = []
    found = {table.name: table.rows for table in copying.copy(filled, target, lambda *told: parts.append(told))}
    assert found["journal"] == 31
    assert found["labels"] == 5000
    assert ("labels", 5000, 5000) in parts
    assert target.state() == filled.state() == Store.open(database).state()
    assert target.history("counter", ID) == filled.history("counter", ID)
    assert target.undo_words("me") == filled.undo_words("me") is not None
    assert target.execute(AddOneCommand(), actor="me").seq == 32


def test_and_back_again(filled: Store, database: str, tmp_path: Path) -> None:
    there, back = Store.open(database), Store.open(f"sqlite:///{tmp_path / 'back.db'}")
    first = copying.copy(filled, there)
    assert copying.copy(there, back) == first
    assert back.state() == filled.state()


def test_nothing_is_copied_over_what_is_there_or_onto_itself(filled: Store, database: str) -> None:
    target = Store.open(database)
    target.execute(SetCommand(value=7), actor="me")
    with pytest.raises(StoreError, match="is not empty"):
        copying.copy(filled, target)
    assert target.state().counters[ID].value == 7


def test_the_same_store_is_known_by_whatever_name(filled: Store, tmp_path: Path) -> None:
    file = Path(filled.engine.url.database or "")
    filled.close()
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.db").symlink_to(file)
    (tmp_path / "hard.db").hardlink_to(file)
    for name in (file, tmp_path / "sub" / ".." / "old.db", tmp_path / "link.db", tmp_path / "hard.db"):
        with pytest.raises(StoreError, match="are the same"):
            copying.copy_between(f"sqlite:///{file}", f"sqlite:///{name}")


def test_a_store_that_is_not_there_is_not_copied_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no store to copy at"):
        copying.copy_between(f"sqlite:///{tmp_path / 'hoome' / 'trellis.db'}", f"sqlite:///{tmp_path / 'new.db'}")
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused_leaves_nothing_behind(filled: Store, tmp_path: Path) -> None:
    source = f"sqlite:///{filled.engine.url.database}"
    text, others = tmp_path / "text.db", tmp_path / "others.db"
    text.write_text("no database", encoding="utf-8")
    with sqlite3.connect(others) as connection:
        connection.execute("CREATE TABLE t (x INTEGER)")
    for target, match in (
        (f"sqlite:///{tmp_path / 'no' / 'such' / 'x.db'}", "There is no folder"),
        (f"sqlite:///{text}", "is no SQLite database"),
        (f"sqlite:///{others}", "holds something else"),
        (f"sqlite:///{tmp_path}", "no ordinary file"),
        ("x.db", "is no address of a database"),
        ("sqlite://", "names no file"),
    ):
        with pytest.raises(StoreError, match=match):
            copying.copy_between(source, target)
    assert not (tmp_path / "no").exists()
    assert text.read_text(encoding="utf-8") == "no database"
    with sqlite3.connect(others) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]


def test_a_copy_that_fails_takes_its_new_file_away(filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_compared", lambda *given: (_ for _ in ()).throw(StoreError("different")))
    with pytest.raises(StoreError, match="different"):
        copying.copy_between(f"sqlite:///{filled.engine.url.database}", f"sqlite:///{tmp_path / 'new.db'}")
    assert not list(tmp_path.glob("new.db*"))


def test_a_copy_that_differs_is_taken_back(filled: Store, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Store.open(database)
    given = copying._parts

    def altered(connection, table):  # type: ignore[no-untyped-def]
        for rows in given(connection, table):
            spoiled = table is schema.labels and connection.engine is filled.engine
            yield [{**row, "label": 2} for row in rows] if spoiled and not seen.get(table.name) else rows
        seen[table.name] = True

    seen: dict[str, bool] = {}
    monkeypatch.setattr(copying, "_parts", altered)
    with pytest.raises(StoreError, match="came out different"):
        copying.copy(filled, target)
    assert target.state().version == 0


@pytest.mark.parametrize("kept_in", ["postgresql"])
def test_the_command_copies_the_home_it_is_told(filled: Store, database: str, capsys: pytest.CaptureFixture[str], home: Path) -> None:
    filled.close()
    old = f"sqlite:///{filled.engine.url.database}"
    assert trellis(["store", "copy", database, "--from", old]) == 0
    said = capsys.readouterr().out
    assert "5,000 rows, equal" in said
    assert "TRELLIS_DATABASE_URL=postgresql" in said
    assert Store.open(database).state() == filled.state()
    assert trellis(["store", "copy", database, "--from", old]) == 1
    assert "is not empty" in capsys.readouterr().err


def test_databases_that_can_be_told_are_as_many_as_there_are_tables() -> None:
    assert {table.name for table in copying.COPIED} == set(schema.metadata.tables) - {"workers", "person_sessions", "login_failures"}
    assert new_database("sqlite") is None


@pytest.mark.parametrize("kept_in", ["sqlite"])
def test_nothing_is_copied_while_a_run_is_active(bench: Any, make_model: Any, tmp_path: Path) -> None:
    bench.runs.executor = inline.NoWorkers()
    run = bench.runs.start(actor="me", model_id=make_model().id)
    with pytest.raises(StoreError, match=rf"1 run is active \(#{run.number}\)"):
        copying.copy_between(bench.settings.database_url, f"sqlite:///{tmp_path / 'new.db'}")
    assert not (tmp_path / "new.db").exists()
