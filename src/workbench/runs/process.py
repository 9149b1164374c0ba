"""Which process is meant: a pid alone is reused, a pid with its start time is not.

The start is counted from the boot: a clock that is set changes every time since the epoch, and no process.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

import psutil

START_TOLERANCE_SECONDS = 2.0
"""Start times are known to a hundredth of a second, those since the epoch to a second; a pid is not reused that fast."""

_EPOCH_BASED = 1e9
"""Starts beyond this are seconds since the epoch, as earlier versions wrote them; no machine is up for thirty years."""


@dataclass(frozen=True)
class ProcessIdentity:
    """One process on this host: `pid` and `started`, its start in seconds since the boot."""

    pid: int
    started: float

    @classmethod
    def current(cls) -> ProcessIdentity:
        """The calling process."""
        return cls(os.getpid(), _since_boot(psutil.Process()))

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
            started = process.create_time() if self.started > _EPOCH_BASED else _since_boot(process)
            same = abs(started - self.started) <= START_TOLERANCE_SECONDS
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def _since_boot(process: psutil.Process) -> float:
    # Both are moved alike when the clock is set.
    return process.create_time() - psutil.boot_time()


def detach() -> None:
    """Make the calling process nobody's descendant: a session of its own, and a parent that has already left.

    Call it first thing in a fresh interpreter, before threads start and anything heavy is imported. The caller's
    parent sees its child end at once with code 0.
    """
    if os.getpid() != os.getsid(0):
        os.setsid()
    if os.fork():
        os._exit(0)
