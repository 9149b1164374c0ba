"""Files that are sent first and made a dataset of afterwards."""

from __future__ import annotations

from starlette.testclient import TestClient

from workbench.workbench import Workbench

ROWS = "\n".join(["user_id;item_id;when;price", *(f"u{n % 7};i{n % 5};{n % 9 + 1:02}/04/2024;1.{n:03},5" for n in range(120))])


def sent(client: TestClient, name: str = "Sales.csv") -> dict:
    answer = client.post("/api/uploads", files={"file": (name, ROWS.encode(), "text/csv")})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_file_is_sent_and_then_imported_with_types_that_say_how_it_is_written(client: TestClient, bench: Workbench) -> None:
    upload = sent(client)
    assert (upload["name"], upload["size"]) == ("Sales.csv", len(ROWS))
    options = {"types": {"when": "temporal_day_first", "price": "numeric_decimal_comma"}}
    asked = {"upload": upload["id"], "name": "Sales", "family": "recsys", "options": options}
    answer = client.post("/api/datasets", json=asked)
    assert answer.status_code == 201, answer.text
    columns = {column["column"]: column for column in answer.json()["schema"]}
    assert (columns["when"]["data_type"], columns["price"]["data_type"]) == ("temporal", "numeric")
    assert columns["price"]["stats"]["maximum"] == 1119.5
    assert client.post("/api/datasets", json=asked | {"name": "Again"}).status_code == 404


def test_a_refused_import_leaves_the_file_and_a_file_can_be_thrown_away(client: TestClient) -> None:
    upload = sent(client)
    asked = {"upload": upload["id"], "name": "Sales", "family": "recsys", "options": {"types": {"when": "numeric"}}}
    answer = client.post("/api/datasets", json=asked)
    assert answer.status_code == 422
    assert "cannot be read as numeric" in answer.json()["error"]["message"]
    assert client.delete(f"/api/uploads/{upload['id']}").status_code == 204
    assert client.delete(f"/api/uploads/{upload['id']}").status_code == 404


def test_what_is_no_file_is_refused(client: TestClient) -> None:
    assert client.post("/api/uploads", json={"name": "x"}).status_code == 422
    assert client.post("/api/uploads", files={"other": ("a.csv", b"1")}).status_code == 422
    assert client.delete("/api/uploads/..%2f..").status_code == 404
