"""Addresses with a slash at their end."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("address", ["/api/health", "/api/models", "/api/datasets/digits", "/api/runs/nobody"])
def test_a_slash_at_the_end_changes_nothing_and_sends_nobody_elsewhere(client: TestClient, address: str) -> None:
    without, with_slash = (client.get(a, follow_redirects=False) for a in (address, f"{address}/"))
    assert without.status_code == with_slash.status_code
    assert with_slash.status_code < 300 or with_slash.status_code == 404
    if without.status_code == 200 and address != "/api/health":
        assert without.json() == with_slash.json()


def test_writing_with_a_slash_is_writing(client: TestClient) -> None:
    made: Any = client.post("/api/models/", json={"dataset": "digits", "name": "slashed"}, follow_redirects=False)
    assert made.status_code == 201, made.text
    assert client.delete(f"/api/models/{made.json()['id']}/", follow_redirects=False).status_code == 204
    upload = client.post("/api/datasets/", data={"name": "x"}, files={"file": ("mine.npz", b"no")}, follow_redirects=False)
    assert upload.status_code == 422


def test_two_slashes_at_the_end_are_no_address(client: TestClient) -> None:
    assert client.get("/api/models//", follow_redirects=False).status_code in (307, 404)
