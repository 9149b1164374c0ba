"""REST for what to label next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.rcmvae.diagnostics import toy
from workbench.commands.base import Changes, Command, Env, Put
from workbench.runs.folder import BUNDLE
from workbench.state import AppState, Kind, Weights
from workbench.workbench import Workbench


class UseWeights(Command):
    """Give a model the weights of a run, as if that had ended well."""

    model_id: str
    run_id: str

    def decide(self, state: AppState, env: Env) -> Changes:
        weights = Weights(run_id=self.run_id, path=f"runs/{self.run_id}/none", sha256="0" * 64, fingerprint="f", epoch=1)
        return (Put(Kind.MODEL, self.model_id, state.models[self.model_id].model_copy(update={"weights": weights})),)


@pytest.fixture
def url(client: TestClient, bench: Workbench, model: dict[str, Any]) -> str:
    """The address of a trained model's suggestions."""
    run = bench.runs.start(actor="test", model_id=model["id"])
    bench.runs.request_stop(actor="test", run_id=run.id)
    bench.store.execute(UseWeights(model_id=model["id"], run_id=run.id), actor="test")
    toy.make(n=400).save(Path(bench.runs.where(run.id)) / BUNDLE)
    return f"/api/models/{model['id']}/suggestions"


def test_suggestions_come_with_scores_and_every_strategys_state(client: TestClient, url: str) -> None:
    answer = client.get(url, params={"n": 7})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert len(body["items"]) == body["total"] == 7
    assert body["next"] is None
    assert body["strategy"] == "margin"
    assert body["items"][0].keys() == {"index", "score", "predicted", "class_name", "certainty", "why"}
    states = {s["name"]: s["disabled"] for s in body["strategies"]}
    assert states["margin"] is None
    assert "trellis suggest" in states["bald"]
    assert client.get(url, params={"n": 7}).json() == body


def test_a_label_set_takes_its_sample_out(client: TestClient, bench: Workbench, url: str, model: dict[str, Any]) -> None:
    labelable = bench.models.read(bench.models.get(model["id"])).labelable
    before = client.get(url).json()["left"]
    items = client.get(url, params={"n": before, "strategy": "random"}).json()["items"]
    row = next(item["index"] for item in items if item["index"] in labelable)
    assert client.patch(url.replace("suggestions", "labels"), json={"set": {str(row): 1}}).status_code == 200
    assert client.get(url).json()["left"] == before - 1


@pytest.mark.parametrize(
    ("params", "status", "words"),
    [
        ({"strategy": "margn"}, 422, "did you mean margin"),
        ({"strategy": "bald"}, 422, "trellis suggest MODEL --strategy bald"),
        ({"n": 0}, 422, "n:"),
        ({"n": 501}, 422, "n:"),
        ({"n": 500}, 422, "unlabelled training samples are left"),
        ({"blend": 1.5}, 422, "blend"),
        ({"sed": 3}, 422, "unknown query parameter"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(client: TestClient, url: str, params: dict[str, Any], status: int, words: str) -> None:
    answer = client.get(url, params=params)
    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_an_untrained_or_unknown_model_has_none(client: TestClient, model: dict[str, Any]) -> None:
    answer = client.get(f"/api/models/{model['id']}/suggestions")
    assert answer.status_code == 409
    assert "Train it first" in answer.json()["error"]["hint"]
    assert client.get("/api/models/model_nobody/suggestions").status_code == 404


def test_answering_loads_no_framework(bench: Workbench, url: str) -> None:
    code = (
        "import sys\nfrom starlette.testclient import TestClient\nfrom workbench.settings import Settings\n"
        "from dashboard.server import create_server\n"
        f"client = TestClient(create_server(Settings.load(home={str(bench.settings.home)!r})), base_url='http://127.0.0.1:8050')\n"
        f"for strategy in ('margin', 'k_center', 'ood'):\n    assert client.get({url!r}, params={{'strategy': strategy}}).status_code == 200\n"
        "assert not {'jax', 'flax', 'scipy', 'sklearn', 'pandas', 'polars'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True)
