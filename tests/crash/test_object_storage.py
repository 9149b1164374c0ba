"""Artefacts on an S3 server that is away for a while, or for too long, and a run that goes on at another host."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.crash.processes import FAKE_WORKER, end_processes, open_bench, run_of, wait_for_epoch, wait_for_state, wait_until, worker_pid
from tests.support import fake_family, s3
from workbench.artefacts import ArtefactsAway
from workbench.state import RunState

pytestmark = [pytest.mark.crash, pytest.mark.parametrize("artefacts_in", ["s3"])]


def start(bench, **values):
    model = bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)
    return bench.runs.start(actor="user:test", model_id=model.id)


def value(bench, run_id):
    kept = run_of(bench, run_id).last_checkpoint
    assert kept is not None
    return fake_family.read_checkpoint(bench.artefacts.verified(kept.path, kept.sha256))["value"]


def said(bench, run_id):
    return [event.payload["message"] for event in bench.runs.events(run_id).items if event.kind == "log"]


@pytest.fixture
def road():
    """The road to the server, open again afterwards."""
    found = s3.the_server().road
    yield found
    found.open()


def test_a_run_waits_for_a_server_that_is_away_and_ends_as_if_nothing_had_been(fake_bench, road):
    whole = start(fake_bench, max_epochs=12)
    wait_for_state(fake_bench, whole.id, RunState.COMPLETED)
    run = start(fake_bench, max_epochs=12, seconds_per_epoch=0.1)
    wait_for_epoch(fake_bench, run.id, 3)
    road.close()
    wait_until(lambda: any("cannot be reached" in line for line in said(fake_bench, run.id)), "the run to say that it waits")
    with pytest.raises(ArtefactsAway):
        fake_bench.artefacts.look("runs")
    time.sleep(4 * fake_bench.settings.lease_seconds)
    assert run_of(fake_bench, run.id).state is RunState.RUNNING
    road.open()
    done = wait_for_state(fake_bench, run.id, RunState.COMPLETED, RunState.FAILED, RunState.INTERRUPTED)
    assert (done.state, done.attempt, done.reason) == (RunState.COMPLETED, 1, "")
    assert any("can be reached again" in line for line in said(fake_bench, run.id))
    assert value(fake_bench, run.id) == value(fake_bench, whole.id)
    assert {"log.txt", "metrics.parquet", "summary.json", "report.html"} <= {entry.name for entry in fake_bench.runs.artefacts(run.id)}
    assert fake_bench.runs.files.problems(done) == ()


@pytest.fixture
def impatient(monkeypatch):
    """Runs wait for two seconds."""
    monkeypatch.setenv("TRELLIS_ARTEFACT_WAIT_SECONDS", "2")


def test_a_run_whose_server_stays_away_fails_with_its_last_checkpoint_and_resumes(impatient, fake_bench, road):
    run = start(fake_bench, max_epochs=12, seconds_per_epoch=0.1)
    wait_for_epoch(fake_bench, run.id, 3)
    road.close()
    failed = wait_for_state(fake_bench, run.id, RunState.FAILED)
    assert "could not be reached for 2 seconds (TRELLIS_ARTEFACT_WAIT_SECONDS)" in failed.reason
    assert failed.last_checkpoint is not None
    assert failed.error is not None
    assert s3.SECRET not in failed.error.traceback
    road.open()
    assert fake_bench.runs.files.resume_problems(failed) == ()
    fake_bench.runs.resume(actor="user:test", run_id=run.id)
    done = wait_for_state(fake_bench, run.id, RunState.COMPLETED)
    assert (done.attempt, done.epochs_done) == (2, 12)


@pytest.fixture
def shared_store(home, tmp_path, monkeypatch):
    """A store that another home can open."""
    monkeypatch.setenv("TRELLIS_DATABASE_URL", f"sqlite:///{tmp_path / 'shared.db'}")


def test_a_killed_run_goes_on_at_another_host_bit_for_bit(shared_store, fake_bench, tmp_path, monkeypatch):
    whole = start(fake_bench, max_epochs=12)
    wait_for_state(fake_bench, whole.id, RunState.COMPLETED)
    run = start(fake_bench, max_epochs=12, seconds_per_epoch=0.1)
    wait_for_epoch(fake_bench, run.id, 3)
    os.kill(worker_pid(fake_bench, run.id), signal.SIGKILL)
    wait_for_state(fake_bench, run.id, RunState.INTERRUPTED)
    expected = value(fake_bench, whole.id)
    fake_bench.runs.close()
    end_processes(fake_bench.settings.home)
    home = tmp_path / "another"
    monkeypatch.setenv("TRELLIS_HOME", str(home))
    there = open_bench(home, FAKE_WORKER)
    try:
        there.runs.keep_watch()
        there.runs.resume(actor="user:test", run_id=run.id)
        done = wait_for_state(there, run.id, RunState.COMPLETED, RunState.FAILED)
        assert (done.state, done.attempt) == (RunState.COMPLETED, 2)
        assert value(there, run.id) == expected
        assert there.runs.files.problems(done) == ()
    finally:
        there.close()
        end_processes(home)
