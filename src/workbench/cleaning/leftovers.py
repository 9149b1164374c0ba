"""Files that no row names, writes that were cut short, uploads that nobody took, and compiled programs beyond a bound."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, func, select

from workbench.artefacts import ArtefactRoot, FolderRoot, is_temporary
from workbench.backup import owned
from workbench.cleaning.sizes import Seen, look
from workbench.clock import from_text
from workbench.ids import ALPHABET, is_id
from workbench.services.imports import FOLDER as DATASETS
from workbench.settings import Settings
from workbench.state import AppState, DatasetFile, Kind
from workbench.store import schema
from workbench.store.store import Store

TEMPORARY_SECONDS = 24 * 3600.0
"""How long ago a write must have begun to count as cut short: none takes that long."""

COMPILED_MIB = 4096
"""What compiled programs may take, where nobody says otherwise."""

ATTEMPT = re.compile(r"attempt-([1-9]\d{0,8})")
CUT_SHORT = "a write that was cut short"
_IMPORTED = re.compile(rf"data_[{ALPHABET}]{{13}}")
_FOLDERS: Mapping[str, Kind] = {"models": Kind.MODEL, "runs": Kind.RUN}

What = Literal["orphan", "temporary", "upload", "compiled"]


@dataclass(frozen=True)
class Place:
    """A file or folder that can be cleared away, on this machine or in object storage: its path or address, what it takes, how it goes."""

    name: str
    look: Callable[[], Seen] = field(compare=False)
    remove: Callable[[], None] = field(compare=False)


@dataclass(frozen=True)
class Leftover:
    """A file or folder that nothing needs: what sort, where, its size, since when nothing changed in it, and why it is one."""

    what: What
    place: Place
    bytes: int
    changed: float
    why: str


def orphans(store: Store, artefacts: ArtefactRoot, before: float) -> tuple[Leftover, ...]:
    """Folders of models, runs, attempts and imported data that no row names, untouched since `before` (seconds since 1970).

    A row that was taken away later than that (an undone creation, which can be brought again) still counts.
    """
    folders = list(_strays(store.state(), artefacts))
    found = []
    with store.reading() as connection:
        for id, name, why in folders:
            place = among(artefacts, name)
            seen = place.look()
            if seen.changed < before and _last_word(connection, id) < before:
                found.append(Leftover("orphan", place, seen.bytes, seen.changed, why))
    return tuple(found)


def temporaries(settings: Settings, artefacts: ArtefactRoot, now: float) -> tuple[Leftover, ...]:
    """What writes that were cut short left, and uploads that nobody took within a day.

    Of a backup or a restore it is known at once whether its process is gone; of other writes, that none takes a day.
    """
    before, found = now - TEMPORARY_SECONDS, []
    for root in dict.fromkeys(folder for folder, _ in settings.folders):
        for path in _partial(root):
            seen, standing = look(path), owned.standing(path)
            if standing == "dead":
                why = f"a {owned.work_of(path)} that was cut short"
                found += [
                    Leftover("temporary", here(each), (at := look(each)).bytes, at.changed, why) for each in (*owned.beside(path), path)
                ]
            elif standing == "unknown" and seen.changed < before:
                found.append(Leftover("temporary", here(path), seen.bytes, seen.changed, CUT_SHORT))
    for each in artefacts.unfinished():
        if each.since < before:
            place = Place(each.name, lambda each=each: Seen(each.bytes, 1, each.since), each.remove)
            found.append(Leftover("temporary", place, each.bytes, each.since, CUT_SHORT))
    for path in _inside(settings.cache / "uploads"):
        seen = look(path)
        if seen.changed < before:
            found.append(Leftover("upload", here(path), seen.bytes, seen.changed, "an upload that nobody took"))
    return tuple(dict.fromkeys(found))


def compiled(settings: Settings, most: int) -> tuple[Leftover, ...]:
    """Compiled programs beyond `most` bytes, those used longest ago. They are made again when they are needed."""
    folder = settings.cache / "compiled"
    files = sorted(_files(folder), reverse=True)
    found, left = [], most
    for used, size, path in files:
        left -= size
        if left < 0:
            found.append(Leftover("compiled", here(path), size, used, "compiled programs beyond the bound, used longest ago"))
    return tuple(found)


def remove(leftover: Leftover) -> bool:
    """Remove it; False if it is gone already, or has changed since it was looked at. Raises OSError."""
    seen = leftover.place.look()
    if seen.changed == 0 or (leftover.what != "compiled" and seen.changed > leftover.changed):
        return False
    leftover.place.remove()
    return True


def here(path: Path) -> Place:
    """A place on this machine."""
    return Place(str(path), lambda: look(path), lambda: remove_all(path))


def among(artefacts: ArtefactRoot, name: str) -> Place:
    """A place among the artefacts."""
    if isinstance(artefacts, FolderRoot):
        return here(artefacts.path(name))

    def stored() -> Seen:
        found = artefacts.looks(name)
        own = artefacts.look(name)
        looks = [*found.values(), *([own] if own is not None else [])]
        return Seen(sum(each.size for each in looks), len(looks), max((each.changed for each in looks), default=0.0))

    return Place(artefacts.place(name), stored, lambda: artefacts.remove(name))


def remove_all(path: Path) -> None:
    """Remove a file, or a folder with all in it; a link goes itself. Nothing happens if there is none. Raises OSError."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _strays(state: AppState, artefacts: ArtefactRoot) -> Iterator[tuple[str, str, str]]:
    """(id, name, why) of what lies where models, runs and imported data have their folders, without a row.

    The id is what a row may be brought again of; "" for an attempt that its run never had.
    """
    for folder, kind in _FOLDERS.items():
        for id, inside in artefacts.tree(folder).items():
            if not is_id(kind, id):
                continue
            if id not in state.of(kind):
                yield id, f"{folder}/{id}", f"no {kind} of that id is in the store"
            elif kind == Kind.RUN:
                run = state.runs[id]
                for attempt in inside:
                    number = ATTEMPT.fullmatch(attempt)
                    if number is not None and int(number[1]) > run.attempt:
                        yield "", f"{folder}/{id}/{attempt}", f"run #{run.number} has had {run.attempt} attempts"
    named = {Path(file.path).parts[1] for file in _dataset_files(state) if len(Path(file.path).parts) > 2}
    for id, inside in artefacts.tree(DATASETS).items():
        if id not in named and _IMPORTED.fullmatch(id) and inside:
            yield id, f"{DATASETS}/{id}", "no dataset names it"


def _dataset_files(state: AppState) -> Iterator[DatasetFile]:
    for record in state.datasets.values():
        if record.manifest is not None:
            yield from (file for file in record.manifest.files if file.path.startswith(f"{DATASETS}/"))


def _last_word(connection: Connection, name: str) -> float:
    """When the journal spoke last of what has its files under that name, in seconds since 1970; 0 if it never did."""
    if not name:
        return 0.0
    journal, subjects = schema.journal.c, schema.subjects.c
    rows = select(func.max(subjects.seq)).where(subjects.id == name)
    if is_id(Kind.DATASET, name):
        # the folder of imported data has an id of its own, which only what the rows say tells
        spoken = journal.changes.contains(name, autoescape=True) | journal.inverse.contains(name, autoescape=True)
        rows = select(func.max(journal.seq)).where(spoken)
    at = connection.execute(select(journal.at).where(journal.seq == rows.scalar_subquery())).scalar()
    return 0.0 if at is None else from_text(at).timestamp()


def _inside(folder: Path) -> Sequence[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return ()


def _partial(root: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(root):
        yield from (Path(parent, name) for name in (*folders, *names) if is_temporary(name))
        folders[:] = [name for name in folders if not is_temporary(name)]


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """(last use, bytes, path) of every file below a folder."""
    for parent, _folders, names in os.walk(folder):
        for name in names:
            path = Path(parent, name)
            try:
                seen = path.lstat()
            except OSError:
                continue
            yield max(seen.st_atime, seen.st_mtime), seen.st_size, path
