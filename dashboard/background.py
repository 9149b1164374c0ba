"""Dash background callbacks: what takes long and ends. Their jobs are threads of the server, their results lie in a folder.

Dash's own manager forks the server for every job. A fork of a process with many threads inherits every lock that one of
them holds at that moment (an import under way, a value being computed once), and waits for it for ever. So a job here is
a thread. It only waits: what computes is a process of its own, which the job watches, and which it ends when the job is
cancelled. A job looks like this::

    workbench = current().workbench           # as in any callback
    while under_way and not job_cancelled():
        ...

This holds where other hosts train, too (`TRELLIS_EXECUTOR=celery`). Dash's CeleryManager would have jobs done by Celery workers, but a job
needs what only its server has: the request with the cookie that says who acts, and the processes beside the server that it ends when it is
cancelled. That manager cancels with a signal to the worker, which lets nothing be ended, also when a callback is called again, which jobs that
carry on must survive; and it keeps results in the broker's own store, which RabbitMQ has none of.

It has a unique id among its arguments, because Dash tells jobs apart by their arguments alone. A job launches, makes or
has something computed and ends; nothing follows a run in one. Nothing durable lives here: the folder is disposable, and a
job that dies loses nothing but its words.
"""

from __future__ import annotations

import contextvars
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import psutil
from dash import DiskcacheManager

F = TypeVar("F", bound=Callable[..., Any])

_SIZE_LIMIT = 256 * 1024 * 1024

_GRACE_SECONDS = 5.0
"""A job counts as running for so long after its end: Dash looks for the result first and for the job after that."""

_LAST_SECONDS = 3.0
"""How long a server that ends waits for its jobs to end what they started."""

_MARK_SECONDS = 24 * 3600.0
"""The longest that marks of jobs are kept."""

_this_job: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar("this_job")


def job_cancelled() -> bool:
    """Within a background callback: whether its job has been cancelled or the server is ending. False anywhere else."""
    cancelled = _this_job.get(None)
    return cancelled is not None and cancelled()


class JobManager(DiskcacheManager):
    """Dash's diskcache manager with threads for jobs, which knows them, so that a server can end them when it goes.

    Marks of jobs lie beside their results, so that another process that serves the same pages knows them, too.

    Args:
        folder: where results lie; made with access for its owner alone.
    """

    def __init__(self, folder: Path) -> None:
        import diskcache

        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(folder, 0o700)
        # Least recently stored rows go first; results of a job are read within seconds.
        cache = diskcache.Cache(str(folder), size_limit=_SIZE_LIMIT, eviction_policy="least-recently-stored")
        super().__init__(cache, expire=3600)
        self._jobs: dict[int, threading.Thread] = {}
        self._ending = threading.Event()
        self._lock = threading.Lock()

    def make_job_fn(self, fn: Any, progress: Any, key: Any = None) -> Any:
        """What a job's thread runs; it knows whether it carries on (see `carries_on`)."""
        made = super().make_job_fn(fn, progress, key)
        return carries_on(made) if _carries_on(fn) else made

    def call_job_fn(self, key: Any, job_fn: Any, args: Any, context: Any) -> int:
        """Start a job within the context of the callback that asks for it; returns its number."""
        job = secrets.randbelow(2**48) + 1
        self.handle.set(_mark(job), (os.getpid(), _carries_on(job_fn)), expire=_MARK_SECONDS)

        def work() -> None:
            _this_job.set(lambda: self._ending.is_set() or _cancelled(job) in self.handle)
            try:
                job_fn(key, self._make_progress_key(key), args, context)
            finally:
                self.handle.touch(_mark(job), expire=_GRACE_SECONDS)
                with self._lock:
                    self._jobs.pop(job, None)

        thread = threading.Thread(target=contextvars.copy_context().run, args=(work,), name=f"job-{job}", daemon=True)
        with self._lock:
            self._jobs[job] = thread
        thread.start()
        return job

    def job_running(self, job: Any) -> bool:
        """Whether a job goes on, or has ended just now."""
        marked = self._marked(job)
        return marked is not None and (marked[0] == os.getpid() or psutil.pid_exists(marked[0]))

    def terminate_job(self, job: Any) -> None:
        """What Dash does to a job when its result is there, when it is cancelled, or when the same callback is called again."""
        marked = None if job is None else self._marked(job)
        if marked is not None and not marked[1]:
            self.handle.set(_cancelled(job), True, expire=_MARK_SECONDS)

    def _marked(self, job: Any) -> tuple[int, bool] | None:
        """The process that a job belongs to, and whether the job carries on; None if it has ended or never was."""
        found: Any = self.handle.get(_mark(job))
        return found

    def terminate_unhealthy_job(self, job: Any) -> bool:
        """A thread cannot be there without working, so there is never anything to end."""
        return False

    def end_jobs(self) -> None:
        """Tell every job of this server to end what it started, and wait for that for a moment."""
        self._ending.set()
        with self._lock:
            threads = list(self._jobs.values())
        until = time.monotonic() + _LAST_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.handle.close()


def carries_on(function: F) -> F:
    """Mark a background callback whose jobs end by themselves alone.

    Dash ends a job when its callback is called again in the same browser tab. What a person asked for first must come to
    pass all the same.
    """
    function.carries_on = True  # type: ignore[attr-defined]
    return function


def _carries_on(function: Any) -> bool:
    return getattr(function, "carries_on", False)


def _mark(job: Any) -> str:
    return f"job-{int(job)}"


def _cancelled(job: Any) -> str:
    return f"job-{int(job)}-cancelled"
