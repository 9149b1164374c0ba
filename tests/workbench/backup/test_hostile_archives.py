"""Archives come from anywhere: what is damaged, odd or would do harm is refused in a sentence, and leaves nothing."""

from __future__ import annotations

import hashlib
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.backup.archives import add, elsewhere, listed, refused
from workbench.backup import restoring, taking
from workbench.backup.archive import BackupError
from workbench.backup.home import home_files
from workbench.workbench import Workbench


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (add("artefacts/../../evil"), "has no place"),
        (add("/etc/evil"), "has no place"),
        (add("home/../evil"), "has no place"),
        (add("artefacts/./evil"), "has no place"),
        (add("elsewhere/evil"), "has no place"),
        (add("artefacts/a\\..\\evil"), "has no place"),
        (add("artefacts/link", b"/etc/passwd", stat.S_IFLNK | 0o777), "no ordinary file"),
        (add("artefacts/pipe", b"", stat.S_IFIFO | 0o600), "no ordinary file"),
        (add("artefacts/unlisted", also=False), "not as its manifest lists it"),
        (add("store/trellis.db/inside"), "has no place"),
        (add("home/" + "a" * 300), "has no place"),
        (add("home/" + "/".join("d" * 1500)), "has no place"),
        (add("home/" + "/".join(["d" * 200] * 12)), "has no place"),
        (add("home/trellis.db"), "no backup of Trellis does"),
        (add("home/trellis.db-journal"), "no backup of Trellis does"),
        (add("home/artefacts/x"), "no backup of Trellis does"),
        (add("home/cache/compiled/x"), "no backup of Trellis does"),
        (add("home/logs/workers.log"), "no backup of Trellis does"),
        (add("home/.hidden"), "no backup of Trellis does"),
        (add("home/notifications.json.lock"), "no backup of Trellis does"),
        (add("home/configs/.a.yaml.0123456789ab.partial"), "no backup of Trellis does"),
        (add("artefacts/runs"), "within a file"),
        (lambda entries: entries.pop(1), "lacks"),
        (lambda entries: entries.pop(), "no manifest"),
        (lambda entries: listed(entries, lambda said: said.update(version=2)), "newer Trellis"),
        (lambda entries: listed(entries, lambda said: said.update(files=[])), "store is not"),
        (lambda entries: listed(entries, lambda said: said.update(journal=said["journal"] + 1)), "not at the row"),
        (lambda entries: listed(entries, lambda said: said["files"][1].update(sha256="0" * 64)), "checksum differs"),
        (lambda entries: listed(entries, lambda said: said["files"][1].update(size=10**15)), "not as its manifest"),
        (lambda entries: entries.insert(0, entries[1]), "twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_hostile_archive_is_refused_and_leaves_nothing(
    rewritten: Callable[..., Path], tmp_path: Path, change: Callable[..., Any], match: str
) -> None:
    refused(rewritten(change), tmp_path, match)
    assert not (tmp_path / "evil").exists()


def test_a_store_that_does_more_than_hold_rows_is_refused(rewritten: Callable[..., Path], tmp_path: Path) -> None:
    def change(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        file = tmp_path / "store.db"
        place = next(n for n, (info, _) in enumerate(entries) if info.filename == "store/trellis.db")
        file.write_bytes(entries[place][1])
        with sqlite3.connect(file) as connection:
            connection.execute("CREATE TRIGGER t AFTER INSERT ON journal BEGIN DELETE FROM labels; END")
        content = file.read_bytes()
        file.unlink()
        entries[place] = (entries[place][0], content)
        update = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        listed(entries, lambda said: next(e for e in said["files"] if e["name"] == "store/trellis.db").update(update))

    refused(rewritten(change), tmp_path, "what no store of Trellis does")


def test_a_log_beside_the_store_is_refused_and_none_is_read_as_a_part_of_it(rewritten: Callable[..., Path], tmp_path: Path) -> None:
    """SQLite reads what lies beside a database as its newest pages, so a log brings in what the database was checked not to have."""

    def change(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        file = tmp_path / "store.db"
        place = next(n for n, (info, _) in enumerate(entries) if info.filename == "store/trellis.db")
        file.write_bytes(entries[place][1])
        connection = sqlite3.connect(file, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TRIGGER evil AFTER INSERT ON journal BEGIN SELECT 1; END")
        content, log = file.read_bytes(), Path(f"{file}-wal").read_bytes()
        connection.close()
        file.unlink()
        entries[place] = (entries[place][0], content)
        update = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        listed(entries, lambda said: next(e for e in said["files"] if e["name"] == "store/trellis.db").update(update))
        add("home/trellis.db-wal", log)(entries)

    refused(rewritten(change), tmp_path, "no backup of Trellis does")
    settings = elsewhere(tmp_path).model_copy(update={"database_url": f"sqlite:///{tmp_path / 'apart.db'}"})
    (tmp_path / "apart.db-wal").write_bytes(b"of an earlier store")
    with pytest.raises(BackupError, match=r"apart\.db-wal would be read as a part"):
        restoring.restore(tmp_path / "all.zip", settings)
    assert not settings.home.exists()


def test_what_a_backup_takes_from_the_home_can_always_be_put_back(used: Workbench, tmp_path: Path) -> None:
    """One rule says what is taken and what is accepted, and a name that cannot be put back is said before it is too late."""
    home = used.settings.home
    for name in (".hidden", "own.lock", "trellis.db-old", "cache/x", "configs/.left.yaml.0123456789ab.partial", "notes/.kept/a"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")
    apart = used.settings.model_copy(
        update={"artefacts": home / "notes" / "files", "database_url": f"sqlite:///{home / 'configs' / 'own.db'}"}
    )
    (home / "configs" / "own.db-wal").write_text("x")
    assert "configs/own.db-wal" in [name for name, _ in home_files(used.settings)]
    assert [name for name, _ in home_files(apart)] == ["configs/models/mine.yaml"]
    manifest = taking.take(used.store, used.settings, tmp_path / "all.zip")
    assert {"home/notes/.kept/a", "home/configs/own.db-wal"} <= {entry.name for entry in manifest.files}
    own = tmp_path / "elsewhere" / "configs" / "own.db"
    with pytest.raises(BackupError, match="TRELLIS_DATABASE_URL"):
        restoring.restore(tmp_path / "all.zip", elsewhere(tmp_path).model_copy(update={"database_url": f"sqlite:///{own}"}))
    restoring.restore(tmp_path / "all.zip", elsewhere(tmp_path))
    (home / "configs" / "a:b.yaml").write_text("x")
    with pytest.raises(BackupError, match="Rename the file"):
        taking.take(used.store, used.settings, tmp_path / "other.zip")
    assert not (tmp_path / "other.zip").exists()


def test_an_archive_that_unpacks_to_more_than_the_disk_holds_is_refused(
    rewritten: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = rewritten(lambda entries: None)
    usage = restoring.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(restoring.archives.shutil, "disk_usage", lambda path: usage._replace(free=1000))
    refused(file, tmp_path, "are free")


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_or_is_torn_is_refused(tmp_path: Path, rewritten: Callable[..., Path], content: bytes) -> None:
    file = tmp_path / "other.zip"
    file.write_bytes(content)
    refused(file, tmp_path, "no backup of Trellis")
    whole = rewritten(lambda entries: None).read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    refused(file, tmp_path, "torn|has no manifest")
    middle = len(whole) // 3
    file.write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    refused(file, tmp_path, "Nothing was restored|cannot be read|torn")


@pytest.mark.parametrize("name", ["manifest.json", "store/trellis.db"])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_damaged_packed_data_is_said_in_a_sentence(rewritten: Callable[..., Path], tmp_path: Path, name: str, method: int) -> None:
    def packed(entries: list[tuple[zipfile.ZipInfo, bytes]]) -> None:
        for info, _ in entries:
            info.compress_type = method

    file = rewritten(packed)
    with zipfile.ZipFile(file) as archive:
        at = archive.getinfo(name).header_offset + 30 + len(name)
    content = bytearray(file.read_bytes())
    for place in range(at, at + 40):
        content[place] ^= 255
    file.write_bytes(content)
    refused(file, tmp_path, "torn|cannot be read|checksum differs|damaged")


def test_what_is_no_file_or_cannot_be_put_down_is_said_in_a_sentence(
    rewritten: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(tmp_path, tmp_path, "is a folder")
    refused(Path("/dev/null"), tmp_path, "no ordinary file")
    refused(tmp_path / ("a" * 300), tmp_path, "torn")
    refused(tmp_path / "nowhere.zip", tmp_path, "There is no file")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", "a file")

    monkeypatch.setattr(restoring.archives, "unpack", full)
    refused(tmp_path / "all.zip", tmp_path, "no space left at a file")
