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
