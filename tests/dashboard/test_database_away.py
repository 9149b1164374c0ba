"""While the database server is away, REST and pages say so, change nothing, and go on when it is back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.failures import in_words
from tests.support.postgres import cluster
from workbench.cli.app import run as trellis
from workbench.store.errors import StoreAway
from workbench.store.store import Store
from workbench.workbench import Workbench

pytestmark = pytest.mark.parametrize("kept_in", ["postgresql"])
PAGE = Path(__file__).parents[2] / "docs" / "team.md"


@pytest.fixture
def away() -> Iterator[None]:
    """The server is stopped when the test wants it, and runs again afterwards."""
    yield
    if not cluster().running:
        cluster().start()


def test_rest_answers_503_with_words_and_goes_on(client: TestClient, bench: Workbench, digits_model: Any, away: None) -> None:
    path = f"/api/models/{digits_model.id}"
    cluster().stop()
    for asked in (client.get(path), client.get("/api/runs"), client.patch(path, json={"name": "Other"}), client.get("/health")):
        assert asked.status_code == 503, asked.request.url
        assert "postgres" not in asked.text, "where the database is concerns nobody who only asks for a page"
        if "/api" in str(asked.request.url):
            assert "does not answer" in asked.json()["error"]["message"]
            assert asked.headers["retry-after"]
    cluster().start()
    assert client.get(path).json()["name"] == digits_model.name
    assert client.patch(path, json={"name": "Other"}).status_code == 200
    assert bench.models.get(digits_model.id).name == "Other"


def test_pages_say_it_in_the_same_words(bench: Workbench, away: None) -> None:
    cluster().stop()
    with pytest.raises(StoreAway) as refused:
        bench.state()
    message, _ = in_words(refused.value)
    assert "does not answer" in message
    assert "postgres" not in message
    assert "postgresql://trellis@" in str(refused.value), "logs and the command line say where, as people write it"
    with pytest.raises(StoreAway):
        bench.runs.rate("jax")


def test_the_command_of_the_docs_moves_a_home_into_the_database(home: Path, monkeypatch: pytest.MonkeyPatch, database: str) -> None:
    monkeypatch.delenv("TRELLIS_DATABASE_URL")
    assert trellis(["train", "--preset", "semi_supervised_digits", "--data", "nothing"]) == 1
    (block,) = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8").partition("### Moving what is there")[2], re.DOTALL)
    ((name, *words),) = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert name == "trellis"
    assert trellis([database if "://" in word else word for word in words]) == 0
    assert Store.open(database).state() == Store.open(f"sqlite:///{home / 'trellis.db'}").state()
