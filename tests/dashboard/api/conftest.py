"""A server on a fresh home whose runs stay queued: these tests are about requests, not about training."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.server import create_server
from workbench.settings import Settings
from workbench.workbench import Workbench


class NoWorkers:
    """An executor that starts nothing."""

    def ensure_worker(self, framework: str) -> None:
        """Leave the run queued."""

    def warm(self, framework: str) -> None:
        """Start nothing."""

    def end_run(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to end."""


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    """An open workbench of the real families on a fresh home."""
    opened = Workbench.open(Settings.load(home=home, check_state=True))
    opened.runs.executor = NoWorkers()  # type: ignore[assignment]
    yield opened
    opened.close()


@pytest.fixture
def app(bench: Workbench) -> Any:
    """The whole server, without its lifespan: no reconciler runs."""
    return create_server(bench.settings, bench)


@pytest.fixture
def client(app: Any) -> TestClient:
    """A client that asks from the server's own address."""
    return TestClient(app, base_url="http://127.0.0.1:8050", raise_server_exceptions=False)


@pytest.fixture
def model(client: TestClient) -> dict[str, Any]:
    """A created model."""
    answer = client.post(
        "/api/models", json={"dataset": "digits", "name": "first", "config": {"latent_dim": 4, "decoder_conditioning": "film"}}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()
