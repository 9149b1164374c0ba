"""Artefacts on an S3 server: what readers get, what waits, what is left by writes that break off, and what is never said."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tests.support import s3
from workbench.artefacts import ArtefactError, ArtefactsAway, root_of
from workbench.artefacts.objects import Objects
from workbench.artefacts.stored import StoredRoot
from workbench.settings import Settings, SettingsError

MIB = 2**20


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return Settings.load(home=tmp_path / "home", artefacts=s3.new_address(monkeypatch)).prepare()


@pytest.fixture
def root(settings: Settings) -> Any:
    return root_of(settings)


@pytest.fixture
def away(root: StoredRoot) -> Any:
    """Closes the road to the server; it is open again afterwards."""
    root.look("warm")
    road = s3.the_server().road
    yield road.close
    road.limit = None
    road.open()


def other_host(settings: Settings, tmp_path: Path) -> StoredRoot:
    found = root_of(Settings.load(home=tmp_path / "other", artefacts=settings.artefacts).prepare())
    assert isinstance(found, StoredRoot)
    return found


def test_a_copy_is_never_out_of_date_on_another_host(root: StoredRoot, settings: Settings, tmp_path: Path) -> None:
    there = other_host(settings, tmp_path)
    first = root.write_bytes("runs/r/last", b"first")
    assert there.verified("runs/r/last", first.sha256).read_bytes() == b"first"
    second = root.write_bytes("runs/r/last", b"other")
    assert there.path("runs/r/last").read_bytes() == b"other"
    assert there.verified("runs/r/last", second.sha256).read_bytes() == b"other"


def test_a_copy_that_was_damaged_on_this_machine_is_made_anew(root: StoredRoot) -> None:
    written = root.write_bytes("a", b"whole")
    root.verified("a", written.sha256).write_bytes(b"worse")
    assert root.read_bytes("a", written.sha256) == b"whole"
    root.path("a", written.sha256).write_bytes(b"again")
    assert root.verified("a", written.sha256).read_bytes() == b"whole"


def test_an_object_that_is_not_what_it_says_of_itself_is_refused(root: StoredRoot) -> None:
    root.objects.put(b"other", "a", hashlib.sha256(b"whole").hexdigest())
    with pytest.raises(ArtefactError, match="is not what was written"):
        root.path("a")
    with pytest.raises(ArtefactError, match="is not what was written"):
        root.verified("a", hashlib.sha256(b"whole").hexdigest())


def test_an_object_that_says_nothing_of_itself_is_read_for_its_checksum(root: StoredRoot) -> None:
    root.objects._fs.pipe_file(f"{root.where.removeprefix('s3://')}/a/plain", b"plain")
    (found,) = root.files("a")
    assert found.sha256 == hashlib.sha256(b"plain").hexdigest()
    assert root.path("a/plain").read_bytes() == b"plain"


def test_a_known_copy_is_read_while_the_server_is_away_and_all_else_says_so(root: StoredRoot, away: Any) -> None:
    written = root.write_bytes("a", b"whole")
    root.path("a", written.sha256)
    away()
    assert root.read_bytes("a", written.sha256) == b"whole"
    for use in (lambda: root.look("a"), lambda: root.write_bytes("b", b"x"), lambda: root.files("a"), lambda: root.read_bytes("a")):
        with pytest.raises(ArtefactsAway, match=r"cannot be reached now.*Nothing is lost") as said:
            use()
        assert s3.SECRET not in str(said.value)


def test_who_is_patient_is_told_once_waits_and_is_told_again(root: StoredRoot, away: Any) -> None:
    told: list[str] = []
    away()
    threading.Timer(1.2, s3.the_server().road.open).start()
    with root.patiently(60, told.append):
        root.write_bytes("a", b"x")
    assert [sentence.partition(" cannot ")[1] or sentence.partition(" can be ")[1] for sentence in told] == [" cannot ", " can be "]
    away()
    with root.patiently(0.3, told.append), pytest.raises(ArtefactsAway, match="TRELLIS_ARTEFACT_WAIT_SECONDS"):
        root.look("a")
    with pytest.raises(ArtefactsAway, match="cannot be reached now"):
        root.look("a")


def test_the_background_stores_what_lies_in_a_working_folder_once_the_server_is_back(
    root: StoredRoot, away: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.artefacts.publishing.QUIET_SECONDS", 0.1)
    monkeypatch.setattr("workbench.artefacts.publishing.LOOK_SECONDS", 0.1)
    with root.working("runs/r") as working:
        away()
        (working.path / "epoch.npz").write_bytes(b"epoch")
        time.sleep(1.0)
        s3.the_server().road.open()
        until = time.monotonic() + 30
        while not root.exists("runs/r/epoch.npz") and time.monotonic() < until:
            time.sleep(0.05)
        assert root.read_bytes("runs/r/epoch.npz") == b"epoch"
        (working.path / "epoch.npz").unlink()
        while root.exists("runs/r/epoch.npz") and time.monotonic() < until:
            time.sleep(0.05)
        assert not root.exists("runs/r/epoch.npz")


def test_the_working_folder_of_a_killed_process_goes_with_the_next_one(root: StoredRoot, settings: Settings) -> None:
    dead = settings.staging / "0123"
    dead.mkdir()
    (dead / "file").write_bytes(b"x")
    with root.working("runs/a") as mine:
        assert not dead.exists()
        with root.working("runs/b"):
            assert mine.path.is_dir()
    assert [path.name for path in settings.staging.iterdir()] == [".lock"]


def test_a_large_file_goes_there_and_back_without_lying_in_memory(root: StoredRoot, tmp_path: Path) -> None:
    size = 144 * MIB
    with (tmp_path / "large").open("wb") as file:
        for number in range(size // MIB):
            file.write(bytes([number % 251]) * MIB)
    root.look("warm")
    tracemalloc.start()
    try:
        written = root.write_copy("large", tmp_path / "large")
        copy = root.verified("large", written.sha256)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert copy.stat().st_size == size
    assert most < 100 * MIB


def test_an_upload_that_breaks_off_leaves_nothing_under_the_name(root: StoredRoot, away: Any, tmp_path: Path) -> None:
    before = root.write_bytes("last", b"before")
    (tmp_path / "large").write_bytes(os.urandom(48 * MIB))
    s3.the_server().road.limit = 8.0 * MIB
    threading.Timer(1.0, away).start()
    with pytest.raises(ArtefactsAway):
        root.write_copy("last", tmp_path / "large")
    s3.the_server().road.limit = None
    s3.the_server().road.open()
    assert list(root.looks()) == ["last"]
    assert root.read_bytes("last", before.sha256) == b"before"


UPLOAD = """
import sys
from pathlib import Path
from workbench.artefacts import root_of
from workbench.settings import Settings
root = root_of(Settings.load())
root.look("warm")
print("now", flush=True)
root.write_copy("last", Path(sys.argv[1]))
"""


def test_a_process_killed_in_the_middle_of_an_upload_leaves_nothing_under_the_name_and_its_parts_are_found(
    root: StoredRoot, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "large").write_bytes(os.urandom(64 * MIB))
    road = s3.the_server().road
    road.limit = 6.0 * MIB
    names = {"TRELLIS_HOME": str(settings.home), "TRELLIS_ARTEFACTS": str(settings.artefacts)}
    process = subprocess.Popen(
        [sys.executable, "-c", UPLOAD, str(tmp_path / "large")], env={**os.environ, **names}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        until = time.monotonic() + 60
        while not root.objects.uploads() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
    finally:
        process.kill()
        road.limit = None
    assert root.looks() == {}
    assert root.look("last") is None
    (cut,) = root.unfinished()
    assert cut.name.endswith("/last")
    cut.remove()
    assert list(root.unfinished()) == []


def test_a_bucket_that_is_not_there_and_access_that_is_refused_are_said_in_words(root: StoredRoot, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ArtefactError, match="Make its bucket first"):
        Objects("s3://no-such-bucket-here/x").put(b"x", "a", "0")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    with pytest.raises(ArtefactError, match="There are no credentials"):
        Objects(root.where).put(b"x", "a", "0")
    with pytest.raises(ArtefactError, match="package is not installed"):
        Objects("gs://bucket/x").head("a")


def test_no_secret_gets_into_settings_errors_or_logs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for address in (f"s3://key:{s3.SECRET}@bucket/x", f"s3://bucket/x?secret={s3.SECRET}"):
        with pytest.raises(SettingsError, match="TRELLIS_ARTEFACTS") as refused:
            Settings.load(home=tmp_path, artefacts=address)
        assert s3.SECRET not in str(refused.value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://key:{s3.SECRET}@127.0.0.1:1")
    with pytest.raises(ArtefactError, match="AWS_ENDPOINT_URL has a login") as said:
        Objects("s3://bucket/x").head("a")
    assert s3.SECRET not in f"{said.value!r}{said.value.__cause__!r}"


def test_what_is_no_address_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for given in (
        "s3:/bucket/x",
        "s3:bucket",
        "s3://",
        "s3:///x",
        "s3://bucket/../x",
        "s3://bucket//x",
        "s3://bucket/a b",
        "file://host/x",
    ):
        with pytest.raises(SettingsError, match=r"TRELLIS_ARTEFACTS: .*write it as"):
            Settings.load(home=tmp_path, artefacts=given)
    assert Settings.load(home=tmp_path, artefacts=f"file://{tmp_path}/x").artefacts == tmp_path / "x"
    assert Settings.load(home=tmp_path, artefacts="s3://bucket/x/").artefacts == "s3://bucket/x"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "storage.example")
    with pytest.raises(ArtefactError, match="AWS_ENDPOINT_URL is no address"):
        Objects("s3://bucket/x").head("a")
