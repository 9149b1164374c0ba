"""A run that cannot tell anything is hinted at from outside."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.workbench.runs import inline
from workbench.commands.run_progress import MarkRunningCommand
from workbench.runs import leases, obstacles
from workbench.runs.leases import Lease
from workbench.runs.process import ProcessIdentity
from workbench.settings import host_name
from workbench.state import RunRecord, RunState


@pytest.fixture
def run(bench: Any, make_model: Any) -> RunRecord:
    """A run that is running, claimed by this process."""
    inline.start(bench, make_model())
    inline.register(bench)
    held = inline.claim_one(bench)
    held.execute(MarkRunningCommand(run_id=held.lease.run_id, attempt=1))
    return held.record


def test_nothing_is_in_the_way_of_a_run_that_goes_on(bench: Any, run: RunRecord) -> None:
    assert bench.runs.obstacle(run) is None


def test_a_full_disk_is_hinted_at_while_the_run_says_running(bench: Any, run: RunRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obstacles.shutil, "disk_usage", lambda folder: SimpleNamespace(free=obstacles.LITTLE_BYTES - 1))
    hint = bench.runs.obstacle(run)
    assert hint is not None
    assert "is full" in hint
    assert bench.runs.obstacle(run.model_copy(update={"state": RunState.COMPLETED})) is None


def test_a_worker_that_cannot_renew_its_lease_is_hinted_at(bench: Any, run: RunRecord) -> None:
    with bench.store.transaction() as connection:
        leases.register(connection, inline.WORKER, "jax", host_name(), ProcessIdentity.current(), -60)
        leases.take(connection, Lease(inline.WORKER, run.id, run.attempt), -60)
    hint = bench.runs.obstacle(run)
    assert hint is not None
    assert "no sign of life" in hint
    assert "unable to write" in hint


def test_a_queued_run_that_no_host_takes_is_hinted_at_until_one_does(bench: Any, make_model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = bench.settings.model_copy(update={"executor": "celery"})
    queued = inline.start(bench, make_model())
    assert bench.runs.obstacle(queued) is None

    def hint() -> str:
        return obstacles.obstacle(bench.store, settings, queued) or ""

    def words() -> str:
        monkeypatch.setattr(bench.runs, "_settings", settings)
        return bench.runs.waiting_words(queued)

    assert "No worker takes runs from trellis.jax.cpu" in hint()
    assert "`trellis worker --framework jax --device cpu`" in hint()
    assert words() == "Waiting for a worker of trellis.jax.cpu · None has taken it; start one: trellis worker --framework jax --device cpu"
    with bench.store.transaction() as connection:
        leases.announce(connection, "worker_published", "jax", "trellis.jax.cpu", 60)
    assert hint() == ""
    assert words() == "Waiting for a worker of trellis.jax.cpu"
    crews = settings.model_copy(update={"executor": "crew"})
    assert obstacles.obstacle(bench.store, crews, queued) is None
    with bench.store.transaction() as connection:
        leases.announce(connection, "worker_other", "tensorflow", "back", 60)
        leases.renew(connection, "worker_published", -1)
    assert "trellis doctor" in hint()
    assert "`trellis crew --framework jax " in (obstacles.obstacle(bench.store, crews, queued) or "")
    with bench.store.transaction() as connection:
        leases.announce(connection, "worker_taken", "jax", "back", 60)
    assert hint() == ""
