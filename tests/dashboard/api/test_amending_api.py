"""Roles of a table of one's own, said otherwise through REST while nothing uses it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

ROWS = "\n".join(["client,thing,shop", *(f"c{row % 7},p{row % 5},s{row % 4}" for row in range(120))])


@pytest.fixture
def orders(client: TestClient) -> dict[str, Any]:
    fields = {"name": "Orders", "family": "recsys", "roles": "client=user_id,thing=item_id"}
    answer = client.post("/api/datasets", data=fields, files={"file": ("orders.csv", ROWS.encode())})
    assert answer.status_code == 201, answer.text
    return answer.json()


def amend(client: TestClient, dataset: str, roles: dict[str, str], **headers: str) -> Any:
    return client.post(f"/api/datasets/{dataset}/amend", json={"amendments": {"roles": roles}}, headers=headers)


def test_another_column_becomes_the_item_and_what_is_read_next_has_it(client: TestClient, orders: dict[str, Any]) -> None:
    looked = client.get(f"/api/datasets/{orders['id']}/statistics").json()
    answer = amend(client, orders["id"], {"shop": "item_id"})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["item_column"], answer.json()["items"]) == ("shop", 4)
    assert client.get(f"/api/datasets/{orders['id']}/statistics").json() != looked


def test_a_version_that_is_not_the_newest_changes_nothing(client: TestClient, orders: dict[str, Any]) -> None:
    etag = client.get(f"/api/datasets/{orders['id']}").headers["etag"]
    assert amend(client, orders["id"], {"shop": "item_id"}, **{"If-Match": etag}).status_code == 200
    refused = amend(client, orders["id"], {"thing": "item_id"}, **{"If-Match": etag})
    assert refused.status_code == 409, refused.text
    assert client.get(f"/api/datasets/{orders['id']}").json()["item_column"] == "shop"


def test_data_that_something_uses_stays_what_it_is(client: TestClient, orders: dict[str, Any]) -> None:
    made = client.post("/api/feature-configs/smart-defaults/", json={"dataset_id": orders["id"]})
    assert made.status_code == 200, made.text
    kept = ("buyer_model_features", "product_model_features", "target_column")
    config = {name: made.json()["config"][name] for name in kept} | {"name": "Mine", "dataset_id": orders["id"]}
    stored = client.post("/api/feature-configs/", json=config)
    assert stored.status_code == 201, stored.text
    refused = amend(client, orders["id"], {"shop": "item_id"})
    assert refused.status_code == 409
    assert "is used by" in refused.json()["error"]["message"]


def test_only_data_of_ones_own_is_amended_and_only_with_what_its_family_knows(client: TestClient, orders: dict[str, Any]) -> None:
    assert amend(client, "digits", {"shop": "item_id"}).status_code == 409
    answer = client.post(f"/api/datasets/{orders['id']}/amend", json={"amendments": {"rolls": {}}})
    assert answer.status_code == 422
    assert "roles" in answer.text
    assert amend(client, orders["id"], {"shop": "itemid"}).status_code == 422
