"""A server on a small family of recommenders, whose tests stay queued."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from dashboard.api import install_api
from recsys.service import RecommenderService
from tests.dashboard.families.recsys.quick_testing import HERE, Pair
from tests.support.recommender_family import SALES, features, opened
from workbench.workbench import Workbench


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """An open workbench."""
    with opened(home, monkeypatch) as workbench:
        yield workbench


@pytest.fixture
def service(bench: Workbench) -> RecommenderService:
    """What the pages use."""
    return RecommenderService(bench)


@cache
def _app() -> FastAPI:
    """REST of this family, made once: describing it takes longer than any test."""
    app = FastAPI()
    install_api(app, cast(Any, None))
    return app


@pytest.fixture
def client(bench: Workbench) -> TestClient:
    """A client of the workbench's REST."""
    app = _app()
    app.state.workbench = bench
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture
def feature_config(client: TestClient) -> dict[str, Any]:
    """A stored feature configuration."""
    answer = client.post("/api/feature-configs/", json={"name": "Mine", "dataset_id": SALES, **features()})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def model_config(client: TestClient) -> dict[str, Any]:
    """A stored model configuration."""
    answer = client.post("/api/model-configs/", json={"name": "Small", "optimizer": "adam", "learning_rate": 0.005})
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def pair(feature_config: dict[str, Any], model_config: dict[str, Any]) -> Pair:
    """Both ids of a request."""
    return {"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}


@pytest.fixture
def test(client: TestClient, pair: Pair) -> dict[str, Any]:
    """A pending test."""
    answer = client.post(HERE, json=pair)
    assert answer.status_code == 201, answer.text
    return answer.json()
