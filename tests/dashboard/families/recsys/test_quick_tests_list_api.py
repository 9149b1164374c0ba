"""The list of quick tests over REST: what it asks for among many."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from dashboard.families.recsys import quick_test_views
from recsys.service import RecommenderService
from tests.support.acting import finish, run_to
from workbench.workbench import Workbench

HERE = "/api/quick-tests/"


def test_an_item_is_made_once_and_anew_after_whatever_it_says_has_changed(
    client: TestClient,
    bench: Workbench,
    service: RecommenderService,
    feature_config: Any,
    model_config: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started = client.post(HERE, json={"feature_config_id": feature_config["id"], "model_config_id": model_config["id"]}).json()
    made: list[str] = []
    original = quick_test_views._facts

    def counted(state: Any, run: Any) -> dict[str, Any]:
        made.append(run.id)
        return original(state, run)

    monkeypatch.setattr(quick_test_views, "_facts", counted)

    def item() -> dict[str, Any]:
        made.clear()
        return client.get(HERE).json()["items"][0]

    item()
    assert (item()["status"], made) == ("pending", [])
    run = run_to(bench, bench.state().runs[started["id"]], "running")
    assert (item()["status"], made) == ("running", [run.id])
    finish(bench, run, "stopped")
    assert (item()["status"], made) == ("cancelled", [run.id])
    service.models.delete(actor="me", key=model_config["id"])
    assert (item()["model_config_id"], made) == (None, [run.id])
    assert (item()["model_config_id"], made) == (None, [])
