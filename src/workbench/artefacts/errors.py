"""What can be wrong with an artefact, or with the place where artefacts lie."""

from __future__ import annotations

import errno
from pathlib import Path


class ArtefactError(ValueError):
    """An artefact that cannot be read or written; the message names the file, what is wrong and what to do."""


class UnsafePath(ArtefactError):
    """A name that would leave the artefact root, or goes through a link."""


class DiskFull(ArtefactError):
    """No space is left for a write. What was there before is untouched."""


class ArtefactsAway(RuntimeError):
    """The object storage does not answer. No `ArtefactError`: nothing is known to be wrong with any file, and nothing is lost."""


def missing(name: str, where: str) -> ArtefactError:
    """A file that is not there."""
    return ArtefactError(f"The file {name} is missing below {where}. Restore it from a backup, or create it anew.")


def changed(place: str | Path) -> ArtefactError:
    """A file whose content is not what its checksum says."""
    return ArtefactError(f"The file {place} is not what was written: its sha256 differs. Restore it from a backup, or create it anew.")


def unreadable(path: Path, error: OSError) -> ArtefactError:
    """A file of this machine that cannot be read."""
    return ArtefactError(f"The file {path} cannot be read: {error.strerror or error}.")


def unwritable(path: Path, error: OSError) -> ArtefactError:
    """A file of this machine that cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(
            f"The disk is full: {path} could not be written. What was there before is unchanged. Free some space and try again."
        )
    return ArtefactError(f"The file {path} could not be written: {error.strerror or error}. Check the folder's permissions and the disk.")
