"""Dash background callbacks: what takes long and ends. Where they keep their results, and what a forked job must do first.

A background job is a fork of the server. It inherits the server's listening socket (so that a killed server's port
would stay taken while the job lives), its browsers' connections and its database connections (which must never be used
from two processes).
So every background callback begins with::

    workbench = enter_background_job(app.server)   # app is the Dash app given to register(app)

and has a unique id among its arguments, because Dash tells jobs apart by their arguments alone. A job launches, makes
or computes something and ends; nothing follows a run in one. Nothing durable lives here: the folder is disposable, and
a job that dies loses nothing but its words. One that hangs is ended when its time is over.
"""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import flask
import psutil
from dash import DiskcacheManager

from dashboard import context
from dashboard.context import current

if TYPE_CHECKING:
    from workbench.workbench import Workbench

F = TypeVar("F", bound=Callable[..., Any])

_SIZE_LIMIT = 256 * 1024 * 1024
_PARENT_CHECK_SECONDS = 0.5

_LAST_SECONDS = 0.3
"""How long a job that has given its result may take to end."""

LONGEST_SECONDS = 15 * 60.0
"""The longest that a job may live: whatever holds it up then, a fork that waits for a lock waits for ever."""


class JobManager(DiskcacheManager):
    """Dash's diskcache manager that knows its jobs, so that a server can end them when it goes."""

    def __init__(self, folder: Path) -> None:
        import diskcache

        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(folder, 0o700)
        # Least recently stored rows go first; results of a job are read within seconds.
        cache = diskcache.Cache(str(folder), size_limit=_SIZE_LIMIT, eviction_policy="least-recently-stored")
        super().__init__(cache, expire=3600)
        self._jobs: dict[int, bool] = {}
        self._lock = threading.Lock()

    def make_job_fn(self, fn: Any, progress: Any, key: Any = None) -> Any:
        """What a job's process runs; it knows whether it carries on (see `carries_on`)."""
        made = super().make_job_fn(fn, progress, key)
        return carries_on(made) if _carries_on(fn) else made

    def call_job_fn(self, key: Any, job_fn: Any, args: Any, context: Any) -> int:
        """Start a job and remember its process id. Raises StoreError if the store cannot be opened."""
        if flask.has_app_context():
            # A process forked while another thread opens the store would wait for that thread for ever.
            current().opened()
        pid = super().call_job_fn(key, job_fn, args, context)
        with self._lock:
            self._jobs = {p: stays for p, stays in self._jobs.items() if self.job_running(p)} | {pid: _carries_on(job_fn)}
        return pid

    def terminate_job(self, job: Any) -> None:
        """What Dash does to a job when its result is there, when it is cancelled, or when the same callback is called again."""
        if job is None:
            return
        with self._lock:
            stays = self._jobs.get(int(job), False)
        if not stays:
            super().terminate_job(job)
            return
        # One whose result is there is about to end: waiting for that takes its process off the system's list.
        with suppress(psutil.Error):
            psutil.Process(int(job)).wait(_LAST_SECONDS)

    def end_jobs(self) -> None:
        """End every job that this server started and that still runs."""
        with self._lock:
            jobs, self._jobs = self._jobs, {}
        for pid in jobs:
            self.terminate_job(pid)
        self.handle.close()


def carries_on(function: F) -> F:
    """Mark a background callback whose jobs end by themselves alone.

    Dash kills a job when its callback is called again in the same browser tab. What a person asked for first must come to
    pass all the same.
    """
    function.carries_on = True  # type: ignore[attr-defined]
    return function


def _carries_on(function: Any) -> bool:
    return getattr(function, "carries_on", False)


def enter_background_job(server: flask.Flask, *, longest: float = LONGEST_SECONDS) -> Workbench:
    """Make a forked background job independent of the server it came from; returns a workbench of its own.

    Closes the server's sockets, forgets its database connections (new ones are opened when needed; what has been read of
    the state stays), and lets the process end by itself once its parent is gone or its time is over. Call it first in
    every background callback, before anything touches the store.

    Args:
        server: the Flask app of the Dash app (`app.server`). longest: seconds after which the job ends, whatever it does.
    """
    close_server_sockets()
    inherited = context.of(server)
    end_with(inherited.pid, longest)
    inherited.workbench.store.engine.dispose(close=False)
    fresh = inherited.workbench.forked()
    context.install(server, context.AppContext(lambda: fresh, inherited.settings))
    return fresh


def close_server_sockets() -> int:
    """Close every listening socket this process holds and every connection accepted by one; returns how many.

    A connection kept open here would never end for the browser: once the server has closed its side, the browser
    would go on using it and wait for ever.
    """
    sockets = dict(_sockets())
    ports = {found.getsockname() for found in sockets.values() if _listens(found)}
    mine = [number for number, found in sockets.items() if _listens(found) or _is_of(found, ports)]
    for found in sockets.values():
        found.close()
    for number in mine:
        os.close(number)
    return len(mine)


def _sockets() -> Iterator[tuple[int, socket.socket]]:
    """(descriptor, a duplicate of it as a socket) of every network socket of this process."""
    # All descriptors are looked at before the first is duplicated, or a duplicate could pass for one of them.
    for number in [int(name) for name in os.listdir("/proc/self/fd") if _is_socket(int(name))]:
        found = socket.socket(fileno=os.dup(number))
        if found.family in (socket.AF_INET, socket.AF_INET6):
            yield number, found
        else:
            found.close()


def _is_socket(number: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(number).st_mode)
    except OSError:
        # The descriptor was that of the listing itself and is gone.
        return False


def _listens(found: socket.socket) -> bool:
    return bool(found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))


def _is_of(found: socket.socket, addresses: set[Any]) -> bool:
    """Whether a connection was accepted at one of these listening addresses."""
    return any(found.getsockname()[1] == address[1] for address in addresses)


def end_with(parent: int, longest: float) -> None:
    """End this process when its parent does, so that a killed server leaves no job behind, and after `longest` seconds."""
    until = time.monotonic() + longest

    def watch() -> None:
        while os.getppid() == parent and time.monotonic() < until:
            time.sleep(_PARENT_CHECK_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
