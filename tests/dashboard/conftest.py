"""Fixtures of the dashboard's tests: a workbench of the real families on a fresh home, and a server over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from workbench.families import all_families
from workbench.settings import Settings
from workbench.workbench import Workbench

ORIGIN = "http://127.0.0.1:8050"


_REST: dict[tuple[str, ...], Any] = {}
"""REST applications that have been made, by the path below which they lie and the families that they serve with their routes."""


@pytest.fixture(autouse=True)
def one_rest_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first server of each test takes the REST application of earlier tests: making one takes longer than most of them.

    It knows its server by `app.state.workbench` alone. A second server of the same test makes its own.
    """
    from dashboard import server

    make, taken = server.Rest.made, []

    def made(rest: Any) -> Any:
        if rest._app is None and not taken:
            taken.append(rest)
            key = (rest.base, *sorted(" ".join((family.name, *map(str, family.routes))) for family in all_families()))
            if key in _REST:
                _REST[key].state.workbench = rest._opened()
                rest._app = _REST[key]
            else:
                _REST[key] = make(rest)
        return make(rest)

    monkeypatch.setattr(server.Rest, "made", made)


class NoWorkers:
    """An executor that starts nothing: these tests are about pages, not about training."""

    def ensure_worker(self, framework: str) -> None:
        """Leave the run queued."""

    def warm(self, framework: str) -> None:
        """Start nothing."""

    def end_run(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to end."""


@pytest.fixture
def bench(home: Path) -> Iterator[Workbench]:
    """An open workbench on a fresh home whose runs stay queued."""
    opened = Workbench.open(Settings.load(home=home))
    opened.runs.executor = NoWorkers()  # type: ignore[assignment]
    yield opened
    opened.close()


@pytest.fixture
def client(bench: Workbench) -> TestClient:
    """A client that asks from the server's own address."""
    from dashboard.server import create_server

    return TestClient(create_server(bench.settings, bench), base_url=ORIGIN, raise_server_exceptions=False)


@pytest.fixture
def digits_model(bench: Workbench) -> Any:
    """A model on the digits, as the first visit creates it."""
    return bench.models.create(
        actor="browser:0000000000000000", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={"latent_dim": 3}, name="First"
    )
