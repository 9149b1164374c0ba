"""Which process is meant: a pid alone is reused, a pid with its start time is not."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

import psutil

START_TOLERANCE_SECONDS = 2.0
"""Start times come from the clock at boot, which may be corrected by a second; a pid is not reused that fast."""


@dataclass(frozen=True)
class ProcessIdentity:
    """One process on this host: `pid` and `started`, its start in seconds since the epoch."""

    pid: int
    started: float

    @classmethod
    def current(cls) -> ProcessIdentity:
        """The calling process."""
        return cls(os.getpid(), psutil.Process().create_time())

    def alive(self) -> bool:
        """Whether that very process still exists and is not a zombie. A suspended process is alive."""
        return self._process() is not None

    def kill(self) -> bool:
        """End it with SIGKILL; False if it was gone already. Never touches another process that got the same pid."""
        process = self._process()
        if process is None:
            return False
        try:
            process.send_signal(signal.SIGKILL)
        except psutil.NoSuchProcess:
            return False
        return True

    def _process(self) -> psutil.Process | None:
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) <= START_TOLERANCE_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def detach() -> None:
    """Make the calling process nobody's descendant: a session of its own, and a parent that has already left.

    Call it first thing in a fresh interpreter, before threads start and anything heavy is imported. The caller's
    parent sees its child end at once with code 0.
    """
    os.setsid()
    if os.fork():
        os._exit(0)
