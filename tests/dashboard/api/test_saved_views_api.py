"""REST for saved views."""

from __future__ import annotations

from starlette.testclient import TestClient


def test_a_view_is_made_listed_changed_deleted_and_restored(client: TestClient) -> None:
    made = client.post("/api/views", json={"name": "Long", "query": {"where": "duration > 2 min", "sort": "-duration"}})
    assert made.status_code == 201, made.text
    view = made.json()
    assert made.headers["Location"] == f"/api/views/{view['id']}"
    assert view["address"] == f"/runs?view={view['id']}"
    assert [one["name"] for one in client.get("/api/views", params={"page": "runs"}).json()["items"]] == ["Long"]
    assert client.get("/api/views", params={"page": "compare"}).json()["total"] == 0
    changed = client.patch(
        f"/api/views/{view['id']}",
        json={"name": "Longer", "query": {"where": "duration > 3 min"}},
        headers={"If-Match": made.headers["ETag"]},
    )
    assert (changed.json()["name"], changed.json()["query"]) == ("Longer", {"where": "duration > 3 min"})
    stale = client.patch(f"/api/views/{view['id']}", json={"name": "Third"}, headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 409
    assert client.delete(f"/api/views/{view['id']}").status_code == 204
    assert client.get(f"/api/views/{view['id']}").status_code == 404
    assert client.post(f"/api/views/{view['id']}/restore").json()["name"] == "Longer"


def test_a_view_that_cannot_be_shown_is_refused_in_words(client: TestClient) -> None:
    wrong = client.post("/api/views", json={"name": "Long", "query": {"where": "duratoin > 2 min"}})
    assert wrong.status_code == 422
    assert "There is no column “duratoin”" in wrong.json()["error"]["message"]
    assert client.post("/api/views", json={"name": "A", "page": "models"}).status_code == 422
    assert client.post("/api/views", json={"name": "A", "query": {"where": "x" * 3_000}}).status_code == 422
    assert client.get("/api/views/run_0000000000000").status_code == 404
