"""A workbench on every registered family and the doubles, and its server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.support import fake_family, table_family
from tests.workbench.cli.conftest import ThreadWorkers
from workbench import families
from workbench.runs import executor
from workbench.settings import Settings
from workbench.workbench import Workbench

DOUBLES = {fake_family.NAME: "tests.support.fake_family:FAMILY", table_family.NAME: "tests.support.table_family:FAMILY"}


@pytest.fixture(params=["sqlite", "postgresql"])
def kept_in(request: pytest.FixtureRequest) -> str:
    """Families work alike on both databases."""
    return request.param


@pytest.fixture
def bench(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """An open workbench whose runs this process carries out."""
    monkeypatch.setattr(families, "FAMILIES", {**families.FAMILIES, **DOUBLES})
    families.family.cache_clear()
    monkeypatch.setattr(executor, "LocalExecutor", ThreadWorkers)
    ThreadWorkers.threads.clear()
    opened = Workbench.open(Settings.load(home=home, check_state=True))
    yield opened
    opened.close()
    families.family.cache_clear()


@pytest.fixture
def client(bench: Workbench) -> Any:
    """A client of its server."""
    from dashboard.server import create_server

    return TestClient(create_server(bench.settings, bench), base_url="http://127.0.0.1:8050")
