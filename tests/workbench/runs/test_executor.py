"""Workers are started when they are missing, no more than needed, with the caller's settings and nothing else of Trellis."""

import sys

import pytest

from tests.workbench.runs import inline
from workbench.runs import leases
from workbench.runs.executor import LocalExecutor, missing_workers
from workbench.runs.process import ProcessIdentity
from workbench.runs.starting import LOG_LIMIT_BYTES, ExecutorError, worker_environment, worker_log
from workbench.settings import Settings, host_name

HOST = host_name()


def missing(bench, *, limit=4, least=0):
    with bench.store.engine.connect() as connection:
        return missing_workers(connection, bench.state(), "jax", HOST, limit, least)


def test_each_queued_run_wants_a_worker_up_to_the_limit(bench, make_model):
    assert missing(bench) == 0
    for n in range(3):
        inline.start(bench, make_model(f"model {n}"))
    assert missing(bench) == 3
    assert missing(bench, limit=2) == 2
    inline.register(bench)
    assert missing(bench) == 2
    inline.claim_one(bench)
    assert missing(bench, limit=1) == 0


def test_one_warm_worker_is_enough_and_none_is_started_where_there_is_no_room(bench, make_model):
    assert missing(bench, least=1) == 1
    with bench.store.transaction() as connection:
        leases.announce(connection, "worker_coming", "jax", HOST, 60)
    assert missing(bench, least=1) == 0


def test_an_announced_worker_that_never_came_and_one_that_died_do_not_count(bench):
    with bench.store.transaction() as connection:
        leases.announce(connection, "worker_never_came", "jax", HOST, 0)
        leases.register(connection, "worker_dead", "jax", HOST, ProcessIdentity(2**22 + 1, 1.0), 60)
    assert missing(bench, least=1) == 1


def test_a_worker_gets_every_setting_as_the_caller_has_it_but_not_the_token(tmp_path, home):
    settings = Settings.load(home=tmp_path / "other", lease_seconds=3, heartbeat_seconds=1, token="secret", data=tmp_path)
    environment = worker_environment(settings, {"PATH": "/bin", "TRELLIS_HOME": "/elsewhere", "TRELLIS_TOKEN": "secret"})
    assert environment["PATH"] == "/bin"
    assert environment["TRELLIS_HOME"] == str(tmp_path / "other")
    assert environment["TRELLIS_DATA"] == str(tmp_path)
    assert "TRELLIS_TOKEN" not in environment
    assert "secret" not in environment.values()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.delenv("TRELLIS_TOKEN", raising=False)
        assert Settings.load() == settings.model_copy(update={"token": None})


def test_a_worker_that_cannot_be_started_is_an_error_that_names_the_log(bench):
    executor = LocalExecutor(bench.store, bench.settings, (sys.executable, "-c", "raise SystemExit('no framework here')"))
    with pytest.raises(ExecutorError, match=r"workers\.log"):
        executor.warm("jax")
    assert "no framework here" in worker_log(bench.settings.home).read_text()
    with bench.store.engine.connect() as connection:
        assert leases.rows(connection) == ()


def test_a_start_without_a_worker_leaves_the_run_queued_and_says_so_in_its_log(bench, make_model):
    bench.runs.executor = LocalExecutor(bench.store, bench.settings, ("/nonexistent/python",))
    run = inline.start(bench, make_model())
    (line,) = inline.told_now(bench, run.id, "log")
    assert line["level"] == "error"
    assert "No worker process could be started" in line["message"]


def test_a_large_log_is_begun_anew_and_kept_once(tmp_path):
    log = worker_log(tmp_path)
    log.write_bytes(b"x" * (LOG_LIMIT_BYTES + 1))
    assert worker_log(tmp_path) == log
    assert not log.exists()
    assert log.with_suffix(".old").stat().st_size == LOG_LIMIT_BYTES + 1
