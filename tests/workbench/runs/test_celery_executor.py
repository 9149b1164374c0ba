"""A task for each queued run that has neither a task nor a process; what the broker forgets is published anew, and no more than that."""

import pytest

from tests.support.brokers import broker
from tests.workbench.runs import inline
from workbench.clock import utc_now
from workbench.runs import leases
from workbench.runs.celery import executor as celery_executor
from workbench.runs.celery.executor import CeleryExecutor, missing_tasks
from workbench.runs.celery.queues import queue_of
from workbench.runs.leases import WorkerRow, WorkerState
from workbench.runs.starting import ExecutorAway
from workbench.settings import Settings
from workbench.state import RunState

QUEUE = "trellis.jax.cpu"


def row(state: WorkerState = "starting", host="back", lease="9999-01-01T00:00:00.000000Z", framework="jax", pid=7):
    return WorkerRow("worker_x", host, pid, 1.0, framework, state, None, None, lease, utc_now(), utc_now(), None)


LATE = "2001-01-01T00:00:00.000000Z"


@pytest.mark.parametrize(
    ("rows", "queued", "waiting", "wanted"),
    [
        ([], 0, 0, 0),
        ([], 3, 0, 3),
        ([], 3, 2, 1),
        # more tasks than runs (some were stopped): nothing piles up
        ([], 1, 5, 0),
        # just published: in the queue by now, or taken and not yet announced
        ([row(host=QUEUE, pid=0)], 1, 0, 0),
        ([row(host=QUEUE, pid=0)], 1, 1, 0),
        ([row(host=QUEUE, pid=0)], 2, 1, 1),
        # published, and forgotten since
        ([row(host=QUEUE, pid=0, lease=LATE)], 1, 0, 1),
        # taken: a process is coming, or waits for room on its host
        ([row(pid=0)], 1, 0, 0),
        ([row()], 1, 0, 0),
        ([row(lease=LATE)], 1, 0, 1),
        ([row(state="busy")], 1, 0, 1),
        ([row(framework="tensorflow")], 1, 0, 1),
        # published before the settings sent the framework elsewhere
        ([row(host="trellis.jax.gpu", pid=0)], 1, 0, 1),
    ],
)
def test_each_queued_run_wants_one_task_or_process(rows, queued, waiting, wanted):
    assert missing_tasks(rows, "jax", QUEUE, queued, waiting) == wanted


@pytest.fixture
def server():
    """A broker without tasks. (Tests in tests/crash use the other kind, too.)"""
    return broker("redis")


def executor_of(bench, server, **more):
    """An executor on the test's store. Only publishing is tested here, and that one is PostgreSQL makes no difference to it."""
    settings = bench.settings.model_copy(update={"executor": "celery", "broker_url": server.url, **more})
    return CeleryExecutor(bench.store, settings)


def test_tasks_are_published_once_go_where_there_is_a_gpu_and_again_when_the_broker_forgot_them(bench, make_model, server, monkeypatch):
    executor = executor_of(bench, server)
    # a second server asks as often
    both = [executor, executor_of(bench, server)] * 3
    for number in (1, 2):
        inline.start(bench, make_model(f"model {number}"))
        for each in both:
            each.ensure_worker("jax")
        assert executor.broker.waiting(QUEUE, "trellis.tensorflow.cpu") == {QUEUE: number, "trellis.tensorflow.cpu": 0}
    executor.warm("jax")
    executor.ensure_worker("tensorflow")
    assert executor.broker.waiting(QUEUE, "trellis.tensorflow.cpu") == {QUEUE: 2, "trellis.tensorflow.cpu": 0}
    assert executor.broker.listening() == {}

    server.kill()
    inline.start(bench, make_model("model 3"))
    with pytest.raises(ExecutorAway, match=r"broker at .* does not answer"):
        executor.ensure_worker("jax")
    server.forget()
    server.start()
    # the rows of what was published have to run out first, and those of what could not be are gone
    executor.ensure_worker("jax")
    assert executor.broker.waiting(QUEUE)[QUEUE] == 1
    with bench.store.transaction() as connection:
        for left in leases.rows(connection):
            leases.renew(connection, left.id, -1.0)
    # the broker is not asked about the same runs again and again
    executor.ensure_worker("jax")
    assert executor.broker.waiting(QUEUE)[QUEUE] == 1
    monkeypatch.setattr(celery_executor, "ASK_SECONDS", 0.0)
    monkeypatch.setattr(executor, "_asked", {})
    for each in both:
        each.ensure_worker("jax")
    assert executor.broker.waiting(QUEUE)[QUEUE] == 3

    gpu = executor_of(bench, server, gpu_frameworks="jax")
    with bench.store.transaction() as connection:
        for left in leases.rows(connection):
            leases.renew(connection, left.id, -1.0)
    gpu.ensure_worker("jax")
    assert gpu.broker.waiting("trellis.jax.gpu") == {"trellis.jax.gpu": 3}


def test_frameworks_that_are_named_want_a_gpu(home):
    settings = Settings.load(gpu_frameworks="jax")
    assert (queue_of(settings, "jax"), queue_of(settings, "tensorflow")) == ("trellis.jax.gpu", "trellis.tensorflow.cpu")


def test_a_broker_that_is_away_leaves_the_run_queued_however_often_it_is_asked_and_says_so_in_its_log(bench, make_model):
    settings = bench.settings.model_copy(update={"executor": "celery", "broker_url": "redis://:hidden-word@127.0.0.1:1/0"})
    bench.runs.executor = bench.runs._reconciler._executor = CeleryExecutor(bench.store, settings)
    run = inline.start(bench, make_model())
    for _ in range(8):
        bench.runs.look()
    assert bench.state().runs[run.id].state is RunState.QUEUED
    (line,) = inline.told_now(bench, run.id, "log")
    assert "does not answer" in line["message"]
    assert "hidden-word" not in line["message"]
    with bench.store.reading() as connection:
        assert leases.rows(connection) == ()
