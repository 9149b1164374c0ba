"""The root of artefacts that settings name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.artefacts.folder import FolderRoot
from workbench.artefacts.root import ArtefactRoot

if TYPE_CHECKING:
    from workbench.settings import Settings


def root_of(settings: Settings) -> ArtefactRoot:
    """Where these settings keep artefacts. Nothing is asked of object storage yet."""
    return root_at(settings.artefacts, settings)


def root_at(place: Path | str, settings: Settings) -> ArtefactRoot:
    """The root at a folder or a parsed address, with the cache and the staging folder of these settings."""
    if isinstance(place, Path):
        return FolderRoot(place)
    # imported here, because who keeps artefacts in a folder needs none of it
    from workbench.artefacts.cache import FileCache
    from workbench.artefacts.objects import Objects
    from workbench.artefacts.stored import StoredRoot

    cache = FileCache(settings.cache / "artefacts", settings.artefact_cache_mib * 2**20)
    return StoredRoot(Objects(place), cache, settings.cache / "mirrors", settings.staging)
