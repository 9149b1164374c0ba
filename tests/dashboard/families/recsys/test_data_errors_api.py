"""Every error of people's data and of splits over REST: its code, where it is, and what to do."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from recsys.data import limits, movielens_files
from tests.recsys.data.odd_tables import ODD, OddTable, table
from tests.workbench.runs import inline
from workbench import families
from workbench.settings import Settings
from workbench.workbench import Workbench


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A workbench on the recommenders as they are shipped, whose runs stay queued."""
    monkeypatch.setattr(families, "FAMILIES", {"recsys": "recsys.family:FAMILY"})
    families.family.cache_clear()
    workbench = Workbench.open(Settings.load(home=home, data=home / "none"))
    workbench.runs.executor = inline.NoWorkers()
    yield workbench
    workbench.close()
    families.family.cache_clear()


def upload(client: TestClient, content: bytes, name: str = "mine.csv", **fields: str) -> Any:
    return client.post("/api/datasets", files={"file": (name, io.BytesIO(content))}, data={"name": "Mine", **fields})


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.code)
def test_a_table_that_cannot_be_used_is_refused_by_its_rule(client: TestClient, monkeypatch: pytest.MonkeyPatch, odd: OddTable) -> None:
    for name, value in odd.limits.items():
        monkeypatch.setattr(limits, name, value)
    answer = upload(client, odd.content.encode(), **odd.options)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, odd.code), answer.text
    assert odd.says in error["message"]
    assert [field["path"] for field in error["fields"]] == ([odd.where] if odd.where else [])
    assert odd.hint in error["hint"]
    assert all(not item["name"].startswith("Mine") for item in client.get("/api/datasets").json()["items"])


def test_a_download_that_is_another_file_is_refused_with_its_hash(
    client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(_urls: list[str], target: Path, verify: Callable[[Path], None], **_: Any) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"another")
        verify(target)

    monkeypatch.setattr(movielens_files, "fetch", other)
    answer = client.post("/api/datasets/movielens-100k/prepare")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "DS_HASH_MISMATCH")
    assert error["hint"]


def test_data_without_a_user_column_makes_no_features(client: TestClient) -> None:
    made = upload(client, table(user_id=lambda row: f"u{row % 7}").encode(), roles="user_id=ignore")
    assert made.status_code == 201, made.text
    answer = client.post("/api/feature-configs/", json={"name": "F", "dataset_id": made.json()["id"]})
    (field,) = answer.json()["error"]["fields"]
    assert (answer.status_code, field["code"], field["path"]) == (422, "DS_ROLES", "dataset_id")
    assert answer.json()["error"]["hint"] == "Set the columns' roles."


@pytest.mark.parametrize(
    ("timed", "split", "code", "says"),
    [
        (False, {"strategy": "leave_last_out"}, "SPLIT_NO_TIMESTAMP", "needs times"),
        (True, {"strategy": "time_holdout", "holdout_days": 400}, "SPLIT_EMPTY", "and the data are from 2024-01-01"),
        (True, {"strategy": "strict_time", "val_days": 100, "test_days": 100}, "SPLIT_EMPTY", "The train part is empty"),
        (False, {"strategy": "random", "train": 0.999, "val": 0, "test": 0.001}, "SPLIT_EMPTY", "The test part is empty"),
    ],
)
def test_a_split_that_cannot_be_is_refused_at_its_field(client: TestClient, timed: bool, split: Any, code: str, says: str) -> None:
    days: dict[str, Any] = {"at": lambda row: f"2024-{1 + row % 4:02d}-{1 + row % 28:02d}"} if timed else {}
    data = upload(client, table(**days).encode()).json()["id"]
    made = client.post("/api/feature-configs/", json={"name": "F", "dataset_id": data, "start_from": "smart_defaults"})
    assert made.status_code == 201, made.text
    client.post("/api/model-configs/", json={"name": "M"})
    asked = {"feature_config_id": 1, "model_config_id": 1, "split": split}
    answer = client.post("/api/quick-tests/", json=asked)
    error = answer.json()["error"]
    (field,) = error["fields"]
    assert (answer.status_code, field["code"], field["path"]) == (422, code, "split.strategy")
    assert says in field["message"]
    assert error["hint"].startswith("Choose ")
    estimate = client.post("/api/quick-tests/estimate/", json=asked).json()
    assert [line["code"] for line in estimate["checklist"]] == [code]


def test_a_file_of_the_server_is_looked_at_before_it_is_imported(client: TestClient, home: Path) -> None:
    folder = home / "none" / "own"
    folder.mkdir(parents=True)
    (folder / "orders.csv").write_text(table(price=lambda row: f"{row}.5", day=lambda row: f"2024-01-{1 + row % 28:02d}"))
    (folder / "letter.csv").write_text("Dear all,\nthis is a letter.\nBye.\n" * 50)
    before = client.get("/api/datasets").json()["total"]

    def look(**asked: Any) -> Any:
        answer = client.post("/api/datasets/look", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    found = look(path="own/orders.csv")
    assert (found["importable"], found["row_count"], found["problems"]) == (True, 120, [])
    assert {c["column"]: (c["data_type"], c["role"]) for c in found["columns"]} == {
        "user_id": ("text", "user_id"), "item_id": ("text", "item_id"), "price": ("numeric", "context"), "day": ("temporal", "timestamp"),
    }  # fmt: skip
    assert found["columns"][2]["stats"] == {"cardinality": 120, "minimum": 0.5, "maximum": 119.5, "nulls": 0}
    assert found["rows"][1] == {"user_id": "u1", "item_id": "i1", "price": "1.5", "day": "2024-01-02"}
    sent = client.post("/api/uploads", files={"file": ("orders.csv", io.BytesIO((folder / "orders.csv").read_bytes()))}).json()
    assert look(upload=sent["id"]) == found
    wrong = look(path="own/orders.csv", options={"types": {"user_id": "numeric"}})
    assert (wrong["importable"], [p["column"] for p in wrong["problems"]]) == (False, ["user_id"])
    (problem,) = look(path="own/letter.csv")["problems"]
    assert problem["column"] is None
    assert "letter.csv is no table" in problem["message"]
    assert client.get("/api/datasets").json()["total"] == before


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"path": "nothing.csv"}, 404), ({"path": "../secret.csv"}, 422), ({"path": "/etc/passwd"}, 422), ({}, 422),
        ({"upload": "upload_00000000000000000000000000"}, 404), ({"path": "a.csv", "upload": "b"}, 422), ({"path": "a.csv", "odd": 1}, 422),
    ],
)  # fmt: skip
def test_a_look_at_what_is_not_there_or_may_not_be_read_is_refused(client: TestClient, asked: Any, status: int) -> None:
    answer = client.post("/api/datasets/look", json=asked)
    assert answer.status_code == status, answer.text
    assert "root" not in answer.text
