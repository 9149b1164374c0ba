"""Which files a dataset was read from last and how they looked, so that nobody reads them again to see that nothing changed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.artefacts import ArtefactError, ArtefactRoot, ArtefactsAway, sha256_of
from workbench.state import DatasetRecord

FOLDER = "datasets/seen"
"""Where the artefacts lie that say how files looked."""


MOST_HOSTS = 100
"""Hosts of which it is kept; of more, those go first that wrote longest ago."""


class Stamps:
    """How the files of datasets looked when they were read; every process on this store shares them.

    Args:
        host: whose files they are, where several hosts have their own; "" for the only one.
    """

    def __init__(self, artefacts: ArtefactRoot, host: str = "") -> None:
        self._artefacts = artefacts
        self._host = host

    def fit(self, record: DatasetRecord, files: Iterable[Path]) -> bool:
        """Whether the files are those that the dataset's content was read from: same size and time, or else same hash.

        False as well when nothing is known of them.
        """
        known = self._known(record)
        current = [_looks(path) for path in files]
        if known is None or list(known) != [look["path"] for look in current if look]:
            return False
        moved = False
        for look in current:
            before = known[look["path"]]
            if any(before.get(name) != look[name] for name in ("size", "mtime_ns")):
                if before.get("size") != look["size"] or before.get("sha256") != _hash(look["path"]):
                    return False
                moved = True
        if moved:
            self.keep(record, [Path(look["path"]) for look in current])
        return True

    def keep(self, record: DatasetRecord, files: Iterable[Path]) -> None:
        """Remember how the files look now. A full disk, or object storage that is away, costs time later, no more."""
        assert record.manifest is not None
        looks = [{**look, "sha256": _hash(look["path"])} for look in map(_looks, files) if look]
        others = {host: seen for host, seen in self._hosts(record).items() if host != self._host}
        newest = dict([*others.items(), (self._host, looks)][-MOST_HOSTS:])
        content = {"content_sha256": record.manifest.content_sha256, "hosts": newest}
        with contextlib.suppress(ArtefactError, ArtefactsAway):
            self._artefacts.write_json(f"{FOLDER}/{record.id}.json", content)

    def _known(self, record: DatasetRecord) -> Mapping[str, Mapping[str, Any]] | None:
        try:
            return {str(look["path"]): dict(look) for look in self._hosts(record)[self._host]}
        except (KeyError, TypeError, ValueError):
            return None

    def _hosts(self, record: DatasetRecord) -> dict[str, Any]:
        """What is kept of each host's files, if it is about the dataset's present content."""
        try:
            kept = self._artefacts.read_json(f"{FOLDER}/{record.id}.json")
            if record.manifest is None or kept["content_sha256"] != record.manifest.content_sha256:
                return {}
            return dict(kept["hosts"])
        except (ArtefactError, ArtefactsAway, KeyError, TypeError, ValueError):
            return {}


def _looks(path: Path) -> dict[str, Any]:
    """A file's place, size and time; empty if there is none."""
    try:
        seen = path.stat()
    except OSError:
        return {}
    return {"path": str(path), "size": seen.st_size, "mtime_ns": seen.st_mtime_ns}


def _hash(path: str) -> str | None:
    try:
        return sha256_of(Path(path))
    except ArtefactError:
        return None
