"""Asking a process beside this one: it opens the same workbench, calls a function, and gives back what that returned.

apart = Apart(settings)
look = apart.call("workbench.apart.calls:of_datasets", "statistics", "retail")

There are processes that read data, and for each framework one that runs its models, so that neither carries what the other
needs, and a slow table keeps no model from answering.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from workbench.datasets import DatasetError
from workbench.runs.starting import worker_environment, worker_log

if TYPE_CHECKING:
    from workbench.settings import Settings

AT_ONCE = 3
"""Calls that read data and are carried out at once; more wait their turn. A framework's come one after the other: a second
process would load for longer than they wait. Long ones of a framework (`aside`) are among themselves."""

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
        self._lock = threading.Lock()
        self._kinds: dict[tuple[str | None, bool], _Kind] = {}
        self._closed = False

    def call(
        self,
        target: str,
        *arguments: Any,
        framework: str | None = None,
        aside: bool = False,
        progress: Callable[..., None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        **given: Any,
    ) -> Any:
        """What a function returns that is called with a process's workbench and these arguments.

        Args:
            target: its import string. arguments, given: what can be pickled, as what it returns.
            framework: the one whose models it runs; None for a function that reads data.
            aside: it goes on for minutes: in a process that ends with it, so that no short call waits for it.
            progress: told of the function's own, which then is given one. cancelled: asked now and then; True ends it, or the wait for its turn.

        Raises:
            Cancelled, and whatever the function raises; DatasetError if its process ends without an answer.
        """
        request = (target, arguments, given, progress is not None)
        kind = self._kind(framework, aside)
        with kind.turn(cancelled):
            process, answer = self._begun(kind, request)
            try:
                while answer[0] not in _LAST_WORDS:
                    if answer[0] == "progress" and progress is not None:
                        progress(*answer[1])
                    answer = process.next(cancelled)
            except BaseException as error:
                process.end()
                if isinstance(error, EOFError | OSError):
                    raise DatasetError(
                        f"The process that {kind.did} ended without an answer; most likely memory ran out.",
                        hint=f"Free memory or take less data. Its log is {worker_log(self._settings.home)}.",
                    ) from error
                raise
            if aside:
                process.end()
            else:
                self._give_back(kind, process)
        which, value = answer
        if which == "raised":
            raise _rebuilt(*value)
        return value

    def warm(self, framework: str | None = None) -> None:
        """Have a process wait for a call that may soon come. Waits for nothing."""
        kind = self._kind(framework)
        with self._lock:
            gone = [process for process in kind.waiting if not process.alive]
            if self._closed or len(gone) < len(kind.waiting):
                return
            kind.waiting = [_Process(self._settings, framework)]
        for process in gone:
            process.end()

    def close(self) -> None:
        """End the processes that wait; those at work end with their calls."""
        with self._lock:
            self._closed = True
            waiting = [process for kind in self._kinds.values() for process in kind.waiting]
            for kind in self._kinds.values():
                kind.waiting = []
        for process in waiting:
            process.end()

    def _kind(self, framework: str | None, aside: bool = False) -> _Kind:
        with self._lock:
            return self._kinds.setdefault((framework, aside), _Kind(framework))

    def _begun(self, kind: _Kind, request: tuple[Any, ...]) -> tuple[_Process, tuple[str, Any]]:
        """A process that has taken a request; one that waited may have left in the meantime."""
        while True:
            with self._lock:
                waited = bool(kind.waiting)
                process = kind.waiting.pop() if waited else _Process(self._settings, kind.framework)
            try:
                process.connection.send(request)
                return process, process.next()
            except (EOFError, OSError) as error:
                process.end()
                if not waited:
                    raise DatasetError(
                        f"No process could be started that {kind.does}.",
                        hint=f"Its log is {worker_log(self._settings.home)}.",
                    ) from error

    def _give_back(self, kind: _Kind, process: _Process) -> None:
        with self._lock:
            if not self._closed and not kind.waiting:
                kind.waiting.append(process)
                return
        process.end()


class _Kind:
    """Processes that can take one another's calls: those that wait, and room for as many calls as there may be at once."""

    def __init__(self, framework: str | None) -> None:
        self.framework = framework
        self.room = threading.BoundedSemaphore(AT_ONCE if framework is None else 1)
        self.waiting: list[_Process] = []
        self.does, self.did = ("reads the data", "read the data") if framework is None else ("runs the model", "ran the model")

    @contextmanager
    def turn(self, cancelled: Callable[[], bool]) -> Iterator[None]:
        """Room for a call, once there is any. Raises Cancelled."""
        while not self.room.acquire(timeout=_LOOK_SECONDS):
            if cancelled():
                raise Cancelled
        try:
            yield
        finally:
            self.room.release()


class _Process:
    """One process, and the line to it."""

    def __init__(self, settings: Settings, framework: str | None) -> None:
        # what it leaves in temporary files when it is killed goes with this folder
        self._folder = tempfile.TemporaryDirectory(prefix="trellis-apart-", ignore_cleanup_errors=True)
        mine, its = socket.socketpair()
        with its, open(worker_log(settings.home), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "workbench.apart.process", str(its.fileno()), *([] if framework is None else [framework])],
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
