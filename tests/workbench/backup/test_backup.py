"""A backup is what was there at one moment, whoever writes meanwhile; what is put back from it is the same, or nothing is."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import new_database
from tests.workbench.backup.archives import elsewhere
from tests.workbench.runs import inline
from workbench.audit import audit, audit_runs
from workbench.backup import restoring, taking
from workbench.backup.archive import BackupError
from workbench.commands.records import NoteCommand
from workbench.commands.run_progress import MarkRunningCommand
from workbench.runs.reconciler import Reconciler
from workbench.settings import Settings
from workbench.state import Kind, RunState
from workbench.store import schema
from workbench.store.copying import COPIED
from workbench.store.store import Store
from workbench.workbench import Workbench


def rows(store: Store, most: int | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that a backup holds; of the journal only up to a number."""
    found = {}
    with store.reading() as connection:
        for table in COPIED:
            query = select(table).order_by(*table.primary_key.columns)
            if most is not None and table is schema.journal:
                query = query.where(schema.journal.c.seq <= most)
            found[table.name] = [tuple(row) for row in connection.execute(query)]
    return found


def test_what_is_put_back_is_the_same_row_by_row_and_file_by_file(used: Workbench, tmp_path: Path) -> None:
    for attempt in range(20):  # another process may just register its families' datasets in the store
        file, kept = tmp_path / f"all-{attempt}.zip", rows(used.store)
        manifest, state = taking.take(used.store, used.settings, file), used.store.state()
        if rows(used.store) == kept:
            break
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert manifest.missing == ()
    assert (manifest.models, manifest.runs, manifest.active) == (2, 1, ())
    settings = elsewhere(tmp_path)
    assert restoring.restore(file, settings) == manifest
    assert sorted(path.name for path in settings.home.iterdir()) == ["artefacts", "configs", "trellis.db"]
    restored = Store.open(settings.database_url)
    assert rows(restored) == kept
    assert restored.state() == state
    before, after = (
        {p.relative_to(s.artefacts): p.read_bytes() for p in Path(s.artefacts).rglob("*") if p.is_file()} for s in (used.settings, settings)
    )
    assert before == after
    assert (settings.home / "configs" / "models" / "mine.yaml").read_text() == "layer: model\n"
    assert not list(Path(used.settings.artefacts).glob(".*"))
    again = Workbench.open(settings)
    again.runs.executor = inline.NoWorkers()  # type: ignore[assignment]
    assert all(not found.problems for found in (*audit(again), *audit_runs(again)))
    next_run = inline.start(again, next(m for m in again.state().models.values() if m.name == "First"))
    assert inline.work(again).state is RunState.COMPLETED
    assert next_run.number == 2


def test_commands_that_are_carried_out_meanwhile_are_in_it_whole_or_not_at_all(used: Workbench, tmp_path: Path) -> None:
    model = next(iter(used.state().models.values()))
    ended, failures = threading.Event(), []

    def go_on() -> None:
        own = Store.open(used.settings.database_url)
        try:
            for number in range(100_000):
                if ended.is_set():
                    return
                own.execute(NoteCommand(kind=Kind.MODEL, id=model.id, note=f"{number} " * 200), actor="other")
        except Exception as error:  # told to the test
            failures.append(error)
        finally:
            own.close()

    busy = threading.Thread(target=go_on)
    busy.start()
    try:
        manifests = [taking.take(used.store, used.settings, tmp_path / f"{n}.zip") for n in range(5)]
    finally:
        ended.set()
        busy.join()
    assert failures == []
    assert manifests[0].journal < manifests[-1].journal < used.state().version
    for number, manifest in enumerate(manifests):
        settings = Settings.load(home=tmp_path / f"home-{number}", database_url=f"sqlite:///{tmp_path / f'home-{number}' / 'trellis.db'}")
        restoring.restore(tmp_path / f"{number}.zip", settings)
        restored = Store.open(settings.database_url)
        state = restored.state()
        assert state.version == manifest.journal
        assert rows(restored)["journal"] == rows(used.store, manifest.journal)["journal"]
        # the tables say what the journal led to, and nothing later
        assert state.models[model.id] == used.store.record_at(Kind.MODEL, model.id, manifest.journal)
        restored.close()


@pytest.mark.parametrize("artefacts_in", ["folder", "s3"])
def test_a_checkpoint_that_is_replaced_while_files_are_copied_is_in_it_as_the_rows_name_it(
    used: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = next(m for m in used.state().models.values() if m.name == "Second")
    inline.start(used, model)
    inline.register(used, "worker_busy")
    held = inline.claim_one(used, "worker_busy")
    write = lambda epoch: _checkpoint(used, held, epoch)  # noqa: E731
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=1))
    write(1)
    link_others = taking.link_others

    def meanwhile(*arguments: Any) -> None:
        write(2)
        link_others(*arguments)

    monkeypatch.setattr(taking, "link_others", meanwhile)
    manifest = taking.take(used.store, used.settings, tmp_path / "all.zip")
    assert manifest.missing == ()
    assert manifest.active == (2,)
    assert [each.name for each in used.artefacts.unfinished()] == []
    named = [entry.name for entry in manifest.files if held.lease.run_id in entry.name]
    assert {name.rpartition("/")[2] for name in named} == {"labels.npz", "last-1.json"}
    settings = elsewhere(tmp_path)
    restoring.restore(tmp_path / "all.zip", settings)
    restored = Workbench.open(settings)
    run = restored.state().runs[held.lease.run_id]
    assert run.last_checkpoint is not None
    assert run.last_checkpoint.epoch == 1
    assert restored.artefacts.verified(run.last_checkpoint.path, run.last_checkpoint.sha256)
    # no worker came along: the first look ends what nobody works on, and it can be resumed
    Reconciler(restored.store, settings, inline.NoWorkers()).look()
    assert restored.state().runs[run.id].state is RunState.INTERRUPTED
    assert not restored.runs.files.resume_problems(restored.state().runs[run.id])


def _checkpoint(used: Workbench, held: Any, epoch: int) -> None:
    """Write a checkpoint, have the store point to it, and remove the one before, as trainers do."""
    from workbench.commands.run_progress import RecordCheckpointCommand
    from workbench.state import CheckpointRef

    base = f"runs/{held.lease.run_id}/attempt-1"
    written = used.artefacts.write_json(f"{base}/last-{epoch}.json", {"epoch": epoch})
    ref = CheckpointRef(path=written.name, sha256=written.sha256, epoch=epoch, attempt=1)
    held.execute(RecordCheckpointCommand(run_id=held.lease.run_id, attempt=1, kind="last", checkpoint=ref))
    used.artefacts.remove(f"{base}/last-{epoch - 1}.json")


def test_what_is_missing_or_damaged_already_is_said_and_the_rest_is_kept(used: Workbench, tmp_path: Path) -> None:
    run = next(iter(used.state().runs.values()))
    assert run.last_checkpoint is not None
    used.artefacts.path(run.last_checkpoint.path).write_bytes(b"other")
    manifest = taking.take(used.store, used.settings, tmp_path / "all.zip")
    assert manifest.missing == (run.last_checkpoint.path,)
    restoring.restore(tmp_path / "all.zip", elsewhere(tmp_path))


def test_where_files_cannot_be_linked_they_are_copied(used: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(*_: Any, **__: Any) -> None:
        raise PermissionError("no hard links here")

    linked = taking.take(used.store, used.settings, tmp_path / "linked.zip")
    monkeypatch.setattr(os, "link", no_links)
    copied = taking.take(used.store, used.settings, tmp_path / "copied.zip")
    assert {e.name: e.sha256 for e in copied.files if e.name != "store/trellis.db"} == {
        e.name: e.sha256 for e in linked.files if e.name != "store/trellis.db"
    }


def test_a_full_disk_leaves_no_half_of_a_backup(used: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "all.zip"
    file.write_text("the one before")
    monkeypatch.setattr(taking.archives, "add_manifest", full)
    with pytest.raises(ValueError, match="disk is full"):
        taking.take(used.store, used.settings, file)
    assert file.read_text() == "the one before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip", "home"]
    assert not list(Path(used.settings.artefacts).glob(".*"))


def test_nothing_is_put_over_what_is_there(used: Workbench, tmp_path: Path) -> None:
    taking.take(used.store, used.settings, tmp_path / "all.zip")
    with pytest.raises(BackupError, match="is not empty"):
        restoring.restore(tmp_path / "all.zip", used.settings)
    settings = elsewhere(tmp_path, artefacts=tmp_path / "files")
    Path(settings.artefacts).mkdir()
    (Path(settings.artefacts) / "mine").write_text("mine")
    with pytest.raises(BackupError, match="TRELLIS_ARTEFACTS"):
        restoring.restore(tmp_path / "all.zip", settings)
    assert [path.name for path in Path(settings.artefacts).iterdir()] == ["mine"]
    assert not settings.home.exists()


def test_what_fails_at_the_very_end_leaves_nothing(used: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(5, "Input/output error")

    taking.take(used.store, used.settings, tmp_path / "all.zip")
    monkeypatch.setattr(restoring, "_put_store", fail)
    settings = elsewhere(tmp_path, artefacts=tmp_path / "files")
    with pytest.raises(BackupError, match="Input/output"):
        restoring.restore(tmp_path / "all.zip", settings)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip", "home"]


def test_a_store_in_postgresql_goes_into_a_file_and_back(fake: Any, tmp_path: Path) -> None:
    first, second = new_database("postgresql"), new_database("postgresql")
    assert first is not None
    assert second is not None
    settings = Settings.load(home=tmp_path / "home", database_url=first)
    bench = Workbench.open(settings)
    model = bench.models.create(actor="me", family="fake", model_type="toy", dataset_id="tiny", values={}, sample={}, name="One")
    inline.start(bench, model)
    taking.take(bench.store, settings, tmp_path / "all.zip")
    for home, address in (("file", f"sqlite:///{tmp_path / 'file' / 'trellis.db'}"), ("server", second)):
        restoring.restore(tmp_path / "all.zip", Settings.load(home=tmp_path / home, database_url=address))
        restored = Store.open(address)
        assert rows(restored) == rows(bench.store)
        assert restored.state() == bench.state()
        restored.close()
    with pytest.raises(BackupError, match="holds tables already"):
        restoring.restore(tmp_path / "all.zip", Settings.load(home=tmp_path / "third", database_url=second))
    assert not (tmp_path / "third").exists()
    bench.close()
