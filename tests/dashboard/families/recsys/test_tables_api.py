"""Columns, rows and splits of datasets over REST."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support.recommender_family import PLAIN, SALES, VISITS, load_sales
from workbench.workbench import Workbench

HERE = "/api/datasets/"


def test_columns_have_their_figures_in_the_tables_order(client: TestClient) -> None:
    found = client.get(f"{HERE}{SALES}/columns/").json()
    assert (found["total"], found["next"]) == (10, None)
    by_name = {column["column"]: column for column in found["items"]}
    assert list(by_name) == load_sales().frame.columns
    assert (by_name["customer"]["role"], by_name["customer"]["cardinality"]) == ("user_id", 12)
    assert by_name["stars"]["numeric"]["mean"] == 3.0
    assert by_name["day"]["temporal"]["days"] == 119.0
    assert by_name["category"]["text"]["top"] == [["k0", 69], ["k1", 51]]
    assert client.get(f"{HERE}{SALES}/columns?n=1").status_code == 422


def test_sample_rows_are_the_same_every_time(client: TestClient) -> None:
    first, again = (client.get(f"{HERE}{SALES}/sample/?n=3").json() for _ in range(2))
    assert first == again
    assert len(first["items"]) == 3
    assert len(client.get(f"{HERE}{SALES}/sample").json()["items"]) == 10
    assert first["items"][0]["customer"].startswith("c")
    for n in (0, 101, "many"):
        assert client.get(f"{HERE}{SALES}/sample/?n={n}").status_code == 422


@pytest.mark.parametrize(
    ("asked", "parts"),
    [
        ("", (81, 9, 30)), ("strategy=random&train=0.5&val=0.25&test=0.25", (60, 30, 30)),
        ("strategy=strict_time&train_days=3&val_days=5&test_days=5", (3, 5, 5)), ("strategy=leave_last_out", (96, 12, 12)),
        ("strategy=time_holdout&holdout_days=20&val_fraction=0", (100, 0, 20)),
    ],
)  # fmt: skip
def test_a_split_is_shown_in_numbers_before_anything_is_trained(client: TestClient, asked: str, parts: tuple[int, ...]) -> None:
    found = client.get(f"{HERE}{SALES}/splits/preview/?{asked}").json()
    assert (found["train"], found["validation"], found["test"]) == parts
    assert sum(parts) + sum(found["unused"].values()) == 120
    assert found["cold_users"] == pytest.approx(0.8 if asked.startswith("strategy=strict") else 0)


def test_what_is_wrong_with_a_split_is_told_at_its_parameter(client: TestClient) -> None:
    def refused(dataset: str, asked: str) -> list[tuple[str, Any]]:
        answer = client.get(f"{HERE}{dataset}/splits/preview?{asked}")
        assert answer.status_code == 422, answer.text
        return [(field["path"], field["code"]) for field in answer.json()["error"]["fields"]]

    assert refused(VISITS, "strategy=strict_time") == [("strategy", "SPLIT_NO_TIMESTAMP")]
    assert refused(SALES, "strategy=time_holdout&holdout_days=500") == [("strategy", "SPLIT_EMPTY")]
    assert refused(SALES, "strategy=time_holdout&holdout_days=0&sample_percent=0") == [("holdout_days", None), ("sample_percent", None)]
    assert refused(SALES, "strategy=sideways") == [("strategy", None)]
    assert refused(SALES, "holdout=3") == [("holdout", None)]
    assert refused(PLAIN, "strategy=random") == [("dataset_id", "DS_ROLES")]
    for route in ("columns", "sample", "splits/preview"):
        assert client.get(f"{HERE}nothing/{route}/").status_code == 404


def test_datasets_are_listed_by_source_and_status(client: TestClient) -> None:
    assert {d["id"] for d in client.get(f"{HERE}?source={SALES}").json()["items"]} == {SALES}
    assert client.get(f"{HERE}?status=ready").json()["total"] == 0
    client.get(f"{HERE}{SALES}/columns")
    assert [d["id"] for d in client.get(f"{HERE}?status=ready").json()["items"]] == [SALES]
    assert client.get(f"{HERE}?status=odd").status_code == 422


def test_a_dataset_is_put_with_a_new_name_all_of_it_or_nothing(client: TestClient, bench: Workbench) -> None:
    renamed = client.put(f"{HERE}{SALES}/", json={"name": "Shop", "notes": "mine"})
    assert (renamed.status_code, renamed.json()["name"], renamed.json()["notes"]) == (200, "Shop", "mine")
    stale = client.put(f"{HERE}{SALES}/", json={"name": "Again"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 409
    both = client.put(f"{HERE}{SALES}/", json={"name": "Other", "amendments": {"roles": {"city": "ignore"}}})
    assert both.status_code == 409
    assert "no data of your own" in both.json()["error"]["message"]
    assert bench.state().datasets[SALES].name == "Shop"
