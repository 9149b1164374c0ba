"""What a completed quick test leads to, over REST."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.dashboard.families.recsys.test_quick_tests_api import HERE, complete
from workbench.runs.folder import write_manifest
from workbench.workbench import Workbench


@pytest.fixture
def test(client: TestClient, bench: Workbench, feature_config: dict[str, Any], model_config: dict[str, Any]) -> dict[str, Any]:
    """A completed test."""
    pair = {"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}
    made = client.post(HERE, json=pair | {"split": {"strategy": "time_holdout", "holdout_days": 9}}).json()
    complete(bench, made["id"])
    return made


def test_a_test_becomes_a_model_with_a_run_that_say_where_they_come_from(
    client: TestClient, bench: Workbench, test: dict[str, Any]
) -> None:
    body = {"name": "Full", "epochs": 40, "sample_percent": 50, "split": {"strategy": "strict_time", "test_days": 14}}
    answer = client.post(f"{HERE}{test['number']}/promote/", json=body)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    origin = {"id": test["id"], "number": test["number"]}
    assert made["promoted_from"] == origin
    assert answer.headers["location"] == f"/api/runs/{made['run']['id']}"
    assert (made["run"]["state"], made["run"]["training"]["epochs"]) == ("queued", 40)
    assert client.get(answer.headers["location"]).json() == made["run"]
    model = client.get(f"/api/models/{made['promoted_model']['id']}").json()
    assert (model["name"], model["promoted_from"]) == ("Full", origin)
    settings = {name: model["settings"][name] for name in ("split", "test_days", "train_days", "sample_percent")}
    assert settings == {"split": "strict_time", "test_days": 14, "train_days": 60, "sample_percent": 50}
    assert client.get(f"{HERE}{test['id']}/").json()["promoted_to"] == [made["promoted_model"]]
    assert client.get(HERE).json()["total"] == 1
    bench.runs.request_stop(actor="me", run_id=made["run"]["id"])
    assert client.delete(f"/api/models/{model['id']}").status_code == 204
    assert client.get(f"{HERE}{test['id']}/").json()["promoted_to"] == []


def test_a_promotion_that_is_sent_twice_makes_one_model(client: TestClient, test: dict[str, Any]) -> None:
    first, second = (client.post(f"{HERE}{test['id']}/promote/", headers={"Idempotency-Key": "p"}) for _ in range(2))
    assert (first.status_code, second.json()) == (201, first.json())
    assert client.get("/api/models").json()["total"] == 1
    assert first.json()["promoted_model"]["name"] == "Mine + Small"


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"epochs": 0}, ["epochs"]),
        ({"epochs": "9"}, ["epochs"]),
        ({"seed": 1}, ["seed"]),
        ({"split": {"strategy": "time_holdout", "holdout_days": 0}, "sample_percent": 500}, ["sample_percent", "split.holdout_days"]),
        ({"sample_unit": "days"}, ["sample_unit"]),
        ({"name": "x" * 101}, ["name"]),
    ],
)
def test_a_full_run_that_cannot_be_is_refused_field_by_field(client: TestClient, test: dict[str, Any], body: Any, paths: list[str]) -> None:
    answer = client.post(f"{HERE}{test['id']}/promote/", json=body)
    assert answer.status_code == 422, answer.text
    assert sorted(f["path"] for f in answer.json()["error"]["fields"]) == paths
    assert client.get("/api/models").json()["total"] == 0


def test_a_test_that_is_pending_or_unknown_is_not_promoted(client: TestClient, test: dict[str, Any]) -> None:
    again = client.post(f"{HERE}{test['id']}/rerun/").json()
    refused = client.post(f"{HERE}{again['id']}/promote/")
    assert (refused.status_code, refused.json()["error"]["fields"][0]["code"]) == (409, "NOT_COMPLETED")
    assert client.post(f"{HERE}77/promote/").status_code == 404
    assert client.post(f"{HERE}{test['id']}/promote/?x=1").status_code == 422


LEFT = {
    "histograms.jsonl": '{"epoch": 1, "layers": []}\n',
    "preprocessing.py": "print(2)\n", "embeddings.npz": "vectors", "saved_model/saved_model.pb": "m" * 3_000_000,
    "saved_model/assets/terms": "a", "vocab/buyer_customer.json": "{}", "report.html": "<html></html>",
    "attempt-1/checkpoints/last-5.npz": "not for others",
    "environment.json": json.dumps({"packages": {"tensorflow-cpu": "2.21.0", "numpy": "2.4.6", "polars": "2.1.0"}, "host": "here"}),
}  # fmt: skip


def leave(bench: Workbench, id: str, **changed: str | None) -> None:
    """Write what a test leaves besides results and code."""
    for name, text in (LEFT | changed).items():
        if text is not None:
            bench.artefacts.write_text(f"runs/{id}/{name}", text)


def test_an_export_holds_model_code_snapshot_and_figures_with_their_checksums(
    client: TestClient, bench: Workbench, test: dict[str, Any]
) -> None:
    leave(bench, test["id"])
    before = sorted(path.name for path in bench.settings.home.iterdir())
    answer = client.get(f"{HERE}{test['number']}/export/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"] == f'attachment; filename="quick-test-{test["number"]}.zip"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert sorted(path.name for path in bench.settings.home.iterdir()) == before, "nothing is left lying about"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    held = {name: archive.read(name) for name in archive.namelist()}
    made = {"snapshot.json", "metrics.json", "requirements.txt", "README.md", "manifest.json"}
    assert set(held) == made | {"trainer.py"} | {
        name for name in LEFT if name not in ("environment.json", "attempt-1/checkpoints/last-5.npz")
    }
    assert {name: held[name].decode() for name in LEFT if name in held} == {name: text for name, text in LEFT.items() if name in held}
    told = json.loads(held.pop("manifest.json"))
    assert {f["name"]: (f["size"], f["sha256"]) for f in told["files"]} == {
        name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in held.items()
    }
    snapshot = json.loads(held["snapshot.json"])
    shown = client.get(f"{HERE}{test['id']}/").json()
    assert (snapshot["snapshot_hash"], snapshot["environment"]["host"]) == (shown["snapshot_hash"], "here")
    for name in ("features", "model", "settings", "overrides", "effective", "feature_config", "model_config"):
        assert snapshot[name] == shown["config"][name], name
    assert snapshot["code_sha256"] == hashlib.sha256(held["trainer.py"]).hexdigest()
    metrics = json.loads(held["metrics.json"])
    assert metrics["metrics"]["model"][0]["value"] == 0.5
    assert held["requirements.txt"].decode().splitlines()[:2] == ["numpy==2.4.6", "tensorflow-cpu==2.21.0"]
    assert "Recall@10, all items: 50.0 %" in held["README.md"].decode()
    assert "| `histograms.jsonl` | weights and gradients in bins" in held["README.md"].decode()
    assert client.get(f"{HERE}{test['id']}/export/").content == answer.content


def test_an_export_has_no_rows_of_the_data(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    leave(bench, test["id"])
    results = json.loads(bench.artefacts.read_bytes(f"runs/{test['id']}/results.json"))
    bench.artefacts.write_json(f"runs/{test['id']}/results.json", results | {"examples": [{"buyer": "u-4711", "history": ["p9"]}]})
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{HERE}{test['id']}/export/").content))
    assert all(b"u-4711" not in archive.read(name) for name in archive.namelist())


def test_a_test_without_all_of_its_files_is_not_exported(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    leave(bench, test["id"], **{"embeddings.npz": None, "report.html": None, "histograms.jsonl": None})
    refused = client.get(f"{HERE}{test['id']}/export/")
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert (error["fields"][0]["code"], error["hint"]) == ("NOT_EXPORTED", "Run the test again, to its end.")
    assert "it has no embeddings.npz." in error["message"]
    bench.artefacts.write_text(f"runs/{test['id']}/embeddings.npz", "v")
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{HERE}{test['id']}/export/").content))
    for name in (b"report.html", b"histograms.jsonl"):
        assert name not in archive.read("README.md")
    again = client.post(f"{HERE}{test['id']}/rerun/").json()
    active = client.get(f"{HERE}{again['id']}/export/")
    assert (active.status_code, active.json()["error"]["fields"][0]["code"]) == (409, "NOT_ENDED")
    assert client.get(f"{HERE}77/export/").status_code == 404


def test_a_file_that_was_altered_is_not_exported(client: TestClient, bench: Workbench, test: dict[str, Any]) -> None:
    leave(bench, test["id"])
    write_manifest(bench.artefacts, test["id"])
    bench.artefacts.write_text(f"runs/{test['id']}/saved_model/assets/terms", "b")
    refused = client.get(f"{HERE}{test['id']}/export/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "damaged")
