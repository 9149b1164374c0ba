"""Files that are sent first and made a dataset of afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import Message

from dashboard import bodies
from workbench.services import uploads
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


def kept(bench: Workbench) -> list[str]:
    folder = bench.settings.cache / "uploads"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def form(content: bytes, name: str = "a.csv") -> bytes:
    head = f'--XX\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--XX\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--XX--\r\n"


def in_pieces(body: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


TYPE = {"content-type": "multipart/form-data; boundary=XX"}


@pytest.mark.parametrize("size", [1, 7, 4_096, 10**6])
def test_a_file_arrives_as_it_was_sent_however_it_is_cut_up(client: TestClient, bench: Workbench, size: int) -> None:
    content = b"a\r\n--X\r\n\n\r--XY\r\n" + bytes(range(256)) * (3 if size == 1 else 5_000) + b"\r\n-"
    answer = client.post("/api/uploads", content=in_pieces(form(content), size), headers=TYPE)
    assert answer.status_code == 201, answer.text
    assert answer.json()["name"] == "a.csv"
    assert bench.datasets.uploads.get(answer.json()["id"]).path.read_bytes() == content


def test_a_file_past_the_limit_is_refused_before_or_while_it_arrives_and_nothing_stays(
    client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dashboard import security

    monkeypatch.setattr(bodies, "DRAIN_SECONDS", 0.1)  # this client sends nothing more, and stays
    monkeypatch.setattr(security, "watched", lambda receive, limit, idle: bodies.watched(receive, limit=100_000, idle=idle))
    answer = client.post("/api/uploads", content=in_pieces(form(b"x" * 200_000), 10_000), headers=TYPE)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
    assert "A file may have at most 2,048 MiB." in answer.json()["error"]["message"]
    told = client.post("/api/uploads", content=b"x", headers={**TYPE, "content-length": str(2**31 + 1)})
    assert (told.status_code, told.json()["error"]["code"]) == (413, "too_large")
    assert "2,048 MiB" in told.json()["error"]["message"]
    other = client.post("/api/datasets", content=b"x", headers={**TYPE, "content-length": str(2**27)})
    assert "64 MiB" in other.json()["error"]["message"]
    assert kept(bench) == []


def test_a_file_that_the_disk_has_no_room_for_is_refused_at_once(
    client: TestClient, bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LEFT_FREE", 2**60)
    answer = client.post("/api/uploads", files={"file": ("a.csv", b"1" * 3_000_000)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
    assert "The file has 3 MiB, and the disk of the server has" in answer.json()["error"]["message"]
    assert kept(bench) == []


@pytest.mark.parametrize(
    "body",
    [
        form(b"1")[:-9], b"", b"--XX--\r\n", b"x" * 3_000_000, form(b"1").replace(b'"file"', b'"other"'),
        form(b"1")[:-6] + b"\r\n" + form(b"2"), form(b"1").replace(b"Content-Disposition", b"Odd"),
    ],
    ids=["cut off", "empty", "no part", "no form", "another field", "two files", "a part without a name"],
)  # fmt: skip
def test_a_body_that_is_no_form_with_one_file_is_refused_and_nothing_stays(client: TestClient, bench: Workbench, body: bytes) -> None:
    answer = client.post("/api/uploads", content=in_pieces(body, 50_000), headers=TYPE)
    assert answer.status_code == 422, answer.text
    assert kept(bench) == []


def test_a_sender_that_falls_silent_dawdles_or_goes_is_given_up() -> None:
    async def read(messages: list[Message | float], **limits: float) -> int:
        left = iter(messages)

        async def receive() -> Message:
            for message in left:
                if not isinstance(message, float | int):
                    return message
                await asyncio.sleep(message)
            return {"type": "http.disconnect"}

        piece = bodies.watched(receive, limit=10, **limits)
        return len([await piece() for _ in range(sum(not isinstance(message, float) for message in messages))])

    part: Message = {"type": "http.request", "body": b"x", "more_body": True}
    assert asyncio.run(read([part, 0.01, part], idle=5, whole=5)) == 2
    with pytest.raises(bodies.TooSlow):
        asyncio.run(read([part, 5.0, part], idle=0.05, whole=5))
    with pytest.raises(bodies.TooSlow):
        asyncio.run(read([part, 0.1, part, 0.1, part, 0.1, part], idle=5, whole=0.15))
    with pytest.raises(bodies.Gone):
        asyncio.run(read([part, {"type": "http.disconnect"}]))
    with pytest.raises(bodies.TooLarge):
        asyncio.run(read([*[part] * 10, {**part, "more_body": False}]))
