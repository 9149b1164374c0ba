"""What Prometheus reads is well formed and true."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from dashboard.server import create_server
from tests.conftest import ROOT
from tests.support.brokers import broker
from tests.workbench.runs import inline
from workbench.commands.base import CommandError
from workbench.commands.records import NoteCommand, RenameCommand
from workbench.commands.run_progress import MarkRunningCommand
from workbench.runs import leases
from workbench.runs.celery.executor import CeleryExecutor
from workbench.runs.events import NewEvent
from workbench.runs.process import ProcessIdentity
from workbench.settings import Settings
from workbench.state import Kind
from workbench.store.errors import VersionConflict
from workbench.workbench import Workbench


def read(client: TestClient) -> dict[tuple[str, ...], float]:
    """(name, label values by the labels' names...) -> value."""
    answer = client.get("/api/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *(value for _, value in sorted(s.labels.items()))): s.value for family in families for s in family.samples}


def test_records_runs_and_the_queue_are_counted(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    bench.runs.start(actor="me", model_id=model["id"])
    found = read(client)
    assert found["trellis_models",] == 1
    assert found["trellis_runs", "queued"] == 1
    assert found["trellis_runs", "running"] == 0
    assert found["trellis_queued_runs", "jax"] == 1
    assert 0 <= found["trellis_queue_oldest_seconds",] < 60
    assert found["trellis_journal_rows_total",] == bench.state().version
    assert found["trellis_store_bytes",] > 10_000
    assert found["process_resident_memory_bytes",] > 2**20
    assert found["process_open_fds",] > 3


def test_workers_and_the_newest_event_of_a_run_under_way_are_told(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    bench.runs.start(actor="me", model_id=model["id"])
    inline.register(bench)
    held = inline.claim_one(bench)
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=1))
    held.append([NewEvent("2020-01-01T00:00:00.000Z", "log", {"level": "info", "message": "long ago"})])
    found = read(client)
    assert found["trellis_workers", "jax", "busy"] == 1
    assert found["trellis_worker_silence_seconds",] < 60
    assert found["trellis_event_lag_seconds",] > 365 * 24 * 3600


def test_commands_are_counted_by_name_and_outcome_with_their_time(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    note = NoteCommand(kind=Kind.MODEL, id=model["id"], note="x")
    bench.store.execute(note, actor="me")
    bench.store.execute(note, actor="me")
    with pytest.raises(VersionConflict):
        bench.store.execute(NoteCommand(kind=Kind.MODEL, id=model["id"], note="y"), actor="me", expected_version=0)
    with pytest.raises(CommandError):
        bench.store.execute(RenameCommand(kind=Kind.MODEL, id=model["id"], name=""), actor="me")
    with bench.store.transaction() as connection:
        bench.store.execute(NoteCommand(kind=Kind.MODEL, id=model["id"], note="z"), actor="me", connection=connection)
    found = read(client)
    for outcome, number in (("done", 2), ("nothing", 1), ("conflict", 1)):
        assert found["trellis_command_seconds_count", "Note", outcome] == number
        assert found["trellis_command_seconds_bucket", "Note", "+Inf", outcome] == number
    assert found["trellis_command_seconds_count", "Rename", "refused"] == 1
    assert 0 < found["trellis_command_seconds_sum", "Note", "done"] < 60


def test_requests_are_counted_by_route_and_never_by_what_a_sender_wrote(client: TestClient, model: dict[str, Any]) -> None:
    for number in range(3):
        assert client.get(f"/api/models/model_{number:013}").status_code == 404
    assert client.get(f"/api/models/{model['id']}/").status_code == 200
    assert client.post("/api/models", json={"nonsense": 1}).status_code == 422
    assert client.get("/api/no/such/address").status_code == 404
    assert client.get("/api/health", headers={"Host": "evil.example"}).status_code == 421
    assert client.get("/some/page").status_code in (200, 404)
    assert client.get("/docs-files/../some").status_code == 404
    assert client.get("/docs/some").status_code == 404
    found = read(client)
    count = "trellis_request_seconds_count"
    assert found[count, "GET", "/api/models/{model_id}", "404"] == 3
    assert found[count, "GET", "/api/models/{model_id}", "200"] == 1
    assert found[count, "POST", "/api/models", "422"] == 1
    assert found[count, "POST", "/api/models", "201"] == 1
    assert found[count, "GET", "/api/(none)", "404"] == 1
    assert any(labels[2] == "/(page)" for labels in found if labels[0] == count)
    routes = {labels[2] for labels in found if labels[0] == count}
    assert not [route for route in routes if "some" in route or "0000000" in route or "such" in route]


def test_a_server_with_a_token_tells_nothing_without_it(bench: Workbench, home: Path) -> None:
    settings = Settings.load(home=home, token="a-long-token-of-somebody")
    client = TestClient(create_server(settings, bench), base_url="http://127.0.0.1:8050")
    assert client.get("/api/metrics").status_code == 401
    answer = client.get("/api/metrics", headers={"Authorization": "Bearer a-long-token-of-somebody"})
    assert answer.status_code == 200
    assert "a-long-token-of-somebody" not in answer.text
    assert "trellis_workers{" not in answer.text or os.uname().nodename not in answer.text


def test_the_page_on_operations_names_every_metric_and_no_other(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:trellis|process)_[a-z_]+)", page))
    client.get("/api/health")
    bench.runs.executor = CeleryExecutor(
        bench.store, bench.settings.model_copy(update={"executor": "celery", "broker_url": "redis://127.0.0.1:1/0"})
    )
    told = {family.name for family in text_string_to_metric_families(client.get("/api/metrics").text)}
    assert {name.removesuffix("_total") for name in named} == {name.removesuffix("_total") for name in told}


def test_workers_of_other_hosts_are_told_as_their_leases_tell_and_tasks_are_no_workers(client: TestClient, bench: Workbench) -> None:
    with bench.store.transaction() as connection:
        for id, host, seconds in (("worker_a", "rack", 60.0), ("worker_b", "rack", -60.0), ("worker_c", "rack", 60.0)):
            leases.register(connection, id, "jax", host, ProcessIdentity(7, 1.0), seconds)
        leases.announce(connection, "worker_d", "jax", "trellis.jax.cpu", 60.0)
    found = read(client)
    assert found["trellis_workers", "jax", "starting"] == 2
    assert found["trellis_workers", "jax", "gone"] == 1


def test_the_broker_is_told_of_where_there_is_one(client: TestClient, model: dict[str, Any], bench: Workbench) -> None:
    assert not any(name[0].startswith("trellis_broker") for name in read(client))
    server = broker("redis")
    away, there = ({"executor": "celery", "broker_url": url} for url in ("redis://127.0.0.1:1/0", server.url))
    bench.runs.executor = CeleryExecutor(bench.store, bench.settings.model_copy(update=there))
    bench.runs.start(actor="me", model_id=model["id"])
    found = read(client)
    assert found["trellis_broker_up",] == 1
    assert found["trellis_broker_tasks", "trellis.jax.cpu"] == 1
    assert found["trellis_queued_runs", "jax"] == 1
    bench.runs.executor = CeleryExecutor(bench.store, bench.settings.model_copy(update=away))
    assert read(client)["trellis_broker_up",] == 0
