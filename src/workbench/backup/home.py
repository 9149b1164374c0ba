"""Which files of a home folder belong into a backup: one rule for who writes an archive and for who puts one back."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sqlalchemy.exc import ArgumentError

from workbench.artefacts import is_temporary, ordinary_files
from workbench.settings import Settings
from workbench.store.engine import address_of
from workbench.store.errors import StoreError

LEFT_OUT = frozenset({"artefacts", "cache", "downloads", "logs", "staging"})
"""What lies in the home folder and has a place of its own in a backup, is made or fetched again, or is on its way elsewhere."""

DATABASE = "trellis.db"
"""The store's file in the home folder, and how the files beside it begin."""

BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite keeps beside a database, and reads as a part of it."""


def keeps(name: str) -> bool:
    """Whether a file of that name (relative to the home folder, forward slashes) is kept: one's own files, names, the cookie secret."""
    first, *rest = name.split("/")
    if first in LEFT_OUT or first.startswith((".", DATABASE)) or first.endswith(".lock"):
        return False
    return not any(is_temporary(part) for part in rest)


def in_the_way(name: str, settings: Settings) -> bool:
    """Whether these settings have the store or the artefacts where a file of that name lies in the home folder."""
    path = settings.home / name
    store = store_file(settings)
    taken = () if store is None else (store, *(Path(f"{store}{ending}") for ending in BESIDE))
    return path in taken or path.is_relative_to(settings.written) or settings.written.is_relative_to(path)


def store_file(settings: Settings) -> Path | None:
    """The file that the store is kept in; None where it is kept on a server. Raises StoreError for what is no address."""
    try:
        address = address_of(settings.database_url)
    except ArgumentError as error:
        raise StoreError(
            "TRELLIS_DATABASE_URL is no address of a database. Write sqlite:///path or postgresql://user@host/name."
        ) from error
    return Path(address.database or "").absolute() if address.get_backend_name() == "sqlite" else None


def home_files(settings: Settings) -> list[tuple[str, Path]]:
    """(name, place) of what the home folder keeps besides the store and the artefacts."""
    found = []
    with contextlib.suppress(OSError):
        for path in sorted(settings.home.iterdir()):
            if keeps(path.name) and not settings.written.is_relative_to(path):
                found += [(each.relative_to(settings.home).as_posix(), each) for each in ordinary_files(path)]
    return [(name, path) for name, path in found if keeps(name) and not in_the_way(name, settings)]
