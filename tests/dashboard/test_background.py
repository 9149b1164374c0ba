from __future__ import annotations

import stat
import threading
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from dashboard.background import JobManager, carries_on, job_cancelled

PATIENCE_SECONDS = 30.0


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[JobManager]:
    made = JobManager(tmp_path / "cache" / "background")
    yield made
    made.end_jobs()


def start(manager: JobManager, function: Callable[[], Any]) -> int:
    """A job of this function, as Dash starts it; its result lies under the function's name."""
    return manager.call_job_fn(function.__name__, manager.make_job_fn(function, False), [], {})


def result(manager: JobManager, key: str) -> Any:
    """A job's result once it is there."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not manager.result_ready(key):
        assert time.monotonic() < until, f"no result of {key}"
        time.sleep(0.01)
    return manager.handle.get(key)


def until_cancelled() -> str:
    """A job that goes on until it is cancelled."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not job_cancelled() and time.monotonic() < until:
        time.sleep(0.01)
    return "cancelled" if job_cancelled() else "left alone"


def test_what_another_thread_holds_when_a_job_starts_holds_it_up_only_until_it_lets_go(manager: JobManager) -> None:
    computing, go_on = threading.Event(), threading.Event()

    class Slow:
        @cached_property
        def value(self) -> str:
            computing.set()
            assert go_on.wait(PATIENCE_SECONDS)
            return "computed once"

    slow = Slow()
    other = threading.Thread(target=lambda: slow.value)
    other.start()
    assert computing.wait(PATIENCE_SECONDS)

    def job() -> str:
        return slow.value

    start(manager, job)
    go_on.set()
    assert result(manager, "job") == "computed once"
    other.join()


def test_a_job_goes_on_until_it_is_cancelled(manager: JobManager) -> None:
    job = start(manager, until_cancelled)
    assert manager.job_running(job)
    assert not manager.terminate_unhealthy_job(job)
    assert not manager.result_ready("until_cancelled")
    manager.terminate_job(job)
    assert result(manager, "until_cancelled") == "cancelled"


def test_a_job_that_carries_on_is_not_cancelled_by_the_next_call_of_its_callback(manager: JobManager) -> None:
    seen = threading.Event()

    @carries_on
    def staying() -> bool:
        assert seen.wait(PATIENCE_SECONDS)
        return job_cancelled()

    job = start(manager, staying)
    manager.terminate_job(job)
    seen.set()
    assert result(manager, "staying") is False


def test_a_job_counts_as_running_until_its_result_has_been_seen(manager: JobManager) -> None:
    def quick() -> str:
        return "done"

    job = start(manager, quick)
    assert result(manager, "quick") == "done"
    for thread in threading.enumerate():
        if thread.name == f"job-{job}":
            thread.join(PATIENCE_SECONDS)
    # Dash looks for the result, finds none, and looks for the job after that: it must not take its end for a cancellation.
    assert manager.job_running(job)


def test_another_process_that_serves_the_same_pages_knows_a_job_and_may_cancel_it(manager: JobManager, tmp_path: Path) -> None:
    job = start(manager, until_cancelled)
    other = JobManager(tmp_path / "cache" / "background")
    assert other.job_running(job)
    other.terminate_job(job)
    assert result(other, "until_cancelled") == "cancelled"
    other.end_jobs()


def test_no_job_is_running_that_nobody_started(manager: JobManager) -> None:
    assert not manager.job_running(12)
    manager.terminate_job(12)
    manager.terminate_job(None)


def test_ending_the_server_ends_its_jobs(manager: JobManager) -> None:
    ended: list[str] = []

    @carries_on
    def job() -> None:
        ended.append(until_cancelled())

    start(manager, job)
    manager.end_jobs()
    assert ended == ["cancelled"]


def test_an_error_within_a_job_reaches_dash_as_one(manager: JobManager) -> None:
    def failing() -> None:
        raise ValueError("no such thing")

    start(manager, failing)
    assert result(manager, "failing")["background_callback_error"]["msg"] == "no such thing"


def test_nothing_is_cancelled_outside_a_job() -> None:
    assert job_cancelled() is False


def test_results_lie_in_a_folder_that_only_its_owner_can_read(manager: JobManager, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "cache" / "background").stat().st_mode) == 0o700
    kept: Any = manager.handle
    assert kept.size_limit == 256 * 1024 * 1024
    assert kept.eviction_policy == "least-recently-stored"


def test_a_folder_with_wider_rights_is_narrowed(tmp_path: Path) -> None:
    (tmp_path / "background").mkdir(mode=0o755)
    JobManager(tmp_path / "background").end_jobs()
    assert stat.S_IMODE((tmp_path / "background").stat().st_mode) == 0o700
