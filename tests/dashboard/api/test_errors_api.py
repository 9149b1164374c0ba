"""What REST answers when something is wrong with the store, the disk or a stored file, and that the connection survives it."""

from __future__ import annotations

import errno
import http.client
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from dashboard.serving import listen
from workbench.artefacts import ArtefactError, DiskFull
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError
from workbench.store.errors import StoreBusy, StoreError, StoreFull
from workbench.workbench import Workbench


def caused() -> CommandError:
    error = CommandError("The sample could not be saved.", "sample")
    error.__cause__ = DiskFull("full")
    return error


FAILURES: dict[str, tuple[Exception, int, str]] = {
    "full store": (StoreFull("The disk is full: the store."), 507, "disk_full"),
    "busy store": (StoreBusy("The store is busy."), 503, "busy"),
    "damaged store": (StoreError("The store is damaged."), 503, "unavailable"),
    "full database": (OperationalError("insert", {}, Exception("database or disk is full")), 507, "disk_full"),
    "damaged database": (OperationalError("select", {}, Exception("database disk image is malformed")), 503, "unavailable"),
    "full disk at a file": (DiskFull("The disk is full: sample.npz."), 507, "disk_full"),
    "full disk behind a refusal": (caused(), 507, "disk_full"),
    "full disk anywhere": (OSError(errno.ENOSPC, "No space left on device"), 507, "disk_full"),
    "damaged file": (ArtefactError("The file is damaged."), 409, "damaged"),
    "data that cannot be read": (DatasetError("The file is cut off."), 422, "invalid"),
    "data of which a rule speaks": (DatasetError("Line 3: no.", code="DS_PARSE", where="line 3"), 422, "DS_PARSE"),
    "unforeseen": (ZeroDivisionError("x"), 500, "internal"),
}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
def test_what_is_wrong_is_said_in_a_sentence_with_a_status_of_its_own(
    client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch, failure: tuple[Exception, int, str]
) -> None:
    error, status, code = failure

    def fail(*_args: Any, **_more: Any) -> None:
        raise error

    monkeypatch.setattr(bench.store, "state", fail)
    answer = client.get("/api/models")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert ("log says why" in answer.json()["error"]["message"]) is (code == "internal")


def test_an_error_of_data_says_where_and_what_to_do(client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise DatasetError("Line 3: 2 fields, but the first line has 3.", code="DS_PARSE", where="line 3, column 3", hint="Use quotes.")

    monkeypatch.setattr(bench.store, "state", fail)
    error = client.get("/api/models").json()["error"]
    assert (error["message"], error["hint"]) == ("Line 3: 2 fields, but the first line has 3.", "Use quotes.")
    assert error["fields"] == [{"path": "line 3, column 3", "message": error["message"], "value": None, "code": None}]


@pytest.fixture
def port(app: Any) -> Iterator[int]:
    """The port of a real server over the app."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def test_the_next_request_of_a_connection_is_answered_after_a_failure(port: int, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/api/health")
    assert connection.getresponse().read()
    kept = connection.sock
    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "state", lambda: 1 / 0)
        for _ in range(2):
            connection.request("GET", "/api/models")
            answer = connection.getresponse()
            assert (answer.status, json.loads(answer.read())["error"]["code"]) == (500, "internal")
    connection.request("GET", "/api/models")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["total"]) == (200, 0)
    assert connection.sock is kept


def test_a_hundred_megabytes_in_chunks_are_a_413_that_their_sender_can_read(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    chunks = (b"x" * 2**20 for _ in range(100))
    connection.request("POST", "/api/models", chunks, {"Content-Type": "application/json"}, encode_chunked=True)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["error"]["code"]) == (413, "too_large")


def test_half_sent_callbacks_take_no_thread_from_pages(port: int) -> None:
    half = [http.client.HTTPConnection("127.0.0.1", port, timeout=60) for _ in range(40)]
    for connection in half:
        connection.putrequest("POST", "/_dash-update-component")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b'{"half')
    page = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    page.request("GET", "/help")
    assert page.getresponse().status == 200
    for connection in half:
        connection.close()


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/models", {"GET", "POST"}),
        ("/api/models/model_x", {"GET", "PATCH", "DELETE"}),
        ("/api/models/model_x/labels", {"GET", "PATCH"}),
        ("/api/runs/run_x/stop", {"POST"}),
    ],
)
def test_a_wrong_method_is_told_every_right_one(client: TestClient, path: str, methods: set[str]) -> None:
    answer = client.put(path, json={})
    assert answer.status_code == 405
    assert methods <= set(answer.headers["allow"].split(", "))
    assert "PUT" not in answer.headers["allow"]


@pytest.fixture
def ended_run(client: TestClient, bench: Workbench, model: dict[str, Any]) -> tuple[str, Path]:
    """A run with a folder that has a log and a manifest: its id and the folder."""
    from workbench.runs import folder

    run = client.post("/api/runs", json={"model_id": model["id"]}).json()["id"]
    client.post(f"/api/runs/{run}/stop")
    bench.artefacts.write_text(f"runs/{run}/log.txt", "a log")
    folder.write_manifest(bench.artefacts, run)
    return run, bench.artefacts.path(f"runs/{run}")


@pytest.mark.parametrize("text", ["torn", "[]", "{}", '{"files": 3}', '{"files": [{"name": 1}]}', '{"files": ["log.txt"]}', "\xff"])
def test_a_damaged_manifest_is_named(client: TestClient, ended_run: tuple[str, Path], text: str) -> None:
    run, folder = ended_run
    (folder / "manifest.json").write_bytes(text.encode("latin-1"))
    for address in (f"/api/runs/{run}/artefacts", f"/api/runs/{run}/artefacts/log.txt"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "damaged")
        assert "manifest.json" in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["log.txt", "manifest.json"])
def test_a_file_replaced_by_a_link_is_named_and_not_followed(
    client: TestClient, ended_run: tuple[str, Path], tmp_path: Path, name: str
) -> None:
    run, folder = ended_run
    (tmp_path / "elsewhere").write_bytes((folder / name).read_bytes())
    (folder / name).unlink()
    (folder / name).symlink_to(tmp_path / "elsewhere")
    answer = client.get(f"/api/runs/{run}/artefacts/log.txt")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "damaged")
    assert "link" in answer.json()["error"]["message"]


def test_a_file_name_of_256_characters_is_no_failure(client: TestClient, ended_run: tuple[str, Path]) -> None:
    assert client.get(f"/api/runs/{ended_run[0]}/artefacts/{'a' * 256}").status_code == 404


def test_an_active_run_on_a_full_disk_says_why_it_stands_still(
    client: TestClient, model: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.runs import obstacles

    run = client.post("/api/runs", json={"model_id": model["id"]}).json()
    assert run["obstacle"] is None
    monkeypatch.setattr(obstacles.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    assert "is full" in client.get(f"/api/runs/{run['id']}").json()["obstacle"]
