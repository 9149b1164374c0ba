"""Collects items and hands them on in batches, at most one every so often, without delaying the first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Batcher(Generic[T]):
    """A buffer with a thread that writes it out.

    Args:
        write: takes the items of one batch, oldest first. It may raise; see `on_error`.
        interval: least seconds between two batches. An item that comes after a pause is written at once.
        on_error: what to do with an exception of `write` in the background. Without one, it is raised by the next call.

    `flush()` writes what is there in the calling thread, in order with what the background thread writes.
    """

    def __init__(
        self, write: Callable[[list[T]], None], interval: float = 0.25, on_error: Callable[[BaseException], None] | None = None
    ) -> None:
        self._write = write
        self._interval = interval
        self._on_error = on_error or _raise
        self._items: list[T] = []
        self._wake = threading.Condition()
        self._writing = threading.Lock()
        self._closed = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._loop, name="event-batches", daemon=True)
        self._thread.start()

    def add(self, item: T) -> None:
        """Put an item into the buffer. Raises what became of a failed background write."""
        self._raise_pending()
        with self._wake:
            self._items.append(item)
            self._wake.notify()

    def flush(self) -> None:
        """Write everything now; returns when it is written. Raises what `write` raises."""
        self._raise_pending()
        self._write_out()

    def close(self) -> None:
        """Write what is left and end the thread. Raises what `write` raises."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        self._thread.join()
        self.flush()

    def _loop(self) -> None:
        while True:
            with self._wake:
                while not self._items and not self._closed:
                    self._wake.wait()
                if self._closed:
                    return
            try:
                self._write_out()
            except BaseException as error:
                try:
                    self._on_error(error)
                except BaseException as fatal:
                    self._error = fatal
                    return
            self._pause()

    def _pause(self) -> None:
        """Wait out the interval, or until the buffer is closed."""
        until = time.monotonic() + self._interval
        with self._wake:
            while not self._closed and (left := until - time.monotonic()) > 0:
                self._wake.wait(left)

    def _write_out(self) -> None:
        with self._writing:
            with self._wake:
                items, self._items = self._items, []
            if not items:
                return
            try:
                self._write(items)
            except BaseException:
                with self._wake:
                    self._items[:0] = items
                raise

    def _raise_pending(self) -> None:
        if self._error is not None:
            raise self._error


def _raise(error: BaseException) -> None:
    raise error
