"""What is computed for a page in the background: one of each key at a time, with words on how far it is, and a way to cancel it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Literal

from workbench.apart import Cancelled


@dataclass(frozen=True)
class Standing:
    """How something that can be computed stands, in words, and what share of it is done, in [0, 1], where that is known."""

    state: Literal["none", "under way", "done", "failed"]
    words: str = ""
    share: float | None = None


@dataclass
class Job:
    """One that goes on. What works on it writes `words` and `share` and looks at `cancelled`."""

    words: str
    share: float | None = None
    failed: str = ""
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)


class Jobs:
    """Those of one kind that this process has begun. Threads share it.

    Args:
        name: of the threads. first: words until a job has its own. failed: what is said before the words of an error.
    """

    def __init__(self, name: str, first: str, failed: str) -> None:
        self._name, self._first, self._failed = name, first, failed
        self._lock = threading.Lock()
        self._jobs: dict[Hashable, Job] = {}

    def look(self, key: Hashable, *, done: Callable[[], bool]) -> Standing:
        """How the job of that key stands; `done` says whether what it makes is there."""
        with self._lock:
            job = self._jobs.get(key)
        if job is not None and not job.ended.is_set():
            return Standing("under way", job.words, job.share)
        if done():
            return Standing("done")
        return Standing("failed", job.failed) if job is not None and job.failed else Standing("none")

    def begin(self, key: Hashable, work: Callable[[Job], None], *, done: Callable[[], bool] = lambda: False) -> None:
        """Have `work` done in a thread, unless it is under way or done."""
        with self._lock:
            if done() or (key in self._jobs and not self._jobs[key].ended.is_set()):
                return
            job = self._jobs[key] = Job(self._first)
        threading.Thread(target=self._carry_out, args=(job, work), name=self._name, daemon=True).start()

    def cancel(self, key: Hashable) -> None:
        """End it, if it goes on."""
        with self._lock:
            job = self._jobs.get(key)
        if job is not None:
            job.cancelled.set()
            job.ended.wait(10)

    def _carry_out(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
        except Cancelled:
            pass
        except Exception as error:
            job.failed = f"{self._failed}: {error}"
        finally:
            job.ended.set()
