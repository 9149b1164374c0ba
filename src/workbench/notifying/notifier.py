"""The server's part that notices ended runs and sweeps and sees to it that people are told: once, and again with longer pauses if it did not arrive.

What it has noticed and what is still to be sent stands in a file of the home folder, so that a restart neither forgets nor repeats. Of several
servers on one home one does it.
"""

from __future__ import annotations

import fcntl
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from workbench.artefacts import ArtefactError, write_atomic
from workbench.clock import from_text
from workbench.notifying.endings import Ended, ended_since
from workbench.notifying.message import Message, about
from workbench.notifying.ways import ways_of
from workbench.notifying.webhook import NotDelivered
from workbench.periodic import Periodic
from workbench.settings import Settings
from workbench.state import RunState
from workbench.store.errors import StoreError
from workbench.store.store import Store

PERIOD_SECONDS = 2.0
PAUSES = (5.0, 30.0, 120.0, 600.0, 3600.0)
"""Seconds before each further try; after the last one a message is given up."""

MOST_WAITING = 500
"""Messages that wait at once; of more, the oldest are given up."""
FARTHEST = 5000
OLDEST_SECONDS = 24 * 3600.0
"""Rows of the journal that are caught up with, and how long ago something may have ended; what is longer ago is not told any more."""

_log = logging.getLogger(__name__)
_BAD = (RunState.FAILED, RunState.INTERRUPTED, "failed")


class Waiting(BaseModel):
    """A message that is to go one way: how often it was tried, and when it is due (seconds since 1970)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    way: str
    message: Message
    tries: int = 0
    due: float = 0.0


class Standing(BaseModel):
    """Where the notifier stands: the journal row up to which runs were noticed, and what is still to be sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: int
    waiting: tuple[Waiting, ...] = ()


class Notifier:
    """One server's notifier: `start()` runs it in a thread, `look()` does one round. Nothing happens where no way is set up."""

    def __init__(self, store: Store, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self._store = store
        self._settings = settings
        self._ways = ways_of(settings)
        self._now = now
        self._file = settings.home / "notifications.json"
        self._thread = Periodic("notifier", PERIOD_SECONDS, self._try_to_look)

    def start(self) -> None:
        """Look every two seconds from now on, if there is a way to tell anybody."""
        if self._ways:
            self._thread.start()

    def end(self) -> None:
        """Stop looking. A message that is on its way is not waited for longer than a receiver may take."""
        self._thread.end(patience=1.0)

    def _try_to_look(self) -> None:
        try:
            self.look()
        except (StoreError, SQLAlchemyError, ArtefactError, OSError) as error:
            # The next round tries again; what stays wrong keeps being said.
            _log.warning("notifications: %s", error)

    def look(self) -> None:
        """Notice what has ended and send what is due. Raises StoreError, ArtefactError, OSError."""
        with self._alone() as mine:
            if not mine:
                return
            before = self._standing()
            noticed = self._noticed(before)
            if noticed != before:
                self._keep(noticed)
            for waiting in noticed.waiting:
                if waiting.due <= self._now() and not self._thread.ended:
                    noticed = self._sent(noticed, waiting)
                    self._keep(noticed)

    def _noticed(self, before: Standing) -> Standing:
        state = self._store.state()
        if state.version <= before.seen:
            # less: the store was put back from a backup
            return before if state.version == before.seen else before.model_copy(update={"seen": state.version})
        waiting = list(before.waiting)
        for ended in ended_since(self._store, state, before.seen, FARTHEST, trials=self._settings.notify_trials):
            if self._wanted(ended):
                message = about(ended, state, self._settings.public_url)
                known = {(each.way, each.message.id) for each in waiting}
                waiting += [Waiting(way=way, message=message) for way in self._ways if (way, message.id) not in known]
        if len(waiting) > MOST_WAITING:
            _log.warning("%d messages about what has ended are given up: too many wait", len(waiting) - MOST_WAITING)
        return Standing(seen=state.version, waiting=tuple(waiting[-MOST_WAITING:]))

    def _wanted(self, ended: Ended) -> bool:
        lately = ended.ended_at is not None and self._now() - from_text(ended.ended_at).timestamp() < OLDEST_SECONDS
        return lately and (self._settings.notify_on == "ended" or ended.state in _BAD)

    def _sent(self, standing: Standing, waiting: Waiting) -> Standing:
        """Try one message: where things stand afterwards."""
        rest = tuple(each for each in standing.waiting if each is not waiting)
        send = self._ways.get(waiting.way)
        if send is None:
            return Standing(seen=standing.seen, waiting=rest)
        try:
            send(waiting.message)
        except NotDelivered as error:
            if error.final or waiting.tries >= len(PAUSES):
                _log.warning("“%s” is not sent by %s: %s", waiting.message.title, waiting.way, error)
                return Standing(seen=standing.seen, waiting=rest)
            later = waiting.model_copy(update={"tries": waiting.tries + 1, "due": self._now() + PAUSES[waiting.tries]})
            return Standing(seen=standing.seen, waiting=(*rest, later))
        return Standing(seen=standing.seen, waiting=rest)

    def _standing(self) -> Standing:
        """Where it stands; at the first time and after damage: what has ended before is not told."""
        try:
            return Standing.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            pass
        except (OSError, ValidationError, ValueError):
            _log.warning("%s cannot be read, and is begun anew: what ended until now is not told", self._file)
        standing = Standing(seen=self._store.state().version)
        self._keep(standing)
        return standing

    def _keep(self, standing: Standing) -> None:
        write_atomic(self._file, standing.model_dump_json().encode())

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process does it at this moment."""
        path = Path(f"{self._file}.lock")
        with path.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
