"""The folders in which backups and restores work. Each says which process works in it, so that those of dead processes are known at once."""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from workbench.artefacts import is_temporary, write_atomic
from workbench.runs.process import ProcessIdentity
from workbench.settings import host_name

Work = Literal["backup", "restore"]
Standing = Literal["working", "dead", "unknown"]

_NAME = re.compile(r"\.(backup|restore)-[0-9a-f]{12}\.partial")
_OWNER = ".owner.partial"
"""The file in such a folder that says whose it is."""


class Owner(BaseModel):
    """Who works in a folder.

    Attributes:
        host, pid, started: the process, see `ProcessIdentity`. beside: an unfinished file elsewhere that goes with the folder.
        puts: what a restore moves out of the folder, by name, into the one in which the folder lies.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    pid: int
    started: float
    beside: tuple[str, ...] = ()
    puts: tuple[str, ...] = ()


@contextmanager
def folder(parent: Path, work: Work) -> Iterator[Path]:
    """A new folder of this process, which is gone when the block ends."""
    made = parent / f".{work}-{secrets.token_hex(6)}.partial"
    try:
        made.mkdir(parents=True, mode=0o700)
        sign(made)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sign(path: Path, *, beside: Sequence[str] = (), puts: Sequence[str] = ()) -> None:
    """Have such a folder say that this process works in it. Raises DiskFull, ArtefactError."""
    me = ProcessIdentity.current()
    owner = Owner(host=host_name(), pid=me.pid, started=me.started, beside=tuple(beside), puts=tuple(puts))
    write_atomic(path / _OWNER, owner.model_dump_json().encode())


def owner_of(path: Path) -> Owner | None:
    """Whose a folder is; None if it does not say."""
    try:
        return Owner.model_validate_json((path / _OWNER).read_bytes())
    except (OSError, ValueError):
        return None


def standing(path: Path) -> Standing:
    """Whether somebody works in a folder; unknown for one of another machine, and for what is no such folder."""
    owner = owner_of(path) if _NAME.fullmatch(path.name) and path.is_dir() and not path.is_symlink() else None
    if owner is None or owner.host != host_name():
        return "unknown"
    return "working" if ProcessIdentity(owner.pid, owner.started).alive() else "dead"


def work_of(path: Path) -> str:
    """What such a folder is of: a backup or a restore."""
    named = _NAME.fullmatch(path.name)
    return named[1] if named is not None else ""


def found(parent: Path, work: Work) -> tuple[Path, ...]:
    """All such folders of a folder."""
    try:
        return tuple(sorted(path for path in parent.iterdir() if work_of(path) == work))
    except OSError:
        return ()


def dead(parent: Path, work: Work) -> tuple[Path, ...]:
    """Those in which a process worked that is gone."""
    return tuple(path for path in found(parent, work) if standing(path) == "dead")


def beside(path: Path) -> tuple[Path, ...]:
    """The unfinished files elsewhere that go with a folder, those that are there."""
    owner = owner_of(path)
    places = [Path(name) for name in owner.beside] if owner is not None else []
    return tuple(place for place in places if is_temporary(place.name) and place.is_file() and not place.is_symlink())


def remove(path: Path) -> None:
    """Remove a folder and what goes with it, as far as that can be."""
    for file in beside(path):
        _unlink(file)
    shutil.rmtree(path, ignore_errors=True)


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        # Somebody else's disk: what is left there is named by `trellis doctor` as long as the folder is, and hurts nobody.
        return
