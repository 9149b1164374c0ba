"""What the addresses of the selected image and of epochs answer to questions that no page asks."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("query", ["", "?row=", "?row=-1", "?row=1.5", "?row=x", "?row=1e3", "?row=99999999999", "?row=½"])
def test_a_row_that_is_no_number_is_refused_in_words(client: TestClient, model: dict[str, Any], query: str) -> None:
    answer = client.get(f"/explore/{model['id']}/sample{query}")
    assert answer.status_code == 422
    assert "row is a whole number" in answer.json()["error"]["message"]


def test_rows_epochs_and_models_that_there_are_none_of_are_not_found(client: TestClient, model: dict[str, Any]) -> None:
    for part in ("sample?row=99999", "epoch?run=run_x&epoch=3", "epoch?epoch=3"):
        answer = client.get(f"/explore/{model['id']}/{part}")
        assert answer.status_code == 404, part
    for part in ("sample?row=1", "neighbours?row=1&n=5", "reconstructions?row=1", "epochs", "epoch?run=x&epoch=1"):
        assert client.get(f"/explore/model_none/{part}").status_code == 404, part


def test_a_model_that_was_never_trained_has_no_neighbours_and_nothing_to_replay(client: TestClient, model: dict[str, Any]) -> None:
    for part in ("neighbours?row=1&n=5", "reconstructions?row=1"):
        answer = client.get(f"/explore/{model['id']}/{part}")
        assert answer.status_code == 409
        assert "no weights yet" in answer.json()["error"]["message"]
    assert client.get(f"/explore/{model['id']}/epochs").json() == {"runs": [], "weights": ""}
    assert client.post(f"/explore/{model['id']}/ready", json={}).json() == {}
