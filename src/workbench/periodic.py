"""A thread that does the same work over and over, until it is told to end."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Periodic:
    """Carries out `work` every so many seconds between `start` and `end`, first after that time.

    Args:
        name: of the thread. work: sees to its own errors; what it raises ends the thread.
    """

    def __init__(self, name: str, seconds: float, work: Callable[[], object]) -> None:
        self._name, self._seconds, self._work = name, seconds, work
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def ended(self) -> bool:
        """Whether it was told to end: work that takes long may leave off."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin; nothing happens if it runs already."""
        if self._thread is None:
            self._ended.clear()
            self._thread = threading.Thread(target=self._loop, name=self._name, daemon=True)
            self._thread.start()

    def end(self, patience: float | None = None) -> None:
        """Leave off, and wait for the thread, so many seconds at most."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(patience)
            self._thread = None

    def _loop(self) -> None:
        while not self._ended.wait(self._seconds):
            self._work()
