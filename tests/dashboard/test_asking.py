"""Addresses that scripts ask: they answer columns or JSON, and refuse in words with a fitting status."""

from __future__ import annotations

from typing import Any

import dash
import flask
import numpy as np
import pytest
from pydantic import BaseModel, ConfigDict

from dashboard import asking
from workbench.artefacts import ArtefactError
from workbench.commands.base import CommandError
from workbench.datasets import DatasetError


class Said(BaseModel):
    """What a page says."""

    model_config = ConfigDict(extra="forbid")
    count: int


@pytest.fixture
def app() -> dash.Dash:
    """An app without pages."""
    made = dash.Dash(__name__)
    made.layout = dash.html.Div()
    return made


def get(app: dash.Dash, answer: Any, **headers: str) -> Any:
    asking.address(app, "/thing/<name>", answer)
    return app.server.test_client().get("/thing/bolt", headers=headers)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (CommandError("No such thing.", code="not_found"), 404, "not_found"),
        (CommandError("It is in use.", code="conflict", hint="Wait."), 409, "conflict"),
        (CommandError("Too many.", "count"), 422, "invalid"),
        (DatasetError("The file is gone."), 422, "failed"),
        (ArtefactError("The file is damaged."), 422, "failed"),
        (ZeroDivisionError("by zero"), 500, "failed"),
    ],
)
def test_a_failure_is_a_sentence_with_a_status(app: dash.Dash, error: Exception, status: int, code: str) -> None:
    def answer(name: str) -> flask.Response:
        raise error

    got = get(app, answer)
    said = got.get_json()["error"]
    assert (got.status_code, said["code"]) == (status, code)
    assert said["message"] == (str(error) if status < 500 else "Something went wrong here (ZeroDivisionError). Nothing was changed.")
    assert "Traceback" not in got.text


def test_content_that_a_browser_has_is_not_sent_again(app: dash.Dash) -> None:
    def answer(name: str) -> flask.Response:
        return asking.as_columns({}, {"x": np.zeros(1000, np.float32)}, key=f"{name}-1")

    first = get(app, answer)
    assert first.status_code == 200
    assert len(first.data) > 4000
    again = app.server.test_client().get("/thing/bolt", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = app.server.test_client().get("/thing/nut", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("body", ["", "[]", "null", '{"count": "x"}', '{"count": 1, "more": 2}'])
def test_what_no_page_says_is_refused(app: dash.Dash, body: str) -> None:
    def answer() -> flask.Response:
        return asking.as_json(asking.read_body(Said).model_dump())

    asking.address(app, "/say", answer, method="POST", role="read")
    client = app.server.test_client()
    got = client.post("/say", data=body, content_type="application/json")
    assert got.status_code == 422
    assert "reload it" in got.get_json()["error"]["hint"]
    assert client.post("/say", json={"count": 3}).get_json() == {"count": 3}
