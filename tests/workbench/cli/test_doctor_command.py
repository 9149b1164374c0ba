"""`trellis doctor` finds what is wrong with a store and its files, says what to do, and changes nothing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from workbench.doctor import devices
from workbench.runs import leases
from workbench.runs.process import ProcessIdentity
from workbench.settings import Settings, host_name
from workbench.store import schema
from workbench.store.store import Store
from workbench.workbench import Workbench

LONG_AGO = time.time() - 90 * 24 * 3600


@pytest.fixture
def examined(trellis: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """examined() -> (exit code, findings by check). No framework is asked."""
    monkeypatch.setattr(devices, "devices", lambda settings: iter(()))
    monkeypatch.setenv("TRELLIS_PORT", "0")

    def examine() -> tuple[int, dict[str, Any]]:
        said = trellis("doctor", "--json")
        return said.code, {each["check"]: each for each in json.loads(said.out)}

    return examine


@pytest.fixture
def trained(trellis: Any, home: Path) -> Any:
    """The run of a trained model."""
    said = trellis("train", "--preset", "mixed", "--data", "tiny", "--name", "First", "--json")
    return json.loads(said.out)


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    """Every file's size and time of change; what SQLite shares between processes while it is open is left out."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm" and not path.name.endswith("-shm"))
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in files if not path.name.endswith("-wal")}


def long_ago(path: Path) -> None:
    """Have a file or folder look as if nobody had touched it for months."""
    for each in (*path.rglob("*"), path):
        os.utime(each, (LONG_AGO, LONG_AGO))


def test_an_empty_home_has_no_fault_and_stays_empty(examined: Any, home: Path) -> None:
    code, found = examined()
    assert code == 0
    assert {each["level"] for each in found.values()} <= {"ok", "warning"}
    assert list(home.iterdir()) == []


def test_a_used_home_is_well_and_what_takes_its_room_is_said(examined: Any, trained: Any, home: Path, kept_in: str) -> None:
    before = snapshot(home)
    code, found = examined()
    assert code == 0
    assert found["checkpoints"]["level"] == found["leftovers"]["level"] == found["workers"]["level"] == "ok"
    assert found["use"]["facts"]["runs"] > 0
    assert (found["use"]["facts"]["store"] > 0) == (kept_in == "sqlite")
    assert snapshot(home) == before


def test_a_checkpoint_that_a_row_names_is_missed_and_one_with_other_content_too(examined: Any, trained: Any, home: Path) -> None:
    path = home / "artefacts" / trained["last_checkpoint"]["path"]
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"!")
    code, found = examined()
    assert code == 1
    assert "is not what was written" in found["checkpoints"]["what"]
    path.unlink()
    code, found = examined()
    assert code == 1
    assert "is missing" in found["checkpoints"]["what"]
    assert trained["last_checkpoint"]["path"] in found["checkpoints"]["facts"]["files"]
    path.write_bytes(content)
    assert examined()[0] == 0


def test_folders_that_no_row_names_are_found_but_none_that_is_young_or_may_be_brought_again(
    examined: Any, trained: Any, home: Path, bench: Any, make_model: Any
) -> None:
    artefacts = home / "artefacts"
    later = artefacts / "runs" / trained["id"] / "attempt-7"
    stray, young = artefacts / "runs" / "run_0000000000000", artefacts / "models" / "model_0000000000000"
    for folder in (stray, young, later):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x" * 1000)
    undone = make_model("Undone")
    bench.undo(actor="me")
    (artefacts / "models" / undone.id).mkdir(parents=True, exist_ok=True)
    for folder in (stray, later, artefacts / "models" / undone.id):
        long_ago(folder)
    _, found = examined()
    assert found["leftovers"]["level"] == "warning"
    assert set(found["leftovers"]["facts"]["paths"]) == {str(stray), str(later)}
    assert found["leftovers"]["facts"]["bytes"] >= 2000


def test_leases_of_dead_processes_and_runs_of_nobody_are_found(examined: Any, trained: Any, home: Path) -> None:
    store = Store.open(Settings.load().database_url)
    with store.transaction() as connection:
        leases.register(connection, "worker_dead", "jax", host_name(), ProcessIdentity(2**22 + 7, 1.0), 15.0)
        leases.register(connection, "worker_here", "jax", host_name(), ProcessIdentity.current(), 15.0)
    _, found = examined()
    assert found["workers"]["level"] == "warning"
    assert found["workers"]["facts"]["dead"] == ["worker_dead"]
    with store.transaction() as connection:
        assert leases.remove(connection, "worker_dead")
        record = json.loads(connection.execute(text("SELECT record FROM entities WHERE kind = 'run'")).scalar() or "")
        record["state"] = "running"
        connection.execute(text("UPDATE entities SET record = :record WHERE kind = 'run'"), {"record": json.dumps(record)})
    _, found = examined()
    assert found["workers"]["level"] == "ok"
    assert found["runs"]["level"] == "warning"
    assert found["runs"]["facts"]["orphaned"] == [trained["id"]]


def test_a_store_of_a_newer_version_or_with_other_content_is_a_fault(examined: Any, trained: Any, home: Path) -> None:
    store = Store.open(Settings.load().database_url)
    with store.transaction() as connection:
        connection.execute(text("UPDATE schema_version SET version_num = '9999'"))
    store.close()
    code, found = examined()
    assert code == 1
    assert "newer" in found["store"]["what"]
    for end in ("-wal", "-shm"):
        Path(f"{home / 'trellis.db'}{end}").unlink(missing_ok=True)
    (home / "trellis.db").write_bytes(b"no database at all" * 1000)
    code, found = examined()
    assert code == 1
    assert found["store"]["level"] == "fault"


def test_a_clock_that_was_set_back_is_said(examined: Any, trained: Any) -> None:
    store = Store.open(Settings.load().database_url)
    with store.transaction() as connection:
        row = {
            "seq": 10**6, "at": "2999-01-01T00:00:00.000Z", "actor": "me", "command": "X", "words": "", "undoable": False,
            "arguments": "{}", "changes": '{"schema": 1, "items": []}', "inverse": '{"schema": 1, "items": []}',
        }  # fmt: skip
        connection.execute(insert(schema.journal), row)
    found = examined()[1]
    assert found["clock"]["level"] == "warning"
    assert "behind the newest row's" in found["clock"]["what"]


def test_for_people_each_thing_has_a_line_and_what_to_do_stands_below(trellis: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "devices", lambda settings: iter(()))
    monkeypatch.setenv("TRELLIS_DATA", str(home / "nowhere"))
    monkeypatch.setenv("TRELLIS_PORT", "0")
    said = trellis("doctor")
    assert said.code == 1
    lines = said.out.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("fault    data"))
    assert "→ Correct the variable" in lines[place + 1]
    assert lines[-1].startswith("1 fault, ")


def test_a_store_in_postgresql_is_examined_too(examined: Any, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.conftest import new_database

    monkeypatch.setenv("TRELLIS_DATABASE_URL", new_database("postgresql") or "")
    assert "is empty" in examined()[1]["store"]["what"]
    Workbench.open(Settings.load()).close()
    code, found = examined()
    assert code == 0
    assert found["store"]["facts"]["version"] >= 1
    assert "agrees with the database server" in found["clock"]["what"]
