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


class Stamps:
    """How the files of datasets looked when they were read; every process on this store shares them."""

    def __init__(self, artefacts: ArtefactRoot) -> None:
        self._artefacts = artefacts

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
        content = {"content_sha256": record.manifest.content_sha256, "files": looks}
        with contextlib.suppress(ArtefactError, ArtefactsAway):
            self._artefacts.write_json(f"{FOLDER}/{record.id}.json", content)

    def _known(self, record: DatasetRecord) -> Mapping[str, Mapping[str, Any]] | None:
        try:
            kept = self._artefacts.read_json(f"{FOLDER}/{record.id}.json")
            if record.manifest is None or kept["content_sha256"] != record.manifest.content_sha256:
                return None
            return {str(look["path"]): dict(look) for look in kept["files"]}
        except (ArtefactError, ArtefactsAway, KeyError, TypeError, ValueError):
            return None


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
