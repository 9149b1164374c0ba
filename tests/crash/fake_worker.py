"""A worker process whose only family is the fake one and which imports no framework. `python -m tests.crash.fake_worker`.

While the file that FAKE_FULL_DISK names exists, the disk is full for the file whose name it holds. While the one that
FAKE_HOLD_WORK names exists, a claimed run's work does not begin.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from pathlib import Path
from typing import Any

from workbench.runs import process


def fill_disk() -> None:
    """Let the operating system refuse to write the one file, as a full disk would: when its content is flushed."""
    marker = os.environ.get("FAKE_FULL_DISK")
    real = os.fsync

    def fsync(descriptor: int) -> None:
        assert marker is not None
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        if Path(marker).exists() and Path(marker).read_text() in name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(descriptor)

    if marker is not None:
        os.fsync = fsync


def hold_work() -> None:
    """Let a worker that has claimed a run wait, as it does while a framework is imported."""
    from workbench.runs import carry

    real = carry.prepare

    def prepare(*given: Any) -> Any:
        while Path(os.environ["FAKE_HOLD_WORK"]).exists():
            time.sleep(0.02)
        return real(*given)

    carry.prepare = prepare


if __name__ == "__main__":
    # As in the real worker, the fork comes before anything heavy is imported.
    if "--detach" in sys.argv:
        sys.argv.remove("--detach")
        process.detach()
    from tests.crash.processes import FAKE_WORKER
    from tests.support import fake_family
    from workbench.runs import executor, worker

    fill_disk()
    if "FAKE_HOLD_WORK" in os.environ:
        hold_work()
    fake_family.register()
    executor.WORKER_PROGRAM = FAKE_WORKER
    sys.exit(worker.main())
