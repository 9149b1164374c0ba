"""A lease is held by one worker, and who lost it learns so before writing."""

import pytest
from sqlalchemy import create_engine

from workbench.clock import utc_now
from workbench.runs import leases
from workbench.runs.job import LeaseLost
from workbench.runs.leases import Lease
from workbench.runs.process import ProcessIdentity
from workbench.store.schema import metadata

LEASE = Lease("worker_1", "run_1", 1)


@pytest.fixture
def connection(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'leases.db'}")
    metadata.create_all(engine)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def register(connection, worker_id="worker_1", host="here"):
    leases.register(connection, worker_id, "jax", host, ProcessIdentity.current(), 15)


def the_row(connection):
    found = leases.row(connection, "worker_1")
    assert found is not None
    return found


def test_a_registered_process_takes_the_place_of_its_announcement(connection):
    leases.announce(connection, "worker_1", "jax", "here", 15)
    assert the_row(connection).pid == 0
    register(connection)
    (row,) = leases.rows(connection)
    assert row.process == ProcessIdentity.current()
    assert row.state == "starting"


def test_a_lease_is_held_until_it_is_released(connection):
    register(connection)
    leases.take(connection, LEASE, 15)
    leases.check(connection, LEASE)
    leases.release(connection, LEASE, 15)
    assert the_row(connection).state == "idle"
    with pytest.raises(LeaseLost):
        leases.check(connection, LEASE)


@pytest.mark.parametrize("other", [Lease("worker_2", "run_1", 1), Lease("worker_1", "run_2", 1), Lease("worker_1", "run_1", 2)])
def test_another_worker_run_or_attempt_is_another_lease(connection, other):
    register(connection)
    register(connection, "worker_2")
    leases.take(connection, LEASE, 15)
    with pytest.raises(LeaseLost):
        leases.check(connection, other)


def test_a_worker_whose_row_was_removed_can_neither_renew_nor_write(connection):
    register(connection)
    leases.take(connection, LEASE, 15)
    assert leases.remove(connection, "worker_1")
    assert not leases.remove(connection, "worker_1")
    for attempt in (
        lambda: leases.check(connection, LEASE),
        lambda: leases.renew(connection, "worker_1", 15),
        lambda: leases.release(connection, LEASE, 15),
        lambda: leases.set_rate(connection, "worker_1", 1e9),
    ):
        with pytest.raises(LeaseLost):
            attempt()


def test_renewing_moves_the_end_of_the_lease(connection):
    leases.register(connection, "worker_1", "jax", "here", ProcessIdentity.current(), 0)
    assert the_row(connection).seconds_past_lease(utc_now()) >= 0
    leases.renew(connection, "worker_1", 60)
    assert the_row(connection).seconds_past_lease(utc_now()) < 0


def test_only_the_own_host_can_know_that_a_process_is_gone(connection):
    gone = ProcessIdentity(2**22 + 1, 1.0)
    leases.register(connection, "worker_1", "jax", "here", gone, 15)
    leases.announce(connection, "worker_2", "jax", "here", 15)
    first, second = leases.rows(connection)
    assert first.gone("here")
    assert not first.gone("elsewhere")
    assert not second.gone("here")
