"""Asking a process beside this one: it opens the same workbench, calls a function, and gives back what that returned.

apart = Apart(settings)
look = apart.call("workbench.apart.calls:of_datasets", "statistics", "retail")

A process that has answered waits for the next call for a while, so that only the first one pays for its start. It ends
by itself when none comes, when it has grown large, and with whoever started it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from workbench.datasets import DatasetError, ImportProgress
from workbench.runs.starting import worker_environment, worker_log

if TYPE_CHECKING:
    from workbench.settings import Settings

AT_ONCE = 3
"""Calls that are carried out at once; more wait their turn."""

_LAST_WORDS = ("returned", "raised")
_LOOK_SECONDS = 0.1
"""How often a call looks whether it was cancelled."""
_GRACE_SECONDS = 5.0
"""How long a process may take to end what it does before it is killed."""


class Cancelled(Exception):
    """A call was cancelled before it had an answer."""


class Apart:
    """Processes beside this one. Threads share it; nothing is started before the first call."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._room = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._waiting: list[_Process] = []
        self._closed = False

    def call(
        self,
        target: str,
        *arguments: Any,
        progress: ImportProgress | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        **given: Any,
    ) -> Any:
        """What a function returns that is called with a process's workbench and these arguments.

        Args:
            target: its import string. arguments, given: what can be pickled, as what it returns.
            progress: told of the function's own, which then is given one. cancelled: asked now and then; True ends it.

        Raises:
            Cancelled, and whatever the function raises; DatasetError if its process ends without an answer.
        """
        request = (target, arguments, given, progress is not None)
        with self._room:
            process, answer = self._begun(request)
            try:
                while answer[0] not in _LAST_WORDS:
                    if answer[0] == "progress" and progress is not None:
                        progress(*answer[1])
                    answer = process.next(cancelled)
            except BaseException as error:
                process.end()
                if isinstance(error, EOFError | OSError):
                    raise DatasetError(
                        "The process that read the data ended without an answer; most likely memory ran out.",
                        hint=f"Free memory or take less data. Its log is {worker_log(self._settings.home)}.",
                    ) from error
                raise
            self._give_back(process)
        kind, value = answer
        if kind == "raised":
            raise _rebuilt(*value)
        return value

    def warm(self) -> None:
        """Have a process wait for a call that may soon come. Waits for nothing."""
        with self._lock:
            gone = [process for process in self._waiting if not process.alive]
            if self._closed or len(gone) < len(self._waiting):
                return
            self._waiting = [_Process(self._settings)]
        for process in gone:
            process.end()

    def close(self) -> None:
        """End the processes that wait; those at work end with their calls."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        for process in waiting:
            process.end()

    def _begun(self, request: tuple[Any, ...]) -> tuple[_Process, tuple[str, Any]]:
        """A process that has taken a request; one that waited may have left in the meantime."""
        while True:
            with self._lock:
                waited = bool(self._waiting)
                process = self._waiting.pop() if waited else _Process(self._settings)
            try:
                process.connection.send(request)
                return process, process.next()
            except (EOFError, OSError) as error:
                process.end()
                if not waited:
                    raise DatasetError(
                        "No process could be started that reads the data.",
                        hint=f"Its log is {worker_log(self._settings.home)}.",
                    ) from error

    def _give_back(self, process: _Process) -> None:
        with self._lock:
            if not self._closed and not self._waiting:
                self._waiting.append(process)
                return
        process.end()


class _Process:
    """One process, and the line to it."""

    def __init__(self, settings: Settings) -> None:
        # what it leaves in temporary files when it is killed goes with this folder
        self._folder = tempfile.TemporaryDirectory(prefix="trellis-apart-", ignore_cleanup_errors=True)
        mine, its = socket.socketpair()
        with its, open(worker_log(settings.home), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "workbench.apart.process", str(its.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[its.fileno()],
                cwd=settings.home,
                env={**worker_environment(settings, os.environ), "TMPDIR": self._folder.name},
            )
        self.connection = Connection(mine.detach())

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def next(self, cancelled: Callable[[], bool] = lambda: False) -> tuple[str, Any]:
        """What it says next. Raises EOFError, OSError if it has ended, Cancelled."""
        while not self.connection.poll(_LOOK_SECONDS):
            if cancelled():
                raise Cancelled
        return self.connection.recv()

    def end(self) -> None:
        """See to it that it ends: without a line it leaves, at work it is told to, and killed if it does not."""
        self.connection.close()
        self._process.terminate()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()


def _rebuilt(kind: type[BaseException], arguments: tuple[Any, ...], content: dict[str, Any]) -> BaseException:
    """An exception as it was, without its own way of being made, which may want other arguments."""
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(content)
    return error
