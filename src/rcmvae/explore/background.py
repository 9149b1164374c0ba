"""What is computed for a page in the background: one of each key at a time, with words on how far it is, and a way to cancel it.

Several web processes may serve one home, and any of them may be asked. So each job has a note in a folder that they share: what it says,
and which process works on it. One that died leaves a note that counts no more.
"""

from __future__ import annotations

import fcntl
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from workbench.apart import Cancelled
from workbench.artefacts import ArtefactError, write_atomic
from workbench.runs.process import ProcessIdentity

NOTED_SECONDS = 0.3
"""How often what a job says is noted for other processes, and how soon one that they cancel hears of it."""
_LAST_SECONDS = 10.0
"""How long whoever cancels waits for the end."""


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


class Note(BaseModel):
    """What every process can know of a job.

    Attributes:
        group: jobs of which one goes on at a time, such as those about one model. pid, started: the process that works on it.
        outcome: what became of it; "" while it goes on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    group: str
    pid: int
    started: float
    words: str
    share: float | None = None
    outcome: Literal["", "done", "failed", "cancelled"] = ""

    @property
    def under_way(self) -> bool:
        """Whether somebody works on it."""
        return not self.outcome and ProcessIdentity(self.pid, self.started).alive()


class Jobs:
    """Those of one kind. Threads and processes share it.

    Args:
        name: of the threads, and of the folder of notes within `folder`. first: words until a job has its own. failed: what is said before
            the words of an error.
    """

    def __init__(self, name: str, first: str, failed: str, folder: Path) -> None:
        self._name, self._first, self._failed, self._folder = name, first, failed, folder / name
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def look(self, key: str, *, done: Callable[[], bool] | None = None) -> Standing:
        """How the job of that key stands; `done` says whether what it makes is there (None: whether the last one came to its end)."""
        with self._lock:
            job = self._jobs.get(key)
            if job is not None and not job.ended.is_set():
                return Standing("under way", job.words, job.share)
        note = self._note(key)
        if note is not None and note.under_way:
            return Standing("under way", note.words, note.share)
        if done() if done is not None else note is not None and note.outcome == "done":
            return Standing("done")
        return Standing("failed", note.words) if note is not None and note.outcome == "failed" else Standing("none")

    def begin(self, key: str, work: Callable[[Job], None], *, done: Callable[[], bool] = lambda: False, group: str = "") -> None:
        """Have `work` done in a thread, unless it is under way, here or in another process, or done."""
        with self._alone():
            if done() or self.look(key, done=done).state == "under way":
                return
            job = Job(self._first)
            with self._lock:
                self._jobs[key] = job
            self._cancelled_file(key).unlink(missing_ok=True)
            self._tell(key, group, job)
        threading.Thread(target=self._carry_out, args=(key, group, job, work), name=self._name, daemon=True).start()

    def cancel(self, key: str) -> None:
        """End it, if it goes on, whichever process works on it."""
        with self._lock:
            job = self._jobs.get(key)
        if job is not None and not job.ended.is_set():
            job.cancelled.set()
            job.ended.wait(_LAST_SECONDS)
            return
        note = self._note(key)
        if note is None or not note.under_way:
            return
        self._cancelled_file(key).touch()
        until = time.monotonic() + _LAST_SECONDS
        while note is not None and note.under_way and time.monotonic() < until:
            time.sleep(NOTED_SECONDS / 3)
            note = self._note(key)

    def of_group(self, group: str) -> list[str]:
        """The keys of a group that are under way."""
        notes = (self._read(path) for path in self._folder.glob("*.json"))
        return [note.key for note in notes if note is not None and note.group == group and note.under_way]

    def _carry_out(self, key: str, group: str, job: Job, work: Callable[[Job], None]) -> None:
        over = threading.Event()
        watch = threading.Thread(target=self._watch, args=(key, group, job, over), daemon=True)
        watch.start()
        outcome: Literal["done", "failed", "cancelled"] = "done"
        try:
            work(job)
        except Cancelled:
            outcome = "cancelled"
        except Exception as error:
            outcome, job.failed = "failed", f"{self._failed}: {error}"
        finally:
            over.set()
            watch.join()
            with self._lock:  # whoever heard from the note that it has ended finds that here, too
                self._tell(key, group, job, outcome)
                job.ended.set()

    def _watch(self, key: str, group: str, job: Job, over: threading.Event) -> None:
        told: tuple[str, float | None] | None = None
        while not over.wait(NOTED_SECONDS):
            if self._cancelled_file(key).exists():
                job.cancelled.set()
            if (job.words, job.share) != told:
                told = (job.words, job.share)
                self._tell(key, group, job)

    def _tell(self, key: str, group: str, job: Job, outcome: Literal["", "done", "failed", "cancelled"] = "") -> None:
        me = ProcessIdentity.current()
        note = Note(key=key, group=group, pid=me.pid, started=me.started, words=job.failed or job.words, share=job.share, outcome=outcome)
        # A note that cannot be written is one that others miss; the job itself goes on.
        with suppress(ArtefactError, OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomic(self._note_file(key), note.model_dump_json().encode())

    def _note(self, key: str) -> Note | None:
        return self._read(self._note_file(key))

    def _read(self, path: Path) -> Note | None:
        try:
            return Note.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None

    def _note_file(self, key: str) -> Path:
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"

    def _cancelled_file(self, key: str) -> Path:
        return self._note_file(key).with_suffix(".cancelled")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process and thread at a time; where the folder cannot be written, one thread of this process."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            file = (self._folder / "lock").open("ab")
        except OSError:
            yield
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
