"""What an examination says of packages, folders, port and frameworks."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from workbench.doctor import devices, packages, places
from workbench.doctor.port import port
from workbench.doctor.store import _clock
from workbench.settings import Settings
from workbench.store.store import Store


def test_packages_that_are_missing_are_a_fault_and_others_than_the_pinned_ones_a_warning(tmp_path: Path) -> None:
    pins = tmp_path / "runtime.txt"
    pins.write_text(f"pydantic=={packages.installed('pydantic')} \\\n    --hash=sha256:0\nnumpy==0.0.1 \\\n")
    found = packages.packages(pins)
    assert found.level == "warning"
    assert "numpy" in found.what
    assert "0.0.1" in found.what
    assert "pydantic" not in found.what
    pins.write_text("no-such-package-of-anybody==1.0\n")
    assert packages.packages(pins).level == "fault"
    pins.write_text(f"pydantic=={packages.installed('pydantic')}\n")
    assert packages.packages(pins).level == "ok"


def test_a_home_that_cannot_be_made_or_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert places.folder("home", tmp_path / "file", "TRELLIS_HOME").level == "fault"
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    assert places.folder("home", open_to_all, "TRELLIS_HOME").level == "warning"
    open_to_all.chmod(0o700)
    assert places.folder("home", open_to_all, "TRELLIS_HOME").level == "ok"
    assert list(open_to_all.iterdir()) == []


def test_a_store_in_a_file_on_another_machine_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.load(home=tmp_path)
    assert places.locks(settings).level == "ok"
    monkeypatch.setattr(places, "file_system", lambda path: "nfs4")
    assert places.locks(settings).level == "fault"
    elsewhere = Settings.load(home=tmp_path, database_url="postgresql://trellis@localhost/trellis")
    assert places.locks(elsewhere).level == "ok"


def test_files_that_cannot_be_locked_are_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.fcntl, "flock", lambda file, how: None)
    found = places.locks(Settings.load(home=tmp_path))
    assert found.level == "fault"
    assert "two holders" in found.what
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free", "level"), [(10 * 2**30, "ok"), (2**30, "warning"), (10 * 2**20, "fault")])
def test_a_disk_that_fills_up_is_said_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    usage = places.shutil._ntuple_diskusage(2**40, 2**40 - free, free)  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setattr(places.shutil, "disk_usage", lambda path: usage)
    assert places.room(Settings.load(home=tmp_path)).level == level


@pytest.mark.parametrize(("token", "said"), [("a", 1), ("x" * 15, 1), ("x" * 16, 0), (None, 0)])
def test_a_token_that_can_be_guessed_is_a_warning_that_does_not_say_it(tmp_path: Path, token: str | None, said: int) -> None:
    found = [one for one in places.examine(Settings.load(home=tmp_path, token=token)) if one.check == "token"]
    assert [(one.level, "openssl" in one.todo) for one in found] == [("warning", True)] * said


def test_a_data_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert places.data(Settings.load(home=tmp_path, data=tmp_path / "nowhere")).level == "fault"
    assert places.data(Settings.load(home=tmp_path, data=tmp_path)).level == "ok"


def test_variables_that_nothing_reads_are_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRELLIS_TOKN", "secret-of-somebody")
    found = next(places.examine(Settings.load(home=tmp_path)))
    assert found.level == "warning"
    assert "TRELLIS_TOKEN" in found.what
    assert "secret-of-somebody" not in found.what


class Answering(BaseHTTPRequestHandler):
    """Answers every request with what its class says."""

    said = b"hello"

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture
def somebody() -> Iterator[HTTPServer]:
    """A program that listens on a port of this machine."""
    server = HTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_port_that_another_program_has_is_a_fault_which_names_it(
    tmp_path: Path, somebody: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings.load(home=tmp_path, port=somebody.server_port)
    found = port(settings)
    assert found.level == "fault"
    assert f"process {os.getpid()}" in found.what
    monkeypatch.setattr(Answering, "said", json.dumps({"status": "ok", "version": 3}).encode())
    assert port(settings).level == "ok"


def test_a_server_below_a_path_is_asked_there(tmp_path: Path, somebody: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Answering, "said", json.dumps({"status": "ok", "version": 3}).encode())
    monkeypatch.setattr(Answering, "log_message", lambda self, *_: asked.append(self.path))
    assert port(Settings.load(home=tmp_path, port=somebody.server_port, base_path="/trellis")).level == "ok"
    assert asked == ["/trellis/health"]


def test_a_free_port_is_well_and_an_address_of_another_machine_is_not(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    assert port(Settings.load(home=tmp_path, port=number)).level == "ok"
    assert port(Settings.load(home=tmp_path, port=number, host="192.0.2.1")).level == "fault"
    assert port(Settings.load(home=tmp_path, port=0)).level == "ok"


@pytest.mark.parametrize(
    ("program", "level", "said"),
    [
        ("found = ['cpu:0', 'gpu:0']; print('chatter')", "ok", "cpu:0, gpu:0"),
        ("raise ImportError('libcuda.so is not there')", "fault", "libcuda.so is not there"),
        ("import time; time.sleep(60)", "fault", "did not answer within"),
        ("import os; os._exit(0)", "fault", "cannot be used"),
    ],
)
def test_a_framework_is_asked_in_a_process_with_a_time_limit(fake: Any, tmp_path: Path, program: str, level: str, said: str) -> None:
    framework = fake.FAMILY.framework
    (found,) = devices.devices(Settings.load(home=tmp_path), 3.0, {framework: program})
    assert found.level == level
    assert said in found.what


@pytest.mark.parametrize(("seconds", "said"), [(0, "agrees with"), (60, "60 s behind the database"), (-60, "60 s ahead of the database")])
def test_a_clock_that_differs_from_the_database_s_is_said(tmp_path: Path, seconds: float, said: str) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    found = _clock(store, datetime.now(UTC) + timedelta(seconds=seconds))
    assert said in found.what
    assert found.level == ("warning" if seconds else "ok")
