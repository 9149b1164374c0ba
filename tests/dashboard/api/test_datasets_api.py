"""Datasets over REST: uploads, paths below TRELLIS_DATA and nowhere else, and what is refused in words."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from dashboard.server import create_server
from tests.dashboard.api.conftest import NoWorkers
from workbench.commands.base import Changes, Command, Env, Put
from workbench.families import is_imported
from workbench.settings import Settings
from workbench.state import AppState, DatasetRecord, Kind
from workbench.workbench import Workbench


class Damage(Command):
    """Puts a record as it is, however damaged."""

    record: DatasetRecord

    def decide(self, state: AppState, env: Env) -> Changes:
        return (Put(Kind.DATASET, self.record.id, self.record),)

    @property
    def words(self) -> str:
        return "Damage a dataset"


RANDOM = np.random.default_rng(3)
IMAGES = RANDOM.integers(0, 256, (40, 8, 8), dtype=np.uint8)
LABELS = np.arange(40) % 4


def npz(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **({"images": IMAGES, "labels": LABELS} | arrays))
    return buffer.getvalue()


def upload(client: TestClient, content: bytes, name: str = "Mine", file: str = "mine.npz", **more: Any) -> Any:
    return client.post("/api/datasets", data={"name": name}, files={"file": (file, content)}, **more)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "sets").mkdir(parents=True)
    (folder / "sets" / "mine.npz").write_bytes(npz())
    (tmp_path / "secret.npz").write_bytes(npz())
    (folder / "link.npz").symlink_to(tmp_path / "secret.npz")
    return folder


@pytest.fixture
def served(home: Path, data: Path) -> Any:
    """A client of a server with a folder of datasets."""
    bench = Workbench.open(Settings.load(home=home, data=data, check_state=True))
    bench.runs.executor = NoWorkers()  # type: ignore[assignment]
    yield TestClient(create_server(bench.settings, bench), base_url="http://127.0.0.1:8050", raise_server_exceptions=False)
    bench.close()


def test_an_uploaded_file_becomes_a_dataset_that_models_can_be_made_on(client: TestClient) -> None:
    answer = upload(client, npz(names=np.array(["ant", "bee", "cat", "dog"])), "Röntgen 2024")
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == "/api/datasets/rontgen_2024"
    assert (made["id"], made["n"], made["n_test"], made["shape"]) == ("rontgen_2024", 40, 8, [8, 8, 1])
    assert (made["class_names"], made["status"], made["skipped"]) == (["ant", "bee", "cat", "dog"], "ready", [])
    assert made["description"].startswith("40 images of 4 classes, 8x8 pixels, imported from mine.npz; 8 of them")
    assert client.get("/api/datasets/rontgen_2024").json() == {k: v for k, v in made.items() if k not in ("skipped", "notices")}
    assert "rontgen_2024" in [item["id"] for item in client.get("/api/datasets").json()["items"]]
    model = client.post("/api/models", json={"dataset": "rontgen_2024", "sample": {"num_samples": "auto", "num_labeled": 8}})
    assert model.status_code == 201, model.text
    assert (model.json()["class_names"], model.json()["sample"]["n_test"]) == (["ant", "bee", "cat", "dog"], 8)
    refused = client.delete("/api/datasets/rontgen_2024")
    assert refused.status_code == 409
    assert "is used by" in refused.json()["error"]["message"]


def test_a_dataset_is_deleted_and_brought_back(client: TestClient) -> None:
    upload(client, npz())
    assert client.delete("/api/datasets/mine").status_code == 204
    assert client.get("/api/datasets/mine").status_code == 404
    assert client.post("/api/models", json={"dataset": "mine", "sample": {"num_samples": "auto", "num_labeled": 8}}).status_code == 404
    assert client.post("/api/datasets/mine/restore").status_code == 200
    assert client.get("/api/datasets/mine").status_code == 200


def test_a_second_upload_of_a_name_is_a_conflict_and_leaves_nothing_behind(client: TestClient, bench: Workbench) -> None:
    upload(client, npz())
    answer = upload(client, npz(), "mine")
    assert answer.status_code == 409
    assert "named Mine already" in answer.json()["error"]["message"]
    assert len(bench.artefacts.files("datasets")) == 1


@pytest.mark.parametrize(
    ("file", "said", "unpack"),
    [
        ("ok.parquet.gz", "ok.parquet.gz ends in .gz", True),
        ("ok.7z", "ok.7z ends in .7z", True),
        ("ok.xlsx", "ok.xlsx ends in .xlsx", False),
        ("ok", "ok has no ending", False),
    ],
)
def test_a_file_that_no_family_reads_is_told_what_each_family_reads(client: TestClient, file: str, said: str, unpack: bool) -> None:
    answer = upload(client, b"whatever", file=file)
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["message"].startswith(said)
    for family in client.get("/api/data-sources").json():
        for kind in family["reads"]:
            assert all(ending in error["hint"] for ending in kind["extensions"])
    assert error["hint"].startswith("Unpack it first.") is unpack


def test_a_long_file_name_keeps_the_ending_that_says_what_it_is(client: TestClient) -> None:
    answer = upload(client, b"user_id,item_id\n", file=f"{'a' * 240}.csv")
    assert answer.json()["error"]["code"] == "DS_TOO_SMALL"


def test_a_repeated_upload_with_the_same_key_is_carried_out_once(client: TestClient, bench: Workbench) -> None:
    body = client.build_request("POST", "/api/datasets", data={"name": "Mine"}, files={"file": ("mine.npz", npz())})
    headers = {"content-type": body.headers["content-type"], "idempotency-key": "one"}
    answers = [client.post("/api/datasets", content=body.read(), headers=headers) for _ in range(2)]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert len([d for d in bench.state().datasets.values() if is_imported(d)]) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 not much", "not an .npz file, or it is truncated"),
        (npz()[:-200], "not an .npz file, or it is truncated"),
        (npz(labels=np.array([object()] * 40, dtype=object)), "pickled Python objects, which are never loaded"),
        (npz(images=IMAGES.astype(np.float32)), "Divide them by 255"),
    ],
    ids=["no zip", "cut", "pickled", "out of range"],
)
def test_a_file_that_cannot_be_used_is_refused_in_words_that_name_it(
    client: TestClient, bench: Workbench, content: bytes, words: str
) -> None:
    answer = upload(client, content, file="../../etc/mine.npz")
    assert answer.status_code == 422
    message = answer.json()["error"]["message"]
    assert words in message
    assert "mine.npz" in message
    assert "/tmp" not in message
    assert "Traceback" not in message
    assert [d.id for d in bench.state().datasets.values() if is_imported(d)] == []


@pytest.mark.parametrize(
    ("request_parts", "words"),
    [
        ({"data": {"name": "Mine"}, "files": {"other": ("a.npz", b"x")}}, "exactly one file"),
        ({"data": {"name": "Mine"}, "files": [("file", ("a.npz", b"x")), ("file", ("b.npz", b"x"))]}, "exactly one file"),
        ({"files": {"file": ("a.npz", b"x")}}, "is missing"),
        ({"data": {"name": "x", "path": "/etc"}, "files": {"file": ("a.npz", b"x")}}, "unknown field"),
        ({"data": {f"f{n}": "x" for n in range(40)}, "files": {"file": ("a.npz", b"x")}}, "not a readable multipart body"),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, "not a readable multipart body"),
    ],
    ids=["other field", "two files", "no name", "unknown field", "too many parts", "no boundary"],
)
def test_an_upload_that_is_none_is_refused(client: TestClient, request_parts: dict[str, Any], words: str) -> None:
    answer = client.post("/api/datasets", **request_parts)
    assert answer.status_code == 422
    assert words in answer.json()["error"]["message"]


def test_uploads_from_another_origin_and_to_other_addresses_are_refused(client: TestClient) -> None:
    assert upload(client, npz(), headers={"origin": "http://elsewhere.example"}).status_code == 403
    assert client.post("/api/models", data={"name": "x"}, files={"file": ("a.npz", b"x")}).status_code == 415
    assert client.post("/api/datasets/digits/prepare", files={"file": ("a.npz", b"x")}).status_code == 415


def test_a_path_below_the_data_folder_is_imported(served: TestClient) -> None:
    answer = served.post("/api/datasets", json={"name": "Mine", "path": "sets/mine.npz"})
    assert answer.status_code == 201, answer.text
    assert (answer.json()["id"], answer.json()["n"]) == ("mine", 40)


@pytest.mark.parametrize("path", ["../secret.npz", "sets/../../secret.npz", "/etc/passwd", "link.npz", "sets\\mine.npz", "", "sets/\x00"])
def test_no_other_path_can_be_named(served: TestClient, data: Path, path: str) -> None:
    for asked in (path, str(data / "sets" / "mine.npz")):
        answer = served.post("/api/datasets", json={"name": "Mine", "path": asked})
        assert answer.status_code == 422
        assert "not an .npz" not in answer.text
    assert served.get("/api/datasets/mine").status_code == 404


def test_without_a_data_folder_no_path_can_be_named(client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.datasets, "_settings", bench.settings.model_copy(update={"data": None}))
    answer = client.post("/api/datasets", json={"name": "Mine", "path": "mine.npz"})
    assert answer.status_code == 422
    assert "Set TRELLIS_DATA, or upload a file" in answer.json()["error"]["hint"]


@pytest.mark.parametrize(
    "body",
    [{"name": "x"}, {"name": "", "path": "a"}, {"name": "x", "path": "a", "size": "8"}, {"name": "x", "path": "a", "sise": "8x8"}, []],
)
def test_a_malformed_request_is_refused_field_by_field(served: TestClient, body: Any) -> None:
    answer = served.post("/api/datasets", json=body)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]


def test_a_missing_path_is_named(served: TestClient) -> None:
    answer = served.post("/api/datasets", json={"name": "Mine", "path": "sets/other.npz"})
    assert answer.status_code == 422
    assert "There is nothing at" in answer.json()["error"]["message"]


def test_a_dataset_is_looked_at_in_plain_values(served: TestClient) -> None:
    served.post("/api/datasets", json={"name": "Mine", "path": "sets/mine.npz"})
    look = served.get("/api/datasets/mine/preview").json()
    assert len(look["pictures"]) == 40
    assert look["pictures"][0]["src"].startswith("data:image/png;base64,")
    table = served.get("/api/datasets/mine/statistics").json()["tables"][0]
    assert table["columns"] == ["Class", "For training", "For testing"]
    assert [row[1] for row in table["rows"]] == [8, 8, 8, 8]
    assert served.get("/api/datasets/nobody/preview").status_code == 404


def test_what_can_be_read_and_made_is_said(served: TestClient) -> None:
    family = next(found for found in served.get("/api/data-sources").json() if found["family"] == "rcmvae")
    assert [column["key"] for column in family["columns"]] == ["n", "shape", "class_names"]
    assert family["reads"][0]["extensions"] == [".npz"]
    assert set(family["options"]["properties"]) == {"size", "skip_broken"}
    assert [source["id"] for source in family["sources"]] == ["digits", "mnist", "fashion_mnist"]
    answer = served.post("/api/datasets", json={"source": "simulator", "params": {}})
    assert answer.status_code == 404
    assert "No source of data with settings" in answer.json()["error"]["message"]


def test_a_pipe_below_the_data_folder_is_refused_instead_of_being_waited_for(served: TestClient, data: Path) -> None:
    os.mkfifo(data / "sets" / "pipe.npz")
    answer = served.post("/api/datasets", json={"name": "Mine", "path": "sets/pipe.npz"})
    assert answer.status_code == 422
    assert "neither a file nor a folder" in answer.json()["error"]["message"]


def test_an_upload_takes_the_readers_options_as_fields(served: TestClient) -> None:
    answer = served.post("/api/datasets", data={"name": "Mine", "size": "8x8"}, files={"file": ("mine.npz", npz())})
    assert answer.status_code == 422
    assert "no size can be chosen" in answer.json()["error"]["message"]


@pytest.mark.parametrize("manifest", [{}, {"about": {"n": 3}}, {"files": ()}], ids=["nothing", "half", "no file"])
def test_a_damaged_manifest_is_told_not_a_fault(client: TestClient, bench: Workbench, manifest: dict[str, Any]) -> None:
    upload(client, npz())
    record = bench.state().datasets["mine"]
    assert record.manifest is not None
    broken = record.manifest.model_copy(update={"about": {}, **manifest})
    bench.datasets._store.execute(Damage(record=record.model_copy(update={"manifest": broken})), actor="me")
    assert client.get("/api/datasets").status_code == 200
    assert client.get("/api/datasets/mine").status_code == 200
    assert client.get("/api/datasets/mine/preview").status_code in (409, 422)


@pytest.mark.parametrize("size", [150_000, 500_000, 2_000_000])
def test_a_file_of_many_lines_is_taken_whatever_its_line_breaks_are(client: TestClient, size: int) -> None:
    lines = [f"u{row % 97},i{row % 89},{row}" for row in range(size // 10)]
    content = "\n".join(["user_id,item_id,n", *lines])[:size].rpartition("\n")[0]
    made = upload(client, content.encode(), file="orders.csv")
    assert made.status_code == 201, made.text
    assert made.json()["rows"] == content.count("\n")


def test_a_field_beside_the_file_has_its_limit_and_says_so(client: TestClient) -> None:
    refused = client.post("/api/datasets", data={"name": "Mine", "roles": "x" * 70_000}, files={"file": ("a.csv", b"x")})
    assert refused.status_code == 422
    assert "'roles' has 70,000 characters" in refused.json()["error"]["message"]
