"""While the object storage is away, REST and pages say so, change nothing, and go on when it is back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.context import AppContext
from dashboard.failures import in_words
from dashboard.pages.model import render
from dashboard.pages.run.files import PREFIX
from tests.support import s3
from tests.support.trees import text_of
from workbench.artefacts import ArtefactsAway
from workbench.workbench import Workbench

pytestmark = pytest.mark.parametrize("artefacts_in", ["s3"])


@pytest.fixture
def road() -> Iterator[s3.Road]:
    """The road to the server, open again afterwards."""
    found = s3.the_server().road
    yield found
    found.open()


def test_rest_answers_503_with_words_and_goes_on(client: TestClient, bench: Workbench, digits_model: Any, road: s3.Road) -> None:
    run = bench.runs.start(actor="me", model_id=digits_model.id)
    bench.artefacts.write_text(f"runs/{run.id}/log.txt", "said")
    listed, file = f"/api/runs/{run.id}/artefacts", f"/api/runs/{run.id}/artefacts/log.txt"
    assert client.get(file).text == "said"
    road.close()
    for asked in (client.get(listed), client.get(file), client.post(f"/api/models/{digits_model.id}/clone", json={"name": "Other"})):
        assert asked.status_code == 503, asked.request.url
        assert "cannot be reached now" in asked.json()["error"]["message"]
        assert s3.SECRET not in asked.text
        assert asked.headers["retry-after"]
    page = client.get(f"{PREFIX}/{run.id}/log.txt")
    assert (page.status_code, "cannot be reached now" in page.text) == (503, True)
    assert client.get("/health").status_code == 200
    assert [model.name for model in bench.state().models.values()] == [digits_model.name]
    road.open()
    assert client.get(file).text == "said"


def test_pages_say_it_in_the_same_words(bench: Workbench, digits_model: Any, road: s3.Road) -> None:
    road.close()
    with pytest.raises(ArtefactsAway) as refused:
        bench.models.create(actor="me", family="rcmvae", model_type="rcmvae", dataset_id="digits", values={}, name="Second")
    message, _ = in_words(refused.value)
    assert "cannot be reached now" in message
    assert "Nothing is lost" in message


@pytest.mark.parametrize("tab", ["train", "explore", "export"])
def test_a_models_page_that_was_seen_keeps_what_the_store_knows(bench: Workbench, digits_model: Any, road: s3.Road, tab: str) -> None:
    bench.runs.start(actor="me", model_id=digits_model.id)
    context = AppContext(lambda: bench, bench.settings)
    before = text_of(render(context, digits_model.id, tab))
    road.close()
    page = text_of(render(context, digits_model.id, tab))
    assert digits_model.name in page
    assert "Queued" in page
    road.open()
    assert text_of(render(context, digits_model.id, tab)) == before
