"""What could be cleared away, shown first, and clearing it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import delete

from workbench.artefacts import ArtefactError, ArtefactsAway
from workbench.cleaning import leftovers
from workbench.cleaning.deleted import Gone, Key, gone, words
from workbench.cleaning.leftovers import Leftover, Place
from workbench.clock import to_text
from workbench.commands.base import Remove
from workbench.commands.purging import PurgeCommand
from workbench.services.stamps import FOLDER as SEEN
from workbench.state import AppState, Kind
from workbench.store.schema import run_events
from workbench.workbench import Workbench

LEAST_SECONDS = 3600.0
"""How long nothing may have changed in a folder that no row names: a model's files are written before its row."""


@dataclass(frozen=True)
class Deleted:
    """A record that can go: its key, what people call it, when it was deleted ("" for a run that goes along with its model), its files."""

    key: Key
    words: str
    deleted_at: str
    places: tuple[Place, ...]
    bytes: int


@dataclass(frozen=True)
class Plan:
    """What would be cleared away. `before`: what was deleted before that time; `stays`: deleted longer ago, but needed, with the reason."""

    before: str
    deleted: tuple[Deleted, ...]
    stays: tuple[tuple[str, str], ...]
    leftovers: tuple[Leftover, ...]

    @property
    def bytes(self) -> int:
        """What it takes on the disk."""
        return sum(each.bytes for each in (*self.deleted, *self.leftovers))


@dataclass(frozen=True)
class Cleared:
    """What was cleared away: records, files and folders, bytes; and what could not be removed, in sentences."""

    records: int
    places: int
    bytes: int
    problems: tuple[str, ...]


def plan(workbench: Workbench, days: float, most_compiled: int) -> Plan:
    """What was deleted, or is left over, since so many days, and compiled programs beyond `most_compiled` bytes. Changes nothing."""
    now, state = time.time(), workbench.state()
    before = to_text(datetime.now(UTC) - timedelta(days=days))
    found = gone(state, before)
    settings = workbench.settings
    left = (
        *leftovers.orphans(workbench.store, workbench.artefacts, now - max(days * 86400, LEAST_SECONDS)),
        *leftovers.temporaries(settings, workbench.artefacts, now),
        *leftovers.compiled(settings, most_compiled),
    )
    return Plan(before, tuple(_deleted(workbench, state, found)), tuple(_staying(state, found)), left)


def clear(workbench: Workbench, planned: Plan, *, actor: str) -> Cleared:
    """Take the records away, then all files. What was restored, needed or changed since it was planned stays. Raises StoreError."""
    command = PurgeCommand(before=planned.before, records=tuple(each.key for each in planned.deleted))
    with workbench.store.transaction() as connection:
        done = workbench.store.execute(command, actor=actor, connection=connection)
        removed = {(str(change.kind), change.id) for change in done.changes if isinstance(change, Remove)}
        for kind, id in removed:
            if kind == Kind.RUN:
                connection.execute(delete(run_events).where(run_events.c.run_id == id))
    places, size = 0, 0
    problems: list[str] = []
    for each in planned.deleted:
        if each.key in removed:
            size += each.bytes
            for place in each.places:
                with _told(place, problems):
                    place.remove()
                    places += 1
    for left in planned.leftovers:
        with _told(left.place, problems):
            if leftovers.remove(left):
                places, size = places + 1, size + left.bytes
    return Cleared(len(removed), places, size, tuple(problems))


def _deleted(workbench: Workbench, state: AppState, found: Gone) -> Iterator[Deleted]:
    for kind, id in found.goes:
        record = state.of(kind)[id]
        found_there = [(place, place.look()) for place in (leftovers.among(workbench.artefacts, name) for name in _names(kind, record))]
        there = [(place, seen) for place, seen in found_there if seen.changed]
        size = sum(seen.bytes for _, seen in there)
        yield Deleted((kind, id), words(record, kind), record.deleted_at or "", tuple(place for place, _ in there), size)


def _staying(state: AppState, found: Gone) -> Iterator[tuple[str, str]]:
    for (kind, id), why in found.stays.items():
        yield words(state.of(kind)[id], kind), why


def _names(kind: str, record: Any) -> Iterator[str]:
    """Names of the artefacts that a record has for its own: files and folders."""
    if kind in (Kind.MODEL, Kind.RUN):
        yield f"{kind}s/{record.id}"
    elif kind == Kind.DATASET:
        for file in record.manifest.files if record.manifest is not None else ():
            yield str(PurePosixPath(file.path).parent)
        yield f"{SEEN}/{record.id}.json"


@contextmanager
def _told(place: Place, problems: list[str]) -> Iterator[None]:
    """Have what cannot be removed said, and the rest go on."""
    try:
        yield
    except OSError as error:
        problems.append(f"{place.name} cannot be removed: {error.strerror or error}.")
    except (ArtefactError, ArtefactsAway) as error:
        problems.append(f"{place.name} cannot be removed: {error}")
