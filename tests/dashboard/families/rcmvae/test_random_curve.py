"""What the Explore page asks of the curve of random labelling: what it takes, begin, cancel, fail."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from starlette.testclient import TestClient

from rcmvae.explore.random_jobs import COMPUTE
from tests.support.acting import finish, queue, run_to
from workbench.apart import Cancelled
from workbench.commands.base import CommandError
from workbench.workbench import Workbench


class Beside:
    """Stands in for the processes beside a server: tells half of the work and waits until it may end, or is cancelled."""

    def __init__(self) -> None:
        self.told, self.go = threading.Event(), threading.Event()
        self.fails = False
        self.asked: list[Any] = []

    def call(self, target: str, *arguments: Any, progress: Any, cancelled: Any, **given: Any) -> None:
        self.asked.append((target, *arguments, given))
        progress(0, 8, 0.0)
        progress(2, 8, 0.5)
        self.told.set()
        while not self.go.wait(0.01):
            if cancelled():
                raise Cancelled
        if self.fails:
            raise CommandError("no room")

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def beside(bench: Workbench) -> Beside:
    made = Beside()
    object.__setattr__(bench, "apart", made)
    return made


def ended() -> None:
    for thread in [one for one in threading.enumerate() if one.name == "random-curve"]:
        thread.join(10)


def test_a_model_without_a_run_is_told_why_and_one_that_is_none_is_not_found(client: TestClient, model: dict[str, Any]) -> None:
    url = f"/explore/{model['id']}/curve"
    found = client.get(url).json()
    assert found["refused"] == "Train the model first: its last run tells how long this would take."
    assert (found["state"], found["plans"]) == ("none", [])
    answer = client.post(url, json={"act": "begin", "draws": 2})
    assert answer.status_code == 409
    assert "Train the model first" in answer.json()["error"]["message"]
    assert client.get("/explore/model_0000000000000/curve").status_code == 404
    assert client.post("/explore/model_0000000000000/curve", json={"act": "cancel"}).status_code == 404


def test_a_curve_says_what_it_takes_goes_on_beside_can_be_cancelled_ends_and_fails_in_words(
    client: TestClient, bench: Workbench, model: dict[str, Any], beside: Beside
) -> None:
    finish(
        bench,
        run_to(bench, queue(bench, bench.models.get(model["id"])), "running"),
        headline={"accuracy": 0.5},
        epochs_done=3,
        duration_seconds=6.0,
    )
    url = f"/explore/{model['id']}/curve"
    found = client.get(url).json()
    assert [plan["draws"] for plan in found["plans"]] == [2, 3, 5]
    assert "2 draws each: 8 trainings, about" in found["plans"][0]["words"]
    assert client.post(url, json={"act": "begin", "draws": 4}).status_code == 422
    assert client.post(url, json={"act": "begin", "draws": 2}).json()["state"] == "under way"
    assert beside.told.wait(10)
    now = client.get(url).json()
    assert now["share"] == 2.5 / 8
    assert now["words"].startswith("training 3 of 8, 31%, about")
    assert beside.asked == [(COMPUTE, model["id"], 2, {"framework": "jax", "aside": True})]
    assert client.post(url, json={"act": "begin", "draws": 2}).json()["state"] == "under way"
    assert len(beside.asked) == 1
    assert client.post(url, json={"act": "cancel"}).json()["state"] == "none"
    beside.go.set()
    client.post(url, json={"act": "begin", "draws": 2})
    ended()
    assert client.get(url).json()["state"] == "done"
    beside.fails = True
    client.post(url, json={"act": "begin", "draws": 2})
    ended()
    assert client.get(url).json()["words"] == "The curve failed: no room"
