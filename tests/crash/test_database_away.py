"""A database server that is gone for a while, or killed in the middle, costs no run and tells nothing twice."""

from __future__ import annotations

import time

import pytest

from tests.crash.processes import run_of, wait_for_epoch, wait_for_state, wait_until
from tests.support import fake_family
from tests.support.postgres import cluster
from workbench.runs import leases
from workbench.state import RunState
from workbench.store.errors import StoreAway

pytestmark = [pytest.mark.crash, pytest.mark.parametrize("kept_in", ["postgresql"])]


def make(bench, **values):
    return bench.models.create(actor="user:test", family="fake", model_type="toy", dataset_id="tiny", values=values)


def value(bench, run_id):
    kept = run_of(bench, run_id).last_checkpoint
    assert kept is not None
    return fake_family.read_checkpoint(bench.artefacts.path(kept.path))["value"]


def epochs_told(bench, run_id):
    return [event.payload["epoch"] for event in bench.runs.events(run_id).items if event.kind == "epoch"]


def test_a_run_goes_on_when_its_database_was_away_for_longer_than_a_lease(fake_bench):
    whole = fake_bench.runs.start(actor="user:test", model_id=make(fake_bench, max_epochs=30).id)
    wait_for_state(fake_bench, whole.id, RunState.COMPLETED)
    run = fake_bench.runs.start(actor="user:test", model_id=make(fake_bench, max_epochs=30, seconds_per_epoch=0.1).id)
    wait_for_epoch(fake_bench, run.id, 3)
    cluster().stop()
    try:
        time.sleep(4 * fake_bench.settings.lease_seconds)
        with pytest.raises(StoreAway):
            fake_bench.state()
    finally:
        cluster().start()
    done = wait_for_state(fake_bench, run.id, RunState.COMPLETED, RunState.INTERRUPTED, RunState.FAILED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
    assert epochs_told(fake_bench, run.id) == list(range(1, 31))
    assert value(fake_bench, run.id) == value(fake_bench, whole.id)


def test_a_server_killed_again_and_again_while_a_run_writes_loses_and_doubles_nothing(fake_bench):
    run = fake_bench.runs.start(actor="user:test", model_id=make(fake_bench, max_epochs=60, seconds_per_epoch=0.05).id)
    wait_for_epoch(fake_bench, run.id, 2)
    for _ in range(5):
        cluster().stop()
        cluster().start()
        time.sleep(0.4)
    done = wait_for_state(fake_bench, run.id, RunState.COMPLETED, RunState.INTERRUPTED, RunState.FAILED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
    assert epochs_told(fake_bench, run.id) == list(range(1, 61))


def test_a_run_that_waits_while_the_database_is_away_is_trained_when_it_is_back(fake_bench):
    model = make(fake_bench, max_epochs=2)
    first = fake_bench.runs.start(actor="user:test", model_id=model.id)
    wait_for_state(fake_bench, first.id, RunState.COMPLETED)
    cluster().stop()
    time.sleep(2)
    cluster().start()
    second = wait_until(lambda: started(fake_bench, model.id), "the database to take a command")
    done = wait_for_state(fake_bench, second.id, RunState.COMPLETED, RunState.FAILED)
    assert (done.state, done.attempt) == (RunState.COMPLETED, 1)
    with fake_bench.store.reading() as connection:
        # the idle worker may not have been heard of again when the run was to be trained, so that one more was started; never two
        assert len([row for row in leases.rows(connection) if row.state != "starting"]) <= 2


def started(bench, model_id):
    try:
        return bench.runs.start(actor="user:test", model_id=model_id)
    except StoreAway:
        return None
